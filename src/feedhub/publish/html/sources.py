"""Sources as their page shows them: what changes when they say something new, and when they are lost for long."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from feedhub.moves import is_dead
from feedhub.publish import languages
from feedhub.publish.addresses import public, uri
from feedhub.publish.html.views import SourceRow
from feedhub.publish.origins import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from feedhub.model import Source, SourceState, Story
    from feedhub.publish.html.views import Place

__all__ = ["DAYS", "activity", "by_day", "source_rows"]

DAYS = 56
"""How many days a chart goes back from the newest entry of its source, never from the clock."""

_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=7), "week"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def activity(stories: Iterable[Story]) -> dict[str, list[int]]:
    """Return how many entries each source published on each of the `DAYS` days up to its newest entry, oldest first."""
    days: dict[str, Counter[int]] = {}
    for story in stories:
        for member in story.members:
            if not member.removed:
                days.setdefault(member.source_id, Counter())[member.published.toordinal()] += 1
    return {source_id: by_day(entries) for source_id, entries in days.items()}


def by_day(entries: Mapping[int, int]) -> list[int]:
    """Return how many entries there were on each of the last `DAYS` days; ``entries`` has them by numbers of days."""
    newest = max(entries)
    return [entries.get(day, 0) for day in range(newest - DAYS + 1, newest + 1)]


def source_rows(
    sources: Iterable[Source],
    states: Mapping[str, SourceState],
    days: Mapping[str, Sequence[int]],
    tag: Callable[[str], Place],
) -> Iterator[SourceRow]:
    """Yield the sources in their order; ``days`` are the entries of each on the last `DAYS` days, oldest first.

    ``tag`` finds the page of a tag.
    """
    for source in sources:
        state = states.get(source.id)
        rhythm = state.rhythm if state else None
        is_lost = state is not None and _is_lost(state)
        yield SourceRow(
            name=name_of(source),
            url=uri(source.link),
            feed=public(source.url),
            language=languages.known(source.language),
            tags=tuple(map(tag, source.tags)),
            newest=rhythm.newest if rhythm else None,
            rhythm=_spoken(rhythm.gap) if rhythm and rhythm.gap else "",
            days=tuple(days.get(source.id, ())),
            is_lost=is_lost,
            lost=state.succeeded_at if state and is_lost else None,
        )


def _is_lost(state: SourceState) -> bool:
    """Return whether a source could not be read for long when it was last asked: that changes seldom."""
    return state.fetched_at is not None and is_dead(state, state.fetched_at)


def _spoken(gap: timedelta) -> str:
    """Return how often something happens that happens every ``gap``, roughly."""
    for unit, name in _UNITS:
        if gap >= unit * 0.9:
            count = round(gap / unit)
            return f"about every {name}" if count == 1 else f"about every {count} {name}s"
    return "many times a minute"
