"""Which stories an edition shows, and in which order."""

from __future__ import annotations

from collections import Counter
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from feedhub.model import Edition, Order, Story

__all__ = ["moment", "select"]

_MOMENTS: dict[Order, str] = {"published": "published", "updated": "updated", "first-seen": "first_seen"}


def moment(edition: Edition, story: Story) -> datetime:
    """Return the date of ``story`` that ``edition`` goes by."""
    found: datetime = getattr(story, _MOMENTS[edition.order])
    return found


def select(edition: Edition, stories: Iterable[Story]) -> list[Story]:
    """Return the stories that ``edition`` shows, newest first, out of those that pass its filter.

    The order is by the edition's moment, then by id. ``max_age`` counts back from the newest of ``stories``. Of each
    source (that of a story's lead) at most ``per_source`` stories are shown, the newest; 0 is no cap. With ``mix`` the
    sources take turns: first the newest story of each, newest first, then the second newest of each, and so on.
    """
    found = _eligible(edition, stories)
    return list(islice(_in_turn(found) if edition.mix else found, edition.limit))


def _eligible(edition: Edition, stories: Iterable[Story]) -> Iterator[Story]:
    """Yield the stories that are not too old and within the cap of their source, newest first."""
    by_moment = attrgetter(_MOMENTS[edition.order])
    newest_first = sorted(stories, key=by_moment, reverse=True)
    if not newest_first:
        return
    oldest = by_moment(newest_first[0]) - edition.max_age if edition.max_age is not None else None
    told: Counter[str] = Counter()
    # Only those of the same moment are ordered by id: most editions look at few of many stories.
    for when, at_once in groupby(newest_first, key=by_moment):
        if oldest is not None and when < oldest:
            return
        for story in sorted(at_once, key=attrgetter("id")):
            source_id = story.lead.source_id
            if not edition.per_source or told[source_id] < edition.per_source:
                told[source_id] += 1
                yield story


def _in_turn(stories: Iterable[Story]) -> Iterator[Story]:
    """Yield the first story of each source, then the second of each, and so on."""
    rounds: list[list[Story]] = []
    told: Counter[str] = Counter()
    for story in stories:
        place = told[story.lead.source_id]
        told[story.lead.source_id] += 1
        if place == len(rounds):
            rounds.append([])
        rounds[place].append(story)
    return chain.from_iterable(rounds)
