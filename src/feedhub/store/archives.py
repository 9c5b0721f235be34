"""What editions have put away for good, in the SQLite store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from feedhub.model import Archived, Document

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from feedhub.model import Archive

    Context = Callable[[], AbstractContextManager[None]]

__all__ = ["SqliteArchives"]

PATHS = "SELECT number, paths FROM archives WHERE feed = ? ORDER BY number"
LAST = "SELECT number, until FROM archives WHERE feed = ? ORDER BY number DESC LIMIT 1"
PUT_AWAY = "INSERT INTO archives (feed, number, until, stories, paths, documents) VALUES (?, ?, ?, ?, ?, ?)"
DOCUMENTS = "SELECT documents FROM archives WHERE feed = ? AND number = ?"

# The formats of an archive say the same in other words: with a window that sees all of them, they take little more room
# than one, and a third of the time that it takes to write them.
QUALITY, WINDOW = 5, 24

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_decode_paths = msgspec.json.Decoder(dict[str, str]).decode
_unpack = msgspec.msgpack.Decoder(tuple[Document, ...]).decode


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
            found = self._connection.execute(PATHS, (feed,))
            paths = {number: _decode_paths(text) for number, text in found}
        return Archived(number=last[0], until=last[1], paths=paths)

    def put_away(self, archive: Archive) -> None:
        """See `feedhub.store.Archives.put_away`."""
        import brotli  # noqa: PLC0415 - only editions with a history pay for loading it

        paths = {name: document.path for name, document in archive.documents.items()}
        packed = brotli.compress(_pack(tuple(archive.documents.values())), quality=QUALITY, lgwin=WINDOW)
        stories = _encode(archive.stories).decode()
        row = (archive.feed, archive.number, archive.until, stories, _encode(paths).decode(), packed)
        with self._transaction():
            self._connection.execute(PUT_AWAY, row)

    def documents(self, feed: str, number: int) -> tuple[Document, ...]:
        """See `feedhub.store.Archives.documents`."""
        import brotli  # noqa: PLC0415 - as above

        with self._explained():
            found = self._connection.execute(DOCUMENTS, (feed, number)).fetchone()
            return _unpack(brotli.decompress(found[0])) if found else ()
