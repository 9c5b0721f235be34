r"""Addresses: absolute ones fit to publish, and keys to compare them by.

Parsing is the WHATWG URL Standard's, as browsers do it; what is published is also a URI of RFC 3986, so the few
characters browsers tolerate there (``| [ ] { } ^ ` \``) are percent-encoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import can_ada

from feedhub.normalize.trackers import strip_fragment, strip_path, strip_query

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["clean", "contact", "host", "key", "mailbox"]

LONGEST = 8192
"""The longest address, in characters, that is kept."""

LONGEST_MAILBOX = 254
"""The longest e-mail address, in characters (RFC 5321 §4.5.3.1.3, less the brackets)."""

# What parsing leaves as it is: a host with a name, none of it encoded, a path without dots that lead up and without
# parameters (they may be a session), and at most a fragment by which blogs name what is said of an entry.
_CLEAN = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9-]{1,63}+\.)++(?!xn--)[a-z]{2,63}+(?:/(?!\.|%2[Ee])[A-Za-z0-9!$%&'()*+,=@_~.:-]*+)++"
    r"(?:#(?:comments|respond))?+"
)
_TYPED_BY_HAND = re.compile(r"www\.[^/?#\s]+\.[^/?#\s]", re.IGNORECASE)
_NOT_URI = re.compile(r"[^!#$%&\'()*+,\-./0-9:;=?@A-Z_a-z~]")
# No more than what the W3C feed validator takes for one.
_MAILBOX = re.compile(r"[A-Za-z0-9_.+'-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9][A-Za-z0-9-]*")
# Pages that only send the reader on: host -> path, and the parameters that may hold the target.
_REDIRECTORS = {
    "www.google.com": ("/url", ("url", "q")),
    "www.bing.com": ("/news/apiclick.aspx", ("url",)),
    "l.facebook.com": ("/l.php", ("u",)),
    "lm.facebook.com": ("/l.php", ("u",)),
    "www.youtube.com": ("/redirect", ("q",)),
}

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_INDEX = re.compile(r"(?:index|default)\.(?:html?|php|aspx?|jsp|shtml)", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Fragments that name a part of the page which every page of the site has, or a passage to highlight.
_WITHIN_PAGE = re.compile(
    r"(?:comments?|respond|disqus_thread|more(?:-\d+)?|top|content|main)$|:~:text=", re.IGNORECASE
)
_MOBILE = ("m.", "mobile.", "amp.")
_AMP_PARAMETERS = frozenset(("amp", "amp=1", "amp=true", "outputType=amp"))
# A path this long is an article's own; the same on example.org and m.example.org is no coincidence.
_TELLING = 16


def clean(url: str, base: str = "") -> str:
    """Return the absolute http(s) address of ``url`` fit to publish, or ``""`` when there is none.

    Relative references are resolved against ``base``. Credentials, default ports, tracking parameters and tracking
    fragments are removed, and known redirect pages are skipped; the rest of the query keeps its order and encoding.
    """
    if not url:
        return ""
    if _CLEAN.fullmatch(url) and len(url) <= LONGEST:
        return url
    url = url.strip()
    if not url or len(url) > LONGEST:
        return ""
    parsed = _resolve(url, base)
    while parsed is not None and (target := _target(parsed)) is not None:
        parsed = target
    if parsed is None or parsed.protocol not in ("https:", "http:"):
        return ""
    if parsed.has_credentials():
        parsed.username = parsed.password = ""
    href: str = parsed.href
    if "?" in href or "#" in href or ";" in href:
        href = _without_tracking(href, parsed.hostname)
    start = href.find("/", 8)
    if _NOT_URI.search(href, start):
        href = href[:start] + _as_uri(href[start:])
    return href if len(href) <= LONGEST else ""


def _without_tracking(href: str, host: str) -> str:
    href, _, fragment = href.partition("#")
    href, _, query = href.partition("?")
    start = href.find("/", 8)
    href = href[:start] + strip_path(href[start:])
    query = query and strip_query(query, host)
    fragment = fragment and strip_fragment(fragment)
    if query:
        href = f"{href}?{query}"
    if fragment:
        href = f"{href}#{fragment.replace('#', '%23')}"
    return href


def contact(url: str, base: str = "") -> str:
    """Return a person's address: what `clean` gives, or a plain ``mailto:`` one (RFC 6068) without headers."""
    if not url:
        return ""
    if url.strip()[:7].lower() == "mailto:":
        found = mailbox(url.partition("?")[0])
        return f"mailto:{found}" if found else ""
    return clean(url, base)


def mailbox(text: str) -> str:
    """Return the e-mail address that ``text`` is, or ``""``; a ``mailto:`` before it does not count."""
    text = text.strip()
    if text[:7].lower() == "mailto:":
        text = text[7:]
    return text if len(text) <= LONGEST_MAILBOX and _MAILBOX.fullmatch(text) else ""


def host(url: str) -> str:
    """Return the host of an absolute address, with its port but without ``www.``."""
    return url.partition("://")[2].partition("/")[0].removeprefix("www.")


def key(url: str) -> str:
    """Return a key that is equal for addresses of the same page, or ``""`` for an unusable address.

    Not told apart: http and https; ``www.`` and none; a trailing slash, ``index.html`` and the like and none; the order
    of parameters; the letter case of escapes; the mobile and AMP address of an article whose path is telling. A
    fragment counts unless every page has it (``#comments``): link blogs and changelogs give each entry its own, and
    merging them would hide all but one.
    """
    rest = clean(url).partition("://")[2]
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    host, _, path = rest.partition("/")
    if host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    if "%" in path:
        path = _ESCAPE.sub(_escape, path)
    path = path.rstrip("/")
    folder, _, name = path.rpartition("/")
    if _INDEX.fullmatch(name):
        path = folder.rstrip("/")
    if len(path) >= _TELLING:
        path = path.removesuffix("/amp")
        if host.startswith(_MOBILE) and host.count(".") > 1:
            host = host.partition(".")[2]
    if query:
        parts = [_ESCAPE.sub(_escape, part) for part in query.split("&") if part and part not in _AMP_PARAMETERS]
        query = "&".join(sorted(parts))
    if fragment and _WITHIN_PAGE.match(fragment):
        fragment = ""
    return f"{host}{'/' if path else ''}{path}{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}"


# The parser ships no types, so what it gives is Any; only the functions below and `clean` touch it.
def _parse(parse: Callable[[str], Any], url: str) -> Any:  # noqa: ANN401
    try:
        return parse(url)
    except (ValueError, TypeError, UnicodeError):  # TypeError: a lone surrogate
        return None


def _resolve(url: str, base: str) -> Any:  # noqa: ANN401
    if ":" in url and url[0] not in "/?#":
        parsed = _parse(can_ada.parse, url)
        if parsed is not None:
            return parsed
    if _TYPED_BY_HAND.match(url):
        return _parse(can_ada.parse, f"http://{url}")
    # None of them is kept: where any is left at the end of the program, its library complains on standard error.
    against = _parse(can_ada.parse, base)
    return None if against is None else _parse(against.__add__, url)


def _target(parsed: Any) -> Any:  # noqa: ANN401
    found = _REDIRECTORS.get(parsed.hostname)
    if found is None or found[0] != parsed.pathname:
        return None
    parameters = can_ada.URLSearchParams(parsed.search)
    for name in found[1]:
        target = _parse(can_ada.parse, parameters.get(name) or "")
        if target is not None and target.protocol in ("https:", "http:"):
            return target
    return None


def _as_uri(text: str) -> str:
    return _NOT_URI.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[0][1:], 16))
    return char if char in _UNRESERVED else found[0].upper()
