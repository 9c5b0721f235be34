"""Elements that hold others and change where they go: images, text inputs and the source an entry was copied from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.parse import fast_elements as on
from feedhub.parse import parts
from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_elements import own_text
from feedhub.parse.fast_finish import bad_dates, finished
from feedhub.parse.fast_people import author, contributor
from feedhub.parse.fast_walk import SCOPING, Draft, attributes
from feedhub.parse.values import MAX_ENTRIES

if TYPE_CHECKING:
    from feedhub.parse.fast_walk import Element, Handler, Walk

__all__ = ["chapters", "entry", "entry_image", "feed_image", "outer_image", "source", "text_input"]

_ABOUT = frozenset({"id"})
_IMAGE_PARTS = frozenset({"title", "url", "link", "width", "height", "description"})
_ENTRY_IMAGE_PARTS = frozenset({"url", "link", "width", "height"})
_INPUT_PARTS = frozenset({"title", "description", "name", "link"})


def feed_image(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take the address of a feed's image."""
    address = _known_parts(walk, element, depth, _IMAGE_PARTS)
    if address is not None:
        draft.image = address


def outer_image(walk: Walk, _draft: Draft, element: Element, depth: int) -> None:
    """Pass over an image beside the channel (RSS 1.0), which feedparser does not read."""
    _known_parts(walk, element, depth, _IMAGE_PARTS)


def text_input(walk: Walk, _draft: Draft, element: Element, depth: int) -> None:
    """Pass over a text input."""
    _known_parts(walk, element, depth, _INPUT_PARTS)


def _known_parts(walk: Walk, element: Element, depth: int, known: frozenset[str]) -> str | None:
    """Go through children that must all be known leaves, and return the ``url`` among them.

    A title there keeps later ones at its depth from being taken, as a title of the feed does.
    """
    before = walk.enter(element)
    walk.title_depth = -1
    address = None
    for child in element:
        name = walk.names[child.tag]
        if name not in known or len(child):
            raise DeclinedError("nested")
        if name == "title" and walk.construct(child, "text/plain").value:
            walk.title_depth = depth + 1
        elif name == "url":
            address = walk.address(child)
    walk.leave(before)
    return address


def entry_image(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Pass over an image in an entry, but for its title; after it, another title may be taken."""
    walk.title_depth = -1
    if not len(element):
        return
    before = walk.enter(element, SCOPING)
    for child in element:
        name = walk.names[child.tag]
        if name == "title":
            on.title(walk, draft, child, depth + 1)
        elif name not in _ENTRY_IMAGE_PARTS or len(child) or (name == "link" and child.items()):
            raise DeclinedError("nested")
    walk.leave(before)


def entry(walk: Walk, _draft: Draft, element: Element, depth: int) -> None:
    """Take an entry with all that is in it."""
    draft = Draft(is_entry=True)
    items = element.items()
    before = walk.enter(element) if items else None
    about = attributes(items).get("rdf:about") if items else None
    if about:
        draft.held["id"] = about
        draft.nested = _ABOUT
    walk.title_depth = -1
    handlers = walk.entry_handlers
    inner = depth + 1
    for child in element:
        handlers[child.tag](walk, draft, child, inner)
    if before:
        walk.leave(before)
    walk.has_content = False
    walk.count += 1
    if walk.count <= MAX_ENTRIES:
        if draft.undated:
            walk.bad_dates += bad_dates(draft, walk.count - 1)
        walk.entries.append(finished(draft))


def source(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take where an entry was copied from: the text and ``url`` of RSS, or a small feed as in Atom."""
    inner = Draft(is_entry=False)
    before = walk.enter(element)
    walk.title_depth = -1
    for child in element:
        name = walk.names[child.tag]
        handler = _SOURCE.get(name)
        if handler is None or (child.items() and own_text(child) and name not in _KEEPS_TEXT):
            # With attributes, feedparser gives the text of most elements to the one around them.
            raise DeclinedError("nested")
        handler(walk, inner, child, depth + 1)
    walk.leave(before)
    held = {
        "href": attributes(element.items()).get("url", ""),
        "title": own_text(element) or inner.title,
        "id": inner.held.get("id", ""),
        "link": inner.link or "",
    }
    has_people = any(walk.names[child.tag] in {"author", "contributor"} for child in element)
    draft.origin = parts.origin(held, inner.links, has_people=has_people)


def chapters(walk: Walk, _draft: Draft, element: Element, _depth: int) -> None:
    """Pass over chapters, which are read with the rest of an episode; feedparser stumbles over one without a start."""
    for child in element:
        if walk.names[child.tag] != "psc_chapter" or len(child) or "start" not in attributes(child.items()):
            raise DeclinedError("nested")


_KEEPS_TEXT = frozenset({"title", "id", "guid", "published", "updated", "subtitle", "rights", "generator", "category"})
_SOURCE: dict[str, Handler] = {
    "title": on.title,
    "id": on.identity,
    "guid": on.identity,
    "link": on.link,
    "published": on.published,
    "updated": on.updated,
    "subtitle": on.leaf,
    "rights": on.leaf,
    "icon": on.leaf,
    "logo": on.leaf,
    "generator": on.leaf,
    "category": on.category,
    "author": author,
    "contributor": contributor,
}
