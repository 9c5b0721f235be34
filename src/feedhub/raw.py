"""What of a response is fit to be kept: pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Raw

if TYPE_CHECKING:
    from datetime import datetime

    from feedhub.model import Fetched, Source

__all__ = ["HEADERS", "raw"]

# What reading and scheduling ask for. Cookies, and whatever else a server may think of, are not among them.
HEADERS = frozenset(
    {"age", "cache-control", "content-type", "date", "etag", "expires", "last-modified", "link", "retry-after"}
)
# Of a URL (RFC 3986 §3.2.1), up to the last @ of the authority, as servers of several kinds read it.
USER_INFORMATION = re.compile(r"(?<=:)//[^/?#\\]*@")


def raw(source: Source, fetched: Fetched, at: datetime) -> Raw:
    """Return the response ``fetched`` that arrived at the time ``at``, without credentials."""
    headers = tuple((name, value) for name, value in fetched.headers if name in HEADERS)
    asked = replace(source, url=USER_INFORMATION.sub("//", source.url))
    return Raw(source=asked, fetched=replace(fetched, headers=headers), at=at)
