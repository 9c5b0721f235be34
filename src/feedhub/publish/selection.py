"""Which stories an edition shows, and in which order."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedhub.model import Edition, Order, Story

__all__ = ["select"]

_MOMENTS: dict[Order, str] = {"published": "published", "updated": "updated", "first-seen": "first_seen"}


def select(edition: Edition, stories: Iterable[Story]) -> list[Story]:
    """Return the stories that ``edition`` shows, newest first, out of those that pass its filter.

    The order is by the edition's moment, then by id. ``max_age`` counts back from the newest of ``stories``. Of each
    source (that of a story's lead) at most ``per_source`` stories are shown, the newest; 0 is no cap.
    """
    moment = attrgetter(_MOMENTS[edition.order])
    newest_first = sorted(stories, key=moment, reverse=True)
    if not newest_first:
        return []
    oldest = moment(newest_first[0]) - edition.max_age if edition.max_age is not None else moment(newest_first[-1])
    told: Counter[str] = Counter()
    shown: list[Story] = []
    # Only those of the same moment are ordered by id: most editions look at few of many stories.
    for when, at_once in groupby(newest_first, key=moment):
        if when < oldest:
            break
        for story in sorted(at_once, key=attrgetter("id")):
            source_id = story.lead.source_id
            if not edition.per_source or told[source_id] < edition.per_source:
                told[source_id] += 1
                shown.append(story)
                if len(shown) == edition.limit:
                    return shown
    return shown
