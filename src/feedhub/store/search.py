"""Full-text search over the stored entries: an index in a file of its own beside the database, made by SQLite's FTS5.

The index is derived, so it stands apart from the facts: a refresh pays nothing for it, whoever brings it up to date
holds up no writer of the facts, and it may be deleted at any time. It keeps no text, only which words stand in which
document (FTS5's contentless tables), and documents are numbered by date, so that the newest matches come first without
being sorted. A document is never changed: an edited entry gets a new one, and the old one belongs to no entry any more.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from feedhub.errors import StoreError
from feedhub.model import Entry
from feedhub.normalize.html import without_tags
from feedhub.normalize.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.model import Text

__all__ = ["Search", "TooSlowError", "Wanted", "expression"]

# Raise it when the same entry would be indexed otherwise than before.
VERSION = 1
BATCH = 2000
BUSY_SECONDS = 10.0
# A document's number is the date of its entry (seconds since 1970) and, in so many bits, a running number.
COUNTED_BITS = 29
LATEST = 1 << 33
# Once so many documents belong to no entry any more, and more than half do, the index is made anew.
MAX_STALE = 10_000
# How many steps of SQLite's machine go between two looks at the clock: about a millisecond.
STEPS = 20_000

# `entry` is the entry's number in the store, `mark` says which version of it the document is made of.
SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, entry INTEGER NOT NULL UNIQUE, mark TEXT NOT NULL, language TEXT NOT NULL
);
CREATE TABLE counted (last INTEGER NOT NULL);
INSERT INTO counted VALUES (0);
CREATE VIRTUAL TABLE found USING fts5 (
    words, content = '', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* P* S* Co'"
);
"""
MARK = "e.source_id || ' ' || e.published || ' ' || e.fingerprint"
PENDING = f"""
SELECT e.id FROM store.entries e LEFT JOIN documents d ON d.entry = e.id
WHERE NOT e.removed AND (d.entry IS NULL OR d.mark <> {MARK}) ORDER BY e.published DESC
"""  # noqa: S608 - an expression of ours
BODY = f"SELECT e.published, {MARK}, b.body FROM store.entries e JOIN store.bodies b ON b.entry = e.id WHERE e.id = ?"  # noqa: S608 - as above
FORGET = "DELETE FROM documents WHERE entry NOT IN (SELECT id FROM store.entries WHERE NOT removed)"
ADD_DOCUMENT = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)"
ADD_WORDS = "INSERT INTO found (rowid, words) VALUES (?, ?)"
# CROSS JOIN keeps the order of the tables, and so that of the documents: the newest come first without being sorted.
BY_WORDS = "found f CROSS JOIN documents d ON d.number = f.rowid"
BY_DATE = "documents d"
FIND = """
SELECT e.source_id, e.key FROM {first} CROSS JOIN store.entries e ON e.id = d.entry {more}
WHERE NOT e.removed AND {conditions} ORDER BY {order} DESC
"""

# A dash counts at the beginning of a word or phrase; within words it is part of them.
_PIECE = re.compile(r'(?:(?<!\S)(-))?(?:"([^"]*)"?(\*?)|([^\s"]+))')
OPERATORS = frozenset({"AND", "NOT", "OR"})
_decode = msgspec.json.Decoder(Entry).decode


class TooSlowError(StoreError):
    """A search took longer than it may."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What to look for: entries that fulfil all of these; an empty text or tuple asks for nothing.

    ``words`` is what a person typed: words, ``"phrases"`` and beginnings of words (``begin*``), all of which must stand
    in title or text; see `expression` for more. Of each tuple an entry has at least one. The language ``pt`` is that
    of ``pt-BR``, too. ``editions`` are slugs of those whose filter the entry passes.
    """

    words: str = ""
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()


class Search:
    """The search index of the SQLite store at ``path``, in the file ``path`` + ``.search``; use it in one thread.

    Methods raise StoreError where a database cannot be used. Any number of processes may have the same index open.
    """

    def __init__(self, path: Path) -> None:
        """Open the index, making it where there is none or only one of another version."""
        self._path = path
        self._file = path.with_name(f"{path.name}.search")
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                raise StoreError(f"{self._file}: {error}") from error
            # It holds nothing that cannot be made again.
            for suffix in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
            self._connection = self._open()

    def close(self) -> None:
        """Close the index; every later call raises StoreError."""
        self._connection.close()

    def update(self) -> Iterator[int]:
        """Index what is stored and not indexed yet, the newest first, yielding after each step how much is left.

        Each step is a transaction of its own: what was done counts, wherever the iteration is left.
        """
        with self._explained():
            self._forget()
            pending = [number for (number,) in self._connection.execute(PENDING)]
        for begin in range(0, len(pending), BATCH):
            with self._explained():
                self._index(pending[begin : begin + BATCH])
            yield max(len(pending) - begin - BATCH, 0)

    def version(self) -> int:
        """Return a number that changes when another connection has changed the store, and when the index has changed.

        It means something to this object only.
        """
        with self._explained():
            (stored,) = self._connection.execute("PRAGMA store.data_version").fetchone()
            (indexed,) = self._connection.execute("PRAGMA main.data_version").fetchone()
        return hash((stored, indexed, self._connection.total_changes))

    def find(self, wanted: Wanted, seconds: float) -> Iterator[tuple[str, str]]:
        """Yield the source id and key of the entries wanted, the newest first, as far as they are indexed.

        Whoever needs no more leaves the iteration. TooSlowError once it has taken ``seconds``.
        """
        words = expression(wanted.words)
        conditions, values = ["found MATCH ?"] if words else [], [words] if words else []
        more = ""
        if wanted.words and not words:
            return
        if wanted.sources:
            conditions.append(f"e.source_id IN ({', '.join('?' * len(wanted.sources))})")
            values += wanted.sources
        if wanted.languages:
            conditions.append(_any("d.language = ? OR d.language LIKE ? || '-%'", len(wanted.languages)))
            values += [tag.lower() for tag in wanted.languages for _ in range(2)]
        # Tags and editions as the store writes them: what else is within strings has its quotation marks escaped.
        written = [("t.tags", [f'{{"name":{_json(tag)},' for tag in wanted.tags])]
        written.append(("t.editions", [_json(slug) for slug in wanted.editions]))
        for column, needles in written:
            if needles:
                more = "JOIN store.derived t ON t.entry = e.id"
                conditions.append(_any(f"instr({column}, ?)", len(needles)))
                values += needles
        first, order = (BY_WORDS, "f.rowid") if words else (BY_DATE, "d.number")
        query = FIND.format(first=first, more=more, conditions=" AND ".join(conditions) or "TRUE", order=order)
        end = time.monotonic() + seconds
        self._connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
        with self._explained(), suppress(GeneratorExit):
            yield from self._connection.execute(query, values)

    def _index(self, numbers: list[int]) -> None:
        made = []
        for number in numbers:
            # It may be gone meanwhile.
            for published, mark, body in self._connection.execute(BODY, (number,)):
                entry = _decode(body)
                made.append((published, number, mark, entry.language.lower(), " ".join(_words(entry))))
        # FTS5 gathers what comes in rising order in memory, as long as nothing else is written, and writes it at once.
        made.sort()
        with self._transaction():
            (last,) = self._connection.execute("SELECT last FROM counted").fetchone()
            named = [(_document(entry[0], count), *entry[1:]) for count, entry in enumerate(made, last + 1)]
            self._connection.executemany(ADD_DOCUMENT, (document[:4] for document in named))
            self._connection.executemany(ADD_WORDS, ((document[0], document[4]) for document in named))
            self._connection.execute("UPDATE counted SET last = ?", (last + len(made),))

    def _forget(self) -> None:
        """Let entries that are gone be found no more, and make a fresh start when most of the index is of such."""
        with self._transaction():
            self._connection.execute(FORGET)
            ((count,), (last,)) = (
                self._connection.execute(question).fetchone()
                for question in ("SELECT count(*) FROM documents", "SELECT last FROM counted")
            )
            if last - count > max(MAX_STALE, count):
                self._connection.execute("DELETE FROM documents")
                self._connection.execute("INSERT INTO found (found) VALUES ('delete-all')")
                self._connection.execute("UPDATE counted SET last = 0")

    def _open(self) -> sqlite3.Connection:
        # Only where URIs are wanted, the store below can be attached as one.
        connection = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None, uri=True)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
                _make(connection)
            connection.execute("ATTACH ? AS store", (f"{self._path.absolute().as_uri()}?mode=ro",))
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            self._connection.rollback()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise TooSlowError(f"{self._file}: the search took too long") from error
            raise StoreError(f"{self._file}: {error}") from error
        except msgspec.MsgspecError as error:
            raise StoreError(f"{self._path}: a record cannot be read: {error}") from error
        finally:
            with suppress(sqlite3.ProgrammingError):
                self._connection.set_progress_handler(None, 0)


def expression(text: str) -> str:
    """Return what a person typed as an expression of FTS5 (https://www.sqlite.org/fts5.html §3), "" for no word.

    Every word and phrase is quoted, so nothing typed has a meaning in FTS5's own language. Words are taken apart as
    rules take them apart; one that falls into several, as those of scripts without spaces do, is a phrase. ``-`` before
    a word or phrase, and ``NOT``, say what must not be there, ``OR`` that one of its neighbours is enough.
    """
    wanted: list[list[str]] = []
    unwanted: list[str] = []
    before = ""
    for dash, phrase, starred, word in _PIECE.findall(text):
        if word in OPERATORS:
            before = word
            continue
        words = tokens(phrase or word)
        if words:
            # Scripts without spaces are indexed by pairs of characters: a single one begins such a pair.
            begins = starred or word.endswith("*") or (len(words) == len(words[0]) == 1 and not words[0].isascii())
            term = f'"{" ".join(words)}"{" *" if begins else ""}'
            if dash or before == "NOT":
                unwanted.append(term)
            elif before == "OR" and wanted:
                wanted[-1].append(term)
            else:
                wanted.append([term])
        before = ""
    found = " AND ".join(f"({' OR '.join(terms)})" if len(terms) > 1 else terms[0] for terms in wanted)
    return f"({found}) NOT ({' OR '.join(unwanted)})" if found and unwanted else found


def _document(published: int, count: int) -> int:
    """Return the number of a document: those of newer entries are greater."""
    return (max(min(published, LATEST), -LATEST) << COUNTED_BITS) | (count % (1 << COUNTED_BITS))


def _words(entry: Entry) -> Iterator[str]:
    yield from tokens(entry.title.value)
    for text in (entry.summary, entry.content):
        if text.value and (text is entry.summary or text != entry.summary):
            # A mark that nobody types: no phrase goes from one text into the next.
            yield "\u00b6"
            yield from tokens(_plain(text))


def _plain(text: Text) -> str:
    return text.value if text.type == "text/plain" else without_tags(text.value)


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _any(condition: str, count: int) -> str:
    return f"({' OR '.join([f'({condition})'] * count)})"


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, dropping those of another version; of several processes one does it."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
        for table in ("documents", "counted", "found"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in SCHEMA.split(";")[:-1]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
