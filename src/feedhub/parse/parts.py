"""The parts of feeds and entries, made of the dictionaries feedparser holds them in.

The fast path keeps the same dictionaries, so both ways of reading share these functions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from feedhub.model import Category, Enclosure, Hints, Link, Origin, Person
from feedhub.model.media import Media, Place
from feedhub.parse.values import MAX_PARTS, count, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Held", "categories", "enclosures", "hints", "links", "media", "origin", "people", "place"]

Held = dict[str, str]
"""The texts feedparser holds of a feed, an entry or a part of one."""

_PERIODS = frozenset({"hourly", "daily", "weekly", "monthly", "yearly"})


def people(authors: Sequence[Held]) -> tuple[Person, ...]:
    """Return the authors that have a name, an address or a page."""
    found = []
    for author in authors[:MAX_PARTS]:
        name, email, url = author.get("name", ""), author.get("email", ""), author.get("href", "")
        if name or email or url:
            found.append(Person(name=name, email=email, url=url))
    return tuple(found)


def categories(tags: Sequence[Held]) -> tuple[Category, ...]:
    """Return the categories that have a term or a label."""
    found = []
    for tag in tags[:MAX_PARTS]:
        category = Category(term=tag.get("term", ""), scheme=tag.get("scheme", ""), label=tag.get("label", ""))
        if category.term or category.label:
            found.append(category)
    return tuple(found)


def enclosures(held: Sequence[Held], duration: str) -> tuple[Enclosure, ...]:
    """Return the attached files among the links; ``itunes:duration`` speaks of the first of them."""
    found: list[Enclosure] = []
    for link in held:
        url = link.get("href", "")
        if link.get("rel") == "enclosure" and url and len(found) < MAX_PARTS:
            found.append(
                Enclosure(
                    url=url,
                    type=link.get("type", ""),
                    length=count(link.get("length", "")),
                    title=link.get("title", ""),
                    duration=None if found else seconds(duration),
                )
            )
    return tuple(found)


def links(held: Sequence[Held]) -> tuple[Link, ...]:
    """Return the links other than alternates and enclosures."""
    found: list[Link] = []
    for link in held:
        rel = link.get("rel", "")
        href = link.get("href", "")
        if rel not in {"alternate", "enclosure"} and href and len(found) < MAX_PARTS:
            found.append(
                Link(
                    href=href,
                    rel=rel,
                    type=link.get("type", ""),
                    title=link.get("title", ""),
                    language=link.get("hreflang", ""),
                )
            )
    return tuple(found)


def media(held: Sequence[Held]) -> tuple[Media, ...]:
    """Return the ``media:content`` or ``media:thumbnail`` elements that have an address."""
    return tuple(
        Media(
            url=each.get("url", ""),
            type=each.get("type", ""),
            medium=each.get("medium", ""),
            width=count(each.get("width", "")),
            height=count(each.get("height", "")),
            length=count(each.get("filesize", "")),
            duration=seconds(each.get("duration", "")),
        )
        for each in held[:MAX_PARTS]
        if each.get("url", "")
    )


def origin(source: Held, source_links: Sequence[Held], *, has_people: bool) -> Origin | None:
    """Return where an entry says it was copied from, ``None`` when it says nothing.

    Beside people, ``href`` is the page of the last of them, and not the address of a feed.
    """
    feed_url = next((link.get("href", "") for link in source_links if link.get("rel") == "self"), "")
    if not feed_url and not has_people:
        feed_url = source.get("href", "")
    found = Origin(
        id=source.get("id", ""), title=source.get("title", ""), link=source.get("link", ""), feed_url=feed_url
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
    period = feed.get("sy_updateperiod", "").strip().lower()
    return Hints(
        ttl=count(feed.get("ttl", "")),
        skip_hours=skip_hours,
        skip_days=skip_days,
        update_period=period if period in _PERIODS else "",
        update_frequency=count(feed.get("sy_updatefrequency", "")),
    )
