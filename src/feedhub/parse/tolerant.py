"""feedparser as a reader: the judge of what a feed says, and the way every document goes that nothing faster reads.

feedparser's HTML stages are off (``normalize`` does that work once per new entry). What it raises on hostile input
comes out as `ParseError`.
"""

from __future__ import annotations

import warnings
from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax import SAXException

import feedparser

from feedhub.errors import ParseError
from feedhub.model import Category, Enclosure, Entry, Feed, Link, Origin, Person, Problem, Text
from feedhub.parse.values import MAX_ENTRIES, MAX_PARTS, count, seconds

__all__ = ["read"]

UNSTATED = "application/xml"
"""The media type given to feedparser for a document without one: then the XML declaration decides the encoding."""

# A feed whose element names are also keys feedparser keeps its own state under makes it stumble over its own types.
_STUMBLES = (KeyError, TypeError, AttributeError, ValueError, IndexError, LookupError, AssertionError, RecursionError)


Held = dict[str, Any]
"""What feedparser holds of a feed or an entry."""


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
        raise ParseError("malformed", f"feedparser stumbled: {type(error).__name__}: {error}") from error
    version = _string(parsed, "version")
    found = dict.get(parsed, "entries") or []
    if not version and not found:
        raise ParseError("not-a-feed", "the document has neither a feed's root element nor entries")
    problems = _document_problems(parsed, version, len(found))
    entries = tuple(_entry(entry, at, problems) for at, entry in enumerate(found[:MAX_ENTRIES]))
    return _feed(dict.get(parsed, "feed") or {}, version, entries, problems)


def _document_problems(parsed: Held, version: str, entries: int) -> list[Problem]:
    problems = []
    error = dict.get(parsed, "bozo_exception")
    if isinstance(error, SAXException):
        problems.append(Problem(code="not-well-formed", detail=error.getMessage()))
    elif isinstance(error, feedparser.CharacterEncodingUnknown):
        problems.append(Problem(code="encoding", detail=str(error)))
    elif isinstance(error, feedparser.CharacterEncodingOverride) and "declared as us-ascii" not in str(error):
        # text/xml without a charset once meant US-ASCII; RFC 7303 dropped that, and nobody is wrong to send UTF-8.
        problems.append(Problem(code="encoding", detail=str(error)))
    if not version:
        problems.append(Problem(code="unknown-dialect", detail="entries without a feed around them"))
    if entries > MAX_ENTRIES:
        problems.append(Problem(code="too-many-entries", detail=f"{entries} entries, the first {MAX_ENTRIES} are read"))
    return problems


def _feed(feed: Held, version: str, entries: tuple[Entry, ...], problems: list[Problem]) -> Feed:
    links = _dicts(feed, "links")
    return Feed(
        dialect=version,
        id=_string(feed, "id"),
        title=_text(feed, "title"),
        subtitle=_text(feed, "subtitle"),
        link=_string(feed, "link"),
        language=_string(feed, "language"),
        image=_string(dict.get(feed, "image"), "href") or _string(feed, "logo"),
        icon=_string(feed, "icon"),
        authors=_authors(feed),
        updated=_date(feed, "updated", -1, problems) or _date(feed, "published", -1, problems),
        links=_links(links),
        entries=entries,
        problems=tuple(problems),
    )


def _entry(entry: Held, at: int, problems: list[Problem]) -> Entry:
    links = _dicts(entry, "links")
    contents = _dicts(entry, "content")
    content = _detail(contents[0]) if contents else Text()
    return Entry(
        id=_string(entry, "id"),
        title=_text(entry, "title"),
        link=_string(entry, "link"),
        summary=_text(entry, "summary", content.type if contents else "text/plain"),
        content=content,
        authors=_authors(entry),
        categories=_categories(entry),
        enclosures=_enclosures(links, _string(entry, "itunes_duration")),
        published=_date(entry, "published", at, problems),
        updated=_date(entry, "updated", at, problems),
        language=_string(entry, "language"),
        origin=_origin(entry),
        comments=_string(entry, "comments"),
        image=_image(entry),
        links=_links(links),
    )


def _text(holder: Held, name: str, otherwise: str = "text/plain") -> Text:
    """Return a text construct; feedparser keeps its type apart from its value, and they can come to differ."""
    value = _string(holder, name)
    detail = dict.get(holder, f"{name}_detail")
    if isinstance(detail, dict) and dict.get(detail, "value") == value:
        return _detail(detail)
    return Text(value=value, type=otherwise) if value else Text()


def _detail(detail: Held) -> Text:
    return Text(
        value=_string(detail, "value"),
        type=_string(detail, "type") or "text/plain",
        language=_string(detail, "language"),
    )


def _authors(holder: Held) -> tuple[Person, ...]:
    people = (
        Person(name=_string(author, "name"), email=_string(author, "email"), url=_string(author, "href"))
        for author in _dicts(holder, "authors")
    )
    return tuple(person for person in people if person.name or person.email or person.url)


def _categories(entry: Held) -> tuple[Category, ...]:
    tags = (
        Category(term=_string(tag, "term"), scheme=_string(tag, "scheme"), label=_string(tag, "label"))
        for tag in _dicts(entry, "tags")
    )
    return tuple(tag for tag in tags if tag.term or tag.label)


def _enclosures(links: list[Held], duration: str) -> tuple[Enclosure, ...]:
    """Return the attached files; ``itunes:duration`` speaks of the first of them."""
    files = [link for link in links if dict.get(link, "rel") == "enclosure" and _string(link, "href")]
    return tuple(
        Enclosure(
            url=_string(link, "href"),
            type=_string(link, "type"),
            length=count(_string(link, "length")),
            title=_string(link, "title"),
            duration=seconds(duration) if at == 0 else None,
        )
        for at, link in enumerate(files)
    )


def _links(links: list[Held]) -> tuple[Link, ...]:
    return tuple(
        Link(
            href=_string(link, "href"),
            rel=_string(link, "rel"),
            type=_string(link, "type"),
            title=_string(link, "title"),
            language=_string(link, "hreflang"),
        )
        for link in links
        if dict.get(link, "rel") not in {"alternate", "enclosure"} and _string(link, "href")
    )


def _origin(entry: Held) -> Origin | None:
    source = dict.get(entry, "source")
    if not isinstance(source, dict):
        return None
    selves = [_string(link, "href") for link in _dicts(source, "links") if dict.get(link, "rel") == "self"]
    origin = Origin(
        id=_string(source, "id"),
        title=_string(source, "title"),
        link=_string(source, "link"),
        feed_url=_string(source, "href") or "".join(selves[:1]),
    )
    return None if origin == Origin() else origin


def _image(entry: Held) -> str:
    thumbnails = [_string(thumbnail, "url") for thumbnail in _dicts(entry, "media_thumbnail")]
    return _string(dict.get(entry, "image"), "href") or "".join(thumbnails[:1])


def _date(holder: Held, name: str, at: int, problems: list[Problem]) -> datetime | None:
    """Return the date feedparser understood; one it did not understand is a problem."""
    said = _string(holder, name)
    parsed = dict.get(holder, f"{name}_parsed")
    try:
        found = datetime.fromtimestamp(timegm(parsed), UTC) if isinstance(parsed, tuple) else None
    except (ValueError, OverflowError):
        found = None
    if said and found is None:
        problems.append(Problem(code="bad-date", detail=f"{name}: {said[:80]}", entry=at))
    return found


def _string(holder: object, name: str) -> str:
    """Return a string that feedparser holds under ``name``; a hostile feed can put anything there."""
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def _dicts(holder: object, name: str) -> list[Held]:
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return [each for each in value[:MAX_PARTS] if isinstance(each, dict)] if isinstance(value, list) else []
