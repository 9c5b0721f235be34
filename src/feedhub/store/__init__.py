"""The door to the database: what feedhub remembers between runs.

Another database is one more file beside ``sqlite.py`` and one more branch in `open_store`; the contract tests are the
same for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from feedhub.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from feedhub.model import (
        Archive,
        Archived,
        Correction,
        Document,
        Known,
        Member,
        Raw,
        SourceState,
        StoredEntry,
        Update,
    )
    from feedhub.model.ledger import Booked, Listed, Teller
    from feedhub.stories.fold import Folded
    from feedhub.stories.telling import Decision

__all__ = ["Archives", "Ledger", "Store", "Told", "open_store"]

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

    def apply(
        self, updates: Iterable[Update], *, raw_bytes: int = 0, signer: str = "", members: Iterable[Member] = ()
    ) -> None:
        """Store all ``updates`` in one transaction: after a crash at any moment either all of them count or none.

        A new entry that is stored already, or that retention removed, is ignored. A changed entry keeps the date it
        was first seen; its earlier version goes to the revisions, and it becomes unsigned. A changed entry that is not
        stored counts as new, and one that retention removed is ignored. Applying the same updates again changes no
        fact. ValueError means an entry without its text.

        The responses behind the updates are kept, except repetitions that changed nothing: of each source as many as
        fit into ``raw_bytes`` when compressed, the newest ones, and the very newest in any case.

        ``members`` are what ``signer`` derived of the new and changed entries, as for `sign`: an entry that comes with
        its member is never seen unsigned, and to store both at once costs less than to sign it afterwards.
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
        """Return the earlier versions of an entry, oldest first; of very many the first and the newest are kept."""
        ...

    def find(self, text: str) -> list[StoredEntry]:
        """Return the entries with this key, id, alias or link, removed ones too, ordered as `members` are.

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

    @property
    def told(self) -> Told:
        """What was told of stories so far."""
        ...

    @property
    def archives(self) -> Archives:
        """What editions have put away for good."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The stories as they were told last."""
        ...

    def close(self) -> None:
        """Close the database; every later call raises StoreError."""
        ...


class Told(Protocol):
    """What was told of stories, and what people said of it; the folds' shelf (`feedhub.stories.shelf.Shelf`).

    Entries go by their numbers in the order of arrival here. That order is a fact: a number once given stays the
    entry's, and whatever is told anew is told in the same order.
    """

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:
        """Return ``(touched, value)`` of those rows that exist."""
        ...

    def number(self) -> None:
        """Give numbers, in one transaction, to entries without one: by first_seen, published, source_id and key.

        Where nobody goes by numbers they can wait: as long as clocks go forward the order will be the same.
        """
        ...

    def count(self) -> int:
        """Return how many entries there are, with a number or without one."""
        ...

    def arrivals(self, first: int, limit: int) -> list[tuple[int, StoredEntry]]:
        """Return the entries numbered ``first`` and the ones after it, in order: as they were when they came.

        An entry that retention removed is there without its text.
        """
        ...

    def keep(self, folded: Folded) -> None:
        """Store in one transaction what a fold decided and the rows it changed.

        An entry that something was decided upon before is not decided upon again.
        """
        ...

    def sweep(self, windows: Mapping[str, int], now: int) -> None:
        """Delete rows last touched longer before ``now`` (seconds since 1970) than their kind's window (seconds)."""
        ...

    def links(self) -> list[Decision]:
        """Return the decisions that link entries, in the order of their entries."""
        ...

    def links_of(self, numbers: Iterable[int]) -> list[Decision]:
        """Return those `links` that were decided upon when one of these entries was taken in, in any order."""
        ...

    def decisions(self, number: int) -> list[Decision]:
        """Return all decisions made when an entry was taken in."""
        ...

    def forget(self, window: int) -> None:
        """Drop all rows, and all decisions except those that a text which retention removed may have had a part in.

        These are the decisions that name such an entry, and those upon entries first seen up to ``window`` seconds
        after the last one.
        """
        ...

    def corrections(self) -> list[Correction]:
        """Return what people said, in the order in which they said it."""
        ...

    def correct(self, correction: Correction) -> None:
        """Keep what a person said, for good."""
        ...


class Archives(Protocol):
    """What editions have put away for good; they go by their addresses without suffixes.

    An archive is a fact: that these stories were published so. Nothing changes or removes it, a rebuild neither.
    """

    def archived(self, feed: str) -> Archived:
        """Return how far an edition is put away."""
        ...

    def put_away(self, archive: Archive) -> None:
        """Store an archive with its documents in one transaction; StoreError where there is one of its number."""
        ...

    def documents(self, feed: str, number: int) -> tuple[Document, ...]:
        """Return the documents of an edition's archive as they were stored; none where there is no such archive."""
        ...


class Ledger(Protocol):
    """The stories as they were told last: kept up by what changed, and read as far as somebody asks.

    All of it is derived from members, decisions and corrections. Entries go by their numbers here, and stories by the
    number of their first entry. What it says is as old as the last `keep`.
    """

    def forget(self) -> None:
        """Drop everything, in one transaction; all entries count as changed then."""
        ...

    def changed(self) -> list[int]:
        """Return the numbers, in order, of the `Store.members` that are new or others than when they were kept.

        Entries that somebody has corrected since are among them, too.
        """
        ...

    def owners(self, ties: Iterable[int]) -> dict[int, int]:
        """Return, for those of the ``ties`` that are known, an entry that has them."""
        ...

    def knots(self, numbers: Iterable[int]) -> dict[int, int]:
        """Return the knots of those of the entries that are known."""
        ...

    def number(self, name: tuple[str, str]) -> int:
        """Return the number of the entry named by (source_id, key), -1 where there is none."""
        ...

    def tied(self, knots: Iterable[int]) -> list[Member]:
        """Return the members of knots, in any order."""
        ...

    def members(self, numbers: Iterable[int]) -> list[Member]:
        """Return the members of these numbers, in any order; unknown ones are left out."""
        ...

    def keep(
        self, tellers: Sequence[Teller], stories: Iterable[Booked], listed: Iterable[Listed], ties: Mapping[int, int]
    ) -> None:
        """Let whole knots be told anew, in one transaction; their entries count as changed no more.

        ``tellers`` are all their entries, ``stories`` all their stories, and ``listed`` all places of these. ``ties``
        are added to those that are known.
        """
        ...

    def listed(self, name: str) -> Iterator[Listed]:
        """Yield the places of a list in its order. Nothing may be written before the last one was read."""
        ...

    def lists(self, prefix: str) -> list[str]:
        """Return the names of the lists that begin with ``prefix``, in order; each is asked for once, however long."""
        ...

    def places(self, numbers: Iterable[int]) -> list[Listed]:
        """Return the places of stories in all lists, in any order."""
        ...

    def stories(self, numbers: Iterable[int]) -> list[Booked]:
        """Return the stories of these numbers, in any order; unknown ones are left out."""
        ...

    def telling(self, events: Iterable[str]) -> list[int]:
        """Return the numbers of the stories of events, in any order."""
        ...

    def story(self, name: tuple[str, str]) -> int:
        """Return the number of the story that the entry named by (source_id, key) tells, -1 for none."""
        ...

    def days(self, count: int) -> dict[str, dict[int, int]]:
        """Return how many entries each source has on its last ``count`` days, by days since 1970, where it has any."""
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
