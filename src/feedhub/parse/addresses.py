"""How feedparser resolves the addresses that are not inside HTML: links, permalink ids, ``xml:base``."""

from __future__ import annotations

import re
from urllib.parse import urljoin

__all__ = ["join", "own_base", "settle", "undisguised"]

_PLAIN = r"[\0-\x08\x0b\x0c\x0e-\"$-:<->@-\x7f]*+"
# Absolute addresses that joining gives back as they are. It would take away separators with nothing behind them.
_SETTLED = re.compile(
    r"(?:https?://[A-Za-z0-9][A-Za-z0-9.-]*+(?::[0-9]++)?+/|(?:tag|urn):(?!/))"
    rf"{_PLAIN}(?:(?:\?(?!#|\Z)|#(?!\Z)){_PLAIN})*+"
)
_EXTRA_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+,.-]*://)/+")
_SCHEMES = frozenset({"http", "https", "file", "ftp"})


def join(base: str, reference: str) -> str:
    """Return ``reference`` as an absolute address (RFC 3986 §5.2, as urllib reads it), empty when it is none."""
    if _SETTLED.fullmatch(reference):
        return reference
    try:
        return urljoin(base, _EXTRA_SLASHES.sub(r"\1", reference) if "://" in reference else reference)
    except ValueError:
        return ""


def settle(base: str, reference: str) -> str:
    """Return the base that ``reference`` (an ``xml:base``) makes within ``base``; an unsafe scheme changes nothing."""
    if not base:
        return join("", reference)
    found = join(base, reference)
    return found if found.strip().split(":", 1)[0] in _SCHEMES else base


def own_base(url: str) -> str:
    """Return the base a document from ``url`` starts with: feedparser settles the address against itself."""
    return settle(url, url)


def undisguised(reference: str) -> str:
    """Return the http(s) address behind a ``feed:`` one, by which pages once handed feeds to readers."""
    if reference[:5].lower() != "feed:":
        return reference
    rest = reference[5:]
    return f"http:{rest}" if rest.startswith("//") else rest
