"""Dates in forms that are not read here, read by feedparser."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime

from feedparser.datetimes import _parse_date

from feedhub.parse.declined import DeclinedError

__all__ = ["moment", "settled"]


def moment(text: str) -> datetime | None:
    """Return the moment that feedparser reads in a date, ``None`` when it reads none; declines what makes it fail."""
    try:
        return settled(_parse_date(text))
    except (LookupError, TypeError) as error:
        raise DeclinedError("date") from error


def settled(parsed: object) -> datetime | None:
    """Return a date that feedparser has read as a moment."""
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if isinstance(parsed, tuple) else None
    except (ValueError, OverflowError):
        return None
