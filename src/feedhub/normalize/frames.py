"""What feed readers do not run, opened: frames as links to what they show, the contents of ``noscript``."""

from __future__ import annotations

import re
from html import escape, unescape

from feedhub.normalize.urls import clean

__all__ = ["open_frames", "without_hidden_images"]

_FRAME = re.compile(r"<iframe\b([^<>]*+)>(?:[^<]*+</iframe[^<>]*+>)?", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\b(src|width|height|title)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""",
    re.IGNORECASE,
)
_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*+>", re.IGNORECASE)
_HIDDEN_IMAGE = re.compile(r"<img\b[^<>]*?\bdisplay:\s*+none[^<>]*+>", re.IGNORECASE)
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
_TINY = frozenset(["0", "1", "0px", "1px"])


def open_frames(value: str, base_url: str) -> str:
    """Return the fragment with each ``iframe`` as a link to the page it shows, and ``noscript`` tags left out.

    Frames of at most 1 pixel and those without an http(s) address go.
    """
    return _NOSCRIPT.sub("", _FRAME.sub(lambda frame: _link(frame[1], base_url), value))


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
    return f'<a href="{escape(address)}">{escape(title or address.partition("://")[2], quote=False)}</a>'
