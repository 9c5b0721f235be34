"""Bytes to `Feed`: each dialect is one file, and a table says in which order they are asked.

``read_feed`` is the way in. Every reader takes ``(body, *, url, content_type)`` and answers with a `Feed`, raises
`DeclinedError` when the document is not for it (the next reader is asked), or `ParseError` when nobody can read it.
"""

from __future__ import annotations

from functools import cache
from pkgutil import resolve_name
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from feedhub.errors import ParseError
from feedhub.model import Entry, Feed, Problem
from feedhub.parse.declared import narrowed
from feedhub.parse.declined import DeclinedError

__all__ = ["DIALECTS", "DeclinedError", "Reader", "Reading", "differences", "read", "read_feed"]

DIALECTS: dict[str, str] = {
    "json": "feedhub.parse.jsonfeed:read",
    "rssjson": "feedhub.parse.rssjson:read",
    "fast": "feedhub.parse.fast:read",
    "tolerant": "feedhub.parse.tolerant:read",
}
"""Reader names to ``module:function``, in the order they are asked.

The readers are imported when a document first comes to them. Packages add readers through the entry-point group
``feedhub.dialects``; those are asked first.
"""


class Reader(Protocol):
    """Reads one dialect; declines with `DeclinedError`, fails with `ParseError`."""

    def __call__(self, body: bytes, *, url: str, content_type: str) -> Feed:
        """Return the feed that ``body``, served from ``url``, is."""


class Reading(Struct, frozen=True, kw_only=True):
    """A feed with the way it was read: ``reader`` is a row of `DIALECTS`, ``declined`` what the earlier rows said.

    ``declined`` holds ``(reader, reason)`` pairs; the reasons are short codes, fit for counting.
    """

    feed: Feed
    reader: str
    declined: tuple[tuple[str, str], ...] = ()


def read_feed(body: bytes, *, url: str, content_type: str = "", tolerant: Reader | None = None) -> Feed:
    """Read a feed of any dialect, its entries exactly as the feed gives them.

    ``url`` is where the bytes came from (after redirects), ``content_type`` the header as served. ``tolerant``
    replaces the in-process feedparser, for instance by `feedhub.box.Box.read`, which limits its time and memory.

    Raises `ParseError` with one of the codes ``not-a-feed``, ``malformed`` and ``too-complex``.
    """
    return read(body, url=url, content_type=content_type, tolerant=tolerant).feed


def read(body: bytes, *, url: str, content_type: str = "", tolerant: Reader | None = None) -> Reading:
    """Do as `read_feed`, and tell which reader answered and why the others did not."""
    narrow, claim = narrowed(body)
    if claim:
        found = read(narrow, url=url, content_type=content_type, tolerant=tolerant)
        problem = Problem(code="encoding", detail=f"document declared as {claim}, which it is not in")
        return replace(found, feed=replace(found.feed, problems=(*found.feed.problems, problem)))
    declined: list[tuple[str, str]] = []
    for name, where in _rows():
        reader = tolerant if tolerant is not None and name == "tolerant" else _reader(where)
        try:
            feed = reader(body, url=url, content_type=content_type)
        except DeclinedError as error:
            declined.append((name, error.reason))
        else:
            return Reading(feed=feed, reader=name, declined=tuple(declined))
    raise ParseError("not-a-feed", "the document is no feed that any reader knows")


def differences(fast: Feed, tolerant: Feed) -> tuple[str, ...]:
    """Return the fields in which two readings of one document differ, such as ``title`` or ``entries[3].link``."""
    if fast == tolerant:
        return ()
    found = [name for name in Feed.__struct_fields__ if name != "entries" and _differ(fast, tolerant, name)]
    if len(fast.entries) != len(tolerant.entries):
        return (*found, "entries")
    for at, (one, other) in enumerate(zip(fast.entries, tolerant.entries, strict=True)):
        found += [f"entries[{at}].{name}" for name in Entry.__struct_fields__ if _differ(one, other, name)]
    return tuple(found)


def _differ(one: Struct, other: Struct, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


@cache
def _rows() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to load, and many runs read nothing

    added = {point.name: point.value for point in entry_points(group="feedhub.dialects")}
    return tuple((added | DIALECTS).items())


@cache
def _reader(where: str) -> Reader:
    reader: Reader = resolve_name(where)
    return reader
