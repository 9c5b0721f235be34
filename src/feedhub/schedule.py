"""When to ask a source again: pure, so that a year can be simulated in a second.

The pace is the source's own: half the median gap between its recent entries, within bounds. After a silence of more
than fifteen such gaps it slows down with the silence, to once a day after thirty days: between its bursts a source
says nothing for much longer than the median tells. Whatever the server says can only make it slower still. Every
influence is listed with the delay, clamps included.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from feedhub.model import Reason, Rhythm
from feedhub.moves import gone_for_good

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from feedhub.model import Hints, Lease, SourceState

__all__ = ["Due", "due_while_delivered", "next_due", "paused", "retry_after", "rhythm"]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHORTEST, LONGEST = 15 * MINUTE, 24 * HOUR
UNTIL_KNOWN, ENOUGH_ENTRIES = 60 * MINUTE, 5
IDLE_AFTER = 30 * DAY
QUIET_SHARE = LONGEST / IDLE_AFTER  # of a silence, so that the pace of a quiet source runs into that of an idle one
RECENT_ENTRIES = 20
LONGEST_BACK_OFF = 7 * DAY
LONGEST_CACHE_HINT = 24 * HOUR
LONGEST_RETRY_AFTER = 31 * DAY
GONE_CHECK = 30 * DAY
# A source that a hub delivers is still asked so often: hubs fall silent without a word.
SAFETY_NET = DAY
PAUSE = HOUR
RETRY_AFTER = "retry-after"
# Whole seconds by the RFC; some servers give fractions.
SECONDS = re.compile(r"([0-9]+)(?:\.[0-9]*)?")
PERIODS = {"hourly": HOUR, "daily": DAY, "weekly": 7 * DAY, "monthly": 30 * DAY, "yearly": 365 * DAY}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Due(Struct, frozen=True, kw_only=True):
    """When a source is due, and what made it so: each reason's ``rule`` and, in ``found``, the delay it asked for."""

    at: datetime
    because: tuple[Reason, ...]


class _Wish(NamedTuple):
    """A delay that something asks for; not even the jitter takes it beyond ``most``."""

    rule: str
    delay: timedelta
    most: timedelta = timedelta.max


def rhythm(published: Iterable[datetime]) -> Rhythm:
    """Return the rhythm of a source from the dates of the entries it lists; only the most recent ones count."""
    dates = sorted(published, reverse=True)[:RECENT_ENTRIES]
    gaps = sorted((later - earlier).total_seconds() for later, earlier in pairwise(dates))
    middle = len(gaps) // 2
    return Rhythm(
        entries=len(dates),
        newest=dates[0] if dates else None,
        gap=timedelta(seconds=round((gaps[middle] + gaps[~middle]) / 2)) if gaps else None,
    )


def next_due(state: SourceState, headers: Mapping[str, str], now: datetime) -> Due:
    """Return when to ask a source again after the answer (200, 304 or a failure) that ``state`` has noted already.

    ``headers`` are that answer's, with names in lower case.
    """
    wishes = [_own_pace(state.rhythm, now)]
    if gone_for_good(state):
        wishes.append(_Wish("gone", GONE_CHECK, GONE_CHECK))
    elif state.failures:
        doubled = wishes[0].delay * 2 ** min(state.failures, 16)
        wishes.append(_Wish("back-off", min(doubled, LONGEST_BACK_OFF), LONGEST_BACK_OFF))
    wishes += _server_wishes(headers, state.hints, now)
    stretch = 1 + _jitter(state.source_id, state.failures)
    at = now + max(min(wish.delay * stretch, wish.most) for wish in wishes)
    reasons = [Reason(rule=wish.rule, found=_seconds(wish.delay)) for wish in wishes]
    open_at, skip = _out_of_skipped(at, state.hints)
    return Due(at=open_at.replace(microsecond=0), because=(*reasons, *skip))


def due_while_delivered(state: SourceState, lease: Lease | None) -> datetime | None:
    """Return when to ask a source again that a hub has promised to deliver; None for at once.

    Once a day is enough then, but the hub knows nothing of what came before the lease: first the source is asked for
    that. Where no lease counts any more, the source is due as if there had never been one.
    """
    if lease is None or state.due is None or state.fetched_at is None or state.fetched_at < lease.since:
        return state.due
    return max(state.due, state.fetched_at + SAFETY_NET)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long Retry-After (RFC 9110 §10.2.3; seconds or a date) asks to wait, or None; not clamped.

    A date is one of the server's clock, which may be wrong: it counts from the answer's own Date.
    """
    value = headers.get("retry-after", "").strip()
    if found := SECONDS.fullmatch(value):
        return timedelta(seconds=min(int(found[1][:12]), 10**9))
    moment = _http_date(value)
    return max(moment - _served(headers, now), timedelta()) if moment else None


def paused(states: Iterable[SourceState], key_of: Callable[[str], str], now: datetime) -> frozenset[str]:
    """Return the rate-limit keys whose servers are to be left alone at ``now``, whichever source is due.

    ``key_of`` gives the key of a URL. A server that answered 429 (RFC 6585 §4) to one source is left alone as long as
    its Retry-After says, or for `PAUSE`; it need not be the source's own, as redirects lead to others.
    """
    return frozenset(
        key_of(state.limited_by)
        for state in states
        if state.limited_by and state.fetched_at and state.fetched_at <= now < state.fetched_at + _asked_patience(state)
    )


def _asked_patience(state: SourceState) -> timedelta:
    """Return how long the server of a source asked to wait, as the last answer was noted."""
    for reason in state.because:
        if reason.rule.startswith(RETRY_AFTER):
            return timedelta(seconds=int(reason.found.removesuffix("s")))
    return PAUSE


def _own_pace(pace: Rhythm, now: datetime) -> _Wish:
    silence = now - pace.newest if pace.newest is not None else timedelta()
    if silence > IDLE_AFTER:
        return _Wish("idle", LONGEST)
    if pace.entries < ENOUGH_ENTRIES or pace.gap is None:
        return _Wish("not yet known", UNTIL_KNOWN)
    usual = min(max(pace.gap / 2, SHORTEST), LONGEST)
    quiet = silence * QUIET_SHARE
    return _Wish("quiet", quiet) if quiet > usual else _Wish("rhythm", usual)


def _server_wishes(headers: Mapping[str, str], hints: Hints, now: datetime) -> Iterator[_Wish]:
    """Yield what the server and the feed ask for, a second time under a telling name where it is clamped."""
    wait = retry_after(headers, now)
    if wait is not None:
        yield _clamped(RETRY_AFTER, wait, LONGEST_RETRY_AFTER)._replace(most=LONGEST_RETRY_AFTER)
    fresh = _freshness(headers, now)
    if fresh is not None:
        yield _clamped("cache", fresh, LONGEST_CACHE_HINT)
    if hints.ttl is not None and hints.ttl > 0:
        yield _clamped("ttl", min(hints.ttl, 10**6) * MINUTE, LONGEST_CACHE_HINT)
    if hints.update_period in PERIODS:
        every = PERIODS[hints.update_period] / max(hints.update_frequency or 1, 1)
        yield _clamped("sy:updatePeriod", every, LONGEST_CACHE_HINT)


def _clamped(name: str, wish: timedelta, longest: timedelta) -> _Wish:
    return _Wish(name, wish) if wish <= longest else _Wish(f"{name} (clamped from {_seconds(wish)})", longest)


def _freshness(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the answer stays fresh (RFC 9111 §4.2.1: max-age before Expires), less its Age."""
    control = headers.get("cache-control", "").lower()
    if re.search(r"(?<![\w-])no-(?:cache|store)\b", control):
        return None
    age = int(found[0]) if (found := re.match(r"\d{1,9}", headers.get("age", ""))) else 0
    if found := re.search(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})", control):
        return timedelta(seconds=max(int(found[1]) - age, 0))
    expires = _http_date(headers.get("expires", ""))
    if expires is None:
        return None
    return max(expires - _served(headers, now) - timedelta(seconds=age), timedelta())


def _served(headers: Mapping[str, str], now: datetime) -> datetime:
    """Return when an answer was made by the clock that made it, or ``now`` where it does not say."""
    return _http_date(headers.get("date", "")) or now


def _http_date(value: str) -> datetime | None:
    if not value:
        return None
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to load, and few servers give dates that count

    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _jitter(source_id: str, failures: int) -> float:
    """Return a share of 0.10 to 0.25, the same for the same source and count, so that sources spread out."""
    number = int.from_bytes(blake2b(f"{source_id}\n{failures}".encode(), digest_size=4).digest())
    return 0.10 + 0.15 * number / 0xFFFFFFFF


def _out_of_skipped(at: datetime, hints: Hints) -> tuple[datetime, tuple[Reason, ...]]:
    """Return ``at`` or the next full hour that the feed does not ask to skip (RSS 2.0 skipHours and skipDays, GMT).

    Beside it stands the reason, if any. A feed that asks to be skipped for ever is not: it would never be read again.
    """
    hours = {hour % 24 for hour in hints.skip_hours}
    days = {DAYS.index(day.lower()) for day in hints.skip_days if day.lower() in DAYS}
    if len(hours) == 24 or len(days) == len(DAYS):  # noqa: PLR2004 - hours of a day
        return at, (Reason(rule="skip (ignored: it would be for ever)", found="0s"),)
    open_at = at
    while open_at.hour in hours or open_at.weekday() in days:
        open_at = open_at.replace(minute=0, second=0, microsecond=0) + HOUR
    return open_at, () if open_at == at else (Reason(rule="skip", found=_seconds(open_at - at)),)


def _seconds(delay: timedelta) -> str:
    return f"{int(delay.total_seconds())}s"
