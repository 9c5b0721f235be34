"""How a source is doing, in one word and one sentence: pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.moves import gone_for_good

if TYPE_CHECKING:
    from datetime import datetime

    from feedhub.model import SourceState

__all__ = ["Health", "diagnose", "sparkline"]

# A source is called silent after this many of its usual gaps without an entry, and not before a day.
SILENT_GAPS, SILENT_AT_LEAST = 10, timedelta(days=1)
UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))
BARS = "▁▂▃▄▅▆▇█"
FAILED = "×"  # noqa: RUF001 - a cross, not a letter


class Health(Struct, frozen=True, kw_only=True):
    """``code`` is ``ok``, ``new`` (never asked), ``silent``, ``moving`` or the reason code of the last failure."""

    code: str
    detail: str = ""


def diagnose(state: SourceState | None, now: datetime) -> Health:
    """Return how a source is doing at ``now``, from what is known of it."""
    if state is None or state.fetched_at is None:
        return Health(code="new", detail="never asked yet")
    if state.failure is not None:
        since = f"since {state.succeeded_at:%Y-%m-%d}" if state.succeeded_at else "always"
        confirmed = "; asked once a month" if gone_for_good(state) else ""
        times = f"{state.failures} time{'s' if state.failures > 1 else ''} in a row, {since}{confirmed}"
        return Health(code=state.failure.code, detail=f"{times}: {state.failure.detail}".rstrip(": "))
    if state.move is not None:
        seen = f"{state.move.sightings} time{'s' if state.move.sightings > 1 else ''} since {state.move.since:%Y-%m-%d}"
        return Health(code="moving", detail=f"permanently redirected to {state.move.target}, seen {seen}")
    silence, gap = _silence(state, now), state.rhythm.gap
    if silence is not None and gap is not None:
        return Health(code="silent", detail=f"no new entry for {_rough(silence)}, its usual gap is {_rough(gap)}")
    if state.moved_to:
        return Health(code="ok", detail=f"read at {state.moved_to}, where it moved; put that into the configuration")
    return Health(code="ok")


def sparkline(state: SourceState | None) -> str:
    """Return the last answers, oldest first: a bar for the new entries (seven or more: full), a cross for a failure."""
    if state is None:
        return ""
    return "".join(
        BARS[min(event.new, len(BARS) - 1)] if event.code in {"new", "edited", "unchanged"} else FAILED
        for event in state.events
    )


def _silence(state: SourceState, now: datetime) -> timedelta | None:
    """Return how long a source has said nothing new, where that is long for it."""
    gap, newest = state.rhythm.gap, state.rhythm.newest
    if gap is None or newest is None:
        return None
    silence = now - max(newest, state.new_entry_at or newest)
    return silence if silence > max(gap * SILENT_GAPS, SILENT_AT_LEAST) else None


def _rough(span: timedelta) -> str:
    """Return a span of time as people say it, in the largest unit of which there is more than one and a half."""
    seconds = span.total_seconds()
    name, unit = next(((name, unit) for name, unit in UNITS if seconds >= 1.5 * unit), UNITS[-1])
    number = round(seconds / unit)
    return f"{number} {name}{'' if number == 1 else 's'}"
