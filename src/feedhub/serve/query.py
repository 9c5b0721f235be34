"""Queries as feeds: what the part of an address after "?" asks for, and what is wrong with it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["MAX_LIMIT", "PARAMETERS", "Query", "QueryError", "read_query"]

PARAMETERS = ("q", "tag", "source", "language", "limit")
# Of parameters, of characters in each, and of both together with what the encoding adds.
MAX_PARAMETERS, MAX_VALUE, MAX_QUERY = 20, 200, 4000
MAX_WORDS = 20
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
MAX_CHOICES = 20


class QueryError(ValueError):
    """A query that cannot be answered; the message says what could be, and holds nothing of the query."""


class Query(Struct, frozen=True, kw_only=True):
    """What a feed on demand holds: stories of which one entry fulfils all of these, so many of the newest.

    ``words`` are as `feedhub.store.search.Wanted` has them. Of tags, sources (ids) and languages an entry has at least
    one of those named; an empty tuple asks for nothing.
    """

    words: str = ""
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    limit: int = DEFAULT_LIMIT

    def encoded(self) -> str:
        """Return the query as it stands in an address: the same for all ways to ask for the same."""
        pairs = [("q", self.words)] if self.words else []
        pairs += [("tag", tag) for tag in self.tags]
        pairs += [("source", source) for source in self.sources]
        pairs += [("language", language) for language in self.languages]
        pairs += [("limit", str(self.limit))] if self.limit != DEFAULT_LIMIT else []
        return urlencode(pairs)


def read_query(text: str, sources: Collection[str]) -> Query:
    """Return the query that ``text`` spells; ``sources`` are the ids there are. QueryError says what is wrong."""
    if len(text) > MAX_QUERY:
        raise QueryError(f"the query is longer than {MAX_QUERY} characters")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise QueryError("the query is not UTF-8") from None
    except ValueError:
        raise QueryError(f"there are more than {MAX_PARAMETERS} parameters") from None
    given: dict[str, list[str]] = {name: [] for name in PARAMETERS}
    for name, value in pairs:
        if name not in given:
            raise QueryError(f"there is an unknown parameter; the choices are {', '.join(PARAMETERS)}")
        if len(value) > MAX_VALUE:
            raise QueryError(f"a value of {name} is longer than {MAX_VALUE} characters")
        if value.strip():
            given[name].append(" ".join(value.split()))
    if any(source not in sources for source in given["source"]):
        known = sorted(sources)
        more = ", …" if len(known) > MAX_CHOICES else ""
        raise QueryError(f"there is an unknown source; the choices are {', '.join(known[:MAX_CHOICES])}{more}")
    words = " ".join(given["q"])
    if words.count(" ") >= MAX_WORDS:
        raise QueryError(f"q holds more than {MAX_WORDS} words")
    return Query(
        words=words,
        tags=_sorted(given["tag"]),
        sources=_sorted(given["source"]),
        languages=_sorted([value.lower() for value in given["language"]]),
        limit=_limit(given["limit"]),
    )


def _sorted(values: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _limit(values: list[str]) -> int:
    if not values:
        return DEFAULT_LIMIT
    value = values[-1]
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < len(str(MAX_LIMIT)) + 1 else 0
    if not 1 <= number <= MAX_LIMIT:
        raise QueryError(f"limit must be a number from 1 to {MAX_LIMIT}")
    return number
