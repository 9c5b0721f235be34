"""What counts as taken back by its source, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from feedhub import plan
from feedhub.model import Entry, Feed, Fetched, Known, Problem, Source, SourceState, Text, Update
from stored import known_of

NOW = datetime(2024, 1, 1, 12, tzinfo=UTC)
SOURCE = Source(id="s", url="https://example.org/feed")


class Life:
    """A source that is asked every hour; entries are published on the day of January that is their number."""

    def __init__(self) -> None:
        self.state = SourceState(source_id="s", url=SOURCE.url)
        self.known: dict[str, Known] = {}
        self.texts: dict[str, Entry] = {}
        self.hours = 0

    @property
    def now(self) -> datetime:
        return NOW + timedelta(days=60, hours=self.hours)

    def answer(self, *days: int, pushed: bool = False, problem: str = "", titles: str = "title {}") -> None:
        self.hours += 1
        entries = tuple(entry(day, titles.format(day)) for day in days)
        problems = (Problem(code=problem),) if problem else ()
        fetched = Fetched(source_id="s", url=SOURCE.url, status=200, body=str(self.hours).encode(), pushed=pushed)
        read = plan.delivered if pushed else plan.read
        feed = Feed(entries=entries, problems=problems)
        self.take(read(SOURCE, self.state, self.known, self.texts.get, fetched=fetched, feed=feed, now=self.now))

    def unchanged(self) -> None:
        self.hours += 1
        fetched = Fetched(source_id="s", url=SOURCE.url, status=304)
        self.take(plan.unchanged(SOURCE, self.state, fetched, self.now))

    def take(self, update: Update) -> None:
        self.state = update.state
        for stored in (*update.new, *update.changed):
            assert stored.entry is not None
            self.texts[stored.key] = stored.entry
            self.known[stored.key] = known_of(stored)

    @property
    def withdrawn(self) -> list[str]:
        return [each.key for each in self.state.withdrawn]


def entry(day: int, title: str) -> Entry:
    return Entry(
        id=f"guid-{day}",
        title=Text(value=title),
        link=f"https://example.org/{day}",
        published=NOW + timedelta(days=day),
    )


def life(*days: int) -> Life:
    begun = Life()
    begun.answer(*days)
    return begun


def test_an_entry_that_is_missing_twice_between_others_was_withdrawn() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    assert source.withdrawn == []
    source.answer(5, 4, 2, 1)
    assert source.withdrawn == ["guid-3"]
    assert source.state.withdrawn[0].at == source.now
    assert source.state.missing == ()


def test_an_answer_that_nothing_changed_counts_too() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    source.unchanged()
    assert source.withdrawn == ["guid-3"]
    source.unchanged()
    source.answer(6, 5, 4, 2, 1)
    assert source.withdrawn == ["guid-3"]


def test_an_entry_that_newer_ones_pushed_out_was_not() -> None:
    source = life(5, 4, 3, 2, 1)
    for newest in range(6, 12):
        source.answer(*range(newest, newest - 5, -1))
    assert source.withdrawn == []


def test_it_takes_longer_where_none_newer_is_listed() -> None:
    source = life(5, 4, 3, 2, 1)
    for _ in range(3):
        source.answer(4, 3, 2, 1)
        assert source.withdrawn == []
    source.answer(4, 3, 2, 1)
    assert source.withdrawn == ["guid-5"]


def test_a_newer_entry_shows_that_the_server_is_not_behind() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(4, 3, 2, 1)
    source.answer(6, 4, 3, 2, 1)
    assert source.withdrawn == ["guid-5"]


def test_two_older_ones_must_be_listed() -> None:
    source = life(5, 4, 3, 2)
    for _ in range(9):
        source.answer(5, 4, 2)
    assert source.withdrawn == []


def test_the_answers_must_follow_each_other() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    source.answer(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    assert source.withdrawn == []


def test_a_failure_in_between_does_not_matter() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    failed = plan.Failure(stage="fetch", code="timeout")
    source.take(plan.failed(SOURCE, source.state, Fetched(source_id="s", url=SOURCE.url), failed, source.now))
    assert source.withdrawn == []
    source.answer(5, 4, 2, 1)
    assert source.withdrawn == ["guid-3"]


def test_what_a_hub_delivers_proves_nothing() -> None:
    source = life(5, 4, 3, 2, 1)
    for day in range(6, 12):
        source.answer(day, 4, 2, 1, pushed=True)
    assert (source.withdrawn, source.state.missing) == ([], ())


def test_a_delivery_in_between_does_not_matter() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    source.answer(6, pushed=True)
    assert source.withdrawn == []
    source.answer(6, 5, 4, 2, 1)
    assert source.withdrawn == ["guid-3"]


def test_feeds_that_are_not_sorted_by_date_prove_nothing() -> None:
    source = life(1, 4, 5, 3, 2)
    for _ in range(9):
        source.answer(1, 4, 5, 2)
    assert source.withdrawn == []


def test_a_feed_that_loses_many_entries_at_once_was_made_anew() -> None:
    source = life(*range(12, 0, -1))
    for _ in range(9):
        source.answer(12, 10, 8, 6, 4, 3, 2, 1)
    assert source.withdrawn == []


def test_several_may_be_withdrawn_one_after_the_other() -> None:
    listed = list(range(12, 0, -1))
    source = life(*listed)
    for day in (10, 8, 6, 4):
        listed.remove(day)
        source.answer(*listed)
        source.answer(*listed)
    assert source.withdrawn == ["guid-10", "guid-8", "guid-6", "guid-4"]


def test_a_broken_document_proves_nothing() -> None:
    source = life(5, 4, 3, 2, 1)
    for _ in range(9):
        source.answer(5, 4, 2, 1, problem="not-well-formed")
    assert source.withdrawn == []


def test_an_entry_under_another_guid_is_still_there() -> None:
    source = life(*range(9, 0, -1))
    entries = [entry(day, f"title {day}") for day in range(9, 0, -1)]
    for moved in (replace(entries[4], id="new", link="https://example.org/new"), replace(entries[4], id="new")):
        listed = Feed(entries=(*entries[:4], moved, *entries[5:]))
        other = life(*range(9, 0, -1))
        for _ in range(9):
            fetched = Fetched(source_id="s", url=SOURCE.url, status=200)
            read = plan.read(
                SOURCE, other.state, other.known, other.texts.get, fetched=fetched, feed=listed, now=source.now
            )
            other.take(read)
        assert other.withdrawn == []


def test_what_is_listed_again_was_not_withdrawn() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    source.answer(5, 4, 2, 1)
    source.answer(5, 4, 3, 2, 1)
    assert source.withdrawn == []


def test_what_was_withdrawn_stays_so_when_the_feed_moves() -> None:
    source = life(5, 4, 3, 2, 1)
    source.answer(5, 4, 2, 1)
    source.answer(5, 4, 2, 1)
    moved = replace(SOURCE, url="https://example.org/new")
    fetched = Fetched(source_id="s", url=moved.url, status=200)
    feed = Feed(entries=tuple(entry(day, f"title {day}") for day in (5, 4, 2, 1)))
    after = plan.read(moved, source.state, source.known, source.texts.get, fetched=fetched, feed=feed, now=source.now)
    assert [each.key for each in after.state.withdrawn] == ["guid-3"]
