"""Digests: one entry of each day or week, with a list of its stories.

A day begins at midnight UTC, a week on Monday (ISO 8601). Which one a story belongs to is told by the date that its
edition goes by. A period is over once the edition has a story of a later one: so a digest is no matter of the clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby, islice
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct
from msgspec.structs import replace

from feedhub.model import Entry, Item, Member, Source, Story, Text
from feedhub.normalize.text import xml_safe
from feedhub.publish import formats
from feedhub.publish.addresses import uri
from feedhub.publish.origins import name_of
from feedhub.publish.selection import moment, select
from feedhub.publish.texts import name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedhub.model import Edition, Site

__all__ = ["begun", "digests", "over"]

# A digest that nobody could read in a day is no digest.
MAX_STORIES = 100


class Period(Struct, frozen=True, kw_only=True):
    """A day or a week from ``start`` until before ``end``; ``name`` is that of ISO 8601."""

    name: str
    start: datetime
    end: datetime


def over(edition: Edition, stories: Iterable[Story]) -> list[Story]:
    """Return the stories of the newest digests of ``edition``, newest period first, out of those that pass its filter.

    There are at most ``limit`` digests of at most `MAX_STORIES` stories. Age limit and date are as in `select`; cap and
    turns of the sources are judged within each period.
    """
    endless = replace(edition, digest="none", per_source=0, mix=False, limit=len(stories := tuple(stories)))
    periods = groupby(select(endless, stories), key=lambda story: _period(edition, story).start)
    within = replace(edition, digest="none", max_age=None, limit=MAX_STORIES)
    # The newest period is not over.
    next(periods, None)
    return [story for _, told in islice(periods, edition.limit) for story in select(within, told)]


def digests(edition: Edition, site: Site, stories: Sequence[Story], sources: Mapping[str, Source]) -> list[Item]:
    """Return an item for each period of the ``stories``, which are ordered as `over` orders them."""
    grouped = groupby(stories, key=lambda story: _period(edition, story))
    return [_digest(edition, site, period, list(told), sources) for period, told in grouped]


def begun(edition: Edition, when: datetime) -> datetime:
    """Return when the period began that a moment is in."""
    day = when.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if edition.digest == "day" else day - timedelta(days=day.weekday())


def _period(edition: Edition, story: Story) -> Period:
    start = begun(edition, moment(edition, story))
    if edition.digest == "day":
        return Period(name=f"{start:%Y-%m-%d}", start=start, end=start + timedelta(days=1))
    return Period(name=f"{start:%G-W%V}", start=start, end=start + timedelta(weeks=1))


def _digest(edition: Edition, site: Site, period: Period, stories: list[Story], sources: Mapping[str, Source]) -> Item:
    """Return a period's stories as one item, that the edition itself tells.

    It is as new as its end or, where a story of it was edited afterwards, as that.
    """
    url = f"{uri(site.url) or site.url}{edition.slug}"
    lead = Member(
        source_id=edition.slug,
        key=period.name,
        entry_id=uuid5(NAMESPACE_URL, f"{url}#{period.name}").urn,
        title=f"{edition.title}: {period.name}",
        link="",
        first_seen=period.end,
        published=period.end,
        updated=max(period.end, *(story.updated for story in stories)),
        url_key="",
        text_key="",
    )
    listed = "\n".join(_line(edition, story, sources) for story in stories)
    entry = Entry(
        id=lead.entry_id,
        title=Text(value=xml_safe(lead.title)),
        content=Text(value=f"<ul>\n{listed}\n</ul>", type="text/html"),
        language=site.language,
    )
    story = Story(
        id=lead.entry_id,
        lead=lead,
        members=(lead,),
        why=(),
        tags=(),
        published=lead.published,
        updated=lead.updated,
        first_seen=lead.first_seen,
    )
    feed = url + formats()[edition.formats[0]].suffix
    return Item(story=story, entry=entry, source=Source(id=edition.slug, url=feed, title=edition.title, link=site.url))


def _line(edition: Edition, story: Story, sources: Mapping[str, Source]) -> str:
    """Return a story as an item of a list: its title, and who tells it."""
    told = dict.fromkeys(member.source_id for member in story.members if member.source_id in sources)
    outlets = [name_of(sources[source_id]) for source_id in told]
    title = story.lead.title or story.lead.link or story.id
    tags = ", ".join(name(xml_safe(tag.name)) for tag in story.tags)
    shown = escape(edition.titles.format(source="".join(outlets[:1]), title=title, tags=tags), quote=False)
    link = uri(story.lead.link)
    linked = f'<a href="{escape(link)}">{shown}</a>' if link else shown
    return f"<li>{linked} <small>({escape(', '.join(outlets), quote=False)})</small></li>"
