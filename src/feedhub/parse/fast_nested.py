"""Elements that mean nothing, and what is in them: it means what it would mean without them, but deeper.

feedparser knows no containers but its own. Of what an entry says twice, the text that stands deeper does not replace
one that stands above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_elements import means_nothing
from feedhub.parse.fast_walk import DEEPEST, SCOPING

if TYPE_CHECKING:
    from feedhub.parse.fast_walk import Draft, Element, Walk

__all__ = ["look_through"]

# Elements of an entry that keep one text, by its key.
_HELD = {
    "guid": "id",
    "id": "id",
    "language": "language",
    "dc_language": "language",
    **{name: name for name in ("comments", "itunes_duration", "geo_lat", "geo_long")},
}
# Elements of an entry that keep a text and more that follows from it.
_TOGETHER = frozenset(
    {
        *("author", "managingeditor", "dc_author", "dc_creator", "itunes_author", "itunes_owner"),
        *("rights", "copyright", "dc_rights", "pubdate", "published", "issued", "dcterms_issued"),
        *("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"),
    }
)


def look_through(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Pass over an element that means nothing, and take what is in it."""
    if means_nothing(walk, element):
        return
    if depth > DEEPEST:
        raise DeclinedError("depth")
    handlers = walk.entry_handlers if draft.is_entry else walk.feed_handlers
    before = walk.enter(element, SCOPING)
    kept = len(draft.special)
    for child in element:
        key = _ruled(walk, draft, child) if draft.is_entry else ""
        value = draft.held.get(key) if key else None
        handlers[child.tag](walk, draft, child, depth + 1)
        if value is not None:
            draft.held[key] = value
    del draft.special[kept:]  # these are read where they stand right in an entry or a channel
    walk.leave(before)


def _ruled(walk: Walk, draft: Draft, child: Element) -> str:
    """Return the key of the one text that a nested element keeps, empty for other elements."""
    name = walk.names[child.tag]
    if name in _TOGETHER:
        raise DeclinedError("nested")
    key = _HELD.get(name, "")
    if key:
        if key in draft.nested:
            raise DeclinedError("nested")
        draft.nested |= {key}
    return key
