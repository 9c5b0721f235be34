"""The pages of a publication: which there are, and what each of them shows.

A page is made in two steps. What it shows is gathered each time; whoever remembers `Page.key` need not have it
rendered, and written, while that stays the same.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from feedhub.model import Document
from feedhub.normalize.text import xml_safe
from feedhub.publish import formats, languages
from feedhub.publish.addresses import uri
from feedhub.publish.html import places, theme
from feedhub.publish.html.telling import LANGUAGE, Teller
from feedhub.publish.html.views import Beside, Body, Card, Coverage, FeedLink, Frame, Place, SourceRow
from feedhub.publish.origins import SOURCES
from feedhub.publish.stamps import NEVER, newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from feedhub.model import Edition, Item, Site, Story
    from feedhub.publish.html.look import Look

__all__ = ["Page", "Pages"]

# The front page shows so many stories and tags at most.
FRONT_STORIES, FRONT_TAGS = 100, 24
# ... and before them so many of which so many outlets tell.
FRONT_LEADING, MANY_OUTLETS = 3, 3
NOTHING = Beside()
_RICHNESS = {"none": 0, "summary": 1, "full": 2}
_NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


class Day(Struct, frozen=True, kw_only=True):
    """The stories of a day (in UTC), newest first."""

    date: date
    cards: tuple[Card, ...]


class Page(Struct, frozen=True, kw_only=True):
    """A page to be rendered; ``key`` is another as soon as anything it depends on is.

    ``modified`` is when the newest change of a story it shows was.
    """

    path: str
    template: str
    values: dict[str, Any]
    key: str
    modified: datetime


class Pages:
    """Makes the pages of a site out of what its editions show.

    ``editions`` are all of them, those for tags too; private ones have no pages, and nothing leads to them. With
    ``search`` the pages have a field for searches, which `feedhub serve` answers; where none are published, the page
    that answers is ``alone``.
    """

    def __init__(
        self,
        site: Site,
        editions: Iterable[Edition],
        look: theme.Theme = theme.PLAIN,
        *,
        search: bool = False,
        alone: bool = False,
    ) -> None:
        self.site = site
        self.theme = look
        public = [edition for edition in editions if not edition.private]
        self._editions = {edition.slug: _coverage(edition, site) for edition in public}
        tags: dict[str, str] = {}
        for edition in public:
            if edition.tag and not alone:
                tags.setdefault(edition.tag, places.edition(edition.slug))
        self._teller = Teller(site, tags)
        language = languages.known(site.language)
        self._frame = Frame(
            title=xml_safe(site.title).strip() or uri(site.url),
            description=xml_safe(site.description).strip(),
            author=xml_safe(site.author).strip(),
            language="" if language == LANGUAGE else language,
            url=uri(site.url),
            search=search,
            coverage=tuple(coverage for coverage in self._editions.values() if not coverage.tag),
            version=theme.version(look),
            alone=alone,
        )
        self._made_of = theme.fingerprint(look).encode()
        self._look: Look | None = None

    def tag(self, name: str) -> Place:
        """Return a tag with its page, where it has one."""
        return self._teller.tag(name)

    def publication(
        self, shown: Sequence[tuple[Edition, Sequence[Item]]], sources: Iterable[SourceRow]
    ) -> Iterator[Page]:
        """Yield every page, given the editions with what they show.

        Of pages that would have one path the first counts: feedhub's own, those of editions, those of stories.
        """
        public = [(edition, items) for edition, items in shown if not edition.private]
        bodies = self._bodies(public)
        made: set[str] = set()
        for page in self._all(public, bodies, tuple(sources)):
            if page.path not in made:
                made.add(page.path)
                yield page

    def render(self, page: Page) -> Document:
        """Return a page as a document; ConfigError says what is wrong with a template of the theme."""
        if self._look is None:
            from feedhub.publish.html.look import Look  # noqa: PLC0415 - most runs have no page to render

            self._look = Look(self.theme)
        frame = replace(self._frame, search=True) if page.path == places.SEARCH else self._frame
        # What stands in the place of any page leads by whole paths.
        root = urlsplit(self._frame.url).path if page.path == places.MISSING else places.root(page.path)
        common = {"frame": frame, "here": page.path, "root": root, "places": places}
        body = self._look.render(page.template, common | page.values)
        return Document(path=page.path, media_type="text/html", body=body, modified=page.modified)

    def search(
        self,
        query: str,
        items: Iterable[Item],
        *,
        beside: Beside = NOTHING,
        is_there: Callable[[str], bool] = bool,
    ) -> bytes:
        """Return the page that answers a search: the stories found in their order, and what is ``beside`` them.

        ``is_there`` tells whether the page at a path is published, and is else taken for true: not every story that can
        be found is in an edition now.
        """
        all_cards = (self._teller.body(item).card for item in items)
        cards = [card if is_there(card.page) else replace(card, page="") for card in all_cards]
        values = {"query": xml_safe(query), "cards": cards, **asdict(beside)}
        return self.render(Page(path=places.SEARCH, template="search.html", values=values, key="", modified=NEVER)).body

    def _all(
        self, shown: Sequence[tuple[Edition, Sequence[Item]]], bodies: dict[str, Body], sources: tuple[SourceRow, ...]
    ) -> Iterator[Page]:
        cards = {story_id: body.card for story_id, body in bodies.items()}
        told = [(edition, items) for edition, items in shown if edition.digest == "none"]
        general = [item for edition, items in told if not edition.tag for item in items]
        front = _folded(general or [item for _, items in told for item in items], cards)[:FRONT_STORIES]
        latest = newest([item for _, items in shown for item in items])
        about = {"leading": _leading(front), "days": _days(front), "tags": self._frequent_tags(front)}
        yield self._page(places.FRONT, "front.html", latest, **about)
        tags = tuple(coverage for coverage in self._editions.values() if coverage.tag)
        yield self._page(places.SUBSCRIBE, "subscribe.html", latest, tags=tags, sources_path=SOURCES)
        yield self._page(places.SOURCES, "sources.html", latest, sources=sources, sources_path=SOURCES)
        yield self._page(places.MISSING, "missing.html", NEVER)
        for edition, items in shown:
            coverage = self._editions[edition.slug]
            days = _days(_folded(items, cards))
            yield self._page(coverage.path, "edition.html", newest(items), edition=coverage, days=days)
        for body in bodies.values():
            yield self._page(body.card.page, "story.html", body.updated, story=body)

    def _page(self, path: str, template: str, modified: datetime, **values: Any) -> Page:  # noqa: ANN401 - as templates take
        key = blake2b(self._made_of, digest_size=12)
        key.update(msgspec.json.encode((path, template, self._frame, values)))
        return Page(path=path, template=template, values=values, key=key.hexdigest(), modified=modified)

    def _bodies(self, shown: Iterable[tuple[Edition, Sequence[Item]]]) -> dict[str, Body]:
        """Return all stories shown by id, each with as much of its text as any edition gives."""
        told: dict[str, tuple[Item, str]] = {}
        for edition, items in shown:
            for item in items:
                known = told.get(item.story.id)
                if known is None or _RICHNESS[edition.content] > _RICHNESS[known[1]]:
                    told[item.story.id] = (item, edition.content)
        return {story_id: self._teller.body(item, content) for story_id, (item, content) in told.items()}

    def _frequent_tags(self, cards: Iterable[Card]) -> tuple[Coverage, ...]:
        """Return the tags with pages that most of these stories have."""
        counts = Counter(tag.name for card in cards for tag in card.tags if tag.url)
        frequent = {name for name, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:FRONT_TAGS]}
        by_tag = {coverage.tag: coverage for coverage in reversed(self._editions.values()) if coverage.tag in frequent}
        return tuple(by_tag[tag] for tag in sorted(by_tag))


def _coverage(edition: Edition, site: Site) -> Coverage:
    home = uri(site.url) or site.url
    links = []
    for name in edition.formats:
        form = formats()[name]
        path = edition.slug + form.suffix
        links.append(FeedLink(name=_NAMES.get(name, name), path=path, url=home + path, media_type=form.media_type))
    return Coverage(
        title=xml_safe(edition.title).strip() or edition.slug,
        path=places.edition(edition.slug),
        description=xml_safe(edition.description).strip(),
        tag=edition.tag,
        feeds=tuple(links),
    )


def _folded(items: Iterable[Item], cards: Mapping[str, Card]) -> list[Card]:
    """Return the cards of ``items``, newest first, each event once: its newest story stands for it."""
    # One story may have two ids: that of an event, in editions that show only the first of its stories.
    by_lead = {_lead(item.story): item for item in items}
    newest_first = sorted(by_lead.values(), key=lambda item: (-item.story.published.timestamp(), item.story.id))
    hidden: set[tuple[str, str]] = set()
    folded = []
    for item in newest_first:
        if _lead(item.story) not in hidden:
            hidden.update(_lead(related.story) for related in item.related)
            folded.append(cards[item.story.id])
    return folded


def _leading(cards: Iterable[Card]) -> list[Card]:
    """Return the stories that most outlets tell of, of as many outlets the newest first, where many tell of one."""
    many = [card for card in cards if card.outlets >= MANY_OUTLETS]
    return sorted(many, key=lambda card: -card.outlets)[:FRONT_LEADING]


def _lead(story: Story) -> tuple[str, str]:
    return (story.lead.source_id, story.lead.key)


def _days(cards: Iterable[Card]) -> tuple[Day, ...]:
    by_day = groupby(cards, key=lambda card: card.published.date())
    return tuple(Day(date=day, cards=tuple(same)) for day, same in by_day)
