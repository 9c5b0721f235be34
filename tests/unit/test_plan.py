from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from feedhub import plan
from feedhub.model import (
    Category,
    Enclosure,
    Entry,
    Failure,
    Feed,
    Fetched,
    Known,
    Problem,
    Rhythm,
    Source,
    SourceState,
    Text,
    Update,
)
from stored import known_of

NOW = datetime(2024, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SOURCE = Source(id="s", url="https://example.org/feed")


def entry(entry_id: str = "", title: str = "t", link: str = "", **more: object) -> Entry:
    return Entry(id=entry_id, title=Text(value=title), link=link, **more)  # type: ignore[arg-type]


class Remembered(dict[str, Known]):
    """What is known after updates; ``texts`` are the stored entries by key."""

    def __init__(self, *updates: Update) -> None:
        super().__init__()
        self.texts: dict[str, Entry | None] = {}
        for update in updates:
            self.take(update)

    def take(self, update: Update) -> None:
        for stored in (*update.new, *update.changed):
            self.texts[stored.key] = stored.entry
            self[stored.key] = known_of(stored)


def read(
    *entries: Entry,
    known: Remembered | None = None,
    now: datetime = NOW,
    body: bytes = b"",
    problems: tuple[Problem, ...] = (),
) -> Update:
    fetched = Fetched(source_id="s", url=SOURCE.url, status=200, body=body, headers=(("etag", '"1"'),))
    state = SourceState(source_id="s", url=SOURCE.url)
    known = known if known is not None else Remembered()
    feed = Feed(entries=entries, problems=problems)
    return plan.read(SOURCE, state, known, known.texts.get, fetched=fetched, feed=feed, now=now)


def test_an_entry_is_new_once() -> None:
    first = read(entry("1"))
    assert [(new.key, new.first_seen) for new in first.new] == [("1", NOW)]
    again = read(entry("1"), known=Remembered(first), now=LATER)
    assert (again.new, again.changed) == ((), ())


def test_a_list_of_cache_directives_may_be_sent_line_by_line() -> None:
    headers = (("cache-control", "max-age=43200"), ("vary", "a"), ("cache-control", "public"))
    fetched = Fetched(source_id="s", url=SOURCE.url, status=200, headers=headers)
    state = plan.unchanged(SOURCE, SourceState(source_id="s", url=SOURCE.url), fetched, NOW).state
    assert ("cache", "43200s") in [(reason.rule, reason.found) for reason in state.because]


def test_a_significant_edit_moves_updated_and_nothing_else() -> None:
    first = read(entry("1", published=NOW - timedelta(days=3)))
    second = read(entry("1", "edited", published=NOW - timedelta(days=3)), known=Remembered(first), now=LATER)
    (changed,) = second.changed
    assert (changed.first_seen, changed.published) == (NOW, NOW - timedelta(days=3))
    assert changed.updated == LATER


def test_a_stated_date_of_an_edit_is_believed() -> None:
    first = read(entry("1", published=NOW - timedelta(days=3)))
    stated = NOW - timedelta(days=1)
    edited = entry("1", "edited", published=NOW - timedelta(days=3), updated=stated)
    assert read(edited, known=Remembered(first), now=LATER).changed[0].updated == stated


def test_an_insignificant_edit_is_stored_and_moves_no_date() -> None:
    first = read(entry("1"))
    second = read(entry("1", categories=(Category(term="x"),)), known=Remembered(first), now=LATER)
    assert [changed.updated for changed in second.changed] == [first.new[0].updated]


def test_blanks_and_lines_of_a_text_are_no_edit() -> None:
    first = read(entry("1", content=Text(value="<p>One text</p><p>and more</p>", type="text/html")))
    anew = entry("1", content=Text(value="<p>One\n   text</p>\n\n<p>and  more </p>", type="text/html"))
    second = read(anew, known=Remembered(first), now=LATER)
    assert [changed.updated for changed in second.changed] == [first.new[0].updated]


@pytest.mark.parametrize(
    ("page", "is_edit"), [("story?utm_campaign=tuesday&amp;sig=2#part", False), ("other?utm_campaign=monday", True)]
)
def test_queries_of_addresses_in_a_text_are_no_edit(page: str, is_edit: bool) -> None:  # noqa: FBT001 - a row of a table
    def told(address: str, words: str = "Really? More") -> Entry:
        return entry(
            "1", content=Text(value=f'<p>{words}: <a href="https://example.org/{address}">it</a></p>', type="html")
        )

    first = read(told("story?utm_campaign=monday&amp;sig=1#part"))
    again = read(told(page), known=Remembered(first), now=LATER)
    assert [changed.updated for changed in again.changed] == [LATER if is_edit else NOW]
    more = read(told("story?utm_campaign=monday&amp;sig=1#part", "Really? No"), known=Remembered(first), now=LATER)
    assert [changed.updated for changed in more.changed] == [LATER]


def test_a_blank_that_shows_is_an_edit() -> None:
    first = read(entry("1", content=Text(value="<p>One text</p>", type="text/html")))
    anew = entry("1", content=Text(value="<p>One\u00a0text</p>", type="text/html"))
    second = read(anew, known=Remembered(first), now=LATER)
    assert [changed.updated for changed in second.changed] == [LATER]


@pytest.mark.parametrize("size", [0, 31, 32, 255, 256, 65_535, 65_536])
def test_the_hash_of_a_text_does_not_tell_how_it_was_made(size: int) -> None:
    text = "\u00e9" + "x" * (size - 2) if size > 1 else ""
    said = entry("1", "t", "https://example.org/1", content=Text(value=f" {text}\n"))
    expected = plan.digest(msgspec.msgpack.encode(("t", "https://example.org/1", "", text, ())))
    first = read(said)
    assert first.new[0].significant == ""
    second = read(replace(said, title=Text(value="edited")), known=Remembered(first), now=LATER)
    assert second.changed[0].significant.split()[0] == expected


def moves(*titles: str) -> list[bool]:
    """Return of each edit of one entry whether it moved ``updated``."""
    first = read(entry("1", titles[0]))
    (before,) = first.new
    known, moved = Remembered(first), []
    for day, title in enumerate(titles[1:], 1):
        update = read(entry("1", title), known=known, now=NOW + timedelta(days=day))
        known.take(update)
        for after in update.changed:
            moved.append(after.updated != before.updated)
            assert (after.updated == NOW + timedelta(days=day)) == moved[-1]
            before = after
    return moved


def test_a_text_that_flips_back_and_forth_stops_to_be_an_edit() -> None:
    assert moves(*"ABABABABAB") == [True, True, True] + [False] * 6
    assert moves(*"ABCABCABCABC") == [True] * 5 + [False] * 6


def test_an_edit_that_is_taken_back_is_an_edit() -> None:
    assert moves(*"ABA") == [True, True]


def test_a_new_text_among_flips_is_an_edit() -> None:
    assert moves(*"ABABABCAD") == [True] * 3 + [False] * 2 + [True, False, True]


def test_a_text_that_is_another_at_every_visit_is_edited_once_a_day() -> None:
    known = Remembered(read(entry("1", "seen 0 times")))
    moved = []
    for hour in range(1, 64):
        now = NOW + timedelta(hours=hour)
        update = read(entry("1", f"seen {hour} times"), known=known, now=now)
        known.take(update)
        moved += [hour for after in update.changed if after.updated == now]
    assert moved == [*range(1, 16), 39, 63]


def test_the_memory_of_texts_is_bounded() -> None:
    titles = [str(number) for number in range(100)]
    assert moves(*titles) == [True] * 99
    known = Remembered(read(entry("1", "0")))
    for title in titles:
        known.take(read(entry("1", title), known=known, now=LATER))
    assert len(known["1"].significant.split()) == plan.MAX_TEXTS


def test_half_an_entry_at_the_end_of_a_document_is_no_edit() -> None:
    known = Remembered(read(entry("1", "one"), entry("2", "two, whole")))
    cut = (Problem(code="cut-short", detail="no element found"),)
    update = read(entry("1", "one, edited"), entry("2", "two,"), known=known, now=LATER, problems=cut)
    assert [changed.key for changed in update.changed] == ["1"]
    assert [new.key for new in read(entry("1", "one"), entry("3", "thr"), known=known, problems=cut).new] == ["3"]


def test_a_session_written_into_addresses_is_no_edit() -> None:
    def said(session: int) -> Entry:
        file = Enclosure(url=f"https://example.org/1.mp3;s={session}")
        return entry("1", link=f"https://example.org/1?sid={session}", enclosures=(file,))

    first = read(said(1))
    (changed,) = read(said(2), known=Remembered(first), now=LATER).changed
    assert changed.updated == first.new[0].updated
    assert changed.entry is not None
    assert changed.entry.link == "https://example.org/1?sid=2"


def test_an_entry_that_retention_removed_does_not_come_back() -> None:
    removed = Remembered(read(entry("1", "earlier")))
    removed["1"] = replace(removed["1"], removed=True)
    update = read(entry("1"), known=removed)
    assert (update.new, update.changed) == ((), ())


def test_entries_without_dates_that_came_at_once_tell_no_rhythm() -> None:
    first = read(*(entry(str(number)) for number in range(12)))
    assert first.state.rhythm == Rhythm(entries=1, newest=NOW)
    later = read(*(entry(str(number)) for number in range(1, 13)), known=Remembered(first), now=LATER)
    assert later.state.rhythm == Rhythm(entries=2, newest=LATER, gap=timedelta(days=1))
    dated = read(*(entry(str(number), published=NOW - timedelta(days=1)) for number in range(3)))
    assert dated.state.rhythm.entries == 3


def test_missing_guids_are_mended_by_link_and_then_by_text() -> None:
    first = read(entry(link="https://example.org/a"), entry(title="only a title"), entry(title="another"))
    assert len({new.key for new in first.new}) == 3
    again = read(
        entry(title="another"),
        entry(title="only a title"),
        entry(link="https://example.org/a"),
        known=Remembered(first),
    )
    assert (again.new, again.changed) == ((), ())


def test_a_repeated_guid_with_different_links_is_several_entries() -> None:
    a, b = entry("1", "a", "https://example.org/a"), entry("1", "b", "https://example.org/b")
    first = read(a, b)
    assert len(first.new) == 2
    known = Remembered(first)
    assert read(b, a, known=known) == read(a, b, known=known)
    assert read(b, known=known).new == ()


def test_a_guid_that_becomes_repeated_keeps_its_first_entry() -> None:
    a, b = entry("1", "a", "https://example.org/a"), entry("1", "b", "https://example.org/b")
    first = read(a)
    second = read(b, a, known=Remembered(first))
    assert [new.entry.title.value for new in second.new if new.entry] == ["b"]
    third = read(b, a, known=Remembered(first, second))
    assert (third.new, third.changed) == ((), ())


@pytest.mark.parametrize("field", ["entry_id", "link"])
def test_names_that_differ_behind_the_longest_key_are_several_entries(field: str) -> None:
    entries = [entry(**{field: f"https://example.org/{'a' * 2000}{place}"}) for place in range(3)]
    first = read(*entries)
    assert len({new.key for new in first.new}) == 3
    again = read(*entries, known=Remembered(first), now=LATER)
    assert (again.new, again.changed) == ((), ())


def test_an_entry_repeated_to_the_letter_counts_once() -> None:
    assert len(read(entry("1"), entry("1")).new) == 1


def test_validators_are_kept_verbatim_and_across_a_304() -> None:
    state = read(entry("1")).state
    assert state.etag == '"1"'
    not_modified = Fetched(source_id="s", url=SOURCE.url, status=304)
    assert plan.unchanged(SOURCE, state, not_modified, LATER).state.etag == '"1"'
    whole = Fetched(source_id="s", url=SOURCE.url, status=200)
    assert plan.unchanged(SOURCE, state, whole, LATER).state.etag == ""


def test_a_source_that_moved_is_asked_without_validators() -> None:
    state = SourceState(source_id="s", url="https://old.example/feed", etag='"1"')
    assert plan.request(SOURCE, state, NOW).etag == ""


def test_a_server_that_answers_304_for_ever_is_asked_for_the_whole_document_now_and_then() -> None:
    state = read(entry("1")).state
    not_modified = Fetched(source_id="s", url=SOURCE.url, status=304)
    for day in range(1, 8):
        moment = NOW + timedelta(days=day)
        assert plan.request(SOURCE, state, moment).etag == '"1"'
        state = plan.unchanged(SOURCE, state, not_modified, moment).state
    assert plan.request(SOURCE, state, NOW + timedelta(days=8)).etag == ""


def test_times_that_a_wrong_clock_noted_are_not_waited_for() -> None:
    source = Source(id="s", url="https://example.org/feed")
    ahead = NOW + timedelta(days=366)
    fetched = Fetched(
        source_id="s",
        url="https://example.org/new",
        moved_to="https://example.org/new",
        status=200,
        headers=(("etag", '"1"'),),
    )
    feed = Feed(entries=(entry("1"),))
    state = plan.read(source, SourceState(source_id="s"), {}, {}.get, fetched=fetched, feed=feed, now=ahead).state
    assert state.move
    assert (state.whole_at, state.move.since) == (ahead, ahead)

    not_modified = Fetched(source_id="s", url=fetched.url, moved_to=fetched.moved_to, status=304)
    for day in range(5):
        state = plan.unchanged(source, state, not_modified, NOW + timedelta(days=day)).state
    assert (state.moved_to, state.new_entry_at) == ("https://example.org/new", NOW)
    assert plan.request(source, state, NOW + timedelta(days=8)).etag == ""


@pytest.mark.parametrize(("refreshed", "counted"), [(None, 0), (1, 0), (6, 0), (366, 359), (-2, 0)])
def test_a_clock_that_is_far_ahead_once_empties_few_entries(refreshed: int | None, counted: int) -> None:
    before = None if refreshed is None else NOW - timedelta(days=refreshed)
    keep = timedelta(days=90)
    assert plan.kept_since(NOW, before, keep) == NOW - keep - timedelta(days=counted)


def test_a_source_is_due_when_its_time_has_come_and_a_local_file_always() -> None:
    state = read(entry("1")).state
    assert state.due is not None
    assert not plan.is_due(SOURCE, state, state.due - timedelta(seconds=1))
    assert plan.is_due(SOURCE, state, state.due)
    assert plan.is_due(Source(id="s", url="https://new.example/feed"), state, NOW)
    assert plan.is_due(SOURCE, state, NOW - timedelta(hours=1)), "the clock was wrong when it was asked"
    local = Source(id="s", url="file:///feed.xml")
    assert plan.is_due(local, read(entry("1")).state, NOW)


def test_the_last_answers_are_kept() -> None:
    state = read(entry("1")).state
    fetched = Fetched(source_id="s", url=SOURCE.url, status=503)
    for _ in range(40):
        state = plan.failed(SOURCE, state, fetched, Failure(stage="fetch", code="http-503"), LATER).state
    assert [event.code for event in state.events] == ["http-503"] * 30


def test_a_permanent_redirect_to_another_feed_is_not_taken_for_the_source() -> None:
    known = Remembered(read(entry("1"), entry("2")))
    fetched = Fetched(source_id="s", url="https://parked.example/", moved_to="https://parked.example/", status=200)
    state = SourceState(source_id="s", url=SOURCE.url, feed_id="urn:example:feed")
    update = plan.read(
        SOURCE, state, known, known.texts.get, fetched=fetched, feed=Feed(entries=(entry("x"),)), now=NOW
    )
    assert update.new == ()
    assert update.state.failure is not None
    assert update.state.failure.code == "moved"


def test_renumbered_entries_are_edits_of_the_old_ones() -> None:
    links = [f"https://example.org/{number}" for number in range(4)]
    first = read(*(entry(f"old-{link}", f"Title {link}", link) for link in links))
    known = Remembered(first)
    again = read(*(entry(f"new-{link}", f"Title {link}", link) for link in links), known=known, now=LATER)
    assert again.new == ()
    assert {alias.key for alias in again.aliases} == set(known)
    assert {changed.key for changed in again.changed} == set(known)
    assert {changed.updated for changed in again.changed} == {NOW}


def test_a_failure_keeps_what_is_known() -> None:
    state = read(entry("1")).state
    fetched = Fetched(source_id="s", url=SOURCE.url, status=503)
    failure = Failure(stage="fetch", code="http-503")
    once = plan.failed(SOURCE, state, fetched, failure, LATER).state
    twice = plan.failed(SOURCE, once, fetched, failure, LATER).state
    assert (twice.failures, twice.failure, twice.etag, twice.body_hash) == (2, failure, state.etag, state.body_hash)
    assert plan.unchanged(SOURCE, twice, fetched, LATER).state.failures == 0


def test_what_a_feed_says_of_itself_is_made_safe_too() -> None:
    fetched = Fetched(source_id="s", url=SOURCE.url, status=200)
    title = Text(value="Tom &amp; <b>Jerry</b>\0", type="text/html")
    for link, shown in (("javascript:alert(1)", ""), ("/home", "https://example.org/home")):
        feed = Feed(title=title, link=link, language="EN_us")
        before, nothing = SourceState(source_id="s"), Remembered()
        state = plan.read(SOURCE, before, nothing, nothing.texts.get, fetched=fetched, feed=feed, now=NOW).state
        assert (state.title, state.link, state.language) == ("Tom & Jerry", shown, "en-US")
