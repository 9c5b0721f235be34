"""Decides what a fetched document changes: pure, so that every decision can be tested without a network or database.

Identity: an entry is known by its guid within its source. Feeds that leave guids out, or give several entries the same
one, are repaired with the link and, failing that, with a hash of the text; the repair prefers keys already stored, so
that a feed which mends its guids, or breaks them, does not make old entries look new.

Dates: ``published`` never moves once an entry is stored; ``updated`` moves only with a significant edit, to the date
that the feed states for it where that is later and sane, and else to the time the edit was seen.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from feedhub.model import Entry, Request, SourceState, StoredEntry, Update
from feedhub.normalize import tidy
from feedhub.normalize.dates import effective

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from feedhub.model import Failure, Feed, Fetched, Known, Source

__all__ = ["digest", "failed", "keys", "read", "request", "unchanged"]

MAX_KEY = 1000
_encode = msgspec.msgpack.Encoder().encode


def digest(data: bytes) -> str:
    """Return the hash by which bodies and entries are compared."""
    return blake2b(data, digest_size=16).hexdigest()


def request(source: Source, state: SourceState, *, force: bool = False) -> Request:
    """Return what to ask of a source; with ``force``, or at a new address, the answer must be whole."""
    if force or state.url != source.url:
        return Request(source_id=source.id, url=source.url)
    return Request(
        source_id=source.id,
        url=source.url,
        etag=state.etag,
        last_modified=state.last_modified,
        answered_by=state.answered_by,
    )


def failed(source: Source, state: SourceState, fetched: Fetched, failure: Failure, now: datetime) -> Update:
    """Return the update for a source that gave nothing this time: what is known of it stays."""
    return Update(
        state=replace(
            state,
            url=source.url,
            status=fetched.status,
            fetched_at=now,
            failures=state.failures + 1,
            failure=failure,
        )
    )


def unchanged(source: Source, state: SourceState, fetched: Fetched, now: datetime) -> Update:
    """Return the update for a source that still says what it said: status 304, or the same bytes again."""
    return Update(state=_succeeded(source, state, fetched, now))


def read(  # noqa: PLR0913 - the facts that decide, each of its own kind
    source: Source, state: SourceState, known: Mapping[str, Known], *, fetched: Fetched, feed: Feed, now: datetime
) -> Update:
    """Return the update for a feed that was fetched and parsed: its new and its changed entries, tidied.

    ``known`` holds the stored entries of the source by key. Entries that retention removed stay removed.
    """
    base_url = fetched.url if fetched.url.startswith("http") else source.link or feed.link
    language = source.language or feed.language
    new: list[StoredEntry] = []
    changed: list[StoredEntry] = []
    fingerprints = [digest(_encode(entry)) for entry in feed.entries]
    seen: set[str] = set()
    for key, fingerprint, entry in zip(
        keys(feed.entries, fingerprints, known), fingerprints, feed.entries, strict=True
    ):
        if key in seen:
            continue
        seen.add(key)
        before = known.get(key)
        if before is None:
            new.append(_new(source, key, fingerprint, tidy(entry, base_url=base_url, language=language), now))
        elif not before.removed and before.fingerprint != fingerprint:
            changed.append(
                _changed(source, before, fingerprint, tidy(entry, base_url=base_url, language=language), now)
            )
    state = replace(
        _succeeded(source, state, fetched, now),
        body_hash=digest(fetched.body),
        title=feed.title.value,
        link=feed.link,
        feed_id=feed.id,
        language=feed.language,
        problems=feed.problems,
        new_entry_at=now if new else state.new_entry_at,
    )
    return Update(state=state, new=tuple(new), changed=tuple(changed))


def keys(entries: Sequence[Entry], fingerprints: Sequence[str], known: Mapping[str, Known]) -> list[str]:
    """Return the key of each entry within its source; exact repetitions within the document get the same key."""
    counts = Counter(entry.id or entry.link for entry in entries)
    return [
        _key(entry, fingerprint, known, alone=counts[entry.id or entry.link] == 1)
        for entry, fingerprint in zip(entries, fingerprints, strict=True)
    ]


def _key(entry: Entry, fingerprint: str, known: Mapping[str, Known], *, alone: bool) -> str:
    """Return the plain guid (or link) where it tells the entry apart, and else the guid with a hash that does."""
    plain = (entry.id or entry.link)[:MAX_KEY]
    stored = known.get(plain)
    if plain and stored is not None and (alone or stored.fingerprint == fingerprint):
        return plain
    text = entry.link if entry.id and entry.link else f"{entry.title.value}\n{entry.summary.value}"
    mended = f"{plain}\n{digest(text.encode('utf-8', 'replace'))}"
    return plain if plain and alone and mended not in known else mended


def _new(source: Source, key: str, fingerprint: str, entry: Entry, now: datetime) -> StoredEntry:
    published, updated = effective(entry, now)
    return StoredEntry(
        source_id=source.id,
        key=key,
        first_seen=now,
        published=published,
        updated=updated,
        fingerprint=fingerprint,
        significant=_significant(entry),
        entry=entry,
    )


def _changed(source: Source, before: Known, fingerprint: str, entry: Entry, now: datetime) -> StoredEntry:
    significant = _significant(entry)
    updated = before.updated
    if significant != before.significant:
        _, stated = effective(entry, now)
        updated = stated if stated > before.updated else max(now, before.updated)
    return StoredEntry(
        source_id=source.id,
        key=before.key,
        first_seen=before.first_seen,
        published=before.published,
        updated=updated,
        fingerprint=fingerprint,
        significant=significant,
        entry=entry,
    )


def _significant(entry: Entry) -> str:
    """Return the hash of what a subscriber reads; authors, categories and dates may change unnoticed."""
    enclosures = tuple(enclosure.url for enclosure in entry.enclosures)
    return digest(_encode((entry.title.value, entry.link, entry.summary.value, entry.content.value, enclosures)))


def _succeeded(source: Source, state: SourceState, fetched: Fetched, now: datetime) -> SourceState:
    headers = dict(fetched.headers)
    # A 304 need not repeat the validators (RFC 9110 §15.4.5); a 200 without them has none.
    kept = fetched.status == 304  # noqa: PLR2004 - a status code is its own name
    return replace(
        state,
        url=source.url,
        answered_by=fetched.url,
        etag=headers.get("etag", state.etag if kept else ""),
        last_modified=headers.get("last-modified", state.last_modified if kept else ""),
        status=fetched.status,
        fetched_at=now,
        succeeded_at=now,
        failures=0,
        failure=None,
    )
