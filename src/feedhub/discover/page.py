"""Reads what an HTML page says of feeds: its links, its own address, and what made it.

The page is read as a stream of tags, without building a tree, and only its first two megabytes: what a hostile page
holds costs time in proportion to its length, and no memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml import etree
from msgspec import Struct

from feedhub.discover.candidate import LONGEST, absolute
from feedhub.model import Link
from feedhub.normalize.credentials import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Page", "read"]

MAX_BYTES = 2 * 1024 * 1024
MAX_LINKS = 200
MAX_METAS = 200
MAX_TITLE = 200

FEED_TYPES = frozenset(
    {
        "application/atom",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/rss",
        "application/rss+xml",
        "application/x-atom+xml",
        "application/x-rss+xml",
        "text/atom",
        "text/atom+xml",
        "text/rss",
        "text/rss+xml",
    }
)
# What other documents are served as too: APIs, translations, sitemaps. Their address must look like a feed's.
SHARED_TYPES = frozenset({"", "application/json", "application/xml", "text/xml"})

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_ENCODING = re.compile(r"(?:utf-(?:8|16)|iso8859|cp\d|koi8|gb|big5|euc|shift_jis|iso2022|ascii|mac)")
_LIKE_A_FEED = re.compile(
    r"""
      (?:^|[/._-])(?:feeds?|rss(?:2|20|feed)?|atom(?:feed)?|syndication)(?:\.(?:xml|php|aspx?|json|cgi))?/?$
    | \.(?:rss|atom|rdf)$
    | /(?:index|posts?|blog|news)\.(?:xml|rdf)$
    | /feeds?/.
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LIKE_A_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type|output|alt|view)=(?:rss\d*|atom\d*|feed|rdf)(?:&|$)", re.IGNORECASE
)
_FEED_HOST = re.compile(r"https?://(?:feeds?|rss)\d?\.", re.IGNORECASE)
_NO_FEED = (".html", ".htm", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".css", ".js")
_SAYS_FEED = re.compile(r"^\W*(?:rss|atom|rss[ -]?feed|atom[ -]?feed|feed|web ?feed|json feed|xml)\W*$", re.IGNORECASE)
# Services that subscribe to the feed named in the link.
_SUBSCRIBERS = re.compile(
    r"https?://(?:[\w-]+\.)*(?:feedly|inoreader|newsblur|netvibes|bloglovin|facebook|twitter|x|subtome)\.com/",
    re.IGNORECASE,
)


class Page(Struct, frozen=True, kw_only=True):
    """What a page says: ``advertised`` feeds, ``anchors`` that look like feeds, by their titles or texts.

    ``addresses`` are those it gives itself (canonical), ``metas`` its meta elements by name, in lower case, and
    ``api`` where its WordPress programming interface lies.
    """

    advertised: tuple[Link, ...] = ()
    anchors: tuple[Link, ...] = ()
    addresses: tuple[str, ...] = ()
    metas: Mapping[str, str] = {}
    api: str = ""


def read(html: bytes, url: str, content_type: str = "") -> Page:
    """Read a page served from ``url``; whatever is no HTML is a page that says nothing."""
    tags = _Tags()
    html = html[:MAX_BYTES]
    if not html.strip():
        return Page()
    # The stubs ask for methods that lxml does without.
    parser = etree.HTMLParser(target=tags, encoding="utf-8", no_network=True)  # type: ignore[arg-type]
    try:
        etree.fromstring(_text(html, content_type).encode(), parser)
    except etree.LxmlError:
        return Page()
    base = absolute(url, tags.base) or url
    links = [(set(link.rel.lower().split()), link) for found in tags.links if (link := _settled(found, base))]
    return Page(
        advertised=_once(link for rel, link in links if _is_feed(rel, link)),
        anchors=_once(link for found in tags.anchors if (link := _settled(found, base))),
        addresses=tuple(link.href for rel, link in links if "canonical" in rel),
        metas=tags.metas,
        api=next((link.href for rel, link in links if "https://api.w.org/" in rel), ""),
    )


class _Tags:
    """Collects the tags that matter while lxml reads."""

    def __init__(self) -> None:
        self.base = ""
        self.links: list[Link] = []
        self.anchors: list[Link] = []
        self.metas: dict[str, str] = {}
        self._anchor: Link | None = None
        self._words = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "base" and not self.base:
            self.base = attributes.get("href", "")
        elif tag == "link" and len(self.links) < MAX_LINKS and _matters(attributes):
            self.links.append(_link(attributes))
        elif tag == "meta" and len(self.metas) < MAX_METAS:
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
            self.metas.setdefault(name[:100].lower(), attributes.get("content", "")[:1000])
        elif tag == "a":
            self.end("a")
            self._anchor = _link(attributes) if attributes.get("href") else None

    def end(self, tag: str) -> None:
        if tag == "a" and self._anchor is not None:
            link = Link(href=self._anchor.href, type=self._anchor.type, title=self._anchor.title or _tidy(self._words))
            if len(self.anchors) < MAX_LINKS and _looks_like_a_feed(link):
                self.anchors.append(link)
        if tag == "a":
            self._anchor, self._words = None, ""

    def data(self, text: str) -> None:
        if self._anchor is not None and len(self._words) < MAX_TITLE:
            self._words += text[:MAX_TITLE]

    def close(self) -> None:
        self.end("a")


def _matters(attributes: Mapping[str, str]) -> bool:
    """Tell whether a link is of a relation that is asked for: style sheets and icons shall not use up the bound."""
    relations = attributes.get("rel", "").lower().split()
    return bool(attributes.get("href")) and not {"alternate", "feed", "canonical", "https://api.w.org/"}.isdisjoint(
        relations
    )


def _link(attributes: Mapping[str, str]) -> Link:
    return Link(
        href=attributes.get("href", ""),
        rel=attributes.get("rel", ""),
        type=attributes.get("type", "").partition(";")[0].strip().lower(),
        title=_tidy(attributes.get("title", "")),
    )


def _settled(link: Link, base: str) -> Link | None:
    # Nobody but the operator says who to be taken for.
    href = masked(absolute(base, link.href))
    return Link(href=href, rel=link.rel, type=link.type, title=link.title) if href else None


def _is_feed(rel: set[str], link: Link) -> bool:
    """Tell whether a ``link`` element names a feed (HTML, section 4.6.7.1: alternate with a feed's media type)."""
    if "stylesheet" in rel:
        return False
    if "feed" in rel:
        return True
    if "alternate" not in rel:
        return False
    return link.type in FEED_TYPES or (link.type in SHARED_TYPES and _may_be_a_feed(link.href))


def _looks_like_a_feed(link: Link) -> bool:
    if len(link.href) > LONGEST or _SUBSCRIBERS.match(link.href):
        return False
    return link.type in FEED_TYPES or _may_be_a_feed(link.href) or bool(_SAYS_FEED.match(link.title))


def _may_be_a_feed(url: str) -> bool:
    path, _, query = url.partition("#")[0].partition("?")
    if len(url) > LONGEST or path.lower().endswith(_NO_FEED):
        return False
    return bool(_LIKE_A_FEED.search(path) or _LIKE_A_FEED_QUERY.search(query) or _FEED_HOST.match(url))


def _once(links: Iterator[Link]) -> tuple[Link, ...]:
    """Return the first link of each address."""
    first: dict[str, Link] = {}
    for link in links:
        first.setdefault(link.href, link)
    return tuple(first.values())


def _tidy(text: str) -> str:
    return " ".join(text.split())[:MAX_TITLE]


def _text(html: bytes, content_type: str) -> str:
    """Decode a page as browsers would, near enough for addresses and titles; its end may be cut off anywhere."""
    declared = _HEADER_CHARSET.search(content_type)
    in_page = _CHARSET.search(html[:4096])
    names = (declared and declared[1], in_page and in_page[1].decode("ascii", "replace"))
    if html.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names = ("utf-16", None)
    for name in names:
        if name and (found := _codec(name)):
            return found.incrementaldecoder("replace").decode(html)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(html)
    except UnicodeDecodeError:
        return html.decode("windows-1252", "replace")


def _codec(name: str) -> codecs.CodecInfo | None:
    """Return a codec for pages: Python knows others, and some take quadratic time."""
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    return found if _ENCODING.match(found.name) else None
