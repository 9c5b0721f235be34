"""What feedparser does to every text it takes out of a feed, and its guess whether a plain text is HTML."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from html.entities import entitydefs

from feedhub.parse.declined import DeclinedError

__all__ = ["author_parts", "looks_like_html", "may_need_repair", "repair"]

_C1 = re.compile("[\x80-\x9f]")
_C1_MEANS = {
    chr(code): bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
# In UTF-8, U+0080 to U+00BF are C2 80 to C2 BF, and U+00C2 to U+00F4 are C3 82 to C3 B4.
_LEAD, _C1_END, _FIRST, _LAST = 0xC2, b"\xa0", b"\xc3\x82", b"\xc3\xb4"
_AMPERSAND, _HASH = b"&#"  # as numbers, as which alone single bytes are found in no time
_MARKS = (b"]>", b"->", b"?>", b"A[")  # the ends of what can stand inside a text
_PARTNERS = (b"\xc2", b"&", b"<", b"]")  # what a second character, or a mark before it, begins with
_LATIN_REFERENCE = re.compile(rb"&#(0*(?:1[2-9]|2[0-5])[0-9]|x0*[89a-fA-F][0-9a-fA-F]);")

_END_TAG = re.compile(r"</(\w+)>")
_REFERENCE = re.compile(r"&#?\w+;")
_TAG_NAME = re.compile(r"</?(\w+)")
_ENTITY_NAME = re.compile(r"&(\w+);")

# Elements that both sides know to be HTML. A text with any other leaves the guess to feedparser.
_HTML = frozenset(
    {
        *("a", "abbr", "address", "article", "aside", "audio", "b", "big", "blockquote", "br", "button", "caption"),
        *("center", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s"),
        *("section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "tt", "u", "ul", "var", "video"),
    }
)

_MOST_AUTHOR = 320
_EMAIL = re.compile(r"[A-Za-z0-9_.+-]+@(?:[A-Za-z0-9-]+\.)+(?:[A-Za-z]{2,4}|[0-9]{1,3})\]?(?:\?subject=\S+)?")


def repair(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1, and read U+0080 to U+009F as Windows-1252, as feedparser does."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode()
    return _C1.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    return _C1_MEANS.get(found[0], found[0])


def may_need_repair(data: bytes) -> bool:
    """Say whether a text in a UTF-8 document can be one that `repair` changes.

    Such a text holds one of U+0080 to U+009F, or one of U+00C2 to U+00F4 with one of U+0080 to U+00BF behind it: what
    the first and second byte of a character look like in Latin-1. Either may be a reference, and the two may be parted
    by the end of a CDATA section or by a comment.
    """
    at = data.find(_LEAD)
    while at >= 0:
        before = data[max(at - 2, 0) : at]
        if data[at + 1 : at + 2] < _C1_END or _FIRST <= before <= _LAST or before.endswith(_MARKS):
            return True
        at = data.find(_LEAD, at + 1)
    at = data.find(_HASH)
    while at >= 0:
        found = _LATIN_REFERENCE.match(data, at - 1) if data[at - 1] == _AMPERSAND else None
        if found is not None and _may_pair(data, found):
            return True
        at = data.find(_HASH, at + 1)
    return False


def _may_pair(data: bytes, found: re.Match[bytes]) -> bool:
    """Say whether a reference is one of U+0080 to U+009F, or may be one of two characters that look like bytes."""
    digits = found[1]
    code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    if code < 0xA0:  # noqa: PLR2004 - U+0080 to U+009F; a few before them do no harm
        return True
    before = data[max(found.start() - 2, 0) : found.start()]
    after = data[found.end() : found.end() + 1]
    return _FIRST <= before <= _LAST or before.endswith(_MARKS) or (code >= 0xC2 and after in _PARTNERS)  # noqa: PLR2004


def looks_like_html(text: str) -> bool:
    """Say whether feedparser takes a text that is nominally plain for HTML; declines where only it can tell."""
    if not _END_TAG.search(text) and not _REFERENCE.search(text):
        return False
    if any(tag.lower() not in _HTML for tag in _TAG_NAME.findall(text)):
        raise DeclinedError("maybe-html")
    return all(name in entitydefs for name in _ENTITY_NAME.findall(text))


def author_parts(text: str) -> tuple[str, str]:
    """Return name and email of an author given as one text; declines what would make feedparser search for long."""
    if "@" not in text:
        return text, ""
    if len(text) > _MOST_AUTHOR or "[" in text:
        raise DeclinedError("author")
    return _around_email(text)


@lru_cache(maxsize=1024)
def _around_email(text: str) -> tuple[str, str]:
    """Return name and email of an author; one writes many entries."""
    found = _EMAIL.search(text)
    if found is None:
        return text, ""
    name = text.replace(found[0], "").replace("()", "").replace("<>", "").replace("&lt;&gt;", "").strip()
    name = name.removeprefix("(")
    name = name.removesuffix(")")
    return name.strip(), found[0]
