"""How long a server is left alone that has answered 429."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from msgspec.structs import replace

from feedhub import plan
from feedhub.model import Failure, Fetched, Source, SourceState
from feedhub.schedule import paused

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def host(url: str) -> str:
    return urlsplit(url).hostname or ""


def answered(url: str, status: int, *headers: tuple[str, str]) -> SourceState:
    source = Source(id=url, url=url)
    failure = Failure(stage="fetch", code="rate-limited" if status in {0, 429} else f"http-{status}")
    fetched = Fetched(source_id=url, url=url, status=status, headers=headers, failure=failure)
    return plan.failed(source, SourceState(source_id=url), fetched, failure, NOW).state


def pauses(state: SourceState, after: timedelta) -> bool:
    keys = paused([answered("https://other.example/", 503), state], host, NOW + after)
    assert keys <= {"a.example"}
    return bool(keys)


def test_as_long_as_the_server_asks() -> None:
    state = answered("https://a.example/1", 429, ("retry-after", "7200"))
    assert pauses(state, HOUR * 1.9)
    assert not pauses(state, 2 * HOUR)


def test_an_hour_where_it_does_not_say() -> None:
    state = answered("https://a.example/1", 429)
    assert pauses(state, HOUR * 0.9)
    assert not pauses(state, HOUR)


def test_not_where_the_clock_was_wrong() -> None:
    assert not pauses(answered("https://a.example/1", 429), -HOUR)


def test_a_month_at_most() -> None:
    state = answered("https://a.example/1", 429, ("retry-after", "999999999"))
    assert pauses(state, timedelta(days=30))
    assert not pauses(state, timedelta(days=31))


def test_only_429_pauses_and_only_where_it_was_answered() -> None:
    for status in (0, 503):
        assert not pauses(answered("https://a.example/1", status, ("retry-after", "7200")), timedelta())


def test_a_redirected_source_speaks_for_the_server_that_answered() -> None:
    state = replace(answered("https://a.example/1", 429), url="https://innocent.example/")
    assert pauses(state, timedelta())
