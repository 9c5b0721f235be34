"""Single tags of HTML, written as the sanitiser writes them: only what `feedhub.normalize.policy` names survives."""

from __future__ import annotations

import re
from typing import TypeAlias

from feedhub.normalize.characters import UnsureError, is_carried, resolved
from feedhub.normalize.markup import start_tag
from feedhub.normalize.policy import ATTRIBUTES, BLOCKS, INLINE, REFERRING, RENAMED, TABLES, TAGS, VOID
from feedhub.normalize.references import mended

__all__ = ["REL", "Step", "end_tag", "known_step", "step"]

REL = "noopener noreferrer"
"""What every link gets as ``rel``."""

_NO_END = VOID | {"link", "meta", "track"}
_ANYWHERE = _NO_END - BLOCKS - TABLES
_OTHERS = frozenset(["canvas", "center", "main", "picture"])
_NAMES = {name: name for name in (INLINE - {"nobr", "ruby"}) | BLOCKS | TABLES | _NO_END | REFERRING | _OTHERS}
"""Elements that parsers have no rules for but those of `feedhub.normalize.orderly`. They are told apart by identity."""

Step: TypeAlias = tuple[str, str]
"""What a tag does: the name of the element it begins, or ``/`` and the name of the one it ends; and what is written for
it. It is nothing that begins for an element that is never open and may stand anywhere, and what an end tag comes to is
not known here."""

_MANY, _LONG = 4096, 200  # of the tags that are remembered

# All these are without the first bracket.
_ATTRIBUTE = (
    r"""([A-Za-z_:@][A-Za-z0-9_.:@-]*+)(?:[ \t\n]*+=[ \t\n]*+"""
    r"""(?:"([^"<>]*+)"|'([^'<>]*+)'|([A-Za-z0-9_.:/?#%+,;~-]++)))?+"""
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_ANY_ATTRIBUTE = re.sub(r"\((?!\?)", "(?:", _ATTRIBUTE)
_START = re.compile(rf"([A-Za-z][A-Za-z0-9]*+)((?:[ \t\n]++{_ANY_ATTRIBUTE})*+)[ \t\n]*+/?>")
_END = re.compile(r"/([A-Za-z][A-Za-z0-9]*+)[ \t\n]*+>")
_COMMENT = re.compile(r"!--(?:[^<>-]|-(?!-))*+-->")
_HIDDEN = re.compile(r"\bdisplay:\s*+(?i:none)")

# Addresses that the sanitiser's parser of them takes: with a host name, no number that may turn out to be none.
_HOST = r"https?://(?:(?![Xx][Nn]--)[A-Za-z0-9_-]{1,63}+\.)*+(?![Xx][Nn]--)[A-Za-z]{1,63}+(?::[0-9]{1,4}+)?"
_ABSOLUTE = re.compile(rf"{_HOST}(?=[/?#]|\Z)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):")
_ALLOWED = {name: kept | ATTRIBUTES["*"] for name, kept in ATTRIBUTES.items()}
_ALLOWED_ANYWHERE = ATTRIBUTES["*"]
_ADDRESSES = frozenset(["href", "poster", "src"])
# Most links have no attribute to keep but the address.
_IGNORED = r'(?: ++(?!dir|href|lang|title)[a-z-]++="[^"<>]*+")*+'
_PLAIN = "[!#-%'-;=?-~]*+"
_USUAL_LINK = re.compile(rf"""a{_IGNORED} ++href="({_HOST}(?:[/?#]{_PLAIN}(?:&amp;{_PLAIN})*+)?+)"{_IGNORED} *+>""")

_known: dict[str, Step] = {}
known_step = _known.get
"""The step of a tag met before; those with an address, which hardly ever come again, are not remembered."""


_Shape: TypeAlias = tuple[str, tuple[tuple[str, int], ...]]
"""What all start tags have in common that differ only in the values between double quotes: the element, and for each
attribute that is kept which of the values it has."""
_shapes: dict[str, _Shape | None] = {}


def step(tag: str, base_url: str) -> Step:
    """Work out what a tag, written without its first bracket, does; raises `UnsureError` for odd ones."""
    usual = _USUAL_LINK.fullmatch(tag)
    if usual is not None:
        return "a", f'<a href="{usual[1]}" rel="{REL}">'
    if tag.startswith(("/", "!")):
        return _remembered(tag, _end(tag))
    values = tag.split('"')
    outline = '""'.join(values[::2])
    shape = _shapes[outline] if outline in _shapes else _shape(outline)
    if shape is not None:
        name, kept = shape
        attributes = {}
        for attribute, at in kept:
            attributes[attribute] = _value(attribute, values[at])
    elif (start := _START.fullmatch(tag)) is None:
        raise UnsureError
    else:
        name = _name(start[1])
        attributes = _attributes(name, start[2])
    if name not in REFERRING:
        written = start_tag(RENAMED.get(name, name), attributes) if name in TAGS else ""
        return _remembered(tag, _begin(name, written))
    for attribute in _ADDRESSES:
        if attribute in attributes and not _is_left(attributes[attribute]):
            del attributes[attribute]
    if name == "a":
        attributes["rel"] = REL
    hidden = name == "img" and "display:" in tag and _HIDDEN.search(tag)
    return _begin(name, "" if hidden else mended(name, attributes, base_url))


def _remembered(tag: str, found: Step) -> Step:
    if len(tag) <= _LONG:
        if len(_known) >= _MANY:
            _known.clear()
        _known[tag] = found
    return found


def _shape(outline: str) -> _Shape | None:
    """Work out the shape of tags from one with empty values; there is none unless all that it keeps is between quotes.

    Apostrophes could hold quotes that begin no value, and have none either.
    """
    start = None if "'" in outline else _START.fullmatch(outline)
    shape = None
    if start is not None:
        name = _name(start[1])
        allowed = _ALLOWED.get(name, _ALLOWED_ANYWHERE)
        kept: dict[str, int] = {}
        at = -1
        for found in _ATTRIBUTES.finditer(start[2]):
            at += 2 * (found[2] is not None)
            if (attribute := found[1].lower()) in allowed:
                kept.setdefault(attribute, at if found[2] is not None else 0)
        shape = (name, tuple(kept.items())) if all(kept.values()) else None
    if len(outline) <= _LONG:
        if len(_shapes) >= _MANY:
            _shapes.clear()
        _shapes[outline] = shape
    return shape


def _begin(name: str, written: str) -> Step:
    return "" if name in _ANYWHERE else name, written


def end_tag(name: str) -> str:
    """Return the end tag that is written for an element."""
    return f"</{RENAMED.get(name, name)}>" if name in TAGS else ""


def _end(tag: str) -> Step:
    end = _END.fullmatch(tag)
    if end is None:
        if _COMMENT.fullmatch(tag):
            return "", ""
        raise UnsureError
    name = _name(end[1])
    if name in _NO_END:
        return "", "<br>" if name == "br" else ""  # as parsers have it
    return f"/{name}", ""


def _name(written: str) -> str:
    name = _NAMES.get(written) or _NAMES.get(written.lower())
    if name is None:
        raise UnsureError
    return name


def _attributes(name: str, source: str) -> dict[str, str]:
    """Return the attributes that the sanitiser leaves, their values escaped."""
    allowed = _ALLOWED.get(name, _ALLOWED_ANYWHERE)
    kept: dict[str, str] = {}
    for written, quoted, apostrophed, bare in _ATTRIBUTES.findall(source):
        attribute = written if written in allowed else written.lower()
        if attribute in allowed and attribute not in kept:
            kept[attribute] = _value(attribute, quoted or apostrophed or bare)
    return kept


def _value(attribute: str, value: str) -> str:
    if not value.isprintable():
        if attribute in _ADDRESSES or not is_carried(value):
            raise UnsureError
    elif "&" not in value and '"' not in value:
        return value
    return resolved(value).replace('"', "&quot;")


def _is_left(address: str) -> bool:
    """Say whether the sanitiser leaves an address: one with a scheme that it knows, or with none."""
    if ":" not in address or _ABSOLUTE.match(address) or address.startswith("mailto:"):
        return True
    scheme = _SCHEME.match(address)
    if address[0] == " " or (scheme is not None and scheme[1].lower() in {"http", "https", "mailto"}):
        raise UnsureError
    return scheme is None
