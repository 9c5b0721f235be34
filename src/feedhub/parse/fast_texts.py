"""What feedparser does to every text it takes out of a feed, and its guess whether a plain text is HTML."""

from __future__ import annotations

import re
from html.entities import entitydefs

from feedhub.parse.declined import DeclinedError

__all__ = ["author_parts", "looks_like_html", "may_hold_c1", "repair"]

_C1 = re.compile("[\x80-\x9f]")
_C1_MEANS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}

_C1_LEAD, _C1_END = b"\xc2", b"\xa0"  # in UTF-8, U+0080 to U+009F are C2 80 to C2 9F
_C1_REFERENCE = re.compile(rb"&#(?:0*1[2-5][0-9]|x0*[89][0-9a-fA-F]);")

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


def repair(text: str, *, c1: bool = True) -> str:
    """Undo UTF-8 that was read as Latin-1, and read U+0080 to U+009F as Windows-1252, as feedparser does.

    ``c1`` may be false when the text as it stands is known to hold none of those.
    """
    if text.isascii():
        return text
    try:
        text = text.encode("latin-1").decode()
    except UnicodeError:
        return text.translate(_C1_MEANS) if c1 and _C1.search(text) else text
    return text.translate(_C1_MEANS)


def may_hold_c1(data: bytes) -> bool:
    """Say whether a text in a UTF-8 document can hold one of U+0080 to U+009F, as it stands or as a reference."""
    if b"&#" in data and _C1_REFERENCE.search(data):
        return True
    at = data.find(_C1_LEAD)
    while at >= 0:
        if data[at + 1 : at + 2] < _C1_END:
            return True
        at = data.find(_C1_LEAD, at + 1)
    return False


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
    if len(text) > _MOST_AUTHOR or text.count("@") > 1 or "[" in text:
        raise DeclinedError("author")
    found = _EMAIL.search(text)
    if found is None:
        return text, ""
    name = text.replace(found[0], "").replace("()", "").replace("<>", "").replace("&lt;&gt;", "").strip()
    name = name.removeprefix("(")
    name = name.removesuffix(")")
    return name.strip(), found[0]
