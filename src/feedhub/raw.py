"""What of a response is fit to be kept: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Raw
from feedhub.normalize.credentials import masked

if TYPE_CHECKING:
    from datetime import datetime

    from feedhub.model import Fetched, Source

__all__ = ["HEADERS", "raw"]

# What reading and scheduling ask for. Cookies, and whatever else a server may think of, are not among them.
HEADERS = frozenset(
    {"age", "cache-control", "content-type", "date", "etag", "expires", "last-modified", "link", "retry-after"}
)


def raw(source: Source, fetched: Fetched, at: datetime) -> Raw:
    """Return the response ``fetched`` that arrived at the time ``at``, without credentials."""
    headers = tuple((name, value) for name, value in fetched.headers if name in HEADERS)
    asked = replace(source, url=masked(source.url))
    return Raw(source=asked, fetched=replace(fetched, headers=headers), at=at)
