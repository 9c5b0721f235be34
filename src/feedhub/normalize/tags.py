"""Single tags of HTML, written as the sanitiser writes them: only what `feedhub.normalize.policy` names survives."""

from __future__ import annotations

import re
from typing import TypeAlias

from feedhub.normalize.characters import UnsureError, resolved
from feedhub.normalize.markup import start_tag
from feedhub.normalize.policy import ATTRIBUTES, BLOCKS, INLINE, REFERRING, RENAMED, TABLES, TAGS, VOID
from feedhub.normalize.references import mended
from feedhub.normalize.text import xml_safe

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
# Most start tags with attributes have none to keep, and most links none but the address.
_KEPT = "|".join(sorted(frozenset[str]().union(*ATTRIBUTES.values())))
_ONLY_IGNORED = re.compile(rf"""([a-z][a-z0-9]*+)(?: ++(?!{_KEPT})[a-z-]++="[^"<>]*+")++ *+>""")
_IGNORED = r'(?: ++(?!dir|href|lang|title)[a-z-]++="[^"<>]*+")*+'
_PLAIN = "[!#-%'-;=?-~]*+"
_USUAL_LINK = re.compile(rf"""a{_IGNORED} ++href="({_HOST}(?:[/?#]{_PLAIN}(?:&amp;{_PLAIN})*+)?+)"{_IGNORED} *+>""")

_known: dict[str, Step] = {}
known_step = _known.get
"""The step of a tag met before; those with an address, which hardly ever come again, are not remembered."""


def step(tag: str, base_url: str) -> Step:
    """Work out what a tag, written without its first bracket, does; raises `UnsureError` for odd ones."""
    usual = _USUAL_LINK.fullmatch(tag)
    if usual is not None:
        return "a", f'<a href="{usual[1]}" rel="{REL}">'
    if (only := _ONLY_IGNORED.fullmatch(tag)) is not None:
        bare = f"{only[1]}>"
        found = known_step(bare) or step(bare, base_url)
    elif (start := _START.fullmatch(tag)) is None:
        found = _end(tag)
    else:
        name = _name(start[1])
        attributes = _attributes(name, start[2]) if start[2] else {}
        if name == "a":
            attributes["rel"] = REL
        if name in REFERRING:
            hidden = name == "img" and "display:" in tag and _HIDDEN.search(tag)
            return _begin(name, "" if hidden else mended(name, attributes, base_url))
        found = _begin(name, start_tag(RENAMED.get(name, name), attributes) if name in TAGS else "")
    if len(tag) <= _LONG:
        if len(_known) >= _MANY:
            _known.clear()
        _known[tag] = found
    return found


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
        if attribute not in allowed or attribute in kept:
            continue
        value = quoted or apostrophed or bare
        if not value.isprintable() and (attribute in _ADDRESSES or not _is_carried(value)):
            raise UnsureError
        kept[attribute] = resolved(value).replace('"', "&quot;")
    for attribute in _ADDRESSES:
        if attribute in kept and not _is_left(kept[attribute]):
            del kept[attribute]
    return kept


def _is_carried(value: str) -> bool:
    return xml_safe(value) == value and "\ufeff" not in value


def _is_left(address: str) -> bool:
    """Say whether the sanitiser leaves an address: one with a scheme that it knows, or with none."""
    if ":" not in address or _ABSOLUTE.match(address) or address.startswith("mailto:"):
        return True
    scheme = _SCHEME.match(address)
    if address[0] == " " or (scheme is not None and scheme[1].lower() in {"http", "https", "mailto"}):
        raise UnsureError
    return scheme is None
