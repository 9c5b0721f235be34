from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedhub.model import Entry
from feedhub.normalize.dates import effective, exact

SEEN = datetime(2024, 5, 1, 12, tzinfo=UTC)
BEFORE = SEEN - timedelta(days=3)
SOON = SEEN + timedelta(hours=24)
FAR = SEEN + timedelta(hours=24, seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
LAST = datetime.max.replace(tzinfo=timezone(-timedelta(hours=14)))


@pytest.mark.parametrize(
    ("published", "updated", "expected"),
    [
        (None, None, (SEEN, SEEN)),
        (BEFORE, None, (BEFORE, BEFORE)),
        (None, BEFORE, (BEFORE, BEFORE)),
        (BEFORE, SEEN, (BEFORE, SEEN)),
        (SEEN, BEFORE, (SEEN, SEEN)),
        (SOON, None, (SOON, SOON)),
        (FAR, None, (SEEN, SEEN)),
        (BEFORE, FAR, (BEFORE, SEEN)),
        (FAR, FAR, (SEEN, SEEN)),
        (EPOCH, None, (SEEN, SEEN)),
        (EPOCH, BEFORE, (BEFORE, BEFORE)),
        (BEFORE, EPOCH, (BEFORE, BEFORE)),
        (FIRST, LAST, (SEEN, SEEN)),
        (LAST, FIRST, (SEEN, SEEN)),
    ],
)
def test_the_policy(published: datetime | None, updated: datetime | None, expected: tuple[datetime, datetime]) -> None:
    assert effective(Entry(published=published, updated=updated), SEEN) == expected


def test_dates_are_in_utc_and_to_the_second() -> None:
    east = timezone(timedelta(hours=2))
    entry = Entry(published=datetime(2024, 5, 1, 2, 0, 0, 999_999, tzinfo=east))
    seen = datetime(2024, 5, 1, 14, 0, 0, 5, tzinfo=east)
    published, updated = effective(entry, seen)
    assert published == updated == datetime(2024, 5, 1, tzinfo=UTC)
    assert published.tzinfo is UTC
    assert effective(Entry(), seen)[0] == SEEN


def test_a_date_outside_the_calendar_is_none() -> None:
    assert exact(FIRST) is exact(LAST) is exact(None) is None
    assert exact(SEEN) == SEEN
