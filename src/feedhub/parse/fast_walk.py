"""The state of the fast path: what feedparser keeps between elements, and the records it fills on the way.

feedparser reads every dialect with one machine that goes through the elements in order; which title or description
wins depends on what came before, at which depth. `Walk` and `Draft` keep just the part of its state that an accepted
document can reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias

from feedhub.model import Text
from feedhub.parse.addresses import join, settle
from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_names import known_prefix
from feedhub.parse.fast_texts import looks_like_html, repair
from feedhub.parse.fast_xhtml import unescaped, written

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from feedhub.model import Entry, Origin, Problem
    from feedhub.model.media import Place
    from feedhub.parse.parts import Held

__all__ = ["DEEPEST", "NOTHING", "SCOPING", "Draft", "Element", "Handler", "Tag", "Walk", "attributes"]


class Element(Protocol):
    """What the walk uses of an element of `xml.etree`; names are ``uri local`` or, in no namespace, ``local``."""

    tag: str
    text: str | None
    tail: str | None

    def items(self) -> list[tuple[str, str]]:
        """Return the attributes in document order."""

    def get(self, key: str, default: str) -> str:
        """Return an attribute."""

    def iter(self) -> Iterator[Element]:
        """Go through this element and all inside, in document order."""

    def __len__(self) -> int:
        """Count the children."""

    def __iter__(self) -> Iterator[Element]:
        """Go through the children."""


Tag: TypeAlias = tuple[str | None, str | None, str | None]
"""Term, scheme and label of a category, ``None`` where the element does not say."""

Handler: TypeAlias = Callable[["Walk", "Draft", Element, int], None]
"""Takes an element at a depth (the root has 1) into a draft."""

NOTHING = Text()

DEEPEST = 16
"""How deep feed elements are read; the levels of containers are gone through one by one, each with all inside it."""

_BASE = "http://www.w3.org/XML/1998/namespace base"
_LANG = "http://www.w3.org/XML/1998/namespace lang"
_XHTML = "application/xhtml+xml"
_TYPES = {
    "text": "text/plain",
    "plain": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
    "xhtml": _XHTML,
    _XHTML: _XHTML,
}
_USUAL = frozenset(
    {"domain", "duration", "height", "href", "hreflang", "label", "length", "medium", "rel", "scheme"}
    | {"term", "text", "title", "type", "url", "version", "width"}
)
# Attributes of a text construct that would change how its text is read.
_DECISIVE = frozenset({"type", "mode", "base", "lang"})
SCOPING = frozenset({"base", "lang"})
"""Attributes in no namespace to which feedparser listens as to those of XML, wherever they stand."""

_STRUCTURAL = SCOPING | {"lastmod", "href"}


class Draft:
    """A feed, an entry or a source in the making; the names are those of `feedhub.model`.

    ``held`` keeps the plain texts under feedparser's keys. ``*_at`` is the depth at which a value was set: a deeper
    element does not replace it. ``nested`` are keys of ``held`` that an element within another may have set,
    ``undated`` the texts that stood where a date belongs.
    """

    title: str = ""
    title_at: int | None = None
    title_detail: Text = NOTHING
    summary: str | None = None
    summary_at: int | None = None
    summary_detail: Text = NOTHING
    subtitle: Text = NOTHING
    content: Text | None = None
    rights: Text = NOTHING
    link: str | None = None
    author: str = ""
    author_detail: Held | None = None
    published: datetime | None = None
    updated: datetime | None = None
    origin: Origin | None = None
    place: Place | None = None
    image: str | None = None
    nested: frozenset[str] = frozenset()
    undated: tuple[tuple[str, str], ...] = ()

    def __init__(self, *, is_entry: bool) -> None:
        """Start empty; an entry keeps values by depth, a feed or a source takes the last."""
        self.is_entry = is_entry
        self.held: dict[str, str] = {}
        self.links: list[Held] = []
        self.authors: list[Held] = []
        self.tags: list[Tag] = []
        self.known_tags: set[Tag] = set()
        self.media: list[Held] = []
        self.thumbnails: list[Held] = []
        self.special: list[Element] = []


class Walk:
    """Where the walk through a document stands."""

    def __init__(self, base: str, version: str, names: Mapping[str, str], special: frozenset[str]) -> None:
        """Start at the root of a document of the dialect ``version``; ``names`` maps its tags to feedparser's names."""
        self.home = base
        self.base = base
        self.bases: dict[tuple[str, str], str] = {}
        self.version = version
        self.names = names
        self.special = special
        self.guesses = not version.startswith("atom")
        self.repairs = True
        self.problems: tuple[Problem, ...] = ()
        self.dialect = version
        self.lang = ""
        self.language = ""
        self.settled_language: str | None = None
        self.languages_used: set[str] = set()
        self.title_depth = -1
        self.has_content = False
        self.has_channel = False
        self.feed = Draft(is_entry=False)
        self.feed_handlers: Mapping[str, Handler] = {}
        self.entry_handlers: Mapping[str, Handler] = {}
        self.entries: list[Entry] = []
        self.count = 0
        self.bad_dates: list[Problem] = []

    def construct(self, element: Element, default: str) -> Text:
        """Return a text construct; ``default`` is its type when it names none. Declines odd types and odd markup."""
        kind, base, lang = default, self.base, self.lang
        items = element.items()
        if items:
            kind, base, lang = self._said_of(items, default)
        if kind == _XHTML:
            value = written(self, element)
        elif len(element):
            kind, value = _XHTML, unescaped(self, element)
        else:
            value = (element.text or "").strip()
        if not value:
            return NOTHING
        if self.guesses and kind == "text/plain" and ("<" in value or "&" in value) and looks_like_html(value):
            kind = "text/html"
        if self.repairs:
            value = repair(value)
        if lang:
            usual = self.language if self.settled_language is None else self.settled_language
            self.languages_used.add(usual)
            lang = "" if lang == usual else lang
        return Text(value=value, type=kind, language=lang, base="" if base == self.home else base)

    def _said_of(self, items: list[tuple[str, str]], default: str) -> tuple[str, str, str]:
        """Return type, base and language of a text construct."""
        kind, base, lang = default, self.base, self.lang
        for key, value in items:
            if key == "type":
                kind = _TYPES.get(value.lower(), "")
                if not kind:
                    raise DeclinedError("text-type")
            elif key == _BASE:
                base = self.within(value)
            elif key == _LANG:
                lang = value.replace("_", "-")
            elif key.rpartition(" ")[2].lower() in _DECISIVE and (key != "mode" or value == "base64"):
                raise DeclinedError("text-attribute")
        return kind, base, lang

    def plain(self, element: Element) -> str:
        """Return the text of an element that is no text construct; declines one with children."""
        if len(element):
            raise DeclinedError("nested")
        value = (element.text or "").strip()
        return repair(value) if self.repairs else value

    def bare(self, element: Element) -> str:
        """Return the text of an element that feedparser does not expect a text in, and so does not repair."""
        if len(element):
            raise DeclinedError("nested")
        return (element.text or "").strip()

    def address(self, element: Element) -> str:
        """Return the text of an element as an address, resolved."""
        if len(element):
            raise DeclinedError("nested")
        value = (element.text or "").strip()
        if value:
            items = element.items()
            value = join(self.base_of(attributes(items)) if items else self.base, value)
        return repair(value) if self.repairs else value

    def base_of(self, held: Mapping[str, str]) -> str:
        """Return the base for an element with these `attributes`."""
        if "base" in held:
            raise DeclinedError("base")  # feedparser listens to it as well, though it is in no namespace
        return self.within(held["xml:base"]) if "xml:base" in held else self.base

    def within(self, reference: str) -> str:
        """Return the base that an ``xml:base`` makes."""
        if not reference:
            return self.base
        # Where it stands on each text of a document, it is mostly the same.
        found = self.bases.get((self.base, reference))
        if found is None:
            found = self.bases[self.base, reference] = settle(self.base, reference)
        if not found.startswith(("http://", "https://")):
            raise DeclinedError("base")
        if not found.isascii():
            self.repairs = True  # what is joined to it may be what repair looks for
        return found

    def enter(self, element: Element, refused: AbstractSet[str] = _STRUCTURAL) -> tuple[str, str]:
        """Take over ``xml:base`` and ``xml:lang`` of an element with children; return those to go back to."""
        before = self.base, self.lang
        for key, value in element.items():
            if key == _BASE:
                self.base = self.within(value)
            elif key == _LANG:
                self.lang = value.replace("_", "-")
            elif key.rpartition(" ")[2].lower() in refused:
                raise DeclinedError("structure-attribute")
        return before

    def leave(self, before: tuple[str, str]) -> None:
        """Go back to what held before `enter`."""
        self.base, self.lang = before


def attributes(items: list[tuple[str, str]]) -> dict[str, str]:
    """Return the attributes of an element as feedparser sees them: lower-case names, fixed prefixes or none."""
    found = dict(items)
    if not found.keys() <= _USUAL:
        found = _normal(items)
    if "rel" in found:
        found["rel"] = found["rel"].lower()
    if "type" in found:
        found["type"] = found["type"].lower()
    return found


def _normal(items: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    plain: dict[str, str] = {}
    for key, value in items:
        uri, _, local = key.rpartition(" ")
        if uri:
            prefix = known_prefix(uri)
            found[(f"{prefix}:{local}" if prefix else local).lower()] = value
        else:
            plain[key.lower()] = value
    found.update(plain)
    return found
