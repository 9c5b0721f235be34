"""The small readings of text that every dialect needs: numbers, durations, bounded lists."""

from __future__ import annotations

import re

from feedhub.model import Problem

__all__ = ["MAX_ENTRIES", "MAX_PARTS", "count", "seconds", "too_many"]

MAX_ENTRIES = 5000
"""Entries read of one feed; the rest are named in a problem. The largest honest feeds hold some hundreds."""

MAX_PARTS = 1000
"""Authors, categories, enclosures or links read of one entry."""

_DIGITS = re.compile(r"[0-9]{1,15}\Z")
_DURATION = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,5}):)?([0-9]{1,9})(?:\.[0-9]{1,9})?\Z")


def count(text: str) -> int | None:
    """Return a non-negative decimal number (bytes, minutes, pixels), ``None`` for anything else."""
    text = text.strip()
    return int(text) if _DIGITS.match(text) else None


def seconds(text: str) -> int | None:
    """Return ``H:MM:SS``, ``M:SS`` or plain seconds (``itunes:duration``) as whole seconds."""
    found = _DURATION.match(text.strip())
    if found is None:
        return None
    hours, minutes, rest = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(rest)


def too_many(entries: int) -> tuple[Problem, ...]:
    """Return the problem of a feed with so many entries that not all are read."""
    if entries <= MAX_ENTRIES:
        return ()
    return (Problem(code="too-many-entries", detail=f"{entries} entries, the first {MAX_ENTRIES} are read"),)
