"""What each element does to the feed or entry it stands in, exactly as feedparser would have it.

`fast_grammar` says which of these apply where.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feedhub.parse import parts
from feedhub.parse.addresses import join
from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_dates import date
from feedhub.parse.fast_texts import repair
from feedhub.parse.fast_walk import DEEPEST, attributes

if TYPE_CHECKING:
    from feedhub.model import Text
    from feedhub.parse.fast_walk import Draft, Element, Handler, Walk
    from feedhub.parse.parts import Held

_HTML_TYPES = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
_NO_LINK = [("isPermaLink", "false")]
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
_ITUNES_SCHEME = "http://www.itunes.com/"
_MEDIA_SCHEME = "http://search.yahoo.com/mrss/category_schema"


def leaf(_walk: Walk, _draft: Draft, element: Element, _depth: int) -> None:
    """Pass over an element that says nothing to us but must not hold others."""
    if len(element):
        raise DeclinedError("nested")


def means_nothing(walk: Walk, element: Element) -> bool:
    """Say whether nothing in an element means anything."""
    return not len(element) or not any(
        walk.names[inner.tag] in walk.special for child in element for inner in child.iter()
    )


# Texts


def title(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take a title, unless one at this depth or above has been taken."""
    text = walk.construct(element, "text/plain")
    if not -1 < walk.title_depth <= depth:
        draft.title_detail = text
        if not draft.is_entry or draft.title_at is None or depth <= draft.title_at:
            draft.title_at = depth
            draft.title = text.value
    if text.value:
        walk.title_depth = depth


def media_title(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take a title of a medium, which does not keep the entry's own from being taken."""
    before = walk.title_depth
    title(walk, draft, element, depth)
    walk.title_depth = before


def description(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take a summary (of a feed: its subtitle); a second one is the content."""
    if draft.summary is not None and not walk.has_content:
        content(walk, draft, element, depth)
        return
    text = walk.construct(element, "text/html")
    if draft.is_entry:
        _store_summary(draft, text, depth)
    else:
        draft.subtitle = text


def summary(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take a summary; a second one is the content."""
    if draft.summary is not None and not walk.has_content:
        content(walk, draft, element, depth)
        return
    _store_summary(draft, walk.construct(element, "text/plain"), depth)


def _store_summary(draft: Draft, text: Text, depth: int) -> None:
    draft.summary_detail = text
    if not draft.is_entry or draft.summary_at is None or depth <= draft.summary_at:
        draft.summary_at = depth
        draft.summary = text.value


def content(walk: Walk, draft: Draft, element: Element, _depth: int, default: str = "text/plain") -> None:
    """Take content; the first of an entry counts, and is its summary when it has none."""
    walk.has_content = True
    text = walk.construct(element, default)
    if draft.content is None:
        draft.content = text
    if draft.summary is None:
        draft.summary = text.value


def content_encoded(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take content that is HTML when it does not say otherwise."""
    content(walk, draft, element, depth, "text/html")


def rights(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take the rights of an entry."""
    draft.rights = walk.construct(element, "text/plain")


def unread(walk: Walk, _draft: Draft, element: Element, _depth: int) -> None:
    """Pass over a text construct that is not kept."""
    walk.construct(element, "text/plain")


def subtitle(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take the subtitle of a feed."""
    draft.subtitle = walk.construct(element, "text/plain")


# Dates, names, languages


def published(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take the last date of publication."""
    text = walk.plain(element)
    draft.published = date(text)
    if draft.published is None:
        draft.undated = (*draft.undated, ("published", text))


def updated(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take the last date of change."""
    text = walk.plain(element)
    draft.updated = date(text)
    if draft.updated is None:
        draft.undated = (*draft.undated, ("updated", text))


def other_date(walk: Walk, _draft: Draft, element: Element, _depth: int) -> None:
    """Pass over a date that is not kept; feedparser reads it all the same, and can stumble over it."""
    date(walk.plain(element))


def language(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a language; a feed's holds for all its texts."""
    value = walk.plain(element)
    draft.held["language"] = value
    if not draft.is_entry:
        walk.language = value


def stated(key: str, *, is_address: bool = False) -> Handler:
    """Make a handler that keeps a text under ``key``; with attributes, feedparser would keep those instead."""

    def keep(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
        if element.items():
            raise DeclinedError("attributes")
        draft.held[key] = walk.address(element) if is_address else walk.plain(element)

    return keep


# Identity and links


def identity(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take an id; it is an address, and the link of what has none, unless it says that it is no permalink."""
    items = element.items()
    is_link = not items or (items != _NO_LINK and attributes(items).get("ispermalink", "true") == "true")
    value = walk.address(element) if is_link else walk.plain(element)
    draft.held["id"] = value
    if is_link and draft.link is None:
        draft.link = value


def link(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a link: from attributes as in Atom, or else from the text as in RSS."""
    items = element.items()
    held = _link_attributes(items) if items else None
    if held and "href" in held:
        if len(element):
            raise DeclinedError("nested")
        address = held["href"] = join(walk.base_of(held), held["href"])
        if held["rel"] != "alternate":
            draft.links.append(held)
        elif held["type"] in _HTML_TYPES:
            draft.link = address
        return
    value = walk.address(element)
    if "&" in value:
        if draft.is_entry:
            value = value.replace("&amp;", "&")
        value = _REFERENCE.sub(r"&\1", value)
    draft.link = value
    if held and held["rel"] != "alternate":
        held["href"] = value
        draft.links.append(held)


def _link_attributes(items: list[tuple[str, str]]) -> Held:
    held = attributes(items)
    held.setdefault("rel", "alternate")
    held.setdefault("type", "application/atom+xml" if held["rel"] == "self" else "text/html")
    _one_address(held)
    return held


def enclosure(_walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take an attached file."""
    if len(element):
        raise DeclinedError("nested")
    held = attributes(element.items())
    _one_address(held)
    held["rel"] = "enclosure"
    draft.links.append(held)


def _one_address(held: Held) -> None:
    """Let ``url`` and ``uri`` stand for ``href``, in this order."""
    if "url" not in held and "uri" not in held:
        return
    address = held.get("url", held.get("uri", held.get("href")))
    if address:
        held.pop("url", None)
        held.pop("uri", None)
        held["href"] = address


def cc_license(_walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a licence given as an RDF resource."""
    if len(element):
        raise DeclinedError("nested")
    draft.links.append({"rel": "license", "href": attributes(element.items()).get("rdf:resource", "")})


def creative_commons(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a licence given as a text."""
    draft.links.append({"rel": "license", "href": walk.plain(element)})


# Categories


def category(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a category from attributes, from the text, or the one completing the other."""
    items = element.items()
    if items:
        held = attributes(items)
        _add_tag(draft, held.get("term"), held.get("scheme", held.get("domain")), held.get("label"))
    _complete_tag(draft, walk.plain(element))


def media_category(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a category of Media RSS, which has a scheme when it names none."""
    held = attributes(element.items())
    _add_tag(draft, held.get("term"), held.get("scheme", _MEDIA_SCHEME), held.get("label"))
    _complete_tag(draft, walk.plain(element))


def itunes_category(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take a category of iTunes with those inside it, which are its parts."""
    if depth > DEEPEST:
        raise DeclinedError("depth")
    _add_tag(draft, attributes(element.items()).get("text"), _ITUNES_SCHEME, None)
    for child in element:
        if walk.names[child.tag] != "itunes_category":
            raise DeclinedError("nested")
        itunes_category(walk, draft, child, depth + 1)
    _complete_tag(draft, own_text(element))


def itunes_keywords(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take comma-separated keywords."""
    _keywords(walk, draft, element, _ITUNES_SCHEME)


def media_keywords(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take comma-separated keywords."""
    _keywords(walk, draft, element, None)


def tags(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take comma-separated terms."""
    for term in walk.plain(element).split(","):
        _add_tag(draft, term.strip(), None, None)


def _keywords(walk: Walk, draft: Draft, element: Element, scheme: str | None) -> None:
    value = walk.plain(element)
    if element.items():
        return  # feedparser does not find the text of an element that has attributes and no start handler
    for term in value.split(","):
        if term.strip():
            _add_tag(draft, term.strip(), scheme, None)


def _add_tag(draft: Draft, term: str | None, scheme: str | None, label: str | None) -> None:
    tag = (term, scheme, label)
    if (term or scheme or label) and tag not in draft.known_tags:
        draft.known_tags.add(tag)
        draft.tags.append(tag)


def _complete_tag(draft: Draft, value: str) -> None:
    if not value:
        return
    tags, known = draft.tags, draft.known_tags
    if tags and not tags[-1][0]:
        _, scheme, label = last = tags[-1]
        known.discard(last)
        tag = tags[-1] = value, scheme, label
        known.add(tag)
    elif (tag := (value, None, None)) not in known:
        known.add(tag)
        tags.append(tag)


# Media and places


def media_content(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take a medium and what is said of it, which is said of the entry as well."""
    draft.media.append(attributes(element.items()))
    if len(element):
        media_group(walk, draft, element, depth)


def media_group(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take what is in a group as if the group were not there."""
    if depth > DEEPEST:
        raise DeclinedError("depth")
    before = walk.enter(element)
    for child in element:
        if not walk.names[child.tag].startswith("media_"):
            raise DeclinedError("nested")
        walk.entry_handlers[child.tag](walk, draft, child, depth + 1)
    walk.leave(before)


def media_thumbnail(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a thumbnail, its address from the attribute or the text."""
    held = attributes(element.items())
    value = walk.address(element)
    if value:
        held.setdefault("url", value)
    draft.thumbnails.append(held)


def itunes_image(_walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take the image of a podcast or an episode."""
    if len(element):
        raise DeclinedError("nested")
    held = attributes(element.items())
    draft.image = held.get("href") or held.get("url") or draft.image


def georss_point(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take a place; the last geometry counts, and no other has a single place."""
    try:
        found = [float(number) for number in walk.bare(element).replace(",", " ").split()]
    except ValueError:
        found = []
    draft.place = parts.place(found[0], found[1]) if len(found) > 1 else None


def georss_other(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Forget the place: a line or an area comes after it."""
    walk.bare(element)
    draft.place = None


def own_text(element: Element) -> str:
    """Return the text of an element without that of its children."""
    pieces = [element.text or ""]
    pieces += [child.tail for child in element if child.tail]
    return repair("".join(pieces).strip())
