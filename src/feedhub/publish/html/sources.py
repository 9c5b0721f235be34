"""Sources as their page shows them: only what changes when they say something new, never how asking them went."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feedhub.publish import languages
from feedhub.publish.addresses import public, uri
from feedhub.publish.html.views import SourceRow
from feedhub.publish.origins import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from feedhub.model import Rhythm, Source, Story
    from feedhub.publish.html.views import Place

__all__ = ["DAYS", "activity", "source_rows"]

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
    moments: dict[str, list[datetime]] = {}
    for story in stories:
        for member in story.members:
            if not member.removed:
                moments.setdefault(member.source_id, []).append(member.published)
    return {source_id: _by_day(published) for source_id, published in moments.items()}


def _by_day(published: Sequence[datetime]) -> list[int]:
    newest = max(published)
    oldest = newest.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    counts, last = [0] * DAYS, newest.toordinal()
    for moment in published:
        if moment >= oldest:
            counts[moment.toordinal() - last - 1] += 1
    return counts


def source_rows(
    sources: Iterable[Source],
    rhythms: Mapping[str, Rhythm],
    days: Mapping[str, Sequence[int]],
    tag: Callable[[str], Place],
) -> Iterator[SourceRow]:
    """Yield the sources in their order; ``days`` are the entries of each on the last `DAYS` days, oldest first.

    ``tag`` finds the page of a tag.
    """
    for source in sources:
        rhythm = rhythms.get(source.id)
        yield SourceRow(
            name=name_of(source),
            url=uri(source.link),
            feed=public(source.url),
            language=languages.known(source.language),
            tags=tuple(map(tag, source.tags)),
            newest=rhythm.newest if rhythm else None,
            rhythm=_spoken(rhythm.gap) if rhythm and rhythm.gap else "",
            days=tuple(days.get(source.id, ())),
        )


def _spoken(gap: timedelta) -> str:
    """Return how often something happens that happens every ``gap``, roughly."""
    for unit, name in _UNITS:
        if gap >= unit * 0.9:
            count = round(gap / unit)
            return f"about every {name}" if count == 1 else f"about every {count} {name}s"
    return "many times a minute"
