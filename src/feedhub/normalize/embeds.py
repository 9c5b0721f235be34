"""What feed readers do not run, opened: frames as links to what they show, ``noscript`` and formulas as their text."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

from feedhub.normalize.markup import without
from feedhub.normalize.text import label, line
from feedhub.normalize.urls import clean

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

__all__ = ["open_embedded", "without_hidden_images"]

_FRAME = re.compile(r"<iframe\b([^<>]*+)>(?:[^<]*+</iframe[^<>]*+>)?", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\b(src|width|height|title)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""",
    re.IGNORECASE,
)
_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*+>", re.IGNORECASE)
_FORMULA = re.compile(
    r"</?(?:math|semantics|m(?:action|enclose|error|fenced|frac|i|multiscripts|n|o|over|padded|phantom|root|row|s|space"
    r"|sqrt|style|sub|subsup|sup|table|td|text|tr|under|underover))(?=[\s/>])[^<>]*+>",
    re.IGNORECASE,
)
# Signs of programs that write each formula twice, as MathML and as HTML; the second is what they show.
_ALSO_AS_HTML = ("katex-html", "MathJax", "<mjx-")
_HIDDEN_IMAGE = re.compile(r"<(?i:img)\b[^<>]*?\bdisplay:\s*+(?i:none)[^<>]*+>")
# How players are addressed within pages, and the page that shows the same.
_PLAYERS = (
    (
        re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,})"),
        "https://www.youtube.com/watch?v=",
    ),
    (re.compile(r"https?://player\.vimeo\.com/video/(\d+)"), "https://vimeo.com/"),
    (re.compile(r"https?://www\.dailymotion\.com/embed/video/(\w+)"), "https://www.dailymotion.com/video/"),
    (re.compile(r"https?://open\.spotify\.com/embed/(\w+/\w+)"), "https://open.spotify.com/"),
)
_LONGEST_NAME = 100
_TINY = frozenset(["0", "1", "0px", "1px"])


def open_embedded(value: str, names: AbstractSet[str], base_url: str) -> str:
    """Return the fragment with each ``iframe`` as a link to the page it shows, and ``noscript`` tags left out.

    Frames of at most 1 pixel and those without an http(s) address go. Of formulas in MathML the text stays,
    unless they stand there as HTML, too. ``names`` are at least those of the tags that begin such elements, in lower
    case.
    """
    if "iframe" in names:
        value = _FRAME.sub(lambda frame: _link(frame[1], base_url), value)
    if "noscript" in names:
        value = _NOSCRIPT.sub("", value)
    if "math" in names:
        twice = any(sign in value for sign in _ALSO_AS_HTML)
        value = without(value, "math", "") if twice else _FORMULA.sub("", value)
    return value


def without_hidden_images(value: str) -> str:
    """Return the fragment without images that its style hides; styles themselves are not kept."""
    return _HIDDEN_IMAGE.sub("", value)


def _link(attributes: str, base_url: str) -> str:
    address = title = ""
    for name, quoted, apostrophed, bare in _ATTRIBUTE.findall(attributes):
        text = unescape(quoted or apostrophed or bare)
        match name.lower():
            case "src":
                # A lazily loaded frame has an empty page as "src" and the true one as "data-src", in either order.
                address = address or clean(text, base_url)
            case "title":
                title = text
            case _ if text.strip() in _TINY:
                return ""
    if not address:
        return ""
    for player, page in _PLAYERS:
        if found := player.match(address):
            address = page + found[1]
    shown = label(title, _LONGEST_NAME) or line(address.partition("://")[2], _LONGEST_NAME)
    return f'<a href="{escape(address)}">{escape(shown, quote=False)}</a>'
