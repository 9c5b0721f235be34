"""Finds the feeds of a page: what `feedhub.discover` takes for candidates is fetched and read as sources are.

The sites of dead sources are asked the same way for another feed, which is proposed and never adopted.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from feedhub.crawl import own_documents, refusal
from feedhub.discover import Candidate, candidates, guesses
from feedhub.discover.candidate import absolute
from feedhub.errors import ParseError
from feedhub.fetch import fetch_all
from feedhub.model import Failure, Request
from feedhub.moves import Proposal, is_dead
from feedhub.normalize.html import to_text
from feedhub.plan import digest
from feedhub.reading import Readers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from feedhub.config import Config
    from feedhub.model import Fetched, Source, SourceState

__all__ = ["Finding", "FoundFeed", "find", "propose"]

# Guesses are tried a few at a time: mostly one of the first is right, and nobody likes to be probed.
GUESSES_AT_ONCE = 4
LONGEST_TITLE = 200

ASKED_EVERY = timedelta(days=7)
SITES_AT_ONCE, NAMES_TRIED = 20, 3


class FoundFeed(Struct, frozen=True, kw_only=True):
    """A feed that was fetched and read; ``why`` tells how it was found, "" for the address that was asked for."""

    url: str
    title: str
    entries: int
    why: str = ""


class Finding(Struct, frozen=True, kw_only=True):
    """The feeds found, the likeliest first; ``failure`` tells why the address itself is none, ``None`` where it is."""

    feeds: tuple[FoundFeed, ...]
    failure: Failure | None = None


def find(url: str, config: Config) -> Finding:
    """Return the feed at ``url``, or the feeds of the page there.

    Feeds are looked for where the page says or sites of its kind have them; only where there is none, common places are
    probed. A page that cannot be had may still be known by its address.
    """
    with closing(Readers(config.parse)) as readers:
        search = _Search(config, readers)
        return search.of(url)


def propose(
    config: Config, states: Mapping[str, SourceState], before: Mapping[str, Proposal], now: datetime
) -> dict[str, Proposal]:
    """Return the proposals for the sources that are dead, after asking the sites of those not asked for a week."""
    dead = {source.id: source for source in config.sources if source.id in states and is_dead(states[source.id], now)}
    after = {source_id: before[source_id] for source_id in dead if source_id in before}
    due = {
        source_id: source.link or states[source_id].link or absolute(source.url, "/")
        for source_id, source in dead.items()
        if source_id not in after or abs(now - after[source_id].asked_at) >= ASKED_EVERY
    }
    sites = {source_id: absolute("", site) for source_id, site in list(due.items())[:SITES_AT_ONCE]}
    if sites:
        with closing(Readers(config.parse)) as readers:
            for source_id, url in _Search(config, readers).named(sites, dead).items():
                after[source_id] = Proposal(url=url, asked_at=now)
    return after


class _Search:
    """One search; no address is asked twice, and no feed found twice."""

    def __init__(self, config: Config, readers: Readers) -> None:
        self.config = config
        self.readers = readers
        self.own = own_documents(config)
        self.bodies: set[str] = set()

    def of(self, url: str) -> Finding:
        asked = Candidate(url=url)
        page = self.fetched([asked])[url]
        failure = page.failure or self.found(asked, page)
        if isinstance(failure, FoundFeed):
            return Finding(feeds=(failure,))
        address = page.url or url
        known = candidates(address, b"" if page.failure else page.body, _type_of(page))
        feeds = self.feeds(known)
        # A stage before the reading: there is no page, or it is a feed that must not be added.
        places = () if failure.stage == "fetch" else guesses(address)
        for first in range(0, len(places), GUESSES_AT_ONCE):
            feeds = feeds or self.feeds(places[first : first + GUESSES_AT_ONCE])
        return Finding(feeds=feeds, failure=failure)

    def named(self, sites: Mapping[str, str], sources: Mapping[str, Source]) -> dict[str, str]:
        """Return, by source, another feed that its site names, "" for none; few are tried of each site."""
        pages = self.fetched(Candidate(url=site) for site in set(sites.values()) if site)
        places: dict[str, Sequence[Candidate]] = {}
        for source_id, site in sites.items():
            page = pages.get(site)
            known = () if page is None or page.failure else candidates(page.url, page.body, _type_of(page))
            others = (place for place in known if place.is_named and place.url != sources[source_id].url)
            places[source_id] = list(islice(others, NAMES_TRIED))
        answers = self.fetched({place.url: place for tried in places.values() for place in tried}.values())
        feeds = {url: self.found(Candidate(url=url), answer) for url, answer in answers.items() if not answer.failure}
        return {
            source_id: next((place.url for place in tried if isinstance(feeds.get(place.url), FoundFeed)), "")
            for source_id, tried in places.items()
        }

    def feeds(self, places: Sequence[Candidate]) -> tuple[FoundFeed, ...]:
        answers = self.fetched(places)
        results = [self.found(place, answers[place.url]) for place in places if not answers[place.url].failure]
        return tuple(result for result in results if isinstance(result, FoundFeed))

    def fetched(self, places: Iterable[Candidate]) -> dict[str, Fetched]:
        requests = [Request(source_id=place.url, url=place.url) for place in places]
        with closing(fetch_all(requests, self.config.fetch)) as answers:
            return {fetched.source_id: fetched for fetched in answers}

    def found(self, place: Candidate, fetched: Fetched) -> FoundFeed | Failure:
        """Return the feed that was fetched, or why there is none."""
        try:
            feed = self.readers.read(fetched).feed
        except ParseError as error:
            return Failure(stage="parse", code=error.code, detail=str(error))
        if own := refusal(feed, self.own):
            return own
        mark = digest(fetched.body)
        if mark in self.bodies:
            return Failure(stage="parse", code="repeated", detail="the same document as at another address")
        self.bodies.add(mark)
        return FoundFeed(
            url=_lasting(place.url, fetched),
            title=_shown(to_text(feed.title.value)) or _shown(place.title),
            entries=len(feed.entries),
            why=place.why,
        )


def _type_of(page: Fetched) -> str:
    return dict(page.headers).get("content-type", "")


def _lasting(url: str, fetched: Fetched) -> str:
    """Return where a source lives now (RFC 9110 §15.4.2); an address with credentials stays, as they do not move."""
    return url if "@" in urlsplit(url).netloc else fetched.moved_to or url


def _shown(title: str) -> str:
    """Return what a feed calls itself fit for a terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in title[:LONGEST_TITLE]).split())
