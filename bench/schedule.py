"""A simulated year of asking sources when they are due: how many requests it takes, and how late entries are seen.

feedhub's scheduler (`feedhub.schedule`, with the state that `feedhub.plan` gives it) against those of Miniflux and
CommaFeed and a fixed hour, all under a virtual clock: each is asked after every request when to make the next. No
server says anything about caching, for all programs heed that alike. Delay is the time from an entry's publication to
the request that sees it. The same seed gives the same year.

    python bench/schedule.py                          print the tables
    python bench/schedule.py --write docs/schedule.md  put them into the page

The exit status is 1 if another schedule needs no more requests than feedhub's and yet sees entries no later.
"""

from __future__ import annotations

import argparse
import os
import sys
from bisect import bisect_left, bisect_right
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rhythms import DAY, END, HOUR, INVENTED, MINUTE, START, WEEK, real, within

from feedhub.model import SourceState
from feedhub.schedule import next_due, rhythm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).resolve().parent.parent
SEED = 1
LISTED = 20  # entries that a feed shows
SOURCES = 4  # of each invented rhythm
FEEDS = 24  # of the real ones, evenly chosen
BEGIN_MARK, END_MARK = "<!-- figures: bench/schedule.py -->", "<!-- end of figures -->"
FIGURES = ("mean", "median", "p90")


class Scheduler(Protocol):
    """Decides for one source; it remembers what it needs to."""

    def after(self, now: int, dates: Sequence[int], known: int) -> float:
        """Return how many seconds to wait after a request at ``now``, by which the first ``known`` dates are known."""


class Feedhub:
    """The scheduler of this very program."""

    def __init__(self, source_id: str) -> None:
        self.state = SourceState(source_id=source_id)
        self.known = 0

    def after(self, now: int, dates: Sequence[int], known: int) -> float:
        """See `Scheduler`; a document without anything new leaves the rhythm as it was, as status 304 does."""
        if known != self.known:
            self.known = known
            pace = rhythm(datetime.fromtimestamp(date, UTC) for date in dates[max(known - LISTED, 0) : known])
            self.state = SourceState(source_id=self.state.source_id, rhythm=pace)
        moment = datetime.fromtimestamp(now, UTC)
        return (next_due(self.state, {}, moment).at - moment).total_seconds()


class Miniflux:
    """Miniflux 2.3.3 with POLLING_SCHEDULER=entry_frequency and its defaults.

    Facts from ``ScheduleNextCheck`` in internal/model/feed.go, ``WeeklyFeedEntryCount`` in internal/storage/feed.go and
    the defaults in internal/config/options.go. The hourly tick of its worker (POLLING_FREQUENCY) is left out, in its
    favour; its default scheduler, round_robin, is the fixed hour.
    """

    def __init__(self, _source_id: str) -> None: ...

    def after(self, now: int, dates: Sequence[int], known: int) -> float:
        """Wait as long as the mean gap of the last seven days, five minutes to a day; a day if there is none."""
        first, last = bisect_left(dates, now - WEEK), known - 1
        if first >= last or dates[first] == dates[last]:
            return DAY
        gap = (dates[last] - dates[first]) / (last - first)
        weekly = -(-WEEK // gap)
        return min(max(WEEK / weekly, 5 * MINUTE), DAY)


class CommaFeed:
    """CommaFeed 7.3.2 with its defaults.

    Facts from FeedRefreshIntervalCalculator.java, ``averageTimeBetweenEntries`` in FeedParser.java and the defaults in
    CommaFeedConfiguration.java (interval 5 min, maxInterval 4 h, intervalEmpirical true).
    """

    def __init__(self, _source_id: str) -> None: ...

    def after(self, now: int, dates: Sequence[int], known: int) -> float:
        """Wait half the mean gap of the entries listed, five minutes to an hour, and longer after quiet weeks."""
        longest = 4 * HOUR
        first, last = max(known - LISTED, 0), known - 1
        if first >= last:
            return longest
        quiet = (now - dates[last]) // DAY
        for days, share in ((30, 1), (14, 2), (7, 4)):
            if quiet >= days:
                return longest / share
        gap = (dates[last] - dates[first]) / (last - first)
        return min(max(gap / 2, 5 * MINUTE), longest / 4)


class Hourly:
    """A fixed hour."""

    def __init__(self, _source_id: str) -> None: ...

    def after(self, _now: int, _dates: Sequence[int], _known: int) -> float:
        """Wait an hour."""
        return HOUR


SCHEDULERS: dict[str, Callable[[str], Scheduler]] = {
    "feedhub": Feedhub,
    "Miniflux": Miniflux,
    "CommaFeed": CommaFeed,
    "every hour": Hourly,
}


class Cost(NamedTuple):
    """A year's requests per source, and the delays of its entries in seconds."""

    requests: float
    mean: float
    median: float
    p90: float

    def beats(self, other: Cost, figure: str) -> bool:
        """Tell whether this is no worse than ``other`` in requests and the delay ``figure``, and better in one."""
        mine, others = (self.requests, getattr(self, figure)), (other.requests, getattr(other, figure))
        return mine != others and all(one <= another for one, another in zip(mine, others, strict=True))


def year(scheduler: Scheduler, dates: Sequence[int], first: int) -> tuple[int, list[int]]:
    """Return the requests of a year and the delay of each entry of ``dates`` published after the ``first`` one."""
    now, requests, delays = first, 0, []
    known = bisect_right(dates, now)
    while now < END:
        requests += 1
        before, known = known, bisect_right(dates, now, lo=known)
        delays += [now - date for date in dates[before:known]]
        now = round(now + max(scheduler.after(now, dates, known), MINUTE))
    return requests, delays


def cost(make: Callable[[str], Scheduler], sources: Sequence[Sequence[int]]) -> Cost:
    """Simulate the sources of one rhythm; each entry counts as much as any other of it."""
    requests, delays = [], []
    for number, dates in enumerate(sources):
        first = START + Random(f"{SEED} first {number}").randrange(HOUR)  # noqa: S311 - the same draws every time
        asked, late = year(make(f"source {number}"), dates, first)
        requests.append(asked)
        delays += late
    delays.sort()
    middle, most = delays[len(delays) // 2], delays[len(delays) * 9 // 10]
    return Cost(fmean(requests), fmean(delays), middle, most)


def rhythms(corpus: Path) -> dict[str, list[list[int]]]:
    """Return the dates of the sources of each rhythm."""
    found = {
        name: [within(make(Random(f"{SEED} {name} {number}"))) for number in range(SOURCES)]  # noqa: S311 - as above
        for name, make in INVENTED.items()
    }
    if corpus.is_dir():
        feeds = list(real(corpus))
        found["real feeds"] = feeds[:: -(-len(feeds) // FEEDS)]
    else:
        print(f"No real feeds at {corpus}: set FEEDHUB_SHARED. Their row is left out.", file=sys.stderr)
    return found


def overall(costs: Iterable[Cost]) -> Cost:
    """Return the mean over rhythms, so that one with many entries does not drown the others."""
    return Cost(*(fmean(values) for values in zip(*costs, strict=True)))


def duration(seconds: float) -> str:
    """Write a delay for people."""
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h"


def table(name: str, sources: int, costs: dict[str, Cost]) -> str:
    """Format one rhythm's figures; the last column names what beats a schedule, and in which figure."""
    of = f", {sources} sources" if sources else ""
    lines = [f"**{name}**{of}", "", "| schedule | requests a source | mean delay | median | p90 | beaten by |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | --- |")
    for who, mine in costs.items():
        figures = " | ".join(map(duration, mine[1:]))
        lines.append(f"| {who} | {mine.requests:,.0f} | {figures} | {'; '.join(beaten(mine, costs)) or 'none'} |")
    return "\n".join(lines)


def beaten(mine: Cost, costs: dict[str, Cost]) -> list[str]:
    """Return who needs no more requests and sees entries no later, with the delays in which it does."""
    found = ((who, [figure for figure in FIGURES if other.beats(mine, figure)]) for who, other in costs.items())
    return [f"{who} ({', '.join(figures)})" for who, figures in found if figures]


def simulate(corpus: Path) -> tuple[str, bool]:
    """Return all tables, and whether nothing beats feedhub overall or in the mean delay of any rhythm."""
    tables, by_rhythm = [], {}
    for name, sources in rhythms(corpus).items():
        costs = by_rhythm[name] = {who: cost(make, sources) for who, make in SCHEDULERS.items()}
        tables.append(table(name, len(sources), costs))
    mean = {who: overall(costs[who] for costs in by_rhythm.values()) for who in SCHEDULERS}
    tables.insert(0, table("all rhythms, each counted once", 0, mean))
    judged = [*((costs, ("mean",)) for costs in by_rhythm.values()), (mean, FIGURES)]
    front = not any(
        other.beats(costs["feedhub"], figure)
        for costs, figures in judged
        for other in costs.values()
        for figure in figures
    )
    return "\n\n".join(tables), front


def main() -> int:
    """Simulate, and print the tables or put them into a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="replace the tables in this page")
    arguments = parser.parse_args()
    tables, front = simulate(Path(os.environ.get("FEEDHUB_SHARED", ROOT.parent / "shared")) / "corpora" / "real")
    if arguments.write:
        before, _, rest = arguments.write.read_text().partition(BEGIN_MARK)
        _, _, after = rest.partition(END_MARK)
        arguments.write.write_text(f"{before}{BEGIN_MARK}\n\n{tables}\n\n{END_MARK}{after}")
    else:
        print(tables)
    print("feedhub is on the Pareto front" if front else "feedhub is beaten: see the tables", file=sys.stderr)
    return 0 if front else 1


if __name__ == "__main__":
    sys.exit(main())
