"""XHTML in text constructs (RFC 4287 §3.1.1.3), written out as feedparser writes it: without empty-element tags."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from feedhub.parse.declined import DeclinedError

if TYPE_CHECKING:
    from feedhub.parse.fast_walk import Element, Walk

__all__ = ["unescaped", "written"]

_XML = "http://www.w3.org/XML/1998/namespace "
# Not that of ``xml.sax.saxutils``, which does the same and loads all of ``urllib`` and ``ssl`` first.
_escaped = partial(escape, quote=False)
_DEEPEST = 256
_OTHER_LANGUAGES = frozenset({"svg", "math"})


def written(walk: Walk, element: Element) -> str:
    """Return the inside of ``element`` as text, in Atom 1.0 without the one ``div`` around it all."""
    pieces = [_escaped(element.text or "")]
    for child in element:
        _write(walk, child, pieces, 1)
    if walk.version != "atom10":
        return "".join(pieces).strip()
    while len(pieces) > 1 and not pieces[-1].strip():
        del pieces[-1]
    while len(pieces) > 1 and not pieces[0].strip():
        del pieces[0]
    if _in_one_div(pieces):
        pieces = pieces[1:-1]
    return "".join(pieces).strip()


def unescaped(walk: Walk, element: Element) -> str:
    """Return the inside of an element that should have held its markup escaped: all but its first text is written out.

    Before other elements, feedparser leaves out a ``div`` and loses count of how deep it is.
    """
    pieces = [element.text or ""]
    for child in element:
        if len(pieces) == 1 and child.tag.rpartition(" ")[2].lower() == "div":
            raise DeclinedError("markup")
        _write(walk, child, pieces, 1)
    return "".join(pieces).strip()


def _write(walk: Walk, element: Element, pieces: list[str], depth: int) -> None:
    """Write an element that stands at a depth in its text."""
    if depth > _DEEPEST or walk.names[element.tag] in walk.special:
        raise DeclinedError("markup")
    name = element.tag.rpartition(" ")[2].lower()
    if name in _OTHER_LANGUAGES:
        raise DeclinedError("markup")
    pieces.append(f"<{name}{_attributes(element)}>")
    if element.text:
        pieces.append(_escaped(element.text))
    for child in element:
        _write(walk, child, pieces, depth + 1)
    pieces.append(f"</{name}>")
    if element.tail:
        pieces.append(_escaped(element.tail))


def _attributes(element: Element) -> str:
    found: dict[str, str] = {}
    for key, value in element.items():
        name = key
        if " " in key:
            if not key.startswith(_XML):
                raise DeclinedError("markup")
            name = "xml:" + key.removeprefix(_XML)
        name = name.lower()
        found[name] = value.lower() if name in {"rel", "type"} else value
    return "".join(f" {name}={_quoted(value)}" for name, value in found.items())


def _quoted(value: str) -> str:
    return '"' + _escaped(value).replace('"', "&quot;") + '"'


def _in_one_div(pieces: list[str]) -> bool:
    if not (pieces[0] == "<div>" or pieces[0].startswith("<div ")) or pieces[-1] != "</div>":
        return False
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return False
        elif piece.startswith("<"):
            depth += 1
    return True
