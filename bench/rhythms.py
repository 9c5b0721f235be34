"""Publication dates for bench/schedule.py: invented rhythms, and those of real feeds played over a year.

All times are whole seconds since 1970. A rhythm's dates begin before the simulated year, as a feed lists what was
published before anyone asks for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from feedhub.errors import ParseError
from feedhub.parse import read_feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from random import Random

MINUTE, HOUR, DAY = 60, 3600, 86400
WEEK, YEAR = 7 * DAY, 365 * DAY
START = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
END = START + YEAR
EARLIER = START - 60 * DAY
MONDAY = int(datetime(2024, 10, 28, tzinfo=UTC).timestamp())  # the Monday before `EARLIER`
OPENS, CLOSES, WORKDAYS = 9, 17, 5
FEWEST_DATES = 5


def _days() -> Iterator[int]:
    return iter(range(MONDAY, END, DAY))


def steady(chance: Random) -> Iterator[int]:
    """Yield dates with gaps of 1 to 12 hours, of each source's own length give or take a third."""
    gap = chance.uniform(1, 12) * HOUR
    at = EARLIER + chance.uniform(0, gap)
    while at < END:
        yield int(at)
        at += gap * chance.uniform(2 / 3, 4 / 3)


def daily_burst(chance: Random) -> Iterator[int]:
    """Yield 5 to 15 dates within half an hour once a day, at about the same hour."""
    hour = chance.randrange(24) * HOUR
    for day in _days():
        at = day + hour + int(chance.gauss(0, 10 * MINUTE))
        yield from (at + chance.randrange(30 * MINUTE) for _ in range(chance.randint(5, 15)))


def weekly(chance: Random) -> Iterator[int]:
    """Yield one date a week, within some hours of the usual one."""
    usual = chance.randrange(WEEK)
    for week in range(MONDAY, END, WEEK):
        yield week + usual + int(chance.gauss(0, 3 * HOUR))


def working_hours(chance: Random) -> Iterator[int]:
    """Yield 4 to 16 dates on working days, between nine and five."""
    most = chance.randint(4, 16)
    for number, day in enumerate(_days()):
        if number % 7 < WORKDAYS:
            opened = (CLOSES - OPENS) * HOUR
            yield from (day + OPENS * HOUR + chance.randrange(opened) for _ in range(chance.randint(most // 2, most)))


def dying(chance: Random) -> Iterator[int]:
    """Yield dates with a gap of hours that grows by a twentieth each time; they end when it is longer than a month."""
    gap = chance.uniform(3, 12) * HOUR
    at = EARLIER + chance.uniform(0, gap)
    while at < END and gap < 30 * DAY:
        yield int(at)
        gap *= 1.05
        at += chance.expovariate(1 / gap)


def silent(chance: Random) -> Iterator[int]:
    """Yield about a date a day for some weeks, then nothing for three to five months, and so on."""
    at = EARLIER + chance.uniform(0, 30 * DAY)
    while at < END:
        until = at + chance.uniform(2, 5) * WEEK
        while at < until:
            yield int(at)
            at += chance.expovariate(1 / DAY)
        at += chance.uniform(90, 150) * DAY


def bursts(chance: Random) -> Iterator[int]:
    """Yield 10 to 40 dates within a few hours, as of one event, every ten days or so at any time."""
    at = EARLIER + chance.uniform(0, 10 * DAY)
    while at < END:
        yield from (int(at + chance.expovariate(1 / (2 * HOUR))) for _ in range(chance.randint(10, 40)))
        at += chance.expovariate(1 / (10 * DAY))


INVENTED: dict[str, Callable[[Random], Iterator[int]]] = {
    "steady": steady,
    "daily burst": daily_burst,
    "weekly": weekly,
    "working hours": working_hours,
    "dying": dying,
    "silent for months": silent,
    "bursts": bursts,
}


def within(dates: Iterable[int]) -> list[int]:
    """Return dates in order, without those after the simulated year."""
    return sorted(date for date in dates if date < END)


def real(corpus: Path) -> Iterator[list[int]]:
    """Yield the dates of each feed of a folder that has enough of them, played over the year.

    A feed lists some days or months. They are repeated until the year is full, a whole number of days later each time,
    so that morning stays morning; what a feed lists within less than a day is repeated with no pause.
    """
    for path in sorted(corpus.glob("*.xml")):
        try:
            feed = read_feed(path.read_bytes(), url="https://example.org/feed", content_type="")
        except ParseError:
            continue
        stated = {entry.published or entry.updated for entry in feed.entries}
        dates = sorted({int(date.timestamp()) for date in stated if date})
        if len(dates) >= FEWEST_DATES:
            yield _played(dates)


def _played(dates: list[int]) -> list[int]:
    span = dates[-1] - dates[0]
    gap = int(median(later - earlier for earlier, later in pairwise(dates)))
    period = span + max(gap, 1)
    if span > DAY:
        period = -(-period // DAY) * DAY
    # Where the last repetition ends the year does too, at the same time of the day as the feed did.
    last = END - (END - dates[-1]) % DAY
    first = dates[0] + last - dates[-1]
    rounds = range(-(-(first - EARLIER) // period) + 1)
    return [
        date
        for back in reversed(rounds)
        for date in (stated + last - dates[-1] - back * period for stated in dates)
        if EARLIER <= date < END
    ]
