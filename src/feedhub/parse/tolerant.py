"""feedparser as a reader: the judge of what a feed says, and the way every document goes that nothing faster reads.

feedparser's HTML stages are off (``normalize`` does that work once per new entry). What it raises on hostile input
comes out as `ParseError`.
"""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax import SAXException

import feedparser
from msgspec.structs import replace

from feedhub.errors import ParseError
from feedhub.model import Entry, Feed, Problem, Text
from feedhub.parse import parts
from feedhub.parse.addresses import own_base
from feedhub.parse.extras import Extras, extras
from feedhub.parse.other_dates import settled
from feedhub.parse.references import mended
from feedhub.parse.values import MAX_ENTRIES, too_many

if TYPE_CHECKING:
    from datetime import datetime

    from feedhub.model import Origin
    from feedhub.model.media import Episode, Place

__all__ = ["read"]

UNSTATED = "application/xml"
"""The media type given to feedparser for a document without one: then the XML declaration decides the encoding."""

# A feed whose element names are also keys feedparser keeps its own state under makes it stumble over its own types.
_STUMBLES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

_NOTHING = Text()
# What expat says of a document that ends too early, within an entry or behind the last one.
_ENDS_EARLY = frozenset({"no element found", "partial character", "unclosed CDATA section", "unclosed token"})
_NO_CHARACTERS = Problem(code="not-well-formed", detail="references to what is no character")
_CDF = re.compile(rb"<channel[\s>]", re.IGNORECASE)
"""The root of a CDF file, which feedparser reads without giving the dialect a name."""

_ENTRY = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:[A-Za-z0-9]+:)?(?:item|entry|channel|feed|rss|rdf)[\s>]", re.IGNORECASE)
_NAMED = re.compile(rb"</(?:[A-Za-z0-9]+:)?(?:guid|id)[\s>]|<[^<>]*\babout=[^<>]+>", re.IGNORECASE)

Held = dict[str, Any]
"""What feedparser holds of a feed, an entry or a part of one."""


def read(body: bytes, *, url: str, content_type: str = "") -> Feed:
    """Read anything feedparser can; raises `ParseError` ``not-a-feed`` or ``malformed``."""
    headers = {"content-type": content_type or UNSTATED, "content-location": url}
    try:
        with warnings.catch_warnings():
            # feedparser warns of its own fallbacks (`updated` for `published`), which are not used here.
            warnings.simplefilter("ignore", DeprecationWarning)
            parsed = feedparser.parse(
                BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
    except _STUMBLES as error:
        better = mended(body)
        if better != body:
            found = read(better, url=url, content_type=content_type)
            return replace(found, problems=(*found.problems, _NO_CHARACTERS))
        raise ParseError("malformed", f"feedparser stumbled: {type(error).__name__}: {error}") from error
    version = _string(parsed, "version")
    feed = dict.get(parsed, "feed") or {}
    entries = dict.get(parsed, "entries") or []
    if not version and not entries and not _CDF.search(body[:4096]):
        raise ParseError("not-a-feed", "the document has neither a feed's root element nor entries")
    mapping = _Mapping(own_base(url), _string(feed, "language"))
    half = _half_entry(body) if dict.get(parsed, "bozo_exception") else b""
    mapping.problems += _document_problems(parsed, version, is_half=bool(half))
    mapping.problems += too_many(len(entries))
    more = extras(body, content_type, len(entries))
    if any(problem.code == "cut-short" for problem in mapping.problems) and not _NAMED.search(half):
        # Without its id it would be told once as it is, and again when the whole of it comes.
        entries = entries[:-1]
    return mapping.feed(feed, version, entries, more)


def _half_entry(body: bytes) -> bytes:
    """Return what there is of an entry within which a document ends: neither it nor anything around it is closed."""
    last = max((found.start() for found in _ENTRY.finditer(body)), default=len(body))
    return b"" if _CLOSED.search(body, last) else body[last:]


def _document_problems(parsed: Held, version: str, *, is_half: bool) -> list[Problem]:
    problems = []
    error = dict.get(parsed, "bozo_exception")
    if isinstance(error, SAXException):
        detail = error.getMessage()
        is_cut = is_half and detail in _ENDS_EARLY
        problems.append(Problem(code="cut-short" if is_cut else "not-well-formed", detail=detail))
    elif isinstance(error, feedparser.CharacterEncodingUnknown):
        problems.append(Problem(code="encoding", detail=str(error)))
    elif isinstance(error, feedparser.CharacterEncodingOverride) and "declared as us-ascii" not in str(error):
        # text/xml without a charset once meant US-ASCII; RFC 7303 dropped that, and nobody is wrong to send UTF-8.
        problems.append(Problem(code="encoding", detail=str(error)))
    if not version:
        problems.append(Problem(code="unknown-dialect", detail="the document does not say which kind of feed it is"))
    return problems


class _Mapping:
    """Makes records of what feedparser holds; ``base`` and ``language`` are those of the feed."""

    def __init__(self, base: str, language: str) -> None:
        self._base = base
        self._language = language
        self.problems: list[Problem] = []

    def feed(self, feed: Held, version: str, entries: list[Held], more: Extras) -> Feed:
        links = _dicts(feed, "links")
        image = dict.get(feed, "image")
        updated = self._date(feed, "updated", -1)
        published = self._date(feed, "published", -1)
        return Feed(
            dialect=version,
            id=_string(feed, "id"),
            title=self._text(feed, "title"),
            subtitle=self._text(feed, "subtitle") if _string(feed, "subtitle") else self._text(feed, "summary"),
            link=_string(feed, "link"),
            language=self._language,
            image=(_string(image, "href") if isinstance(image, dict) else "") or _string(feed, "logo"),
            icon=_string(feed, "icon"),
            authors=parts.people(_dicts(feed, "authors")),
            updated=updated or published,
            links=parts.links(links),
            categories=parts.categories(_dicts(feed, "tags")),
            hints=parts.hints(_texts(feed), more.skip_hours, more.skip_days),
            entries=tuple(
                self._entry(entry, at, episode)
                for at, (entry, episode) in enumerate(zip(entries[:MAX_ENTRIES], more.episodes, strict=False))
            ),
            problems=tuple(self.problems),
        )

    def _entry(self, entry: Held, at: int, episode: Episode | None) -> Entry:
        links = _dicts(entry, "links")
        contents = _dicts(entry, "content")
        content = self._detail(contents[0]) if contents else _NOTHING
        image = dict.get(entry, "image")
        return Entry(
            id=_string(entry, "id"),
            title=self._text(entry, "title"),
            link=_string(entry, "link"),
            summary=self._text(entry, "summary", content),
            content=content,
            authors=parts.people(_dicts(entry, "authors")),
            categories=parts.categories(_dicts(entry, "tags")),
            enclosures=parts.enclosures(links, _string(entry, "itunes_duration")),
            published=self._date(entry, "published", at),
            updated=self._date(entry, "updated", at),
            language=_string(entry, "language"),
            origin=_origin(entry),
            comments=_string(entry, "comments"),
            image=_string(image, "href") if isinstance(image, dict) else "",
            links=parts.links(links),
            rights=self._text(entry, "rights"),
            media=parts.media(_dicts(entry, "media_content")),
            thumbnails=parts.media(_dicts(entry, "media_thumbnail")),
            place=_place(entry),
            episode=episode,
        )

    def _text(self, holder: Held, name: str, source: Text = _NOTHING) -> Text:
        """Return a text; feedparser keeps its type apart from its value, and the two can come to differ.

        ``source`` is the content that feedparser copies to an entry without a summary.
        """
        value = _string(holder, name)
        detail = dict.get(holder, f"{name}_detail")
        if value and isinstance(detail, dict) and dict.get(detail, "value") == value:
            return self._detail(detail)
        if not value:
            return _NOTHING
        return source if source.value == value else Text(value=value)

    def _detail(self, detail: Held) -> Text:
        value, language, base = _string(detail, "value"), _string(detail, "language"), _string(detail, "base")
        if not value:
            return _NOTHING
        return Text(
            value=value,
            type=_string(detail, "type") or "text/plain",
            language="" if language == self._language else language,
            base="" if base == self._base else base,
        )

    def _date(self, holder: Held, name: str, at: int) -> datetime | None:
        """Return the date feedparser understood; one it did not understand is a problem."""
        said = _string(holder, name)
        found = settled(dict.get(holder, f"{name}_parsed"))
        if said and found is None:
            self.problems.append(Problem(code="bad-date", detail=f"{name}: {said[:80]}", entry=at))
        return found


def _origin(entry: Held) -> Origin | None:
    source = dict.get(entry, "source")
    if not isinstance(source, dict):
        return None
    has_people = bool(dict.get(source, "authors") or dict.get(source, "contributors"))
    return parts.origin(_texts(source), _dicts(source, "links"), has_people=has_people)


def _place(entry: Held) -> Place | None:
    where = dict.get(entry, "where")
    if isinstance(where, dict) and dict.get(where, "type") == "Point":
        coordinates = dict.get(where, "coordinates") or (0.0, 0.0)
        found = parts.place(coordinates[1], coordinates[0])
        if found is not None:
            return found
    latitude, longitude = _string(entry, "geo_lat"), _string(entry, "geo_long")
    return parts.place(latitude, longitude) if latitude else None


def _string(holder: Held, name: str) -> str:
    """Return the string held under ``name``, empty when something else is held there."""
    value = dict.get(holder, name)
    return value if isinstance(value, str) else ""


def _texts(held: Held) -> dict[str, str]:
    """Return the texts among what is held: a hostile feed can make feedparser hold anything under any name."""
    return {name: value for name, value in held.items() if isinstance(value, str)}


def _dicts(holder: Held, name: str) -> list[dict[str, str]]:
    """Return the dictionaries held in a list, with their texts."""
    value = dict.get(holder, name)
    return [_texts(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []
