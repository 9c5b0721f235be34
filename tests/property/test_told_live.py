"""What is told live, entry by entry and run by run, is what a rebuild tells from the facts: in the real store."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feedhub import Hub, load
from feedhub.model import Entry, SourceState, StoredEntry, Text, Update
from feedhub.store import open_store

if TYPE_CHECKING:
    from feedhub.config import Config
    from feedhub.model import Story

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
SOURCES = ("a", "b", "c")
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
HEADLINES = (
    "Ferry Aurora capsizes off Brindisi",
    "Aurora ferry capsizes near Brindisi: dozens missing",
    "Brindisi ferry Aurora capsizes: search for the missing goes on",
    "Chiquita and Fyffes merge into largest banana company",
    "Banana giants Chiquita and Fyffes to merge",
    "Snowden speaks at SXSW in Austin",
    "Whistleblower appears by video from Moscow",
    "Snowden whistleblower video from Moscow at SXSW",
    "Weather for Monday",
)
TEXT = """The harbour master closed the port within the hour and asked every fishing boat to help with the search for
people in the water, while helicopters flew in from Bari and divers waited for the wind to drop before dawn came."""

# Runs begin in the same second, later, and with a clock that was set back.
AFTER = st.sampled_from(
    [timedelta(0), timedelta(seconds=1), timedelta(hours=5), timedelta(days=3), -timedelta(hours=2)]
)
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(SOURCES),
        st.integers(0, 3),
        st.sampled_from(HEADLINES),
        st.sampled_from(["", TEXT, TEXT[:150], TEXT.replace("hour", "night") + " More will be known by noon."]),
        st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(days=2), timedelta(days=40)]),
    ),
    max_size=5,
)
RUNS = st.lists(st.tuples(AFTER, ENTRIES, st.booleans()), max_size=6)
Runs = list[tuple[timedelta, list[tuple[str, int, str, str, timedelta]], bool]]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("told")
    sources = "".join(f'[[source]]\nid = "{name}"\nurl = "https://{name}.example/feed"\n' for name in SOURCES)
    (folder / "config.toml").write_text(CONFIG + sources)
    open_store(str(folder / "empty.db")).close()
    return load(folder / "config.toml")


def hub_in(config: Config, name: str) -> Hub:
    """Return a hub over a new, empty store."""
    path = config.path.with_name(f"{name}.db")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(config.path.with_name("empty.db"), path)
    return Hub(replace(config, store_path=path, output=config.path.with_name(name)))


def entry(drawn: tuple[str, int, str, str, timedelta], seen: datetime) -> StoredEntry:
    source, key, headline, text, age = drawn
    mark = f"{headline} {text}"
    return StoredEntry(
        source_id=source,
        key=str(key),
        first_seen=seen,
        published=seen - age,
        updated=seen,
        fingerprint=mark,
        significant=mark,
        entry=Entry(
            id=f"urn:x:{source}{key}",
            title=Text(value=headline),
            link=f"https://{source}.example/{key}",
            content=Text(value=text),
            language="it" if source == "c" else "en",
        ),
    )


def live(hub: Hub, runs: Runs, *, publish: bool) -> None:
    """Store what comes in each run; entries known already are edits. Publish after some of the runs only."""
    now = START
    for after, entries, published in runs:
        now += after
        for drawn in entries:
            source, key, *_ = drawn
            known = hub.store.known(source).get(str(key))
            told = entry(drawn, known.first_seen if known else now)
            told = replace(told, published=known.published) if known else told
            state = SourceState(source_id=source)
            hub.store.apply([Update(state=state, changed=(told,)) if known else Update(state=state, new=(told,))])
        if publish and published:
            hub.publish(force=True)
    hub.publish(force=True)


def told(hub: Hub) -> tuple[list[Story], dict[str, bytes]]:
    folder = hub.config.output
    return hub.stories(), {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


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
