"""All stories an edition ever had, as documents that never change (RFC 5005 §4).

Stories are put away in the order in which they arrived, which is a fact: those numbered up to `Archived.until` are in
archives for good, the others are not. The document to subscribe to holds all that are not, and the newest in any case.
So every story is in it or in exactly one archive, whatever became of it since.

How a story was shown when it was put away is no fact to be told again (it may be edited, joined or removed since, and
the configuration another), so archives are kept as they were published.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Archive, Archived, Part
from feedhub.publish import document
from feedhub.publish.addresses import uri
from feedhub.publish.selection import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedhub.model import Edition, Item, Site, Story

__all__ = ["NOTHING", "address", "after", "archive", "full", "subscription", "waiting"]

NOTHING = Archived()
# Larger archives would make every reader that catches up load much at once.
MAX_SIZE = 100


def address(edition: Edition, site: Site) -> str:
    """Return what an edition's archives are kept under: its address without a suffix."""
    return f"{uri(site.url) or site.url}{edition.slug}"


def waiting(stories: Iterable[Story], archived: Archived) -> list[Story]:
    """Return those of an edition's ``stories`` that are not put away, in order of arrival."""
    return sorted((story for story in stories if _number(story) > archived.until), key=_number)


def full(edition: Edition, stories: Sequence[Story]) -> list[Sequence[Story]]:
    """Return what is to be put away of the `waiting` stories: all but the last, in parts of one size.

    As many as ``limit`` stay, so that a story has time to be edited before it is.
    """
    size = min(edition.limit, MAX_SIZE)
    count = max(0, len(stories) - edition.limit) // size
    return [stories[start : start + size] for start in range(0, count * size, size)]


def subscription(edition: Edition, stories: Sequence[Story], archived: Archived) -> list[Story]:
    """Return what the document to subscribe to holds of an edition's ``stories``, in the edition's order."""
    shown = {story.id: story for story in (*select(edition, stories), *waiting(stories, archived))}
    return select(replace(edition, limit=len(shown)), shown.values()) if shown else []


def archive(
    edition: Edition, site: Site, stories: Sequence[Story], items: Mapping[str, Item], before: Archived
) -> Archive:
    """Return the archive after ``before`` that holds ``stories``, of which those that can be shown are ``items``."""
    number = before.number + 1
    told = [items[story.id] for story in reversed(stories) if story.id in items]
    return Archive(
        feed=address(edition, site),
        number=number,
        until=max(story.members[0].number for story in stories),
        stories=tuple(story.id for story in stories),
        documents={
            name: document(name, edition, site, told, Part(archive=number, previous=before.newest(name)))
            for name in edition.formats
        },
    )


def after(before: Archived, put_away: Archive) -> Archived:
    """Return how far an edition is put away once ``put_away`` is."""
    paths = {name: document.path for name, document in put_away.documents.items()}
    return Archived(number=put_away.number, until=put_away.until, paths=before.paths | {put_away.number: paths})


def _number(story: Story) -> float:
    """Return the place of a story in the order of arrival: that of its first teller, the last where it has none yet."""
    number = story.members[0].number
    return number if number >= 0 else inf
