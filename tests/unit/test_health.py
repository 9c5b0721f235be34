from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedhub.health import diagnose, sparkline
from feedhub.model import Failure, FetchEvent, Move, Rhythm, SourceState

NOW = datetime(2024, 1, 31, tzinfo=UTC)
DAY = timedelta(days=1)
FINE = SourceState(
    source_id="s", fetched_at=NOW, succeeded_at=NOW, rhythm=Rhythm(entries=9, newest=NOW - 2 * DAY, gap=DAY)
)


def state(**more: object) -> SourceState:
    return SourceState(**{name: getattr(FINE, name) for name in FINE.__struct_fields__} | more)  # type: ignore[arg-type]


def test_each_condition_has_its_word() -> None:
    assert diagnose(None, NOW).code == "new"
    assert diagnose(FINE, NOW).code == "ok"
    assert diagnose(FINE, NOW + 8 * DAY).code == "ok"
    assert diagnose(FINE, NOW + 9 * DAY).code == "silent"
    assert diagnose(state(new_entry_at=NOW), NOW + 9 * DAY).code == "ok"
    assert diagnose(state(move=Move(target="https://new.example/", since=NOW)), NOW).code == "moving"


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(0), "0 minutes"),
        (timedelta(seconds=80), "1 minute"),
        (timedelta(minutes=89), "89 minutes"),
        (timedelta(hours=29), "29 hours"),
        (timedelta(days=3, hours=19, seconds=31), "4 days"),
    ],
)
def test_a_silence_is_told_in_round_figures(gap: timedelta, said: str) -> None:
    told = diagnose(state(rhythm=Rhythm(entries=9, newest=NOW, gap=gap)), NOW + 56 * DAY)
    assert told.detail == f"no new entry for 56 days, its usual gap is {said}"


def test_a_failure_says_how_often_and_since_when() -> None:
    failure = Failure(stage="fetch", code="http-503", detail="HTTP 503")
    told = diagnose(state(failure=failure, failures=3), NOW)
    assert told.code == "http-503"
    assert told.detail == "3 times in a row, since 2024-01-31: HTTP 503"


def test_a_feed_that_is_gone_for_good_is_said_to_be_asked_seldom() -> None:
    failure = Failure(stage="fetch", code="gone")
    told = diagnose(state(failure=failure, failures=3, gone=3, gone_since=NOW - 3 * DAY), NOW)
    assert "once a month" in told.detail


def test_the_sparkline_shows_entries_and_failures() -> None:
    events = [("new", 1), ("unchanged", 0), ("dns", 0), ("new", 99)]
    told = sparkline(state(events=tuple(FetchEvent(at=NOW, code=code, new=new) for code, new in events)))
    assert told == "▂▁×█"
    assert sparkline(None) == ""
