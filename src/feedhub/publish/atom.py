"""Atom 1.0 (RFC 4287), written by feedgen.

What feedgen leaves out or gets wrong is mended by the two extensions below, in the place feedgen has for that: the
relations of an entry's links, ``atom:source``, types of titles, languages, thumbnails, and dates that end in Z.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedhub.model import Text
from feedhub.publish import FORMATS
from feedhub.publish.elements import (
    LANG,
    NAMESPACES,
    add,
    add_file,
    add_link,
    add_media,
    add_place,
    profiled,
    relabel,
    styled,
)
from feedhub.publish.head import GENERATOR, Head, head
from feedhub.publish.shown import Shown, shown
from feedhub.publish.stamps import rfc3339
from feedhub.publish.texts import html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from feedhub.model import Deleted, Edition, Item, Part, Person, Site

__all__ = ["write"]


def write(edition: Edition, site: Site, items: Sequence[Item], part: Part) -> bytes:
    """Return ``items`` as an Atom document."""
    form = FORMATS["atom"]
    top = head(edition, site, items, form, part)
    feed = FeedGenerator()
    feed.id(top.url)
    feed.title(top.title)
    feed.subtitle(top.description)
    feed.updated(top.updated)
    feed.author(name=top.author)
    feed.link(href=top.here, rel="self", type=form.media_type)
    feed.link(href=top.home, rel="alternate", type="text/html")
    for rel, href in top.chain:
        feed.link(href=href, rel=rel, type=form.media_type)
    for hub in top.hubs:
        feed.link(href=hub, rel="hub")
    feed.generator(GENERATOR)
    if top.language:
        feed.language(top.language)
    feed.register_extension("feedhub", partial(_FeedMended, top, part.deleted))
    for item in items:
        feed.add_entry(_entry(shown(item, site, top)), order="append")
    return styled(profiled(feed.atom_str(pretty=True)), edition.slug)


def _entry(told: Shown) -> FeedEntry:
    entry = FeedEntry()
    entry.id(told.id)
    entry.title(told.title)
    entry.updated(told.updated)
    entry.published(told.published)
    entry.author([_person(author) for author in told.authors])
    entry.category([{"term": tag} for tag in told.tags])
    if told.link:
        entry.link(href=told.link, rel="alternate")
    summary, content = _texts(told)
    if summary is not None:
        value, kind = _typed(summary)
        entry.summary(value, type=kind)
    if content is not None:
        value, kind = _typed(content)
        entry.content(value, type=kind)
    entry.register_extension("feedhub", partial(_EntryMended, told))
    return entry


def _texts(told: Shown) -> tuple[Text | None, Text | None]:
    """Return summary and content: every entry has one of them, and one without a link has content (§4.1.2)."""
    summary, content = told.summary, told.content
    if summary is None and content is None:
        summary = Text(value=told.title)
    return (summary, content) if told.link or content is not None else (None, summary)


def _typed(text: Text) -> tuple[str, str]:
    """Return value and type of a text construct (§3.1).

    A plain text with the characters of markup goes as escaped HTML: it is the same text, and harmless in readers that
    take every text for HTML.
    """
    is_text = text.type == "text/plain" and "<" not in text.value and "&" not in text.value
    return (text.value, "text") if is_text else (html(text), "html")


def _person(author: Person) -> dict[str, str]:
    known = {"name": author.name, "email": author.email, "uri": author.url}
    return {part: value for part, value in known.items() if value}


class _FeedMended:
    """A feedgen extension: what it leaves out at the top of the feed."""

    def __init__(self, top: Head, deleted: Sequence[Deleted]) -> None:
        self.top = top
        self.deleted = deleted

    def extend_ns(self) -> dict[str, str]:
        rare = {"at": bool(self.deleted), "fh": self.top.is_archive}
        used = [prefix for prefix, is_used in rare.items() if is_used]
        return {prefix: NAMESPACES[prefix] for prefix in (*used, "georss", "media")}

    def extend_atom(self, feed: Element) -> None:
        relabel(feed, "updated", rfc3339(self.top.updated))
        _set_text(feed, "title", self.top.title)
        _set_text(feed, "subtitle", self.top.description)
        if self.top.is_archive:
            add(feed, "fh:archive")
        for each in self.deleted:
            add(feed, "at:deleted-entry", ref=each.id, when=rfc3339(each.at))


class _EntryMended:
    """A feedgen extension: what it leaves out of an entry."""

    def __init__(self, told: Shown) -> None:
        self.told = told

    def extend_atom(self, entry: Element) -> None:
        told = self.told
        if told.language:
            entry.set(LANG, told.language)
        _set_text(entry, "title", told.title)
        relabel(entry, "updated", rfc3339(told.updated))
        relabel(entry, "published", rfc3339(told.published))
        self.add_links(entry)
        if told.rights:
            add(entry, "rights")
            _set_text(entry, "rights", told.rights)
        self.add_source(entry)
        add_media(entry, told.media, told.pictures)
        if told.place is not None:
            add_place(entry, told.place)

    def add_links(self, entry: Element) -> None:
        """Add the relations feedgen drops: the comments (RFC 4685), the files, and who else tells the story."""
        alternate = entry.find("link")
        if alternate is not None:
            alternate.set("rel", "alternate")
        if self.told.comments:
            add(entry, "link", rel="replies", href=self.told.comments, type="text/html")
        for link in self.told.links:
            if link.href != self.told.comments:
                add_link(entry, "link", link)
        for file in self.told.files:
            add_file(entry, "link", file)
        for telling in (*self.told.also, *self.told.related):
            add(entry, "link", rel="related", href=telling.url, title=telling.label)

    def add_source(self, entry: Element) -> None:
        """Name the feed that the entry comes from (§4.2.11), as the author too where the entry has none.

        It is said to be as new as this entry: a later date would tell nothing about the entry, and change with others.
        """
        outlet = self.told.outlet
        source = add(entry, "source")
        add(source, "id", outlet.id)
        add(source, "title")
        _set_text(source, "title", outlet.title)
        add(source, "updated", rfc3339(self.told.outlet_updated))
        if not self.told.authors:
            add(add(source, "author"), "name", outlet.title)
        if outlet.link:
            add(source, "link", rel="alternate", href=outlet.link)
        if outlet.feed_url:
            add(source, "link", rel="self", href=outlet.feed_url)


def _set_text(parent: Element, name: str, text: str) -> None:
    """Set the text construct ``name``, which is there, to a plain text."""
    value, kind = _typed(Text(value=text))
    child = relabel(parent, name, value)
    if kind != "text":
        child.set("type", kind)
