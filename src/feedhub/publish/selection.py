"""Which stories an edition shows, and in which order."""

from __future__ import annotations

from collections import Counter
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
    # Two stable sorts are faster than one by a pair: the first by plain strings, the second by plain datetimes.
    found = sorted(stories, key=attrgetter("id"))
    found.sort(key=moment, reverse=True)
    if edition.max_age is not None and found:
        oldest = moment(found[0]) - edition.max_age
        found = [story for story in found if moment(story) >= oldest]
    if not edition.per_source:
        return found[: edition.limit]
    told: Counter[str] = Counter()
    shown: list[Story] = []
    for story in found:
        source_id = story.lead.source_id
        if told[source_id] < edition.per_source:
            told[source_id] += 1
            shown.append(story)
            if len(shown) == edition.limit:
                break
    return shown
