"""Translates between the nouns and the values that rows hold; the same for every database."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from feedhub.model import Entry, Fetched, FetchEvent, Known, Member, Raw, Source, SourceState, StoredEntry, Tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "Facts",
    "Signed",
    "body",
    "derived",
    "facts",
    "known",
    "members",
    "raw",
    "response",
    "seconds",
    "source",
    "states",
    "stored",
]

Facts = tuple[str, str, int, int, int, str, str, str, str, str]
Signed = tuple[str, str | None, str | None, str | None, str | None]

COMPRESSION = 6

_moment = partial(datetime.fromtimestamp, tz=UTC)
_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_state = msgspec.json.Decoder(SourceState).decode
_decode_tags = msgspec.json.Decoder(tuple[Tag, ...]).decode
_decode_editions = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_head = msgspec.json.Decoder(tuple[Source, Fetched]).decode


def seconds(moment: datetime) -> int:
    """Return whole seconds since 1970."""
    return int(moment.timestamp())


def source(known_state: SourceState) -> tuple[str, str]:
    """Return (source_id, state)."""
    return known_state.source_id, _encode(known_state).decode()


def states(texts: Iterable[str]) -> Iterator[SourceState]:
    """Yield the states that `source` wrote."""
    # What many sources answered in one refresh is kept once: it would be two thirds of the memory that states take.
    # They are told apart by their encoding: Python takes ten times as long to hash a date.
    shared: dict[bytes, FetchEvent] = {}
    for text in texts:
        state = _decode_state(text)
        yield replace(state, events=tuple(map(shared.setdefault, map(_pack, state.events), state.events)))


def facts(of: StoredEntry) -> Facts:
    """Return the columns of ``entries`` from source_id to title; ValueError for an entry without its text."""
    if of.entry is None:
        raise ValueError(f"the entry {of.key!r} of {of.source_id!r} has no text to store")
    return (
        of.source_id,
        of.key,
        seconds(of.first_seen),
        seconds(of.published),
        seconds(of.updated),
        of.fingerprint,
        of.significant,
        of.entry.id,
        of.entry.link,
        of.entry.title.value,
    )


def body(of: StoredEntry) -> bytes:
    """Return the text of an entry as ``bodies`` holds it."""
    return _encode(of.entry)


def stored(row: tuple[Any, ...]) -> StoredEntry:
    """Return the entry of a row (source_id, key, first_seen, published, updated, fingerprint, significant, body)."""
    return StoredEntry(
        source_id=row[0],
        key=row[1],
        first_seen=_moment(row[2]),
        published=_moment(row[3]),
        updated=_moment(row[4]),
        fingerprint=row[5],
        significant=row[6],
        entry=None if row[7] is None else _decode_entry(row[7]),
    )


def known(row: tuple[Any, ...]) -> tuple[str, Known]:
    """Return a key and what is known under it.

    A row is (other key, key, first_seen, published, updated, fingerprint, significant, link, title, removed).
    """
    return row[0], Known(
        key=row[1],
        first_seen=_moment(row[2]),
        published=_moment(row[3]),
        updated=_moment(row[4]),
        fingerprint=row[5],
        significant=row[6],
        link=row[7],
        title=row[8],
        removed=bool(row[9]),
    )


def derived(member: Member) -> tuple[str, str, str, str]:
    """Return (url_key, text_key, tags, editions)."""
    return member.url_key, member.text_key, _encode(member.tags).decode(), _slugs(member.editions)


@lru_cache(maxsize=100)
def _slugs(editions: tuple[str, ...]) -> str:
    # Nearly all entries pass the same filters.
    return _encode(editions).decode()


class _Once(dict[Any, Any]):
    """What a function makes of each of its arguments, made once; found in a quarter of the time `cache` takes."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __missing__(self, given: Any) -> Any:  # noqa: ANN401 - of whatever type the function is
        made = self[given] = self.make(given)
        return made


def members(found: Iterable[tuple[Any, ...]]) -> list[Member]:
    """Return the members of rows.

    A row is (source_id, key, first_seen, published, updated, entry_id, link, title, removed, url_key, text_key, tags,
    editions, arrival).
    """
    # Most rows repeat the source, dates, tags and editions of others, and most keys are the entries' own ids: what is
    # equal is decoded once and shared.
    moment, tags, editions = _Once(_moment), _Once(_decode_tags), _Once(_decode_editions)
    names: dict[str, str] = {}
    return [
        Member(
            source_id=names.setdefault(source_id, source_id),
            key=key,
            first_seen=moment[first_seen],
            published=moment[published],
            updated=moment[updated],
            entry_id=key if entry_id == key else entry_id,
            link=link,
            title=title,
            removed=removed == 1,
            url_key=url_key,
            text_key=text_key,
            tags=tags[row_tags],
            editions=editions[row_editions],
            number=number,
        )
        for (
            source_id,
            key,
            first_seen,
            published,
            updated,
            entry_id,
            link,
            title,
            removed,
            url_key,
            text_key,
            row_tags,
            row_editions,
            number,
        ) in found
    ]


def response(of: Raw) -> tuple[str, int, str, str, bytes]:
    """Return the columns of ``responses`` from source_id on.

    The digest is equal for responses that say the same to a parser: their times and validators do not count.
    """
    fetched = of.fetched
    said = (fetched.url, fetched.moved_to, dict(fetched.headers).get("content-type", ""), fetched.body)
    digest = blake2b(msgspec.msgpack.encode(said), digest_size=16).hexdigest()
    head = _encode((of.source, replace(fetched, body=b""))).decode()
    return of.source.id, seconds(of.at), digest, head, zlib.compress(fetched.body, COMPRESSION)


def raw(row: tuple[Any, ...]) -> Raw:
    """Return the response of a row (at, head, body)."""
    source, fetched = _decode_head(row[1])
    return Raw(source=source, fetched=replace(fetched, body=zlib.decompress(row[2])), at=_moment(row[0]))
