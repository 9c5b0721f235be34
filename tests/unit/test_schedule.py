from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedhub.model import Hints, Rhythm, SourceState
from feedhub.schedule import next_due, retry_after, rhythm

NOW = datetime(2024, 1, 3, 12, tzinfo=UTC)  # a Wednesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PACE = Rhythm(entries=20, newest=NOW - HOUR, gap=2 * HOUR)


def delay(headers: dict[str, str] | None = None, *, hints: Hints | None = None, **state: object) -> timedelta:
    facts = {"source_id": "s", "rhythm": PACE, "hints": hints or Hints()} | state
    return next_due(SourceState(**facts), headers or {}, NOW).at - NOW  # type: ignore[arg-type]


def around(wish: timedelta) -> tuple[timedelta, timedelta]:
    """Return the bounds of a delay with its jitter of 10 to 25 %, to the second."""
    return wish * 1.10 - timedelta(seconds=1), wish * 1.25


@pytest.mark.parametrize(
    ("pace", "wish"),
    [
        (Rhythm(), 60 * MINUTE),
        (Rhythm(entries=4, newest=NOW, gap=DAY), 60 * MINUTE),
        (Rhythm(entries=5, newest=NOW, gap=2 * HOUR), HOUR),
        (Rhythm(entries=20, newest=NOW, gap=MINUTE), 15 * MINUTE),
        (Rhythm(entries=20, newest=NOW, gap=10 * DAY), DAY),
        (Rhythm(entries=20, newest=NOW - 31 * DAY, gap=HOUR), DAY),
        (Rhythm(entries=4, newest=NOW - 20 * DAY, gap=HOUR), 60 * MINUTE),
    ],
)
def test_the_pace_is_half_the_median_gap_within_bounds(pace: Rhythm, wish: timedelta) -> None:
    low, high = around(wish)
    assert low <= delay(rhythm=pace) <= high


@pytest.mark.parametrize(
    ("gap", "silence", "wish"),
    [
        (2 * HOUR, 30 * HOUR, HOUR),  # fifteen gaps: still the pace of the rhythm
        (2 * HOUR, 60 * HOUR, 2 * HOUR),
        (timedelta(), 7 * HOUR, 15 * MINUTE),
        (timedelta(), 30 * DAY, DAY),
        (10 * DAY, 29 * DAY, DAY),
    ],
)
def test_an_unusual_silence_slows_down_until_the_source_is_idle(
    gap: timedelta, silence: timedelta, wish: timedelta
) -> None:
    low, high = around(wish)
    assert low <= delay(rhythm=Rhythm(entries=20, newest=NOW - silence, gap=gap)) <= high


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        ({"retry-after": "7200"}, 2 * HOUR),
        ({"retry-after": "Wed, 03 Jan 2024 15:00:00 GMT"}, 3 * HOUR),
        ({"retry-after": "7200.5"}, 2 * HOUR),
        ({"retry-after": "-7200"}, HOUR),
        # Clocks that are wrong by days: the date counts from the answer's own.
        ({"retry-after": "Mon, 01 Jan 2024 15:00:00 GMT", "date": "Mon, 01 Jan 2024 12:00:00 GMT"}, 3 * HOUR),
        ({"retry-after": "Fri, 05 Jan 2024 15:00:00 GMT", "date": "Fri, 05 Jan 2024 12:00:00 GMT"}, 3 * HOUR),
        ({"cache-control": "public, max-age=14400", "age": "7200"}, 2 * HOUR),
        ({"cache-control": "max-age=31536000"}, DAY),
        ({"cache-control": "no-cache, max-age=31536000"}, HOUR),
        ({"expires": "Wed, 03 Jan 2024 16:00:00 GMT", "date": "Wed, 03 Jan 2024 12:00:00 GMT"}, 4 * HOUR),
        ({"expires": "0"}, HOUR),
        ({"cache-control": "max-age=60"}, HOUR),
        ({"cache-control": "x-max-age=14400"}, HOUR),
        ({"cache-control": "x-no-cache, max-age=14400"}, 4 * HOUR),
        ({"retry-after": "soon", "age": "x", "cache-control": "max-age=x"}, HOUR),
    ],
)
def test_the_server_can_only_slow_down(headers: dict[str, str], wish: timedelta) -> None:
    low, high = around(wish)
    assert low <= delay(headers) <= high


@pytest.mark.parametrize(
    ("hints", "wish"),
    [
        (Hints(ttl=180), 3 * HOUR),
        (Hints(ttl=10**9), DAY),
        (Hints(ttl=-5), HOUR),
        (Hints(update_period="daily", update_frequency=6), 4 * HOUR),
        (Hints(update_period="yearly"), DAY),
        (Hints(update_period="hourly", update_frequency=0), HOUR),
    ],
)
def test_the_feed_can_only_slow_down(hints: Hints, wish: timedelta) -> None:
    low, high = around(wish)
    assert low <= delay(hints=hints) <= high


def test_hours_and_days_that_a_feed_asks_to_skip_are_skipped() -> None:
    hints = Hints(skip_hours=(13, 14), skip_days=("Thursday",))
    assert NOW + delay(hints=hints) == NOW.replace(hour=15)
    late = Rhythm(entries=20, newest=NOW, gap=2 * DAY)
    assert (NOW + delay(hints=hints, rhythm=late)).strftime("%a %H") == "Fri 00"


@pytest.mark.parametrize(("failures", "wish"), [(1, 2 * HOUR), (3, 8 * HOUR), (6, 64 * HOUR)])
def test_failures_double_the_delay(failures: int, wish: timedelta) -> None:
    low, high = around(wish)
    assert low <= delay(failures=failures) <= high


def test_nothing_puts_a_source_off_for_longer_than_its_bound() -> None:
    assert delay(failures=8) == delay(failures=10_000) == 7 * DAY
    assert delay({"retry-after": "99999999999999999999"}) == delay({"retry-after": str(30 * 86400)}) == 31 * DAY


def test_a_feed_that_is_gone_is_asked_once_a_month_when_that_is_confirmed() -> None:
    confirmed = {"failures": 3, "gone": 3, "gone_since": NOW - 3 * DAY, "fetched_at": NOW}
    assert delay(**confirmed) == 30 * DAY
    assert delay(**confirmed | {"gone": 2}) < 2 * DAY
    assert delay(**confirmed | {"gone_since": NOW - DAY}) < 2 * DAY


def test_every_influence_is_named_and_clamps_are_visible() -> None:
    due = next_due(SourceState(source_id="s", rhythm=PACE), {"cache-control": "max-age=172800"}, NOW)
    assert [(reason.rule, reason.found) for reason in due.because] == [
        ("rhythm", "3600s"),
        ("cache (clamped from 172800s)", "86400s"),
    ]


@pytest.mark.parametrize("hints", [Hints(skip_hours=tuple(range(1, 25))), Hints(skip_days=tuple(DAY_NAMES))])
def test_a_feed_that_asks_to_be_skipped_for_ever_is_not_and_that_is_visible(hints: Hints) -> None:
    due = next_due(SourceState(source_id="s", rhythm=PACE, hints=hints), {}, NOW)
    assert due.at < NOW + 2 * HOUR
    assert [reason.rule for reason in due.because] == ["rhythm", "skip (ignored: it would be for ever)"]


def test_the_rhythm_is_that_of_the_recent_entries() -> None:
    dates = [NOW - number * HOUR for number in range(30)] + [NOW - 9999 * DAY]
    assert rhythm(dates) == Rhythm(entries=20, newest=NOW, gap=HOUR)
    assert rhythm([]) == Rhythm()


def test_a_date_long_past_asks_for_no_wait() -> None:
    assert retry_after({"retry-after": "Wed, 03 Jan 2001 15:00:00 GMT"}, NOW) == timedelta()
    assert retry_after({}, NOW) is None
