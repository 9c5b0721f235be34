from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feedhub.model import Entry, Feed, Known, Move, SourceState, Text
from feedhub.moves import is_same_feed, renumbered, settled, sighted

NOW = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
STATE = SourceState(source_id="s", url="https://old.example/feed", feed_id="urn:example:feed")
TARGET = "https://new.example/feed"


def known(*keys: str) -> dict[str, Known]:
    facts = {"first_seen": NOW, "published": NOW, "updated": NOW, "fingerprint": "", "significant": ""}
    return {
        key: Known(key=key, link=f"https://old.example/{key}", title=f"Title {key}", **facts)  # type: ignore[arg-type]
        for key in keys
    }


def seen(days: list[float], *, same: bool = True) -> SourceState:
    state = STATE
    for day in days:
        state = settled(sighted(state, TARGET, NOW + day * DAY, same=same), NOW + day * DAY)
    return state


def test_a_move_is_believed_after_five_sightings_over_three_days() -> None:
    assert seen([0, 1, 2, 3]).moved_to == ""
    assert seen([0, 0.5, 1, 1.5, 2]).moved_to == ""
    assert seen([0, 1, 2, 2.5, 3]).moved_to == TARGET


def test_a_move_to_another_feed_is_never_believed() -> None:
    state = seen([0, 1, 2, 3, 4, 5], same=False)
    assert state.moved_to == ""
    assert state.move == Move(target=TARGET, since=NOW, sightings=6, same=False)


def test_an_answer_without_redirect_and_another_target_begin_anew() -> None:
    state = seen([0, 1, 2, 3])
    assert sighted(state, "", NOW, same=True).move is None
    assert sighted(state, "https://third.example/", NOW, same=True).move == Move(
        target="https://third.example/", since=NOW, same=True
    )


def test_a_feed_is_the_same_by_id_or_by_half_of_its_entries() -> None:
    stored = known("1", "2", "3", "4")
    by_id = Feed(id="urn:example:feed", entries=(Entry(id="x"),))
    assert is_same_feed(by_id, ["x"], STATE, stored)
    half = Feed(entries=(Entry(id="1"), Entry(id="x", link="https://old.example/2"), Entry(id="y"), Entry(id="z")))
    assert is_same_feed(half, ["1", "x", "y", "z"], STATE, stored)
    third = Feed(entries=(Entry(id="1"), Entry(id="y"), Entry(id="z")))
    assert not is_same_feed(third, ["1", "y", "z"], STATE, stored)
    assert is_same_feed(third, ["1", "y", "z"], STATE, {})
    assert not is_same_feed(Feed(), [], STATE, stored), "an empty feed has nothing in common with any"
    assert is_same_feed(Feed(id="urn:example:feed"), [], STATE, stored)


def entries(*names: str) -> list[Entry]:
    return [Entry(id=f"new {name}", link=f"https://old.example/{name}", title=Text(value="t")) for name in names]


def keys(listed: list[Entry]) -> list[str]:
    return [entry.id for entry in listed]


def test_most_entries_under_new_guids_are_the_old_ones() -> None:
    listed = [*entries("1", "2", "3"), Entry(id="really new", link="https://old.example/news")]
    assert [(alias.other, alias.key) for alias in renumbered(listed, keys(listed), known("1", "2", "3"))] == [
        ("new 1", "1"),
        ("new 2", "2"),
        ("new 3", "3"),
    ]


def test_titles_serve_where_links_moved_too() -> None:
    listed = [Entry(id=f"new {n}", link=f"https://new.example/{n}", title=Text(value=f"Title {n}")) for n in "123"]
    assert len(renumbered(listed, keys(listed), known("1", "2", "3"))) == 3


def test_a_few_entries_under_new_guids_are_new() -> None:
    listed = [*entries("1", "2"), Entry(id="3"), Entry(id="4"), Entry(id="5")]
    assert renumbered(listed, keys(listed), known("1", "2", "3", "4", "5")) == ()
    assert renumbered(entries("1"), ["new 1"], known("1")) == ()


def test_a_page_that_every_entry_links_to_tells_nothing() -> None:
    listed = [Entry(id=f"new {number}", link="https://old.example/") for number in range(4)]
    stored = known("1", "2", "3", "4")
    home = {
        key: Known(**{name: getattr(old, name) for name in Known.__struct_fields__} | {"link": "https://old.example/"})
        for key, old in stored.items()
    }
    assert renumbered(listed, keys(listed), home) == ()
