"""Stories that all who told them took back (RFC 6721)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.model import Deleted
from feedhub.publish.origins import public_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from feedhub.model import Edition, Story

    Withdrawn = Mapping[tuple[str, str], datetime]

__all__ = ["deleted", "standing", "withdrawn"]


def withdrawn(story: Story, entries: Withdrawn) -> datetime | None:
    """Return when the last stored entry of ``story`` was taken back, None where one was not.

    ``entries`` are those taken back, by source id and key, with their times.
    """
    times = [entries.get((member.source_id, member.key)) for member in story.members if not member.removed]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None


def standing(edition: Edition, stories: list[Story], entries: Withdrawn) -> list[Story]:
    """Return those of an edition's ``stories`` that it may show: all, where it does not ask for deletions."""
    if not edition.deletions or not entries:
        return stories
    return [story for story in stories if withdrawn(story, entries) is None]


def deleted(edition: Edition, stories: Iterable[Story], entries: Withdrawn) -> tuple[Deleted, ...]:
    """Return those of an edition's ``stories`` that are withdrawn, the newest first, as many as it shows stories."""
    if not edition.deletions or not entries:
        return ()
    found = [(at, story.id) for story in stories if (at := withdrawn(story, entries)) is not None]
    found.sort(key=lambda each: (-each[0].timestamp(), each[1]))
    return tuple(Deleted(id=public_id(story_id), at=at) for at, story_id in found[: edition.limit])
