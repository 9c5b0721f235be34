"""Character references in HTML, resolved where every parser reads them alike (HTML Standard §13.2.5.72)."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from feedhub.normalize.text import xml_safe

__all__ = ["UnsureError", "is_carried", "resolved"]

_REFERENCE = re.compile("&(?:#?[A-Za-z0-9]++;?)?")
_NUMBER = re.compile("&#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});")
# Names that count without their semicolon as well, in texts; in attributes that depends on what follows.
_UNFINISHED = tuple(f"&{name}" for name in html5 if not name.endswith(";"))
_BYTE_ORDER_MARK = "\ufeff"
_ODD = frozenset((_BYTE_ORDER_MARK, "\ufffd"))  # parsers drop the one, and write the other for what is no character
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;"}

_MANY, _LONG = 1024, 40  # of the references that are remembered
_known: dict[str, str] = {}
"""What becomes of references met before, by what stands between their ampersand and their semicolon."""


class UnsureError(Exception):
    """Only a parser can tell what becomes of a fragment."""


def resolved(text: str) -> str:
    """Return a text or the value of an attribute with its references resolved, escaped as serialisers of HTML do.

    Raises `UnsureError` for references that parsers mend or read differently in texts and attributes.
    """
    if "\xa0" in text:
        text = text.replace("\xa0", "&nbsp;")
    if "&" not in text:
        return text
    head, *others = text.split("&")
    written = [head]
    for other in others:
        name, semicolon, rest = other.partition(";")
        character = _known.get(name)
        if character is None or not semicolon:
            return _REFERENCE.sub(_resolved, text)
        written += (character, rest)
    return "".join(written)


def _resolved(found: re.Match[str]) -> str:
    reference = found[0]
    character = _character(reference)
    if reference[-1] == ";" and len(reference) <= _LONG:
        if len(_known) >= _MANY:
            _known.clear()
        _known[reference[1:-1]] = character
    return character


def is_carried(text: str) -> bool:
    """Say whether all characters of a text may stay, as those that `resolved` gives may."""
    return xml_safe(text) == text and _BYTE_ORDER_MARK not in text


def _character(reference: str) -> str:
    if _NUMBER.fullmatch(reference) or (reference[1:] in html5 and reference[-1] == ";"):
        character = unescape(reference)
        if len(character) != 1 or character < " " or "\x7f" <= character < "\xa0" or character in _ODD:
            raise UnsureError
        return _ESCAPED.get(character, character)
    if reference[1:2] == "#" or reference.startswith(_UNFINISHED):
        raise UnsureError
    return f"&amp;{reference[1:]}"
