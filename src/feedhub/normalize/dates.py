"""The date policy: which dates of an entry are shown.

Feeds leave dates out, give impossible ones (year 1, the Unix epoch), and give future ones by mistake or to stay on
top. No rule below asks for the current time, so the same facts always show the same dates. All dates are in UTC, to
the second.

1. A date before 1990 is as good as none: no feed existed then, and the usual causes are empty fields and clock resets.
2. *Published* is what the feed says; without that, *updated*; without that too, the moment the entry was first seen.
3. A date that lies more than 24 hours after the entry was seen is in the future: the moment it was seen stands instead.
   Up to 24 hours are believed, for they come from wrong time zones, and moving those would reorder a source's entries.
4. *Updated* is what the feed says, but never before *published*.

For a later version of an entry, *seen* is when that version was: an edit may come long after the entry.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedhub.model import Entry

__all__ = ["effective", "exact"]

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Dates before this one are taken for missing."""

AHEAD = timedelta(hours=24)
"""How far after being seen a date is still believed."""


def effective(entry: Entry, first_seen: datetime) -> tuple[datetime, datetime]:
    """Return the dates to show as ``(published, updated)``, by the policy above; ``first_seen`` is aware."""
    seen = exact(first_seen) or first_seen
    updated = _believed(entry.updated, seen)
    published = _believed(entry.published, seen) or updated or seen
    return published, published if updated is None or updated < published else updated


def exact(date: datetime | None) -> datetime | None:
    """Return ``date`` in UTC to the second; ``None`` when it leaves the calendar on the way there."""
    if date is None or (date.tzinfo is UTC and not date.microsecond):
        return date
    try:
        return date.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return None


def _believed(date: datetime | None, seen: datetime) -> datetime | None:
    date = exact(date)
    if date is None or date < EARLIEST:
        return None
    return seen if date - seen > AHEAD else date
