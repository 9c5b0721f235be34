"""The one table of the HTML that may be published: elements, attributes, and what becomes of the others."""

from __future__ import annotations

__all__ = [
    "ATTRIBUTES",
    "BLOCKS",
    "DROPPED",
    "FORMATTING",
    "GAPS",
    "INLINE",
    "PLAIN",
    "REFERRING",
    "RENAMED",
    "TABLES",
    "TAGS",
    "VOID",
]


def _names(*lines: str) -> frozenset[str]:
    return frozenset(name for line in lines for name in line.split())


FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
"""What a parser opens again in each block until it is closed (HTML Standard §13.2.4.3)."""

INLINE = FORMATTING | _names(
    "abbr acronym bdi bdo cite data del dfn ins kbd label mark q ruby samp span sub sup time var wbr"
)
"""Elements that do not separate words."""

BLOCKS = _names(
    "address article aside blockquote dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr",
    "li nav ol p pre section summary table ul",
)
"""Elements whose start ends an open paragraph."""

TABLES = _names("caption col colgroup table tbody td tfoot th thead tr")
"""The parts of tables."""

_MEDIA = _names("audio img source video")

PLAIN = (INLINE | BLOCKS | _MEDIA | {"br"}) - _names("acronym bdo big data font label nobr ruby strike table tt")
"""Kept elements that parse the same wherever they stand, so that a parsed fragment of them is stable when written."""

RENAMED = {
    "acronym": "abbr",
    "center": "div",
    "fieldset": "div",
    "form": "div",
    "main": "div",
    "strike": "s",
    "tt": "code",
}
"""Elements that HTML has dropped or that make no sense in a fragment, and the nearest ones for text."""

TAGS = PLAIN | TABLES | _names("rp rt ruby") | frozenset(RENAMED)
"""All elements that survive; the others lose their tags and keep what they hold."""

GAPS = {name: "" if name in INLINE else " " for name in TAGS}
"""What stands in a text for a tag of a kept element: nothing, or a space where it separates words."""

DROPPED = _names("annotation annotation-xml noembed noframes script style svg template title")
"""Elements dropped with all they hold."""

VOID = _names("br col hr img source wbr")
"""Elements that have no end tag."""

ATTRIBUTES = {
    "*": _names("dir lang"),
    "a": _names("href hreflang title"),
    "abbr": _names("title"),
    "acronym": _names("title"),
    "audio": _names("controls loop muted preload src"),
    "col": _names("span"),
    "colgroup": _names("span"),
    "del": _names("datetime"),
    "details": _names("open"),
    "dfn": _names("title"),
    "img": _names("alt data-src height src title width"),
    "ins": _names("datetime"),
    "li": _names("value"),
    "ol": _names("reversed start type"),
    "source": _names("src type"),
    "td": _names("colspan rowspan"),
    "th": _names("abbr colspan rowspan scope"),
    "time": _names("datetime"),
    "video": _names("controls height loop muted poster preload src width"),
}
"""The attributes that survive, by element; ``*`` is every element."""

REFERRING = _names("a audio img source video")
"""Elements with attributes that are addresses: ``href``, ``src``, ``poster``, ``data-src``."""
