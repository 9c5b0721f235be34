"""Reads the head of an HTTP response and judges what it means for a feed. Pure.

Reason codes of the stage ``fetch``:

- before an answer: ``refused`` (guard), ``dns``, ``connect``, ``tls``, ``timeout``, ``protocol`` (not HTTP);
- by status: ``http-404`` and its like, ``gone`` (410), ``rate-limited`` (429), ``blocked`` (a challenge for humans),
  ``redirect`` (too many, in a circle, or to nowhere), ``empty`` (success without a body);
- in the body: ``too-large``, ``truncated``, ``encoding`` (content coding damaged or unknown);
- of files: ``not-found``, ``unreadable``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.errors import FetchError
from feedhub.fetch.coding import peek

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PERMANENT", "REDIRECTS", "SUCCESS", "Head", "final_status", "is_wall", "judge", "read_head"]

# 203 is a 200 that passed a transforming proxy, and 226 (RFC 3229) is what some servers call a shortened feed.
SUCCESS = frozenset({200, 203, 226})
PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}
EMPTY = frozenset({204, 205})
NOT_MODIFIED, PARTIAL = 304, 206
# Statuses that say what they mean, whatever the page beside them.
PLAIN = {410: "gone", 429: "rate-limited"}
FIRST_STATUS, FIRST_FINAL, LAST_STATUS = 100, 200, 599

MAX_HEADER_LINES = 200
MAX_HEADER_BYTES = 64 * 1024
MAX_PAGE = 64 * 1024

# Headers and page texts of the walls that ask a human to prove it; each with what it needs to be found in.
CHALLENGE_HEADERS = frozenset(
    {"cf-mitigated", "sg-captcha", "x-amzn-waf-action", "x-datadome", "x-sucuri-block", "x-vercel-mitigated"}
)
WALLS = (
    b"<title>just a moment",
    b"cf-chl-",
    b"cf_chl_",
    b"attention required! | cloudflare",
    b"_incapsula_resource",
    b"captcha-delivery.com",
    b"px-captcha",
    b"checking your browser",
    b"anubis_challenge",
    b"<title>one moment, please",
)
# These stand on pages with a form as well: they tell of a wall only beside a status that refuses.
FORMS = (b"ddos-guard", b"g-recaptcha", b"h-captcha", b"cf-turnstile")


class Head(Struct, frozen=True, kw_only=True):
    """Status and headers of a response; names in lower case, values as Latin-1 so that each byte survives."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """Return the first value of a header, or ""."""
        return next((value for header, value in self.headers if header == name), "")

    def listed(self, name: str) -> str:
        """Return all values of a header that is a list, which may be sent line by line (RFC 9110 §5.3)."""
        return ", ".join(value for header, value in self.headers if header == name)


def read_head(lines: Sequence[bytes]) -> Head | None:
    """Read the last response head from raw header lines, or None when there is no whole one.

    Interim (1xx) responses before it and trailers after it are left out. Raises FetchError ``protocol`` when it is
    larger than any honest one.
    """
    status, headers, inside, whole = 0, list[tuple[str, str]](), False, False
    if len(lines) > MAX_HEADER_LINES or sum(map(len, lines)) > MAX_HEADER_BYTES:
        raise FetchError("protocol", f"more than {MAX_HEADER_LINES} headers or {MAX_HEADER_BYTES} bytes of them")
    for line in lines:
        if not inside:
            if line.startswith(b"HTTP/"):
                inside, whole, headers = True, False, []
                status = final_status((line,)) or FIRST_STATUS
            continue
        text = line.decode("latin-1").rstrip("\r\n")
        if not text:
            inside, whole = False, status >= FIRST_FINAL
        elif text[0] in " \t" and headers:
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {text.strip()}")
        else:
            name, _, value = text.partition(":")
            headers.append((name.strip().lower(), value.strip()))
    return Head(status=status, headers=tuple(headers)) if whole else None


def final_status(lines: Sequence[bytes]) -> int:
    """Return the status of the last status line that is not an interim one, or 0."""
    for line in reversed(lines):
        if line.startswith(b"HTTP/"):
            code = line.split(None, 2)[1:2]
            status = int(code[0]) if code and code[0].isdigit() else 0
            return status if status >= FIRST_FINAL else 0
    return 0


def judge(head: Head, body: bytes, *, conditional: bool) -> None:
    """Return when a response is one of `SUCCESS` or a rightful 304; raise FetchError when it is neither.

    ``body`` is what was read of the body, with its content coding. ``conditional`` tells whether the request held
    validators (RFC 9110 §13).
    """
    status = head.status
    if status in SUCCESS:
        return
    if status == NOT_MODIFIED:
        if not conditional:
            raise FetchError("protocol", "304 as an answer to a request without a condition")
        return
    if status in EMPTY:
        raise FetchError("empty", f"HTTP {status}")
    if status == PARTIAL:
        raise FetchError("protocol", "206: a part of the document, which nobody asked for")
    if not FIRST_STATUS <= status <= LAST_STATUS:
        raise FetchError("protocol", f"HTTP status {status}")
    if status in PLAIN:
        raise FetchError(PLAIN[status], f"HTTP {status}")
    if _is_challenge(head, body):
        raise FetchError("blocked", f"HTTP {status} with a challenge for humans")
    raise FetchError(f"http-{status}", f"HTTP {status}")


def _is_challenge(head: Head, body: bytes) -> bool:
    """Tell whether a response asks a human to prove it, by its headers or the start of its page."""
    if any(name in CHALLENGE_HEADERS for name, _ in head.headers):
        return True
    text = peek(body, head.get("content-encoding")).lower()
    return any(mark in text for mark in (*WALLS, *FORMS))


def is_wall(page: bytes) -> bool:
    """Tell whether a page that was served as a success asks a human to prove it, by its start."""
    text = page[:MAX_PAGE].lower()
    return any(mark in text for mark in WALLS)
