"""RSS 2.0 after the RSS Advisory Board's profile, written by feedgen.

What feedgen leaves out or gets wrong is mended by the two extensions below, in the place feedgen has for that:
authors without an e-mail address, dates (feedgen changes the whole process's locale to write one), more than one
file, languages, thumbnails, and who else tells the story.
"""

from __future__ import annotations

import re
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedhub.publish import FORMATS, podcast
from feedhub.publish.attachments import fit_for_rss
from feedhub.publish.elements import (
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
from feedhub.publish.stamps import NEVER, rfc822, rfc3339
from feedhub.publish.texts import html, looks_like_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from feedhub.model import Edition, Item, Part, Site

__all__ = ["write"]

# Elements of plain text, with their start tags, as lxml writes them; in text it leaves no other "<".
_PLAIN = re.compile(rb"<(?:title|category|source|dc:rights|itunes:author)[ >][^<]*")
# A name in an RSS author stands in parentheses.
_NAME = re.compile(r"[^()<>\\\"]+")


def write(edition: Edition, site: Site, items: Sequence[Item], part: Part) -> bytes:
    """Return ``items`` as an RSS document."""
    form = FORMATS["rss"]
    top = head(edition, site, items, form, part)
    feed = FeedGenerator()
    feed.title(_ambiguous(top.title))
    feed.description(_ambiguous(top.description))
    feed.lastBuildDate(top.updated)
    # feedgen takes the last link for the channel's.
    feed.link(href=top.here, rel="self", type=form.media_type)
    feed.link(href=top.home, rel="alternate")
    feed.generator(GENERATOR)
    if top.language:
        feed.language(top.language)
    told = [shown(item, site, top) for item in items]
    apple = podcast.is_podcast(told)
    feed.register_extension("feedhub", partial(_ChannelMended, top, told if apple else ()))
    for each in told:
        feed.add_entry(_item(each, apple=apple), order="append")
    return styled(profiled(profiled(feed.rss_str(pretty=True)), _PLAIN), edition.slug)


def _item(told: Shown, *, apple: bool) -> FeedEntry:
    item = FeedEntry()
    item.guid(told.id, permalink=told.id == told.link)
    texts = [html(text) for text in (told.summary, told.content) if text is not None]
    name = told.headline or ("" if texts else told.title)
    if name:
        item.title(_ambiguous(name))
    if told.link:
        item.link(href=told.link, rel="alternate")
    if texts:
        item.description(texts[0])
    if len(texts) > 1:
        item.content(texts[1])
    item.category([{"term": tag} for tag in told.tags])
    item.comments(told.comments)
    outlet = told.outlet
    item.source(url=outlet.feed_url or outlet.link or outlet.id, title=outlet.title)
    enclosed = fit_for_rss(told.files)
    if enclosed is not None:
        item.enclosure(enclosed.url, enclosed.length or 0, enclosed.type)
    item.register_extension("feedhub", partial(_ItemMended, told, apple=apple))
    return item


class _ChannelMended:
    """A feedgen extension: what it leaves out of the channel."""

    def __init__(self, top: Head, episodes: Sequence[Shown]) -> None:
        self.top = top
        self.episodes = episodes

    def extend_ns(self) -> dict[str, str]:
        unused = {"at"} if self.top.is_archive else {"at", "fh"}
        return {prefix: uri for prefix, uri in NAMESPACES.items() if prefix not in unused}

    def extend_rss(self, feed: Element) -> None:
        channel = feed[0]
        for rel, href in self.top.chain:
            add(channel, "atom:link", rel=rel, href=href, type=FORMATS["rss"].media_type)
        for hub in self.top.hubs:
            add(channel, "atom:link", rel="hub", href=hub)
        if self.top.is_archive:
            add(channel, "fh:archive")
        add(channel, "dc:creator", self.top.author)
        built = relabel(channel, "lastBuildDate", rfc822(self.top.updated))
        if self.top.updated == NEVER:
            channel.remove(built)
        if self.episodes:
            podcast.add_apple_channel(channel, self.top, self.episodes)


class _ItemMended:
    """A feedgen extension: what it leaves out of an item."""

    def __init__(self, told: Shown, *, apple: bool) -> None:
        self.told = told
        self.apple = apple

    def extend_rss(self, item: Element) -> None:
        told = self.told
        self.add_authors(item)
        add(item, "pubDate", rfc822(told.published))
        if told.updated != told.published:
            add(item, "atom:updated", rfc3339(told.updated))
        if told.language:
            add(item, "dc:language", told.language)
        if told.rights:
            add(item, "dc:rights", _ambiguous(told.rights))
        self.add_links(item)
        add_media(item, told.media, told.pictures)
        if told.place is not None:
            add_place(item, told.place)
        if told.episode is not None:
            podcast.add_podcasting(item, told.episode)
            if self.apple:
                podcast.add_apple_item(item, told, told.episode)

    def add_links(self, item: Element) -> None:
        """Add what only Atom has a word for: further files and links, and who else tells the story."""
        enclosed = fit_for_rss(self.told.files)
        for file in self.told.files:
            if file != enclosed:
                add_file(item, "atom:link", file)
        for link in self.told.links:
            if link.href != self.told.comments:
                add_link(item, "atom:link", link)
        for telling in (*self.told.also, *self.told.related):
            add(item, "atom:link", rel="related", href=telling.url, title=telling.label)

    def add_authors(self, item: Element) -> None:
        """Add the authors: RSS has room for one, who must have an address; Dublin Core for all others."""
        authors = self.told.authors
        if len(authors) == 1 and authors[0].email and _NAME.fullmatch(authors[0].name):
            add(item, "author", f"{authors[0].email} ({authors[0].name})")
            return
        for author in authors:
            add(item, "dc:creator", author.name)


def _ambiguous(text: str) -> str:
    """Return a plain text for an element that some readers take for plain text and some for HTML.

    A text that looks like HTML is one only if it is escaped; any other is the same in both readings.
    """
    return escape(text, quote=False) if looks_like_html(text) else text
