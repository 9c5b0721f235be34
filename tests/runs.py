"""Runs of a made-up newsroom: what three sources say, run by run, that is partly the same and partly of one event."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from msgspec.structs import replace

from feedhub import Hub, load
from feedhub.model import Entry, SourceState, StoredEntry, Text, Update
from feedhub.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub.config import Config

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
SOURCES = ("a", "b", "c")
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
Drawn = tuple[str, int, str, str, timedelta]
Runs = list[tuple[timedelta, list[Drawn], bool]]


def configured(folder: Path, text: str) -> Config:
    """Return a configuration of the sources and of what ``text`` says, and leave an empty store beside it."""
    sources = "".join(f'[[source]]\nid = "{name}"\nurl = "https://{name}.example/feed"\n' for name in SOURCES)
    (folder / "config.toml").write_text(text + sources)
    open_store(str(folder / "empty.db")).close()
    return load(folder / "config.toml")


def hub_in(config: Config, name: str) -> Hub:
    """Return a hub over a new, empty store."""
    path = config.path.with_name(f"{name}.db")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(config.path.with_name("empty.db"), path)
    return Hub(replace(config, store_path=path, output=config.path.with_name(name)))


def entry(drawn: Drawn, seen: datetime) -> StoredEntry:
    """Return what was drawn as an entry first seen at a time."""
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
            # Two sources have the same ids, and their stories cannot both have them.
            id=f"urn:x:{key}" if source == "a" else f"tag:x.example,2026:{key}",
            title=Text(value=headline),
            link=f"https://{source}.example/{key}",
            content=Text(value=text),
            language="it" if source == "c" else "en",
        ),
    )


def come(hub: Hub, entries: list[Drawn], now: datetime) -> None:
    """Store what comes in one run; entries known already are edits."""
    for drawn in entries:
        source, key, *_ = drawn
        known = hub.store.known(source).get(str(key))
        told = entry(drawn, known.first_seen if known else now)
        told = replace(told, published=known.published) if known else told
        state = SourceState(source_id=source)
        hub.store.apply([Update(state=state, changed=(told,)) if known else Update(state=state, new=(told,))])


def files(hub: Hub) -> dict[str, bytes]:
    """Return what is published, by path."""
    folder = hub.config.output
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
