"""Texts as the formats want them: plain, as HTML, and a title for an entry that has none."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from feedhub.model import Text
from feedhub.normalize.html import to_text

if TYPE_CHECKING:
    from feedhub.model import Entry

__all__ = ["excerpt", "html", "looks_like_html", "made_title", "name", "plain"]

# A title made from the text's first words is no longer than this, and is looked for in no more than that.
MADE_TITLE = 80
READ_FOR_TITLE = 4000
# A summary longer than this (with its markup) is a text; one made of a text's first words is no longer than that.
LONGEST_SUMMARY = 2000
MADE_SUMMARY = 400

_LIKE_HTML = re.compile(r"<[/!?A-Za-z]|&#?[A-Za-z0-9]+;")


def plain(text: Text) -> str:
    """Return ``text`` as plain text."""
    return text.value if text.type == "text/plain" else to_text(text.value)


def name(text: str) -> str:
    """Return the name of a person, an outlet, a tag or a file without markup, which has no business there."""
    return to_text(text) if "</" in text else text.strip()


def html(text: Text) -> str:
    """Return ``text`` as HTML; the lines of a plain text stay lines."""
    if text.type != "text/plain":
        return text.value
    return escape(text.value, quote=False).replace("\n", "<br>\n")


def made_title(entry: Entry, otherwise: str) -> str:
    """Return a title for an entry without one: its text's first words, a file's title, its link, or ``otherwise``."""
    for text in (entry.summary, entry.content):
        if words := _first_words(text):
            return _shortened(words, MADE_TITLE)
    return next(filter(None, (name(file.title) for file in entry.enclosures)), entry.link or otherwise)


def excerpt(summary: Text | None, content: Text | None) -> Text | None:
    """Return ``summary``, or else the first words of what there is, plain; None where there are none."""
    if summary is not None and len(summary.value) <= LONGEST_SUMMARY:
        return summary
    text = summary or content
    words = _first_words(text) if text is not None else ""
    return Text(value=_shortened(words, MADE_SUMMARY)) if words else None


def looks_like_html(text: str) -> bool:
    """Return whether a reader that is not told the type of ``text`` may take it for HTML."""
    return bool(_LIKE_HTML.search(text))


def _first_words(text: Text) -> str:
    """Return the words in the first characters of a text, on one line."""
    part = text.value[:READ_FOR_TITLE]
    if text.type == "text/plain":
        return " ".join(part.split())
    if part.rfind("<") > part.rfind(">"):
        # A tag that is cut in two would be taken for words.
        part = part[: part.rfind("<")]
    return to_text(part)


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    kept = text[:longest].rpartition(" ")[0] or text[:longest]
    return kept.rstrip(" ,;:.-\u2013\u2014") + "\u2026"
