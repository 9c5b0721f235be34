"""Whatever servers and feeds say, the next request is neither too soon nor never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedhub.model import Hints, SourceState
from feedhub.schedule import next_due, rhythm

DATES = st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
HEADER_NAMES = st.sampled_from(["retry-after", "cache-control", "expires", "age", "date"])
HEADER_VALUES = st.one_of(
    st.text(max_size=30),
    st.integers(-10, 10**20).map(str),
    st.integers(0, 10**12).map(lambda seconds: f"max-age={seconds}"),
    DATES.map(lambda date: date.strftime("%a, %d %b %Y %H:%M:%S GMT")),
)
HINTS = st.builds(
    Hints,
    ttl=st.none() | st.integers(-100, 10**12),
    skip_hours=st.lists(st.integers(-5, 30)).map(tuple),
    skip_days=st.lists(st.sampled_from(["Monday", "tuesday", "Sunday", "Noday"])).map(tuple),
    update_period=st.sampled_from(["", "hourly", "yearly", "never"]),
    update_frequency=st.none() | st.integers(-5, 10**9),
)


@given(
    st.lists(DATES, max_size=30),
    st.dictionaries(HEADER_NAMES, HEADER_VALUES),
    HINTS,
    st.integers(0, 10**6),
    DATES,
    st.text(),
)
def test_bounds(  # noqa: PLR0913, PLR0917 - the facts that decide
    dates: list[datetime], headers: dict[str, str], hints: Hints, failures: int, now: datetime, source_id: str
) -> None:
    state = SourceState(source_id=source_id, rhythm=rhythm(dates), hints=hints, failures=failures)
    due = next_due(state, headers, now)
    assert timedelta(minutes=16) < due.at - now <= timedelta(days=31) + timedelta(days=7)
    assert due == next_due(state, headers, now)
    assert due.at.microsecond == 0
