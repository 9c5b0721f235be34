"""What of an address is nobody's business: names, passwords and keys in it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

__all__ = ["carries_key", "masked"]

# Of a URL (RFC 3986 §3.2.1), up to the last @ of the authority, as servers of several kinds read it.
_USER_INFORMATION = re.compile(r"(?<=:)//[^/?#\\\s]*@")
_SECRET = re.compile(r"(?i)(?:^|[_-])(?:api_?key|auth|key|pass(?:wd|word)?|pwd|secret|session|sig|signature|token)$")


def masked(text: str) -> str:
    """Return ``text``, an address or a sentence that quotes some, without the user information of addresses."""
    return _USER_INFORMATION.sub("//", text)


def carries_key(query: str) -> bool:
    """Tell whether the query of an address carries a key, by the names in it."""
    return any(_SECRET.search(name) for name, _ in parse_qsl(query, keep_blank_values=True))
