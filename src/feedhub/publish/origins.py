"""Who said it: the feed an entry comes from, and the other outlets that tell the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from feedhub.normalize.text import xml_safe
from feedhub.publish.addresses import host, identifier, public, uri
from feedhub.publish.texts import looks_like_html, name

if TYPE_CHECKING:
    from feedhub.model import Item, Origin, Site, Source

__all__ = ["SOURCES", "Outlet", "Telling", "also", "name_of", "origin"]

SOURCES = "sources.opml"
"""The path of the list of sources; a source without a public address is named as a place in it."""


class Outlet(Struct, frozen=True, kw_only=True):
    """A feed by its name; ``link`` and ``feed_url`` are "" where they are unknown or not for the public."""

    id: str
    title: str
    link: str
    feed_url: str


class Telling(Struct, frozen=True, kw_only=True):
    """Another outlet's entry in the same story; ``label`` names both in one line."""

    outlet: Outlet
    title: str
    url: str
    label: str


def origin(item: Item, site: Site) -> Outlet:
    """Return the feed that ``item`` was copied from: what the entry itself says, else its source."""
    said = item.entry.origin
    named = _outlet_of(said) if said is not None else None
    return named or _outlet(item.source, site)


def also(item: Item, site: Site) -> list[Telling]:
    """Return the other outlets of the story, each with its first entry that is still stored."""
    others = {source.id: source for source in item.others}
    tellings = []
    for member in item.story.members:
        if not member.removed and member.source_id in others:
            outlet = _outlet(others.pop(member.source_id), site)
            label = f"{outlet.title}: {member.title}"
            tellings.append(
                Telling(
                    outlet=outlet,
                    title=member.title,
                    url=uri(member.link) or outlet.link or outlet.id,
                    # In a link's title markup cannot be told from text, so a headline about markup is left out.
                    label=outlet.title if looks_like_html(label) or not member.title else label,
                )
            )
    return tellings


def name_of(source: Source) -> str:
    """Return the name to show for ``source``."""
    return name(xml_safe(source.title)) or host(source.link) or host(source.url) or source.id


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
