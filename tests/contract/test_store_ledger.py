"""The part of the store's contract that is about the ledger of stories."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest

from feedhub.model import Correction, Reason
from feedhub.model.ledger import Booked, Listed, Teller
from feedhub.store import open_store
from stored import DATABASES, NOON, member, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.store import Store

DAY = 20458
ENTRIES = [stored("a", "0"), stored("a", "1", minute=1), stored("b", "2", minute=2)]


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(DATABASES[request.param](tmp_path))
    opened.apply([update("a", new=ENTRIES[:2]), update("b", new=ENTRIES[2:])])
    opened.sign("signer", map(member, ENTRIES))
    opened.told.number()
    yield opened
    opened.close()


def teller(number: int, *, knot: int, story: int = -1, day: int | None = DAY) -> Teller:
    return Teller(number=number, source_id=ENTRIES[number].source_id, knot=knot, story=story, day=day)


def listed(number: int, rank: int, story_id: str, name: str = "all") -> Listed:
    return Listed(list=name, rank=rank, number=number, id=story_id)


PAIR = Booked(
    id="first", members=(0, 2), why=(Reason(rule="same-url"),), event="first", linked=(Reason(rule="linked"),)
)
ALONE = Booked(id="second", members=(1,), event="first")
TELLERS = [teller(0, knot=0, story=0), teller(1, knot=1, story=1), teller(2, knot=0, story=0, day=DAY - 60)]


def keep(store: Store) -> None:
    places = [
        listed(0, 5, "first"),
        listed(1, 5, "another"),
        listed(1, 9, "second", "some"),
        listed(0, 0, "first", "t"),
    ]
    store.ledger.keep(TELLERS, [PAIR, ALONE], places, {77: 0, -(1 << 62): 2})


def keys(store: Store) -> set[str]:
    numbers = store.ledger.changed()
    assert numbers == sorted(numbers)
    return {member.key for member in store.ledger.members(numbers)}


def test_what_is_kept_is_read_again(store: Store) -> None:
    assert keys(store) == {"0", "1", "2"}
    keep(store)
    ledger = store.ledger
    assert keys(store) == set()
    assert sorted(ledger.stories([1, 0, 2]), key=lambda story: story.id) == [PAIR, ALONE]
    assert sorted(ledger.telling(["first", "second"])) == [0, 1]
    assert ledger.knots([0, 1, 2, 9]) == {0: 0, 1: 1, 2: 0}
    assert {one.key for one in ledger.tied([0])} == {"0", "2"}
    assert {one.number for one in ledger.members([1, 2, 9])} == {1, 2}
    assert ledger.owners([77, -(1 << 62), 5]) == {77: 0, -(1 << 62): 2}
    assert ledger.number(("b", "2")) == 2
    assert ledger.number(("b", "9")) == -1
    assert [ledger.story(name) for name in (("b", "2"), ("a", "1"), ("x", "1"))] == [0, 1, -1]


def test_lists_are_by_rank_then_by_the_id_that_a_story_has_there(store: Store) -> None:
    keep(store)
    assert list(store.ledger.listed("all")) == [listed(1, 5, "another"), listed(0, 5, "first")]
    assert list(islice(store.ledger.listed("all"), 1)) == [listed(1, 5, "another")]
    assert list(store.ledger.listed("none")) == []
    assert store.ledger.lists("a") == ["all"]
    assert store.ledger.lists("s") == ["some"]
    assert {(place.list, place.id) for place in store.ledger.places([1])} == {("all", "another"), ("some", "second")}


def test_days_count_back_from_the_newest_of_their_source(store: Store) -> None:
    keep(store)
    assert store.ledger.days(56) == {"a": {DAY: 2}, "b": {DAY - 60: 1}}
    store.ledger.keep([teller(1, knot=1, day=DAY + 55)], [], [], {})
    assert store.ledger.days(56) == {"a": {DAY: 1, DAY + 55: 1}, "b": {DAY - 60: 1}}
    store.ledger.keep([teller(1, knot=1, day=None), teller(2, knot=0, day=None)], [], [], {})
    assert store.ledger.days(56) == {"a": {DAY: 1}}


def test_a_knot_that_is_told_anew_takes_its_own_place(store: Store) -> None:
    keep(store)
    told = Booked(id="third", members=(2, 0))
    store.ledger.keep(
        [teller(0, knot=0, story=2), teller(2, knot=0, story=2)], [told], [listed(2, 7, "third")], {77: 2}
    )
    assert sorted(store.ledger.stories([0, 1, 2]), key=lambda story: story.id) == [ALONE, told]
    assert list(store.ledger.listed("all")) == [listed(2, 7, "third"), listed(1, 5, "another")]
    assert store.ledger.lists("t") == []
    assert store.ledger.owners([77]) == {77: 0}


def test_whatever_changes_an_entry_is_noticed(store: Store) -> None:
    def noticed(*wanted: str) -> None:
        assert keys(store) == set(wanted)
        keep(store)
        assert keys(store) == set()

    noticed("0", "1", "2")
    store.apply([update("a", changed=[stored("a", "1", text="edited")])])
    noticed("1")
    store.sign("signer", [member(ENTRIES[1])])
    noticed("1")
    store.apply([update("b", changed=[stored("b", "2", text="edited")])], signer="s", members=[member(ENTRIES[2])])
    noticed("2")
    store.told.correct(Correction(kind="join", entry=("a", "0"), other=("b", "2")))
    noticed("0", "2")
    store.retain(NOON.replace(minute=1), 0)
    noticed("0")
    new = stored("a", "9", minute=9)
    store.apply([update("a", new=[new])])
    store.sign("signer", [member(new)])
    assert keys(store) == set()
    store.told.number()
    assert keys(store) == {"9"}
    store.ledger.forget()
    assert keys(store) == {"0", "1", "2", "9"}
    assert list(store.ledger.listed("all")) == store.ledger.stories([0, 1]) == []
    assert store.ledger.days(56) == store.ledger.knots([0]) == store.ledger.owners([77]) == {}


def test_links_of_some_entries(store: Store) -> None:
    assert store.told.links_of([0, 1]) == []
