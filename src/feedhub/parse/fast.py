"""The fast path: exactly what feedparser would say, or a decline that says why.

An accepted document is well-formed for expat, has one meaning for each namespace prefix, and holds nothing that the
grammar of `fast_grammar` does not know. For those, every field of the `Feed` equals what `feedhub.parse.tolerant` gives
for the same bytes, address and media type. ``make contract`` holds the two against each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feedhub.parse.addresses import own_base, settle
from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_document import tree
from feedhub.parse.fast_elements import means_nothing
from feedhub.parse.fast_finish import finished_feed
from feedhub.parse.fast_grammar import ENTRY, FEED, SPECIAL, Handlers
from feedhub.parse.fast_places import entry, outer_image, text_input
from feedhub.parse.fast_walk import Walk, attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedhub.model import Feed
    from feedhub.parse.fast_document import Tree
    from feedhub.parse.fast_walk import Element, Handler

__all__ = ["read"]

_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_VERSIONS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
_BASE = re.compile(rb"\bbase\s*=", re.IGNORECASE)
_NOTHING_BESIDE: dict[str, Handler] = {}
_BESIDE_CHANNEL: dict[str, Handler] = {"item": entry, "entry": entry, "image": outer_image, "textinput": text_input}


def read(body: bytes, *, url: str, content_type: str = "") -> Feed:
    """Read RSS 0.9x, 1.0 and 2.0 and Atom 0.3 and 1.0; declines every document it is not sure of."""
    document = tree(body, content_type, SPECIAL)
    base = own_base(url)
    if base and (not base.startswith(("http://", "https://", "file://")) or settle(base, base) != base):
        raise DeclinedError("base")
    if not base and _BASE.search(body):
        # Without an address of its own, a document keeps a nested xml:base after its element has ended.
        raise DeclinedError("base")
    walk = _walked(document, base, None)
    if walk.languages_used - {walk.language}:
        # Texts were compared with a language of the feed that turned out to be another: again, knowing it.
        walk = _walked(document, base, walk.language)
    return finished_feed(walk)


def _walked(document: Tree, base: str, language: str | None) -> Walk:
    """Go through a document; ``language`` is the feed's when it is known beforehand."""
    root, names, repairs, problems, dialect = document
    name = names[root.tag]
    walk = Walk(base, _dialect(name, names.version, root), names, SPECIAL)
    walk.repairs = repairs or not base.isascii()
    walk.problems = problems
    walk.dialect = dialect or walk.version
    walk.feed_handlers = Handlers(names, FEED)
    walk.entry_handlers = Handlers(names, ENTRY)
    walk.enter(root)
    walk.language = walk.lang if name in {"feed", "rss"} else ""
    walk.settled_language = language
    if name == "feed":
        _children(walk, root, 2)
    else:
        _around_channel(walk, root, _BESIDE_CHANNEL if name == "rdf_rdf" else _NOTHING_BESIDE)
    return walk


def _dialect(name: str, announced: str, root: Element) -> str:
    """Return feedparser's name for the dialect."""
    if name == "rss":
        if announced.startswith("rss"):
            return announced
        version = attributes(root.items()).get("version", "")
        return _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2.") else "rss")
    if name == "feed" and not announced:
        return _ATOM_VERSIONS.get(attributes(root.items()).get("version", ""), "atom")
    if (name == "feed" and announced == "atom10") or (name == "rdf_rdf" and announced in {"rss090", "rss10"}):
        return announced
    raise DeclinedError("dialect")


def _around_channel(walk: Walk, root: Element, beside: Mapping[str, Handler]) -> None:
    """Go through the children of an RSS root: one channel, and in RSS 1.0 the items after it."""
    channels = 0
    for child in root:
        name = walk.names[child.tag]
        handler = beside.get(name)
        if handler is not None:
            handler(walk, walk.feed, child, 2)
        elif name == "channel":
            channels += 1
            walk.has_channel = True
            before = walk.enter(child)
            _children(walk, child, 3)
            walk.leave(before)
        elif name in SPECIAL or not means_nothing(walk, child):
            raise DeclinedError("unexpected-element")
    if channels != 1:
        raise DeclinedError("channels")


def _children(walk: Walk, parent: Element, depth: int) -> None:
    handlers = walk.feed_handlers
    for child in parent:
        handlers[child.tag](walk, walk.feed, child, depth)
