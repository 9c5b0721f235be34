"""The two date forms nearly every feed uses, read as feedparser reads them; it is asked itself about other forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from feedhub.parse.declined import DeclinedError

__all__ = ["date"]

_ISO = re.compile(
    r"([0-9]{4}-[01][0-9]-[0-3][0-9])"
    r"(?:[T ]((?:[01][0-9]|2[0-3]):[0-5][0-9]:)([0-5]?[0-9])(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})?)?\Z"
)
_RFC822 = re.compile(
    r"(?:(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[a-z]*,? +)?"
    r"([0-9]{1,2}) +([A-Za-z]{3})[a-z]* +([0-9]{4}) +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
    r" +([A-Za-z]{1,5}|[+-][0-9]{4})\Z"
)
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)  # noqa: SIM905
}
_MONTH_DIGITS = {name.title(): f"{number:02}" for name, number in _MONTHS.items()}
_DAYS = frozenset(f"{day}, " for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
_USUAL_ZONES = frozenset({" GMT", " +0000"})
_USUAL_ENDS = frozenset({"Z", "+00:00", "-00:00"})
_LONGEST = 80
_MIDNIGHT = "24"  # as the end of a day it is understood by some versions of Python and not by others
# Hours from UTC. A zone that is not here counts as UTC, however well known it is: that is feedparser's reading.
_ZONES = {
    "adt": -3,
    "ast": -4,
    "at": -4,
    "edt": -4,
    "est": -5,
    "et": -5,
    "cdt": -5,
    "cst": -6,
    "ct": -6,
    "mdt": -6,
    "mst": -7,
    "mt": -7,
    "pdt": -7,
    "pst": -8,
    "pt": -8,
    "a": -1,
    "n": 1,
    "m": -12,
    "y": 12,
    "met": 1,
    "mest": 2,
}


def date(text: str) -> datetime | None:
    """Return the moment, ``None`` for a text that is none; declines one over which feedparser stumbles."""
    if not text:
        return None
    try:
        if text[25:] in _USUAL_ZONES and text[19] == text[22] == ":":
            day, time = _usual_day(text[:17]), text[17:25]
            if day and time < _MIDNIGHT:
                return datetime.fromisoformat(f"{day}{time}Z")
        return _iso(text) if text[4:5] == "-" else _rfc822(text)
    except (ValueError, OverflowError):
        return _other(text)


def _other(text: str) -> datetime | None:
    if len(text) > _LONGEST:
        raise DeclinedError("date")
    from feedhub.parse.other_dates import moment  # noqa: PLC0415 - few documents need feedparser for this

    return moment(text)


@lru_cache(maxsize=1024)
def _usual_day(text: str) -> str:
    """Return a day laid out as ``Mon, 06 Sep 2010 `` is in the form ``2010-09-06T``, empty when it is not."""
    if text[:5] in _DAYS and text[8:11] in _MONTH_DIGITS and text[7] == text[11] == text[16] == " " != text[5]:
        return f"{text[12:16]}-{_MONTH_DIGITS[text[8:11]]}-{text[5:7]}T"
    return ""


def _is_usual_iso(text: str) -> bool:
    """Say whether a date is laid out as ``2010-09-06T00:01:00Z`` is."""
    return (
        text[19:] in _USUAL_ENDS
        and text[7] == "-"
        and text[10] == "T"
        and text[13] == text[16] == ":"
        and text[11:13] < _MIDNIGHT
    )


def _iso(text: str) -> datetime:
    if _is_usual_iso(text):
        return datetime.fromisoformat(text)
    found = _ISO.match(text)
    if found is None:
        raise ValueError(text)
    day, minutes, second, zone = found.groups()
    # Fractions of a second are dropped, and a time without a zone is in UTC.
    time = f"{minutes}{second:0>2}" if minutes else "00:00:00"
    if not zone or zone == "Z":
        return datetime.fromisoformat(f"{day}T{time}Z")
    if ":" not in zone:
        # The minutes of +hhmm are looked for behind the colon that is not there.
        zone = f"{zone[:3]}:0{zone[4]}"
    return datetime.fromisoformat(f"{day}T{time}{zone}").astimezone(UTC)


def _rfc822(text: str) -> datetime:
    found = _RFC822.match(text)
    if found is None:
        raise ValueError(text)
    day, month, year, hour, minute, second, zone = found.groups()
    moment = datetime(
        int(year), _MONTHS.get(month.lower(), 0), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
    )
    if zone in {"+0000", "GMT"}:
        return moment
    if zone[0] in "+-":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        return moment - offset if zone[0] == "+" else moment + offset
    zone = zone.lower()
    if zone.startswith("gmt") and zone != "gmt":
        raise ValueError(text)
    return moment - timedelta(hours=_ZONES.get(zone, 0))
