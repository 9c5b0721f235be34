"""Who said it: the feed an entry comes from, and the other outlets that tell the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from feedhub.model import Reason
from feedhub.normalize.text import xml_safe
from feedhub.publish.addresses import host, identifier, public, uri
from feedhub.publish.texts import looks_like_html, name

if TYPE_CHECKING:
    from feedhub.model import Item, Member, Origin, Site, Source

__all__ = ["SOURCES", "Outlet", "Telling", "also", "name_of", "origin", "public_id", "related"]

SOURCES = "sources.opml"
"""The path of the list of sources; a source without a public address is named as a place in it."""


# An event that everybody writes about would fill the feed with links: each of its stories names no more than these.
MAX_RELATED = 10


class Outlet(Struct, frozen=True, kw_only=True):
    """A feed by its name; ``link`` and ``feed_url`` are "" where they are unknown or not for the public."""

    id: str
    title: str
    link: str
    feed_url: str


class Telling(Struct, frozen=True, kw_only=True):
    """Another outlet's entry in the same story, or another story of the same event, by its ``id`` ("" for the former).

    ``label`` names outlet and title in one line; ``why`` it is in the story or the event.
    """

    outlet: Outlet
    title: str
    url: str
    label: str
    why: tuple[Reason, ...] = ()
    id: str = ""


def origin(item: Item, site: Site) -> Outlet:
    """Return the feed that ``item`` was copied from: what the entry itself says, else its source."""
    said = item.entry.origin
    named = _outlet_of(said) if said is not None else None
    return named or _outlet(item.source, site)


def also(item: Item, site: Site) -> list[Telling]:
    """Return the other outlets of the story, each with its first entry that is still stored."""
    others = {source.id: source for source in item.others}
    if not others:
        return []
    whys = {reason.found: reason for reason in item.story.why}
    tellings = []
    for member in item.story.members:
        if not member.removed and member.source_id in others:
            outlet = _outlet(others.pop(member.source_id), site)
            why = whys.get(f"{member.source_id} {member.key}")
            tellings.append(_telling(member, outlet, (why,) if why else ()))
    return tellings


def related(item: Item, site: Site) -> list[Telling]:
    """Return the other stories of the event that have an address, the first of them where they are many."""
    tellings: dict[str, Telling] = {}
    for each in item.related:
        told = _telling(each.story.lead, _outlet(each.source, site), each.story.linked, public_id(each.story.id))
        tellings.setdefault(told.url, told)
        if len(tellings) == MAX_RELATED:
            break
    return list(tellings.values())


def public_id(story_id: str) -> str:
    """Return the id of a story as entries have it."""
    return identifier(story_id) or uuid5(NAMESPACE_URL, story_id).urn


def name_of(source: Source) -> str:
    """Return the name to show for ``source``."""
    return name(xml_safe(source.title)) or host(source.link) or host(source.url) or source.id


def _telling(member: Member, outlet: Outlet, why: tuple[Reason, ...], story_id: str = "") -> Telling:
    label = f"{outlet.title}: {member.title}"
    return Telling(
        outlet=outlet,
        title=member.title,
        url=uri(member.link) or outlet.link or outlet.id,
        # In a link's title markup cannot be told from text, so a headline about markup is left out.
        label=outlet.title if looks_like_html(label) or not member.title else label,
        why=why,
        id=story_id,
    )


# Each source is named by many items of each document.
@lru_cache(maxsize=4096)
def _outlet(source: Source, site: Site) -> Outlet:
    feed_url = public(source.url)
    return Outlet(
        id=feed_url or f"{uri(site.url)}{SOURCES}#{quote(source.id, safe='')}",
        title=name_of(source),
        link=uri(source.link),
        feed_url=feed_url,
    )


def _outlet_of(said: Origin) -> Outlet | None:
    """Return what an entry says of its origin, or ``None`` where that is not enough to name it by an address."""
    feed_url, link = public(said.feed_url), uri(said.link)
    if not feed_url and not link:
        return None
    return Outlet(
        id=(public(said.id) if uri(said.id) else identifier(said.id)) or feed_url or link,
        title=name(xml_safe(said.title)) or host(link) or host(feed_url),
        link=link,
        feed_url=feed_url,
    )
