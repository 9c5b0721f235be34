"""What editions have put away for good, in the SQLite store."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from feedhub.model import Archived, Document
from feedhub.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from feedhub.model import Archive

    Context = Callable[[], AbstractContextManager[None]]

__all__ = ["SqliteArchives"]

LAST = "SELECT number, until FROM archives WHERE feed = ? ORDER BY number DESC LIMIT 1"
NEWEST = "SELECT format, max(number) FROM archive_documents WHERE feed = ? GROUP BY format"
PATHS = "SELECT path FROM archive_documents WHERE feed = ? ORDER BY number, format"
PUT_ARCHIVE = "INSERT INTO archives (feed, number, until, stories) VALUES (?, ?, ?, ?)"
PUT_DOCUMENT = """
INSERT INTO archive_documents (feed, number, format, path, media_type, modified, body)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
DOCUMENT = "SELECT path, media_type, modified, body FROM archive_documents WHERE feed = ? AND path = ?"

COMPRESSION = 9

_encode = msgspec.json.Encoder().encode


class SqliteArchives:
    """A `feedhub.store.Archives` over the connection of a store, as `feedhub.store.told.SqliteTold` is one."""

    def __init__(self, connection: sqlite3.Connection, transaction: Context, explained: Context) -> None:
        self._connection = connection
        self._transaction = transaction
        self._explained = explained

    def archived(self, feed: str) -> Archived:
        """See `feedhub.store.Archives.archived`."""
        with self._explained():
            last = self._connection.execute(LAST, (feed,)).fetchone()
            if last is None:
                return Archived()
            newest = dict(self._connection.execute(NEWEST, (feed,)).fetchall())
            paths = tuple(path for (path,) in self._connection.execute(PATHS, (feed,)))
        return Archived(number=last[0], until=last[1], newest=newest, paths=paths)

    def put_away(self, archive: Archive) -> None:
        """See `feedhub.store.Archives.put_away`."""
        named = (archive.feed, archive.number)
        documents = [(*named, name, *_row(document)) for name, document in archive.documents.items()]
        with self._transaction():
            self._connection.execute(PUT_ARCHIVE, (*named, archive.until, _encode(archive.stories).decode()))
            self._connection.executemany(PUT_DOCUMENT, documents)

    def documents(self, feed: str, paths: Iterable[str]) -> Iterator[Document]:
        """See `feedhub.store.Archives.documents`."""
        for path in paths:
            with self._explained():
                found = self._connection.execute(DOCUMENT, (feed, path)).fetchone()
            if found:
                yield _document(found)


def _row(document: Document) -> tuple[str, str, int | None, bytes]:
    modified = None if document.modified is None else rows.seconds(document.modified)
    return document.path, document.media_type, modified, zlib.compress(document.body, COMPRESSION)


def _document(row: tuple[str, str, int | None, bytes]) -> Document:
    path, media_type, seconds, body = row
    modified = None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
    return Document(path=path, media_type=media_type, body=zlib.decompress(body), modified=modified)
