"""What is published from the ledger, kept up run by run, is what would be published from all stories told at once."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feedhub import Hub, bookkeeper, newsroom
from feedhub.listing import by_source
from feedhub.model import SourceState, Update, Withdrawal
from feedhub.press import documents
from feedhub.publish.archive import address, waiting
from feedhub.stock import AllStories, Booked
from feedhub.typesetter import Typesetter
from runs import AFTER, ENTRIES, HEADLINES, SOURCES, START, TEXT, Drawn, come, configured, files, hub_in

if TYPE_CHECKING:
    from datetime import datetime

    from feedhub.config import Config
    from feedhub.model import Document, Story
    from feedhub.stock import Stock

CONFIG = """
[[tag]]
name = "sea"
words = ["ferry", "capsizes"]
[[tag]]
name = "fruit"
words = ["banana"]
[[edition]]
slug = "all"
title = "Everything"
limit = 1000
[[edition]]
slug = "leads"
title = "Leads"
events = "lead"
limit = 2
also_covered = true
[[edition]]
slug = "outlets"
title = "Told by two"
min_outlets = 2
limit = 2
order = "updated"
[[edition]]
slug = "young"
title = "Of two days"
max_age = "2d"
order = "first-seen"
[[edition]]
slug = "capped"
title = "One of each source"
per_source = 1
deletions = true
[[edition]]
slug = "mixed"
title = "In turn"
mix = true
limit = 3
order = "first-seen"
[[edition]]
slug = "archived"
title = "History"
history = true
deletions = true
limit = 2
[[edition]]
slug = "days"
title = "Days"
digest = "day"
per_source = 2
limit = 2
deletions = true
[[edition]]
slug = "weeks"
title = "Weeks"
digest = "week"
filter = { tag = ["sea"] }
limit = 1
[[edition]]
slug = "{tag}"
title = "About {tag}"
each_tag = true
limit = 2
[[edition]]
slug = "first/{tag}"
title = "First about {tag}"
each_tag = true
events = "lead"
mix = true
limit = 1
"""

NAMES = st.tuples(st.sampled_from(SOURCES), st.integers(0, 3).map(str))
Name = tuple[str, str]
CORRECTIONS = st.lists(st.tuples(st.sampled_from(["split", "join", "link"]), NAMES, NAMES), max_size=1)
RUNS = st.lists(
    st.tuples(AFTER, ENTRIES, CORRECTIONS, st.lists(NAMES, max_size=2), st.sampled_from([None, 1, 30]), st.booleans()),
    min_size=1,
    max_size=6,
)
Kind = Literal["split", "join", "link"]
Run = tuple[timedelta, list[Drawn], list[tuple[Kind, Name, Name]], list[Name], int | None, bool]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return configured(tmp_path_factory.mktemp("ledger"), CONFIG)


def ran(hub: Hub, run: Run, now: datetime) -> None:
    """Store what comes, let people correct and sources take back some of it, and remove what is too old."""
    _, entries, corrections, gone, keep, _ = run
    come(hub, entries, now)
    known = {(source, key) for source in SOURCES for key in hub.store.known(source)}
    for kind, one, other in corrections:
        if {one, other} <= known and (one != other or kind == "split"):
            hub.correct(kind, " ".join(one), "" if kind == "split" else " ".join(other))
    for source_id in {source_id for source_id, _ in gone}:
        back = tuple(Withdrawal(key=key, at=now) for source, key in gone if source == source_id)
        hub.store.apply([Update(state=SourceState(source_id=source_id, withdrawn=back))])
    if keep is not None:
        hub.store.retain(now - timedelta(days=keep), 1)


def published(hub: Hub, stock: Stock) -> list[Document]:
    return list(documents(hub.config, hub.store, stock, hub.sources(), Typesetter(hub.config, force=True)))


def put_away(hub: Hub, stock: Stock) -> list[list[Story]]:
    return [
        waiting(passed, hub.store.archives.archived(address(edition, hub.config.site)))
        for edition, passed in stock.candidates(attrgetter("history"), {})
    ]


def alike(hub: Hub) -> None:
    """Hold the ledger against all stories, told at once."""
    hub.newsroom.book(hub.store)
    stories = hub.newsroom.stories(hub.store)
    ledger, everything = Booked(hub.config, hub.store), AllStories(hub.config, stories)
    _, kept = next(ledger.candidates(bool, {}))
    assert sorted(kept, key=attrgetter("id")) == sorted(
        (story for story in stories if not story.lead.removed), key=attrgetter("id")
    )
    assert ledger.activity() == everything.activity()
    assert put_away(hub, ledger) == put_away(hub, everything)
    assert published(hub, ledger) == published(hub, everything)


@settings(deadline=None, max_examples=50)
@given(runs=RUNS, batch=st.integers(1, 3))
def test_the_ledger_says_what_all_stories_say(config: Config, runs: list[Run], batch: int) -> None:
    now = START
    with hub_in(config, "live") as hub, pytest.MonkeyPatch.context() as patch:
        # So few entries come that they would never be told in more than one part.
        patch.setattr(bookkeeper, "BATCH", batch)
        for run in runs:
            now += run[0]
            ran(hub, run, now)
            if run[-1]:
                hub.publish(force=True)
                alike(hub)
        hub.publish(force=True)
        alike(hub)
        before = files(hub)
        hub.rebuild()
        alike(hub)
        # Numbers are facts, so archives are put away in the same order; what was removed may be told otherwise.
        if all(run[4] is None for run in runs):
            assert files(hub) == before


def test_corrections_taken_back_and_other_editions_count(config: Config) -> None:
    told = [("a", 0, HEADLINES[0], TEXT, timedelta(0)), ("b", 0, HEADLINES[8], "", timedelta(0))]
    with hub_in(config, "before") as hub:
        come(hub, told, START)
        for kind, stories in (("join", 1), ("undo", 2), ("link", 2), ("split", 2)):
            hub.correct(kind, "a 0", "b 0" if kind != "split" else "")
            hub.publish()
            alike(hub)
            assert len(hub.stories()) == stories
        capped = replace(config.editions[0], per_source=1, order="updated")
        other = Hub(replace(hub.config, editions=(capped, *config.editions[1:])))
    with other:
        other.publish()
        other.newsroom.book(other.store)
        assert len(list(other.store.ledger.listed(by_source("all", "a")))) == 1
        assert list(other.store.ledger.listed("all")) == []
        alike(other)


def test_many_entries_are_published_from_the_ledger(config: Config) -> None:
    told = [(source, 0, headline, TEXT, timedelta(0)) for source, headline in zip(SOURCES, HEADLINES, strict=False)]
    with hub_in(config, "many") as hub, pytest.MonkeyPatch.context() as patch:
        come(hub, told[:2], START)
        hub.publish()
        assert isinstance(hub.newsroom.stock(hub.store), AllStories)
        before = files(hub)
        patch.setattr(newsroom, "FEW", 1)
        hub.publish(force=True)
        assert isinstance(hub.newsroom.stock(hub.store), Booked)
        assert files(hub) == before
        come(hub, told[2:], START + timedelta(days=1))
        hub.publish(force=True)
        assert {place.number for place in hub.store.ledger.listed("all")} <= {0, 1, 2}
        alike(hub)
