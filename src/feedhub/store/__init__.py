"""The door to the database: what feedhub remembers between runs.

Another database is one more file beside ``sqlite.py`` and one more branch in `open_store`; the contract tests are the
same for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from feedhub.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from feedhub.model import Known, Member, Raw, SourceState, StoredEntry, Update

__all__ = ["Store", "open_store"]

CHOICES = "sqlite:///PATH, sqlite:// (in memory) or a plain path"


class Store(Protocol):
    """The facts of all sources, and what was last derived from them.

    Every method raises StoreError where the database cannot be used. Datetimes are aware, in UTC and whole seconds; a
    fraction of a second is not kept. One open store belongs to the thread that opened it. Any number of processes may
    have the same database open: readers never wait, and a writer waits for another writer's transaction.
    """

    def states(self) -> dict[str, SourceState]:
        """Return the state of every source ever updated, by source id."""
        ...

    def known(self, source_id: str) -> dict[str, Known]:
        """Return what is known of a source's entries by key and by alias, also of those that retention removed."""
        ...

    def apply(self, updates: Iterable[Update], *, raw_bytes: int = 0) -> None:
        """Store all ``updates`` in one transaction: after a crash at any moment either all of them count or none.

        A new entry that is stored already, or that retention removed, is ignored. A changed entry keeps the date it
        was first seen; its earlier version goes to the revisions, and it becomes unsigned. A changed entry that is not
        stored counts as new, and one that retention removed is ignored. Applying the same updates again changes no
        fact. ValueError means an entry without its text.

        The responses behind the updates are kept, except repetitions that changed nothing: of each source as many as
        fit into ``raw_bytes`` when compressed, the newest ones, and the very newest in any case.
        """
        ...

    def unsigned(self, signer: str) -> Iterator[StoredEntry]:
        """Yield the stored entries that ``signer`` has not signed as they are now, ordered as `members` are.

        Entries that retention removed are not among them. Signing while iterating is allowed.
        """
        ...

    def sign(self, signer: str, members: Iterable[Member]) -> None:
        """Store in one transaction what ``signer`` derived: keys, tags and editions; the rest are facts already.

        ``signer`` names the code and configuration that derived it and is never empty. It replaces what another signer
        derived. A member whose entry is not stored, or that retention removed, is ignored.
        """
        ...

    def forget_derived(self) -> None:
        """Drop in one transaction all that signers derived, except of entries that nobody can sign again."""
        ...

    def members(self) -> list[Member]:
        """Return all entries ever signed, ordered by (first_seen, source_id, key).

        What an older signer derived counts until it is replaced. Entries that retention removed remain, with their
        last keys, tags and editions but without a title.
        """
        ...

    def entries(self, ids: Iterable[tuple[str, str]]) -> list[StoredEntry]:
        """Return the entries named by (source_id, key), in the order asked for; unknown ones are left out."""
        ...

    def revisions(self, source_id: str, key: str) -> list[StoredEntry]:
        """Return the earlier versions of an entry, oldest first; of very many only the newest are kept."""
        ...

    def find(self, text: str) -> list[StoredEntry]:
        """Return the entries with this key, id or link, also those that retention removed, ordered as `members` are.

        A link is found as it is stored and as `feedhub.normalize.urls.clean` makes it.
        """
        ...

    def retain(self, cutoff: datetime, at_least: int) -> int:
        """Remove the text and the revisions of entries first seen before ``cutoff``, and return how many they are.

        The newest ``at_least`` entries of each source stay. What identifies a removed entry stays for good, so that it
        never returns as new and its story keeps its identity.
        """
        ...

    def raw(self) -> Iterator[Raw]:
        """Yield the kept responses in order of arrival. Applying updates while iterating is allowed."""
        ...

    def has_raw(self) -> bool:
        """Tell whether any response is kept."""
        ...

    def forget_raw(self) -> None:
        """Drop all kept responses."""
        ...

    def rebuilding(self) -> AbstractContextManager[None]:
        """Within it, entries that the kept responses tell of are gone, so that they can be applied anew.

        All that happens within it is one transaction: it counts as a whole when the context is left without an error,
        and else nothing has happened. Others see the store as it was until then, and cannot write. Not gone are
        entries that were first seen before their source's oldest kept response, and those that retention removed. On
        leaving, entries and aliases that were gone and were not applied again come back as they were.
        """
        ...

    def note(self, name: str) -> str:
        """Return a small named fact, or "" when it is not set."""
        ...

    def set_note(self, name: str, value: str) -> None:
        """Keep a small named fact; "" unsets it."""
        ...

    def close(self) -> None:
        """Close the database; every later call raises StoreError."""
        ...


def open_store(url: str) -> Store:
    """Open the database at ``url``, creating it and its folder, or bringing an older one up to date.

    ``url`` is ``sqlite:///`` with a path (a fourth slash makes it absolute), a plain path, or ``sqlite://`` for a
    database in memory. StoreError says what is wrong: an unknown scheme, a place that cannot be written, a file that
    is no feedhub database, a corrupt one, or one made by a newer feedhub.
    """
    # Whoever asks only for the version or the help pays for no database.
    from feedhub.store.sqlite import SqliteStore  # noqa: PLC0415

    if not url or "\0" in url:
        raise StoreError(f"{url!r} names no database; expected {CHOICES}")
    if "://" not in url:
        return SqliteStore(url)
    scheme, _, rest = url.partition("://")
    if scheme != "sqlite":
        raise StoreError(f"{url}: unknown kind of database {scheme!r}; expected {CHOICES}")
    if rest and not rest.startswith("/"):
        raise StoreError(f"{url}: a database file takes three slashes; expected {CHOICES}")
    return SqliteStore(rest[1:] or ":memory:")
