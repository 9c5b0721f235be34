"""What is told live, entry by entry and run by run, is what a rebuild tells from the facts: in the real store."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feedhub import Hub
from feedhub.model import StorySettings
from feedhub.store import open_store
from runs import HEADLINES, RUNS, SOURCES, START, TEXT, Runs, come, configured, files, hub_in

if TYPE_CHECKING:
    from feedhub.config import Config
    from feedhub.model import Story

CONFIG = """
[stories]
across_languages = true
[[edition]]
slug = "all"
title = "Everything"
formats = ["json"]
[[edition]]
slug = "leads"
title = "Leads"
events = "lead"
formats = ["json"]
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return configured(tmp_path_factory.mktemp("told"), CONFIG)


def live(hub: Hub, runs: Runs, *, publish: bool) -> None:
    """Store what comes in each run; entries known already are edits. Publish after some of the runs only."""
    now = START
    for after, entries, published in runs:
        now += after
        come(hub, entries, now)
        if publish and published:
            hub.publish(force=True)
    hub.publish(force=True)


def told(hub: Hub) -> tuple[list[Story], dict[str, bytes]]:
    return hub.stories(), files(hub)


@settings(deadline=None, max_examples=40)
@given(runs=RUNS)
def test_a_rebuild_tells_what_was_told_live(config: Config, runs: Runs) -> None:
    with hub_in(config, "live") as hub:
        live(hub, runs, publish=True)
        before = told(hub)
        decisions = hub.store.told.links()
        hub.rebuild()
        assert told(hub) == before
        assert hub.store.told.links() == decisions


@settings(deadline=None, max_examples=30)
@given(runs=RUNS)
def test_when_stories_were_told_changes_nothing(config: Config, runs: Runs) -> None:
    # The order of arrival is settled when stories are told: it is the same whenever that is, if clocks go forward.
    forward = [(max(after, timedelta(seconds=1)), entries, published) for after, entries, published in runs]
    with hub_in(config, "often") as often, hub_in(config, "once") as once:
        live(often, forward, publish=True)
        live(once, forward, publish=False)
        assert told(often) == told(once)


@settings(deadline=None, max_examples=30)
@given(runs=RUNS)
def test_when_folding_began_changes_nothing(config: Config, runs: Runs) -> None:
    # Where nothing is folded nobody needs numbers, so entries get them once something is: in the same order.
    forward = [(max(after, timedelta(seconds=1)), entries, published) for after, entries, published in runs]
    with hub_in(config, "always") as always, hub_in(config, "late") as late:
        live(always, forward, publish=True)
        with Hub(replace(late.config, stories=StorySettings(near_duplicates=False, events=False))) as plain:
            live(plain, forward, publish=True)
            assert plain.store.told.arrivals(0, 1) == []
        late.publish(force=True)
        assert told(late) == told(always)
        assert late.store.told.links() == always.store.told.links()


@settings(deadline=None, max_examples=30)
@given(runs=RUNS, data=st.data())
def test_no_id_looks_new_after_retention_and_rebuild(config: Config, runs: Runs, data: st.DataObject) -> None:
    with hub_in(config, "kept") as hub:
        live(hub, runs, publish=True)
        before = {(one.source_id, one.key): story.id for story in hub.stories() for one in story.members}
        hub.store.retain(START + data.draw(st.sampled_from([timedelta(hours=1), timedelta(days=4)])), 0)
        hub.publish(force=True)
        kept = hub.stories()
        assert all(before[one.source_id, one.key] == story.id for story in kept for one in story.members)
        hub.rebuild()
        assert {story.id for story in hub.stories()} <= set(before.values())
        rebuilt = {(one.source_id, one.key): story.id for story in hub.stories() for one in story.members}
        assert all(rebuilt[one.source_id, one.key] == story.id for story in kept for one in (story.lead,))


def test_rows_that_matter_no_more_are_swept_away(config: Config) -> None:
    runs: Runs = [
        (timedelta(days=1), [(SOURCES[0], key, f"{headline} {key}", TEXT, timedelta(0))], True)
        for key, headline in enumerate(HEADLINES * 8)
    ]
    with hub_in(config, "swept") as hub:
        live(hub, runs, publish=True)
        with closing(open_store(str(hub.config.store_path))) as store:
            (first, clock) = (len(runs), START.timestamp() + len(runs) * 86400)
            assert [number for number, _ in store.told.arrivals(0, 1000)] == list(range(first))
            assert set(store.told.read("entry", range(first))) == set(range(first - 15, first))
            for kind, window in {"entry": 14, "story": 4, "place": 14}.items():
                touched = [row[0] for row in store.told.read(kind, range(first)).values()]
                assert touched
                assert min(touched) >= clock - window * 86400 - 86400
        assert msgspec.json.encode(hub.stories())
