"""What the store costs, in processor time, beside Python's sqlite3 used bare and SQLAlchemy Core, in the same run.

Run ``python bench/store.py [ENTRIES [SOURCES [ROUNDS]]]``, on Linux. ``ENTRIES`` is a multiple of 30.
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
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, insert

from feedhub.model import Entry, Member, Reason, SourceState, StoredEntry, Tag, Text, Update
from feedhub.store import open_store, rows, sql
from feedhub.store.schema import entries as entries_table
from feedhub.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedhub.store import Store

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


class Table:
    """The least processor time that each piece of work took in several rounds: the others are the machine's noise."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[float, int, str]] = {}

    def timed(self, what: str, count: int, work: Callable[[], object], *, bare: str = "") -> None:
        """Run ``work`` on ``count`` items; ``bare`` names the row that it is to be compared with."""
        before = cpu()
        work()
        used = cpu() - before
        self.rows[what] = (min(used, self.rows.get(what, (used,))[0]), count, bare)

    def show(self) -> None:
        """Print the rows in the order in which they were first timed."""
        for what, (used, count, bare) in self.rows.items():
            ratio = f"{used / self.rows[bare][0]:6.2f} x {bare}" if bare else ""
            print(f"{what:40} {used * 1e3:8.1f} CPU-ms {used * 1e6 / count:8.2f} us each {ratio}")


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


def _at_once(store: Store, batch: list[Update], signed: list[Member]) -> None:
    store.apply(batch, signer=SIGNER, members=signed)


def writing(table: Table, folder: Path, updates: list[Update], count: int) -> None:
    """Compare storing ``updates``."""
    batches = [updates[start : start + BATCH] for start in range(0, len(updates), BATCH)]
    bare = [[(*rows.facts(entry), rows.body(entry)) for one in batch for entry in one.new] for batch in batches]
    columns = [column.name for column in entries_table.columns][1:-1]
    mapped = [[dict(zip(columns, row, strict=False), removed=False) for row in batch] for batch in bare]
    by_hand = "bare insert with texts, one index"
    table.timed(by_hand, count, lambda: bare_insert(str(folder / "bare.db"), bare))
    with closing(open_store(str(folder / "store.db"))) as store:
        table.timed("apply", count, lambda: deque(map(store.apply, batches), 0), bare=by_hand)
        table.timed("apply again, all known", count, lambda: deque(map(store.apply, batches), 0), bare=by_hand)
        states = [[Update(state=one.state) for one in batch] for batch in batches]
        table.timed("apply states only", len(updates), lambda: deque(map(store.apply, states), 0))
        signed = [[member(entry) for one in batch for entry in one.new] for batch in batches]
        table.timed("sign", count, lambda: deque(map(partial(store.sign, SIGNER), signed), 0), bare=by_hand)
    with closing(open_store(str(folder / "signed.db"))) as store:
        given = zip(batches, signed, strict=True)
        table.timed(
            "apply and sign at once", count, lambda: deque(starmap(partial(_at_once, store), given), 0), bare=by_hand
        )
    by_driver = "facts without texts by the driver"
    table.timed(by_driver, count, lambda: driver_insert(str(folder / "driver.db"), mapped))
    table.timed(
        "the same by SQLAlchemy Core", count, lambda: core_insert(str(folder / "core.db"), mapped), bare=by_driver
    )


def reading(table: Table, folder: Path, updates: list[Update], count: int) -> None:
    """Compare asking a store that was just opened, each question with the bare fetching of its rows."""
    path = str(folder / "store.db")
    with closing(sqlite3.connect(path)) as connection:
        table.timed("bare rows of members", count, lambda: connection.execute(sql.MEMBERS).fetchall())
    with closing(open_store(path)) as store:
        table.timed("members", count, store.members, bare="bare rows of members")
        table.timed("known, for each source", count, lambda: [store.known(one.state.source_id) for one in updates])
        table.timed("unsigned, none", 1, lambda: list(store.unsigned(SIGNER)))
        ids = [(entry.source_id, entry.key) for one in updates[:50] for entry in one.new]
        table.timed("entries", len(ids), lambda: store.entries(ids))
        table.timed("find a link", 1, lambda: store.find(ids[-1][1]))
        table.timed("unsigned, all", count, lambda: deque(store.unsigned("another"), 0))
        half = START + timedelta(seconds=len(updates) // BATCH // 2)
        table.timed("retain, half", count, lambda: store.retain(half, 10))


def many_states(table: Table, path: str, count: int) -> None:
    """Time the states of very many sources."""
    updates = [Update(state=state(source)) for source in range(count)]
    with closing(open_store(path)) as store:
        table.timed(f"apply {count} states", count, lambda: store.apply(updates))
    with closing(open_store(path)) as store:
        table.timed(f"states of {count} sources", count, store.states)


def starting(path: str) -> None:
    """Print what a process pays before it has done anything: the median of five."""
    for what, code in STARTS.items():
        script = (
            f"import resource, sys\n{code}\nused = resource.getrusage(resource.RUSAGE_SELF)\n"
            "print(used.ru_utime + used.ru_stime, open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
        )
        command = [sys.executable, "-c", script, path]
        figures = [subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(5)]
        seconds, kilobytes = sorted(tuple(map(float, line.split())) for line in figures)[2]
        print(f"process: {what:31} {seconds * 1e3:8.1f} CPU-ms {kilobytes / 1024:8.1f} MB")


def main() -> None:
    """Print the table."""
    count, sources, rounds = (int(text) for text in (sys.argv[1:] + ["30000", "5000", "3"][len(sys.argv) - 1 :]))
    updates = updates_of(count)
    table = Table()
    with tempfile.TemporaryDirectory() as name:
        for number in range(rounds):
            folder = Path(name, str(number))
            folder.mkdir()
            writing(table, folder, updates, count)
            reading(table, folder, updates, count)
            many_states(table, str(folder / "many.db"), sources)
        table.show()
        starting(str(folder / "many.db"))


if __name__ == "__main__":
    main()
