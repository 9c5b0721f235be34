"""The store in one SQLite file, through Python's own driver.

Durability: in WAL mode with ``synchronous=NORMAL`` a process killed at any moment loses nothing it committed. A power
cut may lose the last transactions, whole, and that is enough here: the validators that a server gave are stored in the
same transactions as the entries they vouch for, so the next refresh asks again for exactly what was lost. ``FULL``
would add a wait for the disk to every transaction.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from feedhub.errors import StoreError
from feedhub.store import rows, sql
from feedhub.store.archives import SqliteArchives
from feedhub.store.ledger import SqliteLedger
from feedhub.store.told import SqliteTold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from feedhub.model import Known, Member, Raw, SourceState, StoredEntry, Update

__all__ = ["HEAD", "SqliteStore"]

# The schema version this program works with: the newest file in migrations/versions.
HEAD = "0005"
# What a new database is made of.
NEWEST = Path(__file__).with_name("newest.sql")
# "feed" in ASCII, at offset 68 of the file (https://www.sqlite.org/fileformat2.html): whose database this is.
APPLICATION_ID = 0x66656564
BUSY_SECONDS = 10.0
NOBODY = 'the signer "" marks what nobody has signed'
# What stands beside an entry that nobody has signed.
UNSIGNED: rows.Signed = ("", None, None, None, None)
# A feed that rewrites its entries at every visit must not fill the disk.
MAX_REVISIONS = 50

# Pages of 8 KiB hold a typical text in one piece, and write it a third faster than pages of 4 KiB; the cache is 8 MB.
PRAGMAS = (
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -8000",
)

EXPLANATIONS = {
    sqlite3.SQLITE_NOTADB: "this is not a feedhub database",
    sqlite3.SQLITE_CORRUPT: "the database is corrupt",
    sqlite3.SQLITE_BUSY: f"another process has kept the database locked for {BUSY_SECONDS:g} seconds",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened or created here",
    sqlite3.SQLITE_READONLY: "the database cannot be written",
    sqlite3.SQLITE_FULL: "the disk is full",
}


class SqliteStore:
    """A `feedhub.store.Store` in the SQLite file ``path``; ``:memory:`` is one that is gone when closed."""

    def __init__(self, path: str) -> None:
        """Open the database, creating or upgrading it where needed; StoreError says why it cannot be used."""
        self._path = path
        with self._explained():
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(path)
        self.told = SqliteTold(self._connection, self._transaction, self._explained)
        self.archives = SqliteArchives(self._connection, self._transaction, self._explained)
        self.ledger = SqliteLedger(self._connection, self._transaction, self._explained)

    def states(self) -> dict[str, SourceState]:
        """See `feedhub.store.Store.states`."""
        with self._explained():
            texts = (text for (text,) in self._connection.execute(sql.STATES))
            return {state.source_id: state for state in rows.states(texts)}

    def known(self, source_id: str) -> dict[str, Known]:
        """See `feedhub.store.Store.known`."""
        with self._explained():
            return dict(map(rows.known, self._connection.execute(sql.KNOWN, (source_id, source_id))))

    def apply(
        self, updates: Iterable[Update], *, raw_bytes: int = 0, signer: str = "", members: Iterable[Member] = ()
    ) -> None:
        """See `feedhub.store.Store.apply`."""
        updates = list(updates)
        # Everything is encoded before the database is locked.
        with self._explained():
            signed = {(member.source_id, member.key): (signer, *rows.derived(member)) for member in members}
            if signed and not signer:
                raise ValueError(NOBODY)
            states = [rows.source(update.state) for update in updates]
            new = [(rows.facts(entry), rows.body(entry)) for update in updates for entry in update.new]
            changed = [(rows.facts(entry), rows.body(entry)) for update in updates for entry in update.changed]
        responses = [
            (rows.response(update.raw), bool(update.new or update.changed or update.aliases))
            for update in updates
            if update.raw
        ]
        aliases = [(update.state.source_id, alias.other, alias.key) for update in updates for alias in update.aliases]
        with self._transaction():
            self._connection.executemany(sql.PUT_STATE, states)
            self._add(new, signed)
            for facts, body in changed:
                self._change(facts, body, signed)
            self._connection.executemany(sql.ADD_ALIAS, aliases)
            for response, has_news in responses:
                self._keep(response, has_news=has_news, limit=raw_bytes)

    def _add(self, new: list[tuple[rows.Facts, bytes]], signed: Mapping[tuple[str, str], rows.Signed]) -> None:
        (last,) = self._connection.execute(sql.LAST_ENTRY).fetchone()
        numbered = list(enumerate(new, last + 1))
        put = self._connection.executemany(sql.ADD_ENTRY, ((number, *facts) for number, (facts, _) in numbered))
        if put.rowcount < len(numbered):
            added = {number for (number,) in self._connection.execute(sql.ADDED, (last,))}
            numbered = [(number, entry) for number, entry in numbered if number in added]
        self._connection.executemany(sql.ADD_BODY, ((body, number) for number, (_, body) in numbered))
        self._connection.executemany(
            sql.ADD_DERIVED, ((*signed.get(facts[:2], UNSIGNED), number) for number, (facts, _) in numbered)
        )

    def _change(self, facts: rows.Facts, body: bytes, signed: Mapping[tuple[str, str], rows.Signed]) -> None:
        source_id, key, _, published, updated, fingerprint, significant, _, link, title = facts
        found = self._connection.execute(sql.ENTRY, (source_id, key)).fetchone()
        if found is None:
            self._add([(facts, body)], signed)
            return
        number, before, removed = found
        if removed:
            return
        if fingerprint != before:
            self._connection.execute(sql.KEEP_REVISION, (number,))
            self._connection.execute(sql.DROP_REVISION, (number, number, MAX_REVISIONS))
        changes = (published, updated, fingerprint, significant, link, title)
        self._connection.execute(sql.CHANGE_ENTRY, (*changes, number))
        self._connection.execute(sql.CHANGE_BODY, (body, number))
        if (source_id, key) in signed:
            self._connection.execute(sql.SIGN, (*signed[source_id, key], source_id, key))
        else:
            self._connection.execute(sql.UNSIGN, (number,))

    def _keep(self, response: tuple[str, int, str, str, bytes], *, has_news: bool, limit: int) -> None:
        source_id, _, digest, *_ = response
        newest = self._connection.execute(sql.NEWEST_RESPONSE, (source_id,)).fetchone()
        if has_news or newest != (digest,):
            self._connection.execute(sql.KEEP_RESPONSE, response)
            self._connection.execute(sql.DROP_RESPONSES, (source_id, limit))

    def raw(self) -> Iterator[Raw]:
        """See `feedhub.store.Store.raw`."""
        with self._explained():
            for number in self._connection.execute(sql.RESPONSES).fetchall():
                yield rows.raw(self._connection.execute(sql.RESPONSE, number).fetchone())

    def has_raw(self) -> bool:
        """See `feedhub.store.Store.has_raw`."""
        with self._explained():
            return bool(self._connection.execute(sql.ANY_RESPONSE).fetchone()[0])

    def forget_raw(self) -> None:
        """See `feedhub.store.Store.forget_raw`."""
        with self._transaction():
            self._connection.execute(sql.FORGET_RESPONSES)

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """See `feedhub.store.Store.rebuilding`."""
        try:
            with self._explained():
                self._connection.execute("BEGIN IMMEDIATE")
                # Entries that stand aside belong to no source until the end.
                self._connection.execute("PRAGMA defer_foreign_keys = ON")
                for statement in sql.ASIDE:
                    self._connection.execute(statement)
            yield
            with self._explained():
                for statement in sql.BACK:
                    self._connection.execute(statement)
                self._connection.execute("COMMIT")
        finally:
            with self._explained():
                self._connection.rollback()

    def unsigned(self, signer: str) -> Iterator[StoredEntry]:
        """See `feedhub.store.Store.unsigned`."""
        with self._explained():
            # No statement stays open while the caller works: it would keep the log of changes from being folded in.
            for number in self._connection.execute(sql.UNSIGNED, (signer, signer)).fetchall():
                entry = rows.stored(self._connection.execute(sql.STORED_BY_ID, number).fetchone())
                if entry.entry is not None:
                    yield entry

    def sign(self, signer: str, members: Iterable[Member]) -> None:
        """See `feedhub.store.Store.sign`."""
        if not signer:
            raise ValueError(NOBODY)
        signed = [(signer, *rows.derived(member), member.source_id, member.key) for member in members]
        with self._transaction():
            self._connection.executemany(sql.SIGN, signed)

    def forget_derived(self) -> None:
        """See `feedhub.store.Store.forget_derived`."""
        with self._transaction():
            self._connection.execute(sql.FORGET_DERIVED)

    def members(self) -> list[Member]:
        """See `feedhub.store.Store.members`."""
        with self._explained():
            return rows.members(self._connection.execute(sql.MEMBERS))

    def entries(self, ids: Iterable[tuple[str, str]]) -> list[StoredEntry]:
        """See `feedhub.store.Store.entries`."""
        ids = list(ids)
        with self._explained():
            found = (self._connection.execute(sql.STORED_BY_KEY, id_).fetchone() for id_ in ids)
            return [rows.stored(row) for row in found if row is not None]

    def revisions(self, source_id: str, key: str) -> list[StoredEntry]:
        """See `feedhub.store.Store.revisions`."""
        with self._explained():
            return [rows.stored(row) for row in self._connection.execute(sql.REVISIONS, (source_id, key))]

    def find(self, text: str) -> list[StoredEntry]:
        """See `feedhub.store.Store.find`."""
        # Only this question needs to understand a URL, so only it loads the room that does.
        from feedhub.normalize.urls import clean  # noqa: PLC0415

        if not text:
            return []
        with self._explained():
            found = self._connection.execute(sql.FIND, (text, text, clean(text, "") or text, text, text))
            return [rows.stored(row) for row in found]

    def retain(self, cutoff: datetime, at_least: int) -> int:
        """See `feedhub.store.Store.retain`."""
        with self._transaction():
            bounds = {"at_least": at_least, "cutoff": rows.seconds(cutoff)}
            expired = self._connection.execute(sql.EXPIRED, bounds).fetchall()
            for statement in (sql.REMOVE_ENTRY, sql.REMOVE_BODY, sql.REMOVE_REVISIONS, sql.REMOVE_SIGNER):
                self._connection.executemany(statement, expired)
        return len(expired)

    def note(self, name: str) -> str:
        """See `feedhub.store.Store.note`."""
        with self._explained():
            found: tuple[str] | None = self._connection.execute(sql.NOTE, (name,)).fetchone()
        return found[0] if found else ""

    def set_note(self, name: str, value: str) -> None:
        """See `feedhub.store.Store.set_note`."""
        with self._transaction():
            if value:
                self._connection.execute(sql.PUT_NOTE, (name, value))
            else:
                self._connection.execute(sql.DROP_NOTE, (name,))

    def close(self) -> None:
        """See `feedhub.store.Store.close`."""
        with self._explained():
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained():
            if self._connection.in_transaction:
                yield  # `rebuilding` is at work, and commits when all is done
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                # After a commit there is nothing left to roll back; some errors have rolled back already.
                self._connection.rollback()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the driver, the file system and the decoders raise into a StoreError that names the database."""
        try:
            yield
        except sqlite3.Error as error:
            # The low byte is the kind of error, the others its details (https://www.sqlite.org/rescode.html).
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            raise StoreError(f"{self._path}: {EXPLANATIONS.get(code, error)}") from error
        except OSError as error:
            raise StoreError(f"{self._path}: {error.strerror}") from error
        except msgspec.MsgspecError as error:
            raise StoreError(f"{self._path}: a record cannot be read: {error}") from error
        except UnicodeError as error:
            raise StoreError(f"{self._path}: a text that is not Unicode cannot be stored: {error}") from error


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        # Asked before anything is set: the database of another program is left exactly as it is.
        version = _version(connection, path)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if (version or _create(connection, path)) != HEAD:
            _upgrade(connection, path)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection, path: str) -> str:
    """Return the schema version, or "" for an empty database; StoreError for one that is not for this program."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        return ""
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise StoreError(f"{path}: this is not a feedhub database but that of another program")
    version: str
    (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    if version > HEAD:
        raise StoreError(
            f"{path}: a newer feedhub made this database (schema {version}, this program knows {HEAD}); upgrade feedhub"
        )
    return version


def _create(connection: sqlite3.Connection, path: str) -> str:
    """Make the tables of an empty database in one transaction, and return the version of those that are there now.

    The migrations would make the same, a test says, but to load what runs them costs half a second and 35 MB.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Of several processes that open a new database one makes it.
        if version := _version(connection, path):
            return version
        for statement in NEWEST.read_text(encoding="utf-8").split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    finally:
        connection.rollback()
    return HEAD


def _upgrade(connection: sqlite3.Connection, path: str) -> None:
    """Run the migrations in one transaction; of several processes that open an older database one does it."""
    # Half a second and 35 MB: paid once in the life of a schema version.
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415
    from sqlalchemy.pool import StaticPool  # noqa: PLC0415

    from feedhub.store import migrations  # noqa: PLC0415

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    try:
        with engine.connect() as shared, shared.begin():
            connection.execute("BEGIN IMMEDIATE")
            if _version(connection, path) != HEAD:
                migrations.upgrade(shared)
    except DBAPIError as error:
        raise (error.orig or error) from error
