"""What the store keeps of entries, and how it is told of changes."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from feedhub.model.feed import Entry
from feedhub.model.source import Fetched, Source, SourceState


class Known(Struct, frozen=True, kw_only=True):
    """What a plan needs to know of a stored entry: its dates and its hashes.

    ``fingerprint`` is the hash of the entry as parsed. ``significant`` are hashes of the parts whose change a
    subscriber should see, after normalizing: as they were, the last ones last, with blanks between them; "" where the
    entry has not changed yet, so that its text says all. ``removed`` is true once retention has removed the entry.
    Where a source gave the entry a new guid, it is known under both, and ``key`` is the first.
    """

    key: str
    first_seen: datetime
    published: datetime
    updated: datetime
    fingerprint: str
    significant: str
    link: str = ""
    title: str = ""
    removed: bool = False


class StoredEntry(Struct, frozen=True, kw_only=True):
    """The fact "this source said this entry, first seen then".

    ``key`` identifies the entry within its source. ``published`` and ``updated`` are the dates to show, after the
    date policy. ``entry`` is normalized, and ``None`` once retention has removed it.
    """

    source_id: str
    key: str
    first_seen: datetime
    published: datetime
    updated: datetime
    fingerprint: str
    significant: str
    entry: Entry | None


class Alias(Struct, frozen=True, kw_only=True):
    """Another key under which a source has come to say the entry stored as ``key``."""

    other: str
    key: str


class Raw(Struct, frozen=True, kw_only=True):
    """A response as it came at the time ``at``, so that it can be read again.

    ``source`` is as it was configured then, and ``fetched`` has only headers that are fit to be kept.
    """

    source: Source
    fetched: Fetched
    at: datetime


class Update(Struct, frozen=True, kw_only=True):
    """What one fetched source changes in the store; applied whole or not at all.

    ``raw`` is the response behind it, where it is to be kept.
    """

    state: SourceState
    new: tuple[StoredEntry, ...] = ()
    changed: tuple[StoredEntry, ...] = ()
    aliases: tuple[Alias, ...] = ()
    raw: Raw | None = None
