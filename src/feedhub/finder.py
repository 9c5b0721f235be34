"""Finds the feeds of a page: what `feedhub.discover` takes for candidates is fetched and read as sources are."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from feedhub.discover import Candidate, candidates, guesses
from feedhub.errors import ParseError
from feedhub.fetch import fetch_all
from feedhub.model import Failure, Request
from feedhub.normalize.html import to_text
from feedhub.plan import digest
from feedhub.reading import Readers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedhub.config import Config
    from feedhub.model import Fetched

__all__ = ["Finding", "FoundFeed", "find"]

# Guesses are tried a few at a time: mostly one of the first is right, and nobody likes to be probed.
GUESSES_AT_ONCE = 4
LONGEST_TITLE = 200


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

    Feeds are looked for where the page says or sites of its kind have them; only a page that says nothing is probed
    for feeds in common places. A page that cannot be had may still be known by its address.
    """
    with closing(Readers(config.parse)) as readers:
        search = _Search(config, readers)
        return search.of(url)


class _Search:
    """One search; no address is asked twice, and no feed found twice."""

    def __init__(self, config: Config, readers: Readers) -> None:
        self.config = config
        self.readers = readers
        self.bodies: set[str] = set()

    def of(self, url: str) -> Finding:
        asked = Candidate(url=url)
        page = self.fetched([asked])[url]
        failure = page.failure or self.found(asked, page)
        if isinstance(failure, FoundFeed):
            return Finding(feeds=(failure,))
        content_type = dict(page.headers).get("content-type", "")
        address = page.url or url
        known = candidates(address, b"" if page.failure else page.body, content_type)
        feeds = self.feeds(known)
        is_silent = not page.failure and not any(candidate.is_named for candidate in known)
        places = guesses(address) if is_silent else ()
        for first in range(0, len(places), GUESSES_AT_ONCE):
            feeds = feeds or self.feeds(places[first : first + GUESSES_AT_ONCE])
        return Finding(feeds=feeds, failure=failure)

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


def _lasting(url: str, fetched: Fetched) -> str:
    """Return where a source lives now (RFC 9110 §15.4.2); an address with credentials stays, as they do not move."""
    return url if "@" in urlsplit(url).netloc else fetched.moved_to or url


def _shown(title: str) -> str:
    """Return what a feed calls itself fit for a terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in title[:LONGEST_TITLE]).split())
