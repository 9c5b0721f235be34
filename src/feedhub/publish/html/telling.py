"""Stories as pages tell them: cards for lists, and everything for a page of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Edition
from feedhub.normalize.html import cut
from feedhub.publish import FORMATS, languages
from feedhub.publish.addresses import uri
from feedhub.publish.head import head
from feedhub.publish.html import places
from feedhub.publish.html.reasons import grouped, tagged
from feedhub.publish.html.views import Body, Card, Place, Reasoned, Telling, Why, Words
from feedhub.publish.origins import name_of
from feedhub.publish.shown import shown
from feedhub.publish.texts import html, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from feedhub.model import Item, Member, Related, Site, Source
    from feedhub.publish.shown import Shown

__all__ = ["LANGUAGE", "Teller"]

LANGUAGE = "en"
"""The language of what pages say themselves."""

# A card shows so many characters of a story, and looks for them in no more than the beginning of its text.
SUMMARY, READ_FOR_SUMMARY = 280, 4000
# How many others a card and a timeline name.
MOST_OTHERS, LONGEST_TIMELINE = 30, 200

_NEXT_ITEM = re.compile(r"</li>\s*<li>")


class Teller:
    """Tells stories of a site; ``tags`` are the paths of the pages that tags have."""

    def __init__(self, site: Site, tags: Mapping[str, str]) -> None:
        self.site = site
        self.tags = tags
        self._tops = {
            content: replace(
                head(Edition(slug="", title="", content=content), site, (), FORMATS["atom"]), language=LANGUAGE
            )
            for content in ("full", "summary", "none")
        }

    def body(self, item: Item, content: str = "full") -> Body:
        """Return all that the page of a story shows; ``content`` is as in an edition."""
        told = shown(item, self.site, self._tops[content])
        text = told.content or told.summary
        return Body(
            card=self._card(item, told),
            html=html(text) if text is not None else "",
            updated=told.updated,
            authors=tuple(author.name for author in told.authors if author.name != told.outlet.title),
            files=told.files,
            comments=told.comments,
            rights=told.rights,
            texts=tuple(self._texts(item, told.title))[:LONGEST_TIMELINE],
            event=tuple(_event(item.related))[:LONGEST_TIMELINE],
            reasons=tuple(
                Reasoned(tag=self.tag(tag.name), why=tuple(dict.fromkeys(map(tagged, tag.reasons))))
                for tag in item.story.tags
            ),
        )

    def tag(self, name: str) -> Place:
        """Return a tag with its page, where it has one."""
        return Place(name=name, url=self.tags.get(name, ""))

    def _card(self, item: Item, told: Shown) -> Card:
        own = [related for related in item.related if related.source.id == item.source.id]
        others = [related for related in item.related if related.source.id != item.source.id]
        also = sorted([*self._copies(item, told), *_event(others)], key=_moment)
        alike = sorted((telling for telling in _event(own) if telling.title.text), key=_moment)
        related = {related.source.id for related in item.related}
        return Card(
            page=places.story(item.story.id),
            title=Words(text=told.title, language=told.language),
            url=told.link,
            outlet=Place(name=told.outlet.title, url=told.outlet.link),
            published=told.published,
            summary=_summary(told),
            picture=told.pictures[0].url if told.pictures else "",
            tags=tuple(map(self.tag, told.tags)),
            outlets=len({item.source.id, *(source.id for source in item.others)} | related),
            also=tuple(also[:MOST_OTHERS]),
            alike=tuple(alike[:MOST_OTHERS]),
        )

    def _copies(self, item: Item, told: Shown) -> Iterator[Telling]:
        """Yield the other outlets of the same text; their headline only where it is another one."""
        published = {member.link: member.published for member in item.story.members}
        for telling in told.also:
            title = telling.title if telling.title != told.title else ""
            yield Telling(
                outlet=Place(name=telling.outlet.title, url=telling.outlet.link),
                title=Words(text=title),
                url=telling.url if telling.url.startswith("http") else "",
                published=published.get(telling.url, told.published),
            )

    def _texts(self, item: Item, headline: str) -> Iterator[Telling]:
        """Yield the entries that are this story, in order of arrival; their headlines only where they are others."""
        sources = {source.id: source for source in (item.source, *item.others)}
        why = {reason.found: grouped(reason) for reason in item.story.why}
        for member in item.story.members:
            if not member.removed and (source := sources.get(member.source_id)):
                reason = why.get(f"{member.source_id} {member.key}")
                telling = _telling(member, source, (reason,) if reason else (), leads=member is item.story.lead)
                yield replace(telling, title=Words(text="")) if member.title == headline else telling


def _event(others: Iterable[Related]) -> Iterator[Telling]:
    """Yield the leads of the other stories of an event, and what links them to it."""
    for related in others:
        story = related.story
        yield _telling(story.lead, related.source, tuple(dict.fromkeys(map(grouped, story.linked))))


def _moment(telling: Telling) -> datetime:
    return telling.published


def _telling(member: Member, source: Source, why: tuple[Why, ...], *, leads: bool = False) -> Telling:
    language = languages.known(source.language)
    return Telling(
        outlet=Place(name=name_of(source), url=uri(source.link)),
        title=Words(text=member.title, language="" if language == LANGUAGE else language),
        url=uri(member.link),
        published=member.published,
        why=why,
        leads=leads,
    )


def _summary(told: Shown) -> str:
    """Return the beginning of a story's text on one line, "" where its title says the same."""
    text = told.summary or told.content
    if text is None:
        return ""
    value = cut(text.value, READ_FOR_SUMMARY)
    if text.type != "text/plain":
        # On one line, what stood in a list would run together.
        value = _NEXT_ITEM.sub(" \u00b7</li><li>", value)
    words = plain(replace(text, value=value)).split()
    summary = " ".join(words)
    if not told.headline and summary.startswith(told.title.rstrip("\u2026")):
        return "" if len(summary) <= len(told.title) else _shortened(summary)
    return "" if summary == told.title else _shortened(summary)


def _shortened(text: str) -> str:
    if len(text) <= SUMMARY:
        return text
    kept = text[:SUMMARY].rpartition(" ")[0] or text[:SUMMARY]
    return kept.rstrip(" ,;:.-\u2013\u2014") + "\u2026"
