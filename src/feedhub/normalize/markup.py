"""Markup put in order before it is parsed, so that parsing takes time in proportion to its length.

A parser of HTML builds any depth of nesting it is given and looks through it at each further tag. It also opens
formatting that was left unclosed again in every following block: 21 KB of such tags make 18 MB. `depth` tells whether a
fragment is orderly enough to be parsed as it is; `balance` writes any other so that its tags nest, none too deep.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from feedhub.normalize.policy import ATTRIBUTES, BLOCKS, DROPPED, FORMATTING, INLINE, TABLES, TAGS, VOID

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["balance", "depth", "start_tag", "without", "without_unseen"]

DEEPEST = 100
"""How many elements may be open at once; browsers give up at a few hundred."""

FORMATS = 12
"""How many of them may be formatting, which bounds how often a parser can repeat it."""

_LONG = 200  # of the attributes in tags that are remembered
UNKNOWN = 1_000_000
"""What `depth` answers when it cannot tell."""

_SPACE = r"[ \t\n\f\r]"
_COMMENT = re.compile(r"<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))|<[!?][^>]*+>")
# An attribute value may hold ">", so quotes are respected; a "<" within them ends the attempt, which keeps it linear.
_REST = r"""(?>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+(?=>)|[^>]*+)"""
_TOKEN = re.compile(rf"<(/?)([A-Za-z][^ \t\n\f\r/>]*+)({_REST})>|<")
_ATTRIBUTE = re.compile(
    rf"""([A-Za-z][A-Za-z-]*+)(?:{_SPACE}*+={_SPACE}*+(?:"([^"]*+)"|'([^']*+)'|([^ \t\n\f\r"'>]++)))?"""
)
# Tags that every reader of HTML delimits in the same way: a start tag, with the end tag if only text stands before it;
# an end tag; or the beginning of anything else.
_CLEAR_TAG = re.compile(
    rf"""<([A-Za-z][A-Za-z0-9:._-]*+)(?:[ \t\n\f\r/]++(?:[^ \t\n\f\r/<>"'=]++(?:{_SPACE}*+={_SPACE}*+"""
    r"""(?:"[^"<]*+"|'[^'<]*+'|[^ \t\n\f\r<>"'=`][^ \t\n\f\r<>"'`]*+))?+)?+)*+>(?:[^<]*+(</\1>))?+"""
    rf"""|</([A-Za-z][A-Za-z0-9:._-]*+){_SPACE}*+>|(<[A-Za-z/!?])"""
)

# Elements whose start ends an open one, and the elements beyond which none is looked for.
_ENDS = {
    "dd": (frozenset(["dd", "dt"]), frozenset(["dl"])),
    "dt": (frozenset(["dd", "dt"]), frozenset(["dl"])),
    "li": (frozenset(["li"]), frozenset(["ol", "ul"])),
    "td": (frozenset(["td", "th"]), frozenset(["table"])),
    "th": (frozenset(["td", "th"]), frozenset(["table"])),
    "tr": (frozenset(["tr"]), frozenset(["table"])),
}
_IN_TABLES = TABLES - {"table"}
_CELLS = frozenset(["td", "th", "caption"])
_PARAGRAPH = frozenset(["p"])
_NONE: frozenset[str] = frozenset()
_NO_END = VOID | frozenset(
    ["area", "base", "basefont", "bgsound", "embed", "frame", "input", "keygen", "link", "meta", "param", "track"]
)
# Elements that hide tags from the parser, or in which it follows rules of its own.
_OPAQUE = DROPPED | frozenset(["iframe", "math", "noscript", "plaintext", "select", "textarea", "xmp"])
# Elements that may be left open, and end where one around them does.
_LEFT_OPEN = frozenset(["dd", "dt", "li", "p"])
_LEFT_OPEN_IN_TABLES = _LEFT_OPEN | _IN_TABLES


def without_unseen(value: str, names: Iterable[str]) -> str:
    """Return the fragment without comments and without the elements of `DROPPED`, which no result holds anyway.

    ``names`` are at least those of its start tags that begin such elements, in lower case.
    """
    if "<!" in value or "<?" in value:
        # Here and below: a search for the end of a tag must not run in vain to the end of the text, again and again.
        end = value.rfind(">") + 1
        value = _COMMENT.sub("", value[:end]) + value[end:]
    for name in sorted(DROPPED.intersection(names)):
        value = without(value, name)
    return value


def depth(value: str) -> int:
    """Return how deep the elements of a fragment nest, or `UNKNOWN` when formatting does so or tags are out of order.

    It never answers less than what a parser makes of the fragment, but for the few elements that it adds by itself.
    """
    order = _Order()
    for start, ended, end, unclear in _CLEAR_TAG.findall(value):
        # What holds only text adds nothing that lasts: to take an open paragraph for still open errs towards deeper.
        if ended:
            continue
        if unclear or not (order.start(start.lower()) if start else order.end(end.lower())):
            return UNKNOWN
    return order.deepest + 1


class _Order:
    """The elements that a parser may have open; its methods say whether it is still certain that it has no others."""

    def __init__(self) -> None:
        self.deepest = 0
        self._opened: list[str] = []
        self._formats = 0

    def start(self, name: str) -> bool:
        opened = self._opened
        if opened:
            last = opened[-1]
            if (last == "p" and name in BLOCKS) or (name in _ENDS and last in _ENDS[name][0]):
                opened.pop()
            elif (name in BLOCKS and self._formats and "p" in opened) or (name in _IN_TABLES and last not in TABLES):
                return False  # formatting is open where the parser ends what holds it, and would open it again
        if name not in _NO_END:
            opened.append(name)
            self.deepest = max(self.deepest, len(opened))
            if name in FORMATTING:
                self._formats += 1
        return self._formats <= FORMATS and name not in _OPAQUE

    def end(self, name: str) -> bool:
        opened = self._opened
        if opened and opened[-1] == name:
            opened.pop()
            if name in FORMATTING:
                self._formats -= 1
            return True
        if name not in opened:
            return True
        if name in INLINE:
            return False
        open_too = _LEFT_OPEN_IN_TABLES if name in TABLES else _LEFT_OPEN
        while opened[-1] != name and opened[-1] in open_too:
            opened.pop()
        return opened.pop() == name


def balance(value: str) -> str:
    """Return the fragment with the same text, its kept elements properly nested and at most `DEEPEST` deep.

    Comments, unknown tags and unknown attributes are left out, and elements of `DROPPED` with all they hold. What
    closes nothing is left out; what is never closed is closed where its parent ends.
    """
    value = without_unseen(value, DROPPED)
    nesting = _Nesting()
    at = 0
    end = value.rfind(">") + 1
    for token in _TOKEN.finditer(value, 0, end):
        nesting.written.append(value[at : token.start()])
        at = token.end()
        name = (token[2] or "").lower()
        if name not in TAGS:
            nesting.written.append("&lt;" if token[0] == "<" else "")
        elif token[1]:
            nesting.close(name)
        else:
            nesting.open(name, token[3])
    nesting.written.append(value[at:].replace("<", "&lt;"))
    nesting.close_all(0)
    return "".join(nesting.written)


class _Nesting:
    """The elements open while a fragment is written, outermost first."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._opened: list[str] = []
        self._formats = 0

    def open(self, name: str, attributes: str) -> None:
        if name in _IN_TABLES:
            while self._opened and self._opened[-1] not in TABLES:
                self.close_all(len(self._opened) - 1)
        elif name in BLOCKS:
            self._close_nearest(_PARAGRAPH, _CELLS)
        if name in _ENDS:
            self._close_nearest(*_ENDS[name])
        if name not in VOID:
            if len(self._opened) == DEEPEST or (name in FORMATTING and self._formats == FORMATS):
                return
            self._opened.append(name)
            self._formats += name in FORMATTING
        self.written.append(_start_tag(name, attributes) if len(attributes) <= _LONG else _written(name, attributes))

    def close(self, name: str) -> None:
        if self._opened and self._opened[-1] == name:
            self.close_all(len(self._opened) - 1)
            return
        self._close_nearest(frozenset((name,)), _NONE if name in TABLES else _CELLS)

    def close_all(self, depth: int) -> None:
        while len(self._opened) > depth:
            name = self._opened.pop()
            self._formats -= name in FORMATTING
            self.written.append(f"</{name}>")

    def _close_nearest(self, names: frozenset[str], limits: frozenset[str]) -> None:
        if names.isdisjoint(self._opened):
            return
        for depth in range(len(self._opened) - 1, -1, -1):
            if self._opened[depth] in names:
                self.close_all(depth)
                return
            if self._opened[depth] in limits:
                return


def start_tag(name: str, attributes: dict[str, str]) -> str:
    """Return a start tag; the attributes' values are escaped already."""
    written = f"<{name}"
    for attribute, value in attributes.items():
        written += f' {attribute}="{value}"'
    return written + ">"


def _written(name: str, source: str) -> str:
    """Return a start tag with the attributes that are kept of ``source``."""
    allowed = ATTRIBUTES.get(name, _NONE) | ATTRIBUTES["*"]
    kept: dict[str, str] = {}
    for attribute, quoted, apostrophed, bare in _ATTRIBUTE.findall(source) if source else ():
        if attribute.lower() in allowed:
            value = (quoted or apostrophed or bare).replace('"', "&quot;").replace("<", "&lt;")
            kept.setdefault(attribute.lower(), value)
    return start_tag(name, kept)


_start_tag = lru_cache(maxsize=1024)(_written)  # most tags come again and again


def without(value: str, name: str, instead: str = " ") -> str:
    """Return the fragment with something else in the place of each element of a name."""
    # To look at one letter first is far faster than to compare every tag's name without regard to case.
    begun = rf"(?=[{name[0]}{name[0].upper()}])(?i:{name})(?=[\s/>])"
    # As XHTML has it, "<script src=... />" is whole; a parser of HTML would take all that follows for the script.
    value = re.sub(rf"<{begun}[^<>]*+(?<=/)>", instead, value)
    end = rf"</{begun}[^<>]*+>"
    ends = list(re.finditer(end, value))
    if not ends:
        return value
    # Up to the last end tag every start tag has one after it, so the search never runs in vain to the end of the text.
    last = ends[-1].end()
    element = re.compile(rf"<{begun}(?:[^<]++|(?!{end})<)*+{end}")
    return element.sub(instead, value[:last]) + value[last:]
