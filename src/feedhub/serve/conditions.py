"""What a request asks of a representation: conditions, a part of it, a content coding (RFC 9110 §8, §12.5.3, §13, §14).

Pure functions of the request's header values, "" for a header that is absent.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODINGS", "UNSATISFIABLE", "Validators", "coding", "judge", "part", "tags", "wants_delta"]

OK, NOT_MODIFIED, PRECONDITION_FAILED = 200, 304, 412
# Those offered, the better first.
CODINGS = ("br", "gzip")
ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)
QUALITY = re.compile(r"[ \t]*([^\s;,]+)[ \t]*(?:;[ \t]*q=([01](?:\.[0-9]{0,3})?))?[ \t]*", re.IGNORECASE)
# A range outside the representation: neither first nor last byte exists.
UNSATISFIABLE = (-1, -1)


class Validators(Struct, frozen=True, kw_only=True):
    """The strong entity tag of a representation, with its quotes, and when it changed, as HTTP writes dates.

    The latter is "" where it is not to be told.
    """

    etag: str
    last_modified: str


def judge(headers: Mapping[str, str], current: Validators) -> int:
    """Return 200, 304 or 412: what the conditions of a GET or HEAD ask for, in the order of RFC 9110 §13.2.2."""
    if match := headers.get("if-match", ""):
        if match.strip() != "*" and current.etag not in (tag for weak, tag in tags(match) if not weak):
            return PRECONDITION_FAILED
    elif since := _moment(headers.get("if-unmodified-since", "")):
        changed = _moment(current.last_modified)
        if changed and changed > since:
            return PRECONDITION_FAILED
    if none := headers.get("if-none-match", ""):
        known = none.strip() == "*" or current.etag in (tag for _, tag in tags(none))
        return NOT_MODIFIED if known else OK
    if since_text := headers.get("if-modified-since", ""):
        return NOT_MODIFIED if _unchanged_since(since_text, current.last_modified) else OK
    return OK


def tags(value: str) -> list[tuple[bool, str]]:
    """Return the entity tags of a header, each with whether it is weak; the tag has its quotes."""
    return [(bool(weak), tag) for weak, tag in ENTITY_TAG.findall(value)]


def part(headers: Mapping[str, str], current: Validators, size: int) -> tuple[int, int] | None:
    """Return the first and last byte that a GET asks for, None for all of them, or `UNSATISFIABLE`.

    Several ranges at once, other units and what is no range are ignored, as RFC 9110 §14.2 allows; so is a range of a
    representation that If-Range says the client does not have.
    """
    found = RANGE.fullmatch(headers.get("range", "").strip())
    if not found or not (found[1] or found[2]):
        return None
    if headers.get("if-range", current.etag).strip() not in {current.etag, current.last_modified or current.etag}:
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        return (size - length, size - 1) if length else UNSATISFIABLE
    first, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and last < first:
        return None
    return (first, min(last, size - 1)) if first < size else UNSATISFIABLE


@lru_cache(maxsize=512)
def coding(accepted: str) -> str:
    """Return the content coding to answer with for an Accept-Encoding header; "" is none (RFC 9110 §12.5.3)."""
    asked: dict[str, float] = {}
    for item in accepted.split(","):
        if found := QUALITY.fullmatch(item):
            name = found[1].lower()
            asked["gzip" if name == "x-gzip" else name] = float(found[2] or 1)
    others = asked.get("*", 0.0)
    best = max(CODINGS, key=lambda name: asked.get(name, others))
    quality = asked.get(best, others)
    return best if quality > 0 and quality >= asked.get("identity", 0.0) else ""


def wants_delta(value: str) -> bool:
    """Tell whether an A-IM header accepts shortened feeds (RFC 3229 §10.5.3, the instance manipulation ``feed``)."""
    return any(
        found[1].lower() == "feed" and float(found[2] or 1) > 0
        for item in value.split(",")
        if (found := QUALITY.fullmatch(item))
    )


def _unchanged_since(text: str, last_modified: str) -> bool:
    if text == last_modified:
        return True
    since, changed = _moment(text), _moment(last_modified)
    return bool(since and changed and changed <= since)


def _moment(text: str) -> datetime | None:
    """Return an HTTP date (RFC 9110 §5.6.7), or None for what is none: such a condition is ignored."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
