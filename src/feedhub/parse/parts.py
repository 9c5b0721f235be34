"""The parts of feeds and entries, made of the dictionaries feedparser holds them in.

The fast path keeps the same dictionaries, so both ways of reading share these functions. A hostile feed can make
feedparser hold anything under any key, hence every value is looked at before it is believed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from feedhub.media import Media, Place
from feedhub.model import Category, Enclosure, Hints, Link, Origin, Person
from feedhub.parse.values import MAX_PARTS, count, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Held", "categories", "enclosures", "hints", "links", "media", "origin", "people", "place", "string"]

Held = dict[str, Any]
"""What feedparser holds of a feed, an entry or a part of one."""

_PERIODS = frozenset({"hourly", "daily", "weekly", "monthly", "yearly"})


def string(holder: Held, name: str) -> str:
    """Return the string held under ``name``, empty when something else is held there."""
    value = dict.get(holder, name)
    return value if isinstance(value, str) else ""


def people(authors: Sequence[Held]) -> tuple[Person, ...]:
    """Return the authors that have a name, an address or a page."""
    found = []
    for author in authors[:MAX_PARTS]:
        person = Person(name=string(author, "name"), email=string(author, "email"), url=string(author, "href"))
        if person.name or person.email or person.url:
            found.append(person)
    return tuple(found)


def categories(tags: Sequence[Held]) -> tuple[Category, ...]:
    """Return the categories that have a term or a label."""
    found = []
    for tag in tags[:MAX_PARTS]:
        category = Category(term=string(tag, "term"), scheme=string(tag, "scheme"), label=string(tag, "label"))
        if category.term or category.label:
            found.append(category)
    return tuple(found)


def enclosures(held: Sequence[Held], duration: str) -> tuple[Enclosure, ...]:
    """Return the attached files among the links; ``itunes:duration`` speaks of the first of them."""
    found: list[Enclosure] = []
    for link in held:
        url = string(link, "href")
        if dict.get(link, "rel") == "enclosure" and url and len(found) < MAX_PARTS:
            found.append(
                Enclosure(
                    url=url,
                    type=string(link, "type"),
                    length=count(string(link, "length")),
                    title=string(link, "title"),
                    duration=None if found else seconds(duration),
                )
            )
    return tuple(found)


def links(held: Sequence[Held]) -> tuple[Link, ...]:
    """Return the links other than alternates and enclosures."""
    found: list[Link] = []
    for link in held:
        rel = string(link, "rel")
        href = string(link, "href")
        if rel not in {"alternate", "enclosure"} and href and len(found) < MAX_PARTS:
            found.append(
                Link(
                    href=href,
                    rel=rel,
                    type=string(link, "type"),
                    title=string(link, "title"),
                    language=string(link, "hreflang"),
                )
            )
    return tuple(found)


def media(held: Sequence[Held]) -> tuple[Media, ...]:
    """Return the ``media:content`` or ``media:thumbnail`` elements that have an address."""
    return tuple(
        Media(
            url=string(each, "url"),
            type=string(each, "type"),
            medium=string(each, "medium"),
            width=count(string(each, "width")),
            height=count(string(each, "height")),
            length=count(string(each, "filesize")),
            duration=seconds(string(each, "duration")),
        )
        for each in held[:MAX_PARTS]
        if string(each, "url")
    )


def origin(source: Held, source_links: Sequence[Held]) -> Origin | None:
    """Return where an entry says it was copied from, ``None`` when it says nothing.

    Beside people, ``href`` is the page of the last of them, and not the address of a feed.
    """
    feed_url = next((string(link, "href") for link in source_links if dict.get(link, "rel") == "self"), "")
    if not feed_url and not dict.get(source, "authors") and not dict.get(source, "contributors"):
        feed_url = string(source, "href")
    found = Origin(
        id=string(source, "id"), title=string(source, "title"), link=string(source, "link"), feed_url=feed_url
    )
    return None if found == Origin() else found


def place(latitude: str | float, longitude: str | float) -> Place | None:
    """Return a position on Earth, ``None`` when the two are not degrees."""
    try:
        found = Place(latitude=float(latitude), longitude=float(longitude))
    except ValueError:
        return None
    if not math.isfinite(found.latitude) or not math.isfinite(found.longitude):
        return None
    return found if abs(found.latitude) <= 90 and abs(found.longitude) <= 180 else None  # noqa: PLR2004 - degrees


def hints(feed: Held, skip_hours: tuple[int, ...], skip_days: tuple[str, ...]) -> Hints:
    """Return when the feed asks to be fetched again."""
    period = string(feed, "sy_updateperiod").strip().lower()
    return Hints(
        ttl=count(string(feed, "ttl")),
        skip_hours=skip_hours,
        skip_days=skip_days,
        update_period=period if period in _PERIODS else "",
        update_frequency=count(string(feed, "sy_updatefrequency")),
    )
