"""What the store costs, in processor time, beside Python's sqlite3 used bare and SQLAlchemy Core, in the same run.

Run ``python bench/store.py [ENTRIES] [SOURCES]``.
"""

from __future__ import annotations

import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections import deque
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, insert

from feedhub.model import Entry, Member, Reason, SourceState, StoredEntry, Tag, Text, Update
from feedhub.store import open_store, rows, sql
from feedhub.store.schema import entries as entries_table
from feedhub.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 1, 1, tzinfo=UTC)
PER_SOURCE = 30
BATCH = 100
SIGNER = "0123456789abcdef01234567"
BARE = """
CREATE TABLE entries (id INTEGER PRIMARY KEY, source_id TEXT, key TEXT, first_seen INTEGER, published INTEGER,
    updated INTEGER, fingerprint TEXT, significant TEXT, entry_id TEXT, link TEXT, title TEXT, body BLOB,
    UNIQUE (source_id, key))
"""
BARE_INSERT = "INSERT OR IGNORE INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
STARTS = {
    "import sqlite3": "import sqlite3",
    "import sqlalchemy": "import sqlalchemy",
    "import alembic.command": "import alembic.command",
    "open_store": "from feedhub.store import open_store; open_store(sys.argv[1])",
    "open_store, states()": "from feedhub.store import open_store; open_store(sys.argv[1]).states()",
}


def cpu() -> float:
    """Return the processor seconds that this process has used, in user and in system mode."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(what: str, count: int, work: Callable[[], object], against: float = 0.0) -> float:
    """Run ``work`` once, print its cost per item and its ratio to ``against``, and return its processor seconds."""
    before = cpu()
    work()
    used = cpu() - before
    ratio = f"{used / against:6.2f} x bare" if against else ""
    print(f"{what:42} {used * 1e3:9.1f} CPU-ms {used * 1e6 / count:8.2f} us each {ratio}")
    return used


def stored(chance: random.Random, source: int, number: int) -> StoredEntry:
    """Return an entry whose text is as long as that of a typical feed with full texts."""
    link = f"https://site-{source}.example.org/2026/01/{number}-a-headline-as-long-as-headlines-are"
    words = " ".join(f"word{chance.randrange(5000)}" for _ in range(chance.randrange(30, 400)))
    published = START - timedelta(minutes=chance.randrange(100_000))
    return StoredEntry(
        source_id=f"source-{source:05d}",
        key=link,
        first_seen=START + timedelta(seconds=source // BATCH),
        published=published,
        updated=published,
        fingerprint=f"{chance.getrandbits(128):032x}",
        significant=f"{chance.getrandbits(128):032x}",
        entry=Entry(
            id=link,
            title=Text(value=f"A headline as long as headlines are, number {number}"),
            link=link,
            content=Text(value=f"<p>{words}</p>", type="text/html"),
            published=published,
        ),
    )


def state(source: int) -> SourceState:
    """Return the state of a source that answered well."""
    return SourceState(
        source_id=f"source-{source:05d}",
        url=f"https://site-{source}.example.org/feed.xml",
        etag=f'"{source:032x}"',
        last_modified="Thu, 01 Jan 2026 00:00:00 GMT",
        body_hash=f"{source:032x}",
        title=f"The news of site {source}",
        link=f"https://site-{source}.example.org/",
        language="en",
        status=200,
        fetched_at=START,
        succeeded_at=START,
        new_entry_at=START,
    )


def updates_of(count: int) -> list[Update]:
    """Return updates that bring ``count`` new entries."""
    chance = random.Random(1)  # noqa: S311 - the same load in every run
    return [
        Update(
            state=state(source),
            new=tuple(stored(chance, source, number) for number in range(PER_SOURCE)),
        )
        for source in range(count // PER_SOURCE)
    ]


def member(of: StoredEntry) -> Member:
    """Return a member with a few tags of a few kinds, as rules give them."""
    number = int(of.fingerprint[:2], 16)
    tags = tuple(
        Tag(name=f"tag-{n}", reasons=(Reason(rule="words", field="title", found=f"word{number}"),))
        for n in range(number % 4)
    )
    return Member(
        source_id=of.source_id,
        key=of.key,
        entry_id="",
        title="",
        link="",
        first_seen=of.first_seen,
        published=of.published,
        updated=of.updated,
        url_key=of.key.removeprefix("https://"),
        text_key=of.fingerprint,
        tags=tags,
        editions=("all", *(tag.name for tag in tags)),
    )


def bare_insert(path: str, batches: list[list[tuple[Any, ...]]]) -> None:
    """Insert rows as one would by hand, into one table with one index."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(BARE)
        for batch in batches:
            connection.execute("BEGIN")
            connection.executemany(BARE_INSERT, batch)
            connection.execute("COMMIT")


def core_insert(path: str, batches: list[list[dict[str, Any]]]) -> None:
    """Insert only the facts, without texts, through SQLAlchemy Core."""
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    for batch in batches:
        with engine.begin() as connection:
            connection.execute(insert(entries_table), batch)
    engine.dispose()


def driver_insert(path: str, batches: list[list[dict[str, Any]]]) -> None:
    """Insert what `core_insert` does with the driver that SQLAlchemy would call."""
    metadata.create_all(create_engine(f"sqlite:///{path}"))
    names = list(batches[0][0])
    statement = f"INSERT INTO entries ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for batch in batches:
            connection.execute("BEGIN")
            connection.executemany(statement, [tuple(row.values()) for row in batch])
            connection.execute("COMMIT")


def writing(folder: Path, updates: list[Update], count: int) -> None:
    """Compare storing ``updates``."""
    batches = [updates[start : start + BATCH] for start in range(0, len(updates), BATCH)]
    bare = [[(*rows.facts(entry), rows.body(entry)) for one in batch for entry in one.new] for batch in batches]
    columns = [column.name for column in entries_table.columns][1:-1]
    mapped = [[dict(zip(columns, row, strict=False), removed=False) for row in batch] for batch in bare]
    by_hand = timed("bare insert of texts, one index", count, lambda: bare_insert(str(folder / "bare.db"), bare))
    with closing(open_store(str(folder / "store.db"))) as store:
        timed("apply", count, lambda: deque(map(store.apply, batches), 0), by_hand)
        again = timed("apply again, all known", count, lambda: deque(map(store.apply, batches), 0), by_hand)
        states = [[Update(state=one.state) for one in batch] for batch in batches]
        timed("apply states only", len(updates), lambda: deque(map(store.apply, states), 0), again)
        signed = [[member(entry) for one in batch for entry in one.new] for batch in batches]
        timed("sign", count, lambda: deque((store.sign(SIGNER, batch) for batch in signed), 0), by_hand)
    by_driver = timed("facts by the driver", count, lambda: driver_insert(str(folder / "driver.db"), mapped))
    timed("facts by SQLAlchemy Core", count, lambda: core_insert(str(folder / "core.db"), mapped), by_driver)


def reading(folder: Path, updates: list[Update], count: int) -> None:
    """Compare asking a store that was just opened, each question with the bare fetching of its rows."""
    path = str(folder / "store.db")
    with closing(sqlite3.connect(path)) as connection:
        bare = timed("bare rows of members", count, lambda: connection.execute(sql.MEMBERS).fetchall())
        bare_states = timed("bare rows of states", len(updates), lambda: connection.execute(sql.STATES).fetchall())
    with closing(open_store(path)) as store:
        timed("members", count, store.members, bare)
        timed("states", len(updates), store.states, bare_states)
        timed("known, for each source", count, lambda: [store.known(one.state.source_id) for one in updates])
        timed("unsigned, none", 1, lambda: list(store.unsigned(SIGNER)))
        ids = [(entry.source_id, entry.key) for one in updates[:50] for entry in one.new]
        timed("entries", len(ids), lambda: store.entries(ids))
        timed("find a link", 1, lambda: store.find(ids[-1][1]))
        timed("unsigned, all", count, lambda: deque(store.unsigned("another"), 0))
        timed("retain, half", count, lambda: store.retain(START + timedelta(seconds=len(updates) // BATCH // 2), 10))


def starting(path: str) -> None:
    """Print what a process pays before it has done anything: median of five."""
    for what, code in STARTS.items():
        script = (
            f"import resource, sys\n{code}\nused = resource.getrusage(resource.RUSAGE_SELF)\n"
            "print(used.ru_utime + used.ru_stime, used.ru_maxrss)"
        )
        command = [sys.executable, "-c", script, path]
        figures = [subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(5)]
        seconds, kilobytes = sorted(tuple(map(float, line.split())) for line in figures)[2]
        print(f"process with {what:29} {seconds * 1e3:9.1f} CPU-ms {kilobytes / 1024:8.1f} MB")


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    sources = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000  # noqa: PLR2004 - the second argument
    updates = updates_of(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writing(folder, updates, count)
        reading(folder, updates, count)
        many = str(folder / "many.db")
        with closing(open_store(many)) as store:
            states = [Update(state=state(source)) for source in range(sources)]
            timed(f"apply {sources} states", sources, lambda: store.apply(states))
        with closing(open_store(many)) as store:
            timed(f"read {sources} states", sources, store.states)
        starting(many)


if __name__ == "__main__":
    main()
