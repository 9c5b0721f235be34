"""Feeds that move, end, or number their entries anew: pure.

A permanent redirect (301 or 308, RFC 9110 §15.4) is followed at once and believed slowly: servers answer 301 for a
captive portal, a parked domain or a mistake of a day. The address is changed for good after five sightings over three
days, with the same feed found behind it each time. Temporary redirects change nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feedhub.model import Alias, Move
from feedhub.normalize.urls import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedhub.model import Entry, Feed, Known, SourceState

__all__ = ["Proposal", "gone_for_good", "is_dead", "is_same_feed", "renumbered", "settled", "sighted"]

SIGHTINGS, OVER = 5, timedelta(days=3)
GONE_ANSWERS, GONE_OVER = 3, timedelta(hours=48)
# Failures in a row that take five days of back-off at the least, and how long ago the last success must be.
DEAD_FAILURES, DEAD_AFTER = 8, timedelta(days=7)
NOT_THE_FEEDS_FAULT = frozenset({"blocked", "bug", "moved", "rate-limited", "refused"})


def sighted(state: SourceState, target: str, now: datetime, *, same: bool) -> SourceState:
    """Return ``state`` after an answer to which permanent redirects led by ``target``, "" for none."""
    if not target or target == state.moved_to:
        return replace(state, move=None)
    move = state.move
    if move is None or move.target != target:
        return replace(state, move=Move(target=target, since=now, same=same))
    return replace(state, move=replace(move, sightings=move.sightings + 1, same=same))


def settled(state: SourceState, now: datetime) -> SourceState:
    """Return ``state`` with its address changed where the move is beyond doubt."""
    move = state.move
    if move is None or not move.same or move.sightings < SIGHTINGS or now - move.since < OVER:
        return state
    return replace(state, moved_to=move.target, move=None)


def is_same_feed(feed: Feed, keys: Sequence[str], state: SourceState, known: Mapping[str, Known]) -> bool:
    """Tell whether a feed is the one that is known: by its id, or by half of its entries (their keys or links)."""
    if not known or (feed.id and feed.id == state.feed_id):
        return True
    links = {entry.link for entry in known.values() if entry.link}
    shared = sum(key in known or clean(entry.link) in links for key, entry in zip(keys, feed.entries, strict=True))
    return bool(feed.entries) and shared * 2 >= len(feed.entries)


def gone_for_good(state: SourceState) -> bool:
    """Tell whether 410 (RFC 9110 §15.5.11) was answered often and long enough to be meant."""
    if state.gone < GONE_ANSWERS or state.gone_since is None or state.fetched_at is None:
        return False
    return state.fetched_at - state.gone_since >= GONE_OVER


class Proposal(Struct, frozen=True, kw_only=True):
    """What the site of a dead source named when it was last asked: ``url`` of another feed, "" for none."""

    url: str
    asked_at: datetime


def is_dead(state: SourceState, now: datetime) -> bool:
    """Tell whether a source has ended, or failed so long and so often that its site may have another feed by now."""
    if gone_for_good(state):
        return True
    if state.failures < DEAD_FAILURES or state.failure is None or state.failure.code in NOT_THE_FEEDS_FAULT:
        return False
    return state.succeeded_at is None or now - state.succeeded_at >= DEAD_AFTER


def renumbered(entries: Sequence[Entry], keys: Sequence[str], known: Mapping[str, Known]) -> tuple[Alias, ...]:
    """Return which entries of a document are stored ones under new guids.

    Sites that change their software give every entry a new guid; told as new, all of them would come back to every
    subscriber. So where most entries of a document are unknown by key, yet known by their link, or by their title where
    that names one entry only, they are the old ones. A few such entries prove nothing: outlets do publish updates of a
    story at its old address under a new guid.
    """
    unknown = [(key, entry) for key, entry in zip(keys, entries, strict=True) if key not in known]
    if len(unknown) * 2 <= len(entries) or len(unknown) < 2:  # noqa: PLR2004 - one entry is no migration
        return ()
    still = set(keys)
    free = [entry for entry in known.values() if entry.key not in still]
    if not free:
        return ()
    by_link, by_title = _only(free, "link"), _only(free, "title")
    aliases: dict[str, Alias] = {}
    for key, entry in unknown:
        old = by_link.get(clean(entry.link)) or by_title.get(entry.title.value)
        if old is not None and old not in aliases:
            aliases[old] = Alias(other=key, key=old)
    return tuple(aliases.values()) if len(aliases) * 2 > len(entries) else ()


def _only(entries: Sequence[Known], field: str) -> dict[str, str]:
    """Return the keys of entries by a field, where exactly one entry has that value."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for entry in entries:
        value = getattr(entry, field)
        if value in found and found[value] != entry.key:
            twice.add(value)
        elif value:
            found[value] = entry.key
    return {value: key for value, key in found.items() if value not in twice}
