"""Sanitised HTML, written anew so that it conforms to the HTML Standard where a page puts it.

What `feedhub.normalize.html` keeps is safe, but a page that holds it need not be valid: a list item stands outside of a
list, a heading of the first level in the middle, cells of a table overlap. Here each element is written where the
content model of the Standard (§3.2.5 and §4) allows it; where not, its tags are left out and what it holds stays.
Headings begin at the level below the page's own and skip none, pictures have an ``alt``, tables can be scrolled to.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from feedhub.normalize.html import cut
from feedhub.publish import languages
from feedhub.publish.addresses import host, uri
from feedhub.publish.html.outline import BLOCKS, holding_blocks, levels, names, shows, text_of
from feedhub.publish.html.tables import rows, spans_fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lxml.etree import _Element as Element

__all__ = ["conforming"]

# A page is for reading; who wants more than this of one text reads it where it was published.
LONGEST = 200_000
# Deeper elements lose their tags: nobody sees that many boxes in each other.
DEEPEST = 40

_PARSER = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")

_PHRASING = names("abbr b bdi cite code em i kbd mark q s samp small span strong sub sup u var")
_RENAMED = {"dfn": "em", "big": "span", "font": "span", "nobr": "span"}
_SIZE = re.compile(r"[0-9]{1,5}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_MAIL = re.compile(r"mailto:[A-Za-z0-9.!#$&'*+/=^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


class Place(NamedTuple):
    """Where an element would stand: whether blocks and headings may, and whether it is within a link."""

    blocks: bool = True
    headings: bool = True
    linked: bool = False
    depth: int = 0

    def phrasing(self) -> Place:
        """Return the same place for text only."""
        return self._replace(blocks=False, headings=False, depth=self.depth + 1)

    def inner(self) -> Place:
        """Return the same place one element further in."""
        return self._replace(depth=self.depth + 1)


def conforming(fragment: str, *, level: int = 2) -> str:
    """Return sanitised HTML as valid flow content whose highest headings are of ``level``."""
    if "<" not in fragment and "&" not in fragment:
        return fragment
    if len(fragment) > LONGEST:
        fragment = cut(fragment, LONGEST)
    root = etree.fromstring(f"<html><body>{fragment}</body></html>".encode(), _PARSER)
    body = root.find("body") if root is not None else None
    if body is None:
        return ""
    writer = _Writer(body, level)
    writer.children(body, Place())
    return "".join(writer.written).strip()


class _Writer:
    """Writes the elements of one fragment."""

    def __init__(self, body: Element, level: int) -> None:
        self.written: list[str] = []
        self.holding = holding_blocks(body)
        self.levels = levels(body, level)
        self.special: dict[str, Callable[[Element, Place], None]] = {
            "a": self.link,
            "audio": self.player,
            "details": self.details,
            "dl": self.definitions,
            "figure": self.figure,
            "hr": self.rule,
            "img": self.picture,
            "ol": self.list_,
            "ruby": self.ruby,
            "table": self.table,
            "ul": self.list_,
            "video": self.player,
        }

    def children(self, element: Element, place: Place) -> None:
        """Write what an element holds."""
        self.text(element.text)
        for child in element:
            self.element(child, place)
            self.text(child.tail)

    def text(self, text: str | None) -> None:
        """Write text."""
        if text:
            self.written.append(escape(text, quote=False))

    def element(self, element: Element, place: Place) -> None:
        """Write an element as what may stand at ``place``."""
        name = element.tag
        if place.depth >= DEEPEST:
            self.text(text_of(element))
        elif name in {"br", "wbr"}:
            self.written.append(f"<{name}>")
        elif special := self.special.get(name):
            special(element, place)
        elif name in BLOCKS:
            self.block(element, name, place)
        elif name in _PHRASING or name in _RENAMED:
            if element in self.holding and place.blocks:
                self.children(element, place.inner())
            else:
                self.wrapped(element, _RENAMED.get(name, name), place.phrasing(), _titled(element, name))
        elif name == "rt":
            self.written.append(" (")
            self.children(element, place.phrasing())
            self.written.append(")")
        elif name not in {"rp", "source", "col", "colgroup"}:
            self.children(element, place.inner())

    def wrapped(self, element: Element, name: str, place: Place, attributes: Iterable[tuple[str, str]] = ()) -> None:
        """Write an element with what it holds."""
        self.written.append(_tag(name, [*_common(element), *attributes]))
        self.children(element, place)
        self.written.append(f"</{name}>")

    def block(self, element: Element, name: str, place: Place) -> None:
        """Write an element that stands on lines of its own."""
        if not place.blocks:
            self.written.append(" ")
            self.children(element, place.phrasing())
            self.written.append(" ")
        elif element in self.levels:
            self.wrapped(element, f"h{self.levels[element]}" if place.headings else "p", place.phrasing())
        elif name in {"p", "pre"} and element not in self.holding:
            if name == "pre":
                self.written.append('<div class="scroll" tabindex="0">')
                self.wrapped(element, name, place.phrasing())
                self.written.append("</div>")
            elif shows(element):
                self.wrapped(element, name, place.phrasing())
        else:
            self.wrapped(element, "blockquote" if name == "blockquote" else "div", place.inner())

    def rule(self, _element: Element, place: Place) -> None:
        """Write a line across."""
        if place.blocks:
            self.written.append("<hr>")

    def link(self, element: Element, place: Place) -> None:
        """Write a link, unless it is in a link, leads nowhere, shows nothing, or holds what is clicked itself."""
        href = _address(element.get("href", ""))
        holds_more = next(element.iter("audio", "video", "details", "table", "pre"), None) is not None
        if place.linked or not href or holds_more or not shows(element):
            self.children(element, place.inner())
            return
        attributes = [("href", href), ("rel", "noopener noreferrer")]
        if language := languages.known(element.get("hreflang", "")):
            attributes.append(("hreflang", language))
        attributes += _titled(element, "a")
        if not text_of(element).strip() and not any(each.get("alt") for each in element.iter("img")):
            attributes.append(("aria-label", element.get("title") or host(href) or href))
        self.wrapped(element, "a", place._replace(linked=True, depth=place.depth + 1), attributes)

    def picture(self, element: Element, _place: Place) -> None:
        """Write a picture."""
        source = uri(element.get("src", ""))
        if source:
            sizes = [(name, element.get(name, "")) for name in ("width", "height")]
            sizes = [(name, size) for name, size in sizes if _SIZE.fullmatch(size)]
            attributes = [("src", source), ("alt", element.get("alt", "")), *sizes]
            attributes += _titled(element, "img")
            self.written.append(_tag("img", [*attributes, ("loading", "lazy"), ("decoding", "async")]))

    def player(self, element: Element, place: Place) -> None:
        """Write a recording with its controls, and without what older browsers would show instead."""
        sources = [(uri(each.get("src", "")), each.get("type", "")) for each in (element, *element.iter("source"))]
        sources = [(source, kind if _TYPE.fullmatch(kind) else "") for source, kind in sources if source]
        if place.linked or not sources:
            self.children(element, place.inner())
            return
        attributes = [("controls", ""), ("preload", "none")]
        if element.tag == "video" and (poster := uri(element.get("poster", ""))):
            attributes.append(("poster", poster))
        self.written.append(_tag(element.tag, attributes))
        for source, kind in sources:
            self.written.append(_tag("source", [("src", source), *([("type", kind)] if kind else [])]))
        self.written.append(f"</{element.tag}>")

    def list_(self, element: Element, place: Place) -> None:
        """Write a list; what stands in it beside its items becomes items."""
        if not place.blocks or not shows(element):
            self.block(element, "div", place)
            return
        attributes = []
        if element.tag == "ol":
            start, kind = element.get("start", ""), element.get("type", "")
            attributes += [("start", start)] if _NUMBER.fullmatch(start) else []
            attributes += [("type", kind)] if kind in {"1", "a", "A", "i", "I"} else []
            attributes += [("reversed", "")] if element.get("reversed") is not None else []
        self.written.append(_tag(element.tag, [*_common(element), *attributes]))
        if (element.text or "").strip():
            self.written.append(f"<li>{escape(element.text or '', quote=False)}</li>")
        for child in element:
            value = child.get("value", "") if element.tag == "ol" else ""
            self.written.append(_tag("li", [("value", value)] if _NUMBER.fullmatch(value) else []))
            if child.tag == "li":
                self.children(child, place.inner())
            else:
                self.element(child, place.inner())
            if (child.tail or "").strip():
                self.text(f" {child.tail}")
            self.written.append("</li>")
        self.written.append(f"</{element.tag}>")

    def definitions(self, element: Element, place: Place) -> None:
        """Write a list of terms and descriptions where it is one, else what it holds."""
        names = "".join({"dt": "t", "dd": "d"}.get(child.tag, "x") for child in element)
        stray = [element.text, *(child.tail for child in element)]
        if not place.blocks or not re.fullmatch("(?:t+d+)+", names) or any(text and text.strip() for text in stray):
            self.block(element, "div", place)
            return
        self.written.append(_tag("dl", _common(element)))
        for child in element:
            inner = place.inner() if child.tag == "dd" else place.inner()._replace(headings=False)
            self.wrapped(child, child.tag, inner)
        self.written.append("</dl>")

    def details(self, element: Element, place: Place) -> None:
        """Write what can be opened, where its first element says what that is."""
        summary = element[0] if len(element) and element[0].tag == "summary" else None
        is_first = summary is not None and not (element.text or "").strip() and shows(summary)
        if not place.blocks or place.linked or summary is None or not is_first:
            self.block(element, "div", place)
            return
        self.written.append(_tag("details", [*_common(element), *([("open", "")] if "open" in element.attrib else [])]))
        self.wrapped(summary, "summary", place.phrasing()._replace(linked=True))
        for child in element:
            if child is not summary:
                self.element(child, place.inner())
            self.text(child.tail)
        self.written.append("</details>")

    def figure(self, element: Element, place: Place) -> None:
        """Write a figure with its caption, where that comes first or last."""
        if not place.blocks:
            self.block(element, "div", place)
            return
        captions = [child for child in element if child.tag == "figcaption"]
        is_captioned = len(captions) == 1 and captions[0] in {element[0], element[-1]} and shows(captions[0])
        self.written.append(_tag("figure", _common(element)))
        self.text(element.text)
        for child in element:
            if is_captioned and child is captions[0]:
                self.wrapped(child, "figcaption", place.inner())
            else:
                self.element(child, place.inner())
            self.text(child.tail)
        self.written.append("</figure>")

    def ruby(self, element: Element, place: Place) -> None:
        """Write annotated text, where each base has its annotation."""
        pairs = [child for child in element if child.tag == "rt"]
        bases = [element.text, *(child.tail for child in pairs[:-1])]
        is_plain = len(pairs) == len([child for child in element if child.tag != "rp"])
        if not pairs or not is_plain or not all(base and base.strip() for base in bases) or len(element) > len(pairs):
            self.children(element, place.phrasing())
            return
        self.written.append("<ruby>")
        for base, annotation in zip(bases, pairs, strict=True):
            self.text(base)
            self.wrapped(annotation, "rt", place.phrasing())
        self.written.append("</ruby>")
        self.text(pairs[-1].tail)

    def table(self, element: Element, place: Place) -> None:
        """Write a table in a box that can be scrolled; cells keep their spans where these make a proper grid."""
        found = rows(element)
        if not place.blocks or not found:
            self.block(element, "div", place)
            return
        keep_spans = spans_fit(found)
        self.written.append('<div class="scroll" tabindex="0">')
        self.written.append(_tag("table", _common(element)))
        inner = place.inner()
        caption = element.find("caption")
        if caption is not None and caption not in self.holding and shows(caption):
            self.wrapped(caption, "caption", inner.phrasing())
        self.written.append("<tbody>")
        for row in found:
            self.written.append("<tr>")
            for cell in row:
                attributes = []
                if keep_spans:
                    spans = ((name, cell.element.get(name)) for name in ("colspan", "rowspan"))
                    attributes += [(name, str(int(span))) for name, span in spans if span and span != "1"]
                if cell.element.tag == "th" and cell.element.get("scope") in {"row", "col"}:
                    attributes.append(("scope", cell.element.get("scope", "")))
                name = cell.element.tag
                self.wrapped(cell.element, name, inner._replace(headings=name == "td"), attributes)
            self.written.append("</tr>")
        self.written.append("</tbody></table></div>")


def _address(href: str) -> str:
    return uri(href) or (href if _MAIL.fullmatch(href) else "")


def _titled(element: Element, name: str) -> list[tuple[str, str]]:
    title = element.get("title", "")
    return [("title", title)] if title and name in {"a", "abbr", "img"} else []


def _common(element: Element) -> list[tuple[str, str]]:
    """Return the attributes that every element may have: its language and direction."""
    kept = []
    if (said := element.get("lang")) and (language := languages.known(said)):
        kept.append(("lang", language))
    if (direction := element.get("dir", "").lower()) in {"ltr", "rtl", "auto"}:
        kept.append(("dir", direction))
    return kept


def _tag(name: str, attributes: Iterable[tuple[str, str]]) -> str:
    written = [f' {key}="{escape(value)}"' for key, value in attributes]
    return f"<{name}{''.join(written)}>"
