"""An item as every format shows it: each part checked once, in one place, whatever the feed it came from said."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.model import Enclosure, Link, Person, Reason, Text
from feedhub.model.media import Episode, Media, Place
from feedhub.normalize.text import xml_safe
from feedhub.publish import languages
from feedhub.publish.addresses import uri
from feedhub.publish.attachments import files, links, media, pictures
from feedhub.publish.origins import Outlet, Telling, also, origin, public_id, related
from feedhub.publish.texts import excerpt, html, made_title, name, plain

if TYPE_CHECKING:
    from feedhub.model import Edition, Entry, Item, Site
    from feedhub.publish.head import Head

__all__ = ["Shown", "shown"]

# The template that leaves titles as they are.
PLAIN_TITLES = "{title}"
# The addr-spec of RFC 5322 as it is seen in practice; what validators of feeds accept.
_EMAIL = re.compile(r"[A-Za-z0-9_.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*")


class Shown(Struct, frozen=True, kw_only=True):
    """What an entry of a published feed says.

    ``headline`` is the entry's title; ``title`` is that or, where it has none, one made for it. ``summary`` and
    ``content`` are ``None`` where the entry has none. ``authors`` have a name. Addresses are valid or "". ``language``
    is "" unless it is known and not that of the whole feed. ``also`` are the other outlets of the story. ``related``
    are the other stories of the event ``event`` ("" for none), of which this one is part because of ``linked``.
    """

    id: str
    headline: str
    title: str
    link: str
    summary: Text | None
    content: Text | None
    authors: tuple[Person, ...]
    tags: tuple[str, ...]
    files: tuple[Enclosure, ...]
    media: tuple[Media, ...]
    pictures: tuple[Media, ...]
    links: tuple[Link, ...]
    published: datetime
    updated: datetime
    language: str
    comments: str
    rights: str
    place: Place | None
    episode: Episode | None
    outlet: Outlet
    outlet_updated: datetime
    also: tuple[Telling, ...]
    related: tuple[Telling, ...]
    event: str
    linked: tuple[Reason, ...]


def shown(item: Item, site: Site, top: Head) -> Shown:
    """Return how ``item`` is shown in the document that ``top`` heads."""
    return _shown(item, site, top.edition, top.language)


# All formats of an edition show the same.
@lru_cache(maxsize=1000)
def _shown(item: Item, site: Site, edition: Edition, site_language: str) -> Shown:
    entry, story = item.entry, item.story
    outlet = origin(item, site)
    tags = tuple(filter(None, (name(xml_safe(tag.name)) for tag in story.tags)))
    headline = plain(entry.title).strip()
    title = headline or made_title(entry, outlet.title)
    if edition.titles != PLAIN_TITLES:
        title = headline = edition.titles.format(source=outlet.title, title=title, tags=", ".join(tags))
    tellings, others = tuple(also(item, site)), tuple(related(item, site))
    summary, content = _texts(entry, edition, (*tellings, *others))
    language = languages.known(entry.language or entry.content.language or entry.title.language)
    return Shown(
        id=public_id(story.id),
        headline=headline,
        title=title,
        link=uri(entry.link),
        summary=summary,
        content=content,
        authors=tuple(author for author in map(_author, entry.authors) if author.name),
        tags=tags,
        files=files(entry),
        media=media(entry),
        pictures=pictures(entry),
        links=links(entry),
        published=story.published,
        updated=story.updated,
        language="" if language == site_language else language,
        comments=uri(entry.comments),
        rights=plain(entry.rights).strip(),
        place=entry.place,
        episode=entry.episode,
        outlet=outlet,
        outlet_updated=story.lead.updated,
        also=tellings,
        related=others,
        event=public_id(story.event) if others and story.event else "",
        linked=story.linked if others else (),
    )


def _texts(entry: Entry, edition: Edition, also: tuple[Telling, ...]) -> tuple[Text | None, Text | None]:
    """Return summary and content as far as ``edition`` shows them, ``None`` for what is blank.

    A text that stands in both is content only. ``also`` is listed below the last of them where the edition asks so.
    """
    if edition.content == "none":
        return None, None
    content = entry.content if entry.content.value.strip() else None
    summary = entry.summary if entry.summary.value.strip() else None
    if content is not None and summary is not None and content.value == summary.value:
        summary = None
    if edition.content == "summary":
        summary, content = excerpt(summary, content), None
    if edition.also_covered and also:
        if content is not None:
            content = _with_list(content, also)
        elif summary is not None:
            summary = _with_list(summary, also)
    return summary, content


def _with_list(text: Text, also: tuple[Telling, ...]) -> Text:
    """Return ``text`` as HTML with who else covers the story below it, in small print."""
    links = ", ".join(
        f'<a href="{escape(telling.url)}" title="{escape(telling.label)}">{escape(telling.outlet.title)}</a>'
        for telling in also
    )
    return Text(value=f"{html(text)}\n<p><small>Also covered by {links}</small></p>", type="text/html")


def _author(person: Person) -> Person:
    email = person.email if _EMAIL.fullmatch(person.email) else ""
    return Person(
        name=name(person.name) or email,
        email=email,
        url=uri(person.url),
    )
