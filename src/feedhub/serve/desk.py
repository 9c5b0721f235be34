"""Answers queries: feeds on demand and the search page, made of the stories that a search finds.

All of it happens in one thread of its own, so that whoever asks much waits for himself, and serving waits for nobody.
What is answered is remembered until the store changes.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.editions import Known, candidates, happenings, item
from feedhub.errors import FeedhubError
from feedhub.hub import Hub
from feedhub.model import Edition
from feedhub.publish import document, formats
from feedhub.publish.html.pages import Pages
from feedhub.publish.html.places import SEARCH
from feedhub.publish.html.views import Beside, FeedLink
from feedhub.serve.library import Resource
from feedhub.serve.media import kinds
from feedhub.serve.query import MAX_LIMIT
from feedhub.store.search import Search, Wanted
from feedhub.typesetter import Typesetter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from feedhub.config import Config
    from feedhub.model import Item, Site, Story
    from feedhub.serve.query import Query

__all__ = ["PAGE", "BusyError", "Desk"]

# The form of an answer that is no feed.
PAGE = "page"
NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}

# So many queries wait for their turn, and so long may the search for one take (seconds).
MAX_WAITING, SECONDS = 64, 2.0
MAX_KEPT = 200
# The index is brought up to date for so long before a query is answered with what is there (seconds).
INDEXING = 0.5
# The store is asked for news so often at most, and to take them in may take so large a share of the time, but they are
# put off for no longer than this (seconds).
SHORTEST_PAUSE, SHARE, LONGEST_PAUSE = 0.05, 0.05, 60.0
# Stories fill the memory: they go when nobody has asked for so long (seconds).
IDLE = 900.0
NANOSECONDS = 10**9


class BusyError(Exception):
    """Too many queries wait already."""


class Desk:
    """Answers queries about what ``config`` publishes; it may be replaced at any time."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._thread = ThreadPoolExecutor(1, "feedhub-desk")
        self._waiting = 0
        self._reader: Reader | None = None
        self._idle: asyncio.TimerHandle | None = None

    def sources(self) -> Collection[str]:
        """Return the ids of all sources."""
        return {source.id for source in self.config.sources}

    def publishes(self, slug: str, form: str) -> bool:
        """Tell whether there is an edition of this name and format."""
        return any(edition.slug == slug and form in edition.formats for edition in self.config.editions)

    async def answer(self, form: str, query: Query) -> Resource:
        """Return the answer to a query in a format, or as the `PAGE`.

        Raises BusyError, and StoreError where the store cannot be read or the search takes too long.
        """
        reader = self._reader
        if reader and reader.config is self.config and (known := reader.known(form, query)):
            return known
        if self._waiting >= MAX_WAITING:
            raise BusyError
        self._waiting += 1
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._answer, self.config, form, query)
        finally:
            self._waiting -= 1
            if self._idle:
                self._idle.cancel()
            self._idle = loop.call_later(IDLE, self._thread.submit, self._close)

    async def excuse(self, text: str) -> bytes:
        """Return the search page with a text in the place of stories, b"" where nobody has the time to make it."""
        if self._waiting >= MAX_WAITING:
            return b""
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._excuse, self.config, text)
        except FeedhubError:
            return b""
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Answer no more."""
        if self._idle:
            self._idle.cancel()
        self._thread.submit(self._close)
        self._thread.shutdown()

    def _answer(self, config: Config, form: str, query: Query) -> Resource:
        reader = self._opened(config)
        answer = reader.answer(form, query)
        if reader.left:
            self._thread.submit(self._index, reader)
        return answer

    def _excuse(self, config: Config, text: str) -> bytes:
        return self._opened(config).excuse(text)

    def _opened(self, config: Config) -> Reader:
        if self._reader is None or self._reader.config is not config:
            self._close()
            self._reader = Reader(config)
        return self._reader

    def _index(self, reader: Reader) -> None:
        """Index some more, and then let others have their turn."""
        if reader is self._reader and reader.step():
            # Not once the end has come.
            with suppress(RuntimeError):
                self._thread.submit(self._index, reader)

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


class Reader:
    """The store as one configuration sees it, read in one thread: its index, its stories and the answers so far."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._hub = Hub(config)
        # Opening the store makes it, and brings it up to date.
        self._hub.store.note("")
        self._search = Search(config.store_path)
        self._kept: OrderedDict[tuple[str, Query], Resource] = OrderedDict()
        self._stories: dict[tuple[str, str], Story] = {}
        self._known = Known(entries={}, sources={}, events={})
        self._pages: Pages | None = None
        self._editions: tuple[Edition, ...] = ()
        self._is_set = False
        self._indexing: Iterator[int] = iter(())
        self.left = 0
        self._version = 0
        self._again = 0.0
        # Only what some public edition may show is found.
        editions = (*config.editions, *config.tag_editions)
        self._public = tuple(edition.slug for edition in editions if not edition.private)

    def close(self) -> None:
        """Close the store and its index."""
        self._search.close()
        self._hub.close()

    def known(self, form: str, query: Query) -> Resource | None:
        """Return an answer that was given before and is known to be right still; from any thread."""
        return self._kept.get((form, query)) if time.monotonic() < self._again else None

    def answer(self, form: str, query: Query) -> Resource:
        """Return the answer to a query; see `Desk.answer`."""
        if time.monotonic() >= self._again:
            self._look()
        key = (form, query)
        if key not in self._kept:
            self._kept[key] = self._made(form, query)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def excuse(self, text: str) -> bytes:
        """Return the search page with a text in the place of stories."""
        return self._setter().search("", (), beside=Beside(note=f"This cannot be answered: {text}."))

    def step(self) -> int:
        """Index some of what is not indexed yet, and return how much is left."""
        self.left = next(self._indexing, 0)
        self._kept.clear()
        return self.left

    def _look(self) -> None:
        """Take in what the store has that it had not before."""
        version = self._search.version()
        if version == self._version:
            self._again = time.monotonic() + SHORTEST_PAUSE
            return
        begun = time.monotonic()
        self._indexing = self._search.update()
        while self.step() and time.monotonic() < begun + INDEXING:
            pass
        # The earlier ones go first: they are most of what the program holds in memory.
        self._stories, self._known = {}, Known(entries={}, sources={}, events={})
        self._is_set = False
        stories = self._hub.newsroom.stories(self._hub.store)
        self._stories = {
            (member.source_id, member.key): story
            for story in stories
            if not story.lead.removed
            for member in story.members
            if not member.removed
        }
        sources = {source.id: source for source in self._hub.sources()}
        self._known = Known(entries={}, sources=sources, events=happenings(stories))
        now = time.monotonic()
        self._version = self._search.version()
        self._again = now + min(max((now - begun) / SHARE, SHORTEST_PAUSE), LONGEST_PAUSE)

    def _made(self, form: str, query: Query) -> Resource:
        site, text = self.config.site, query.encoded()
        asked = ", ".join((*filter(None, (query.words,)), *query.tags, *query.sources, *query.languages))
        items = self._items(query) if asked or form != PAGE else []
        if form == PAGE:
            output = self.config.output
            beside = _beside(query, len(items), site) if asked else Beside()
            body = self._setter().search(asked, items, beside=beside, is_there=lambda page: (output / page).is_file())
            path, suffix = PAGE, ".html"
        else:
            edition = Edition(slug="feed", title=f"{site.title}: {asked}" if asked else site.title, query=text)
            made = document(form, edition, site, items)
            path, suffix, body = made.path, formats()[form].suffix, made.body
        moments = [moment for found in items for moment in _moments(found)]
        changed = int(max(moments)) * NANOSECONDS if moments else 0
        return Resource(f"{path}?{text}", kinds()[suffix], (0, changed, len(body)), body)

    def _setter(self) -> Pages:
        """Return what makes pages as they are published: another one only when tags came or went."""
        if self._pages is not None and self._is_set:
            return self._pages
        self._is_set = True
        config = self.config
        stories = {story.id: story for story in self._stories.values()}
        told = candidates(config.editions, config.tag_editions, (), tuple(stories.values()))
        editions = tuple(edition for edition, _ in told)
        if self._pages is None or editions != self._editions:
            self._editions = editions
            alone = not config.pages
            self._pages = Pages(config.site, editions, Typesetter(config).theme, search=True, alone=alone)
        return self._pages

    def _items(self, query: Query) -> list[Item]:
        stories = self._found(query)
        leads = [(story.lead.source_id, story.lead.key) for story in stories]
        entries = {(stored.source_id, stored.key): stored.entry for stored in self._hub.store.entries(leads)}
        known = Known(entries=entries, sources=self._known.sources, events=self._known.events)
        return [found for story in stories if (found := item(story, known))]

    def _found(self, query: Query) -> list[Story]:
        """Return the stories that a query asks for, the newest first; of one moment, in the order of their ids."""
        if not self._public:
            return []
        wanted = Wanted(
            words=query.words,
            tags=query.tags,
            sources=query.sources,
            languages=query.languages,
            editions=self._public,
        )
        told: dict[str, Story] = {}
        for name in self._search.find(wanted, SECONDS):
            if story := self._stories.get(name):
                told[story.id] = story
                if len(told) == query.limit:
                    break
        return sorted(told.values(), key=lambda story: (-story.published.timestamp(), story.id))


def _beside(query: Query, found: int, site: Site) -> Beside:
    """Return where a query is answered as a feed, and where with more stories if there may be more than those found."""
    paths = [(name, form, f"feed{form.suffix}?{query.encoded()}") for name, form in formats().items()]
    feeds = [
        FeedLink(name=NAMES.get(name, name), path=path, url=site.url + path, media_type=form.media_type)
        for name, form, path in paths
    ]
    more = f"{SEARCH}?{replace(query, limit=MAX_LIMIT).encoded()}" if found == query.limit < MAX_LIMIT else ""
    return Beside(feeds=tuple(feeds), more=more)


def _moments(found: Item) -> Iterator[float]:
    """Yield when a story changed: by an edit, or because somebody else tells it, too."""
    yield found.story.updated.timestamp()
    for member in found.story.members:
        yield member.first_seen.timestamp()
