"""The part of the store's contract that is about what was told of stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub.model import Correction
from feedhub.store import open_store
from feedhub.stories.fold import Folded
from feedhub.stories.shelf import Row
from feedhub.stories.telling import Decision
from stored import DATABASES, NOON, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.store import Store

DAY = 86400


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return DATABASES[request.param](tmp_path)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = open_store(address)
    yield opened
    opened.close()


def decision(number: int, rule: str = "same-event", other: int = 0) -> Decision:
    return Decision(
        rule=rule, number=number, text=number, story=other, other=other, score=2.5, threshold=1.0, words=("a", "é")
    )


def row(key: int, value: bytes | None, *, kind: str = "word", touched: int = 5) -> Row:
    return Row(kind=kind, key=key, touched=touched, value=value)


def numbers(store: Store) -> list[tuple[int, str]]:
    return [(number, entry.key) for number, entry in store.told.arrivals(0, 100)]


def test_numbers_go_by_arrival_and_stay(store: Store) -> None:
    store.apply([update("b", new=[stored("b", "late", minute=9), stored("b", "first")])])
    store.apply([update("a", new=[stored("a", "later", minute=9)])])
    assert numbers(store) == []
    assert store.told.count() == 3
    store.told.number()
    assert store.told.count() == 3
    assert numbers(store) == [(0, "first"), (1, "later"), (2, "late")]
    store.apply([update("a", new=[stored("a", "earlier", minute=1)])])
    store.told.number()
    assert numbers(store) == [(0, "first"), (1, "later"), (2, "late"), (3, "earlier")]
    assert [number for number, _ in store.told.arrivals(1, 2)] == [1, 2]
    store.sign("signer", [])
    assert store.members() == []


def test_an_entry_arrives_as_it_first_was(store: Store) -> None:
    first = stored("a", "1", text="first")
    store.apply([update("a", new=[first])])
    for number in range(80):
        store.apply([update("a", changed=[stored("a", "1", text=f"version {number}")])])
    store.told.number()
    assert store.told.arrivals(0, 9) == [(0, first)]


def test_a_removed_entry_keeps_its_number(store: Store) -> None:
    store.apply([update("a", new=[stored("a", "1"), stored("a", "2", minute=90)])])
    store.told.number()
    store.retain(NOON.replace(hour=13), 0)
    (_, gone), (_, kept) = store.told.arrivals(0, 9)
    assert gone.entry is None
    assert kept.entry is not None


def test_rows_are_kept_replaced_dropped_and_swept(store: Store, address: str) -> None:
    store.told.keep(Folded((), (row(1, b"x"), row(2, b""), row(3, b"z", touched=70), row(1, b"k", kind="print"))))
    store.told.keep(Folded((), (row(1, b"y", touched=60), row(2, None))))
    store.close()
    again = open_store(address)
    assert dict(again.told.read("word", (1, 2, 3, 4))) == {1: (60, b"y"), 3: (70, b"z")}
    again.told.sweep({"word": 30, "story": 1}, 95)
    assert dict(again.told.read("word", range(2**32 - 3, 2**32 + 1))) == {}
    assert dict(again.told.read("word", (1, 2, 3))) == {3: (70, b"z")}
    assert dict(again.told.read("print", (1,))) == {1: (5, b"k")}
    again.close()


def test_decisions_are_kept_and_not_made_twice(store: Store) -> None:
    alone = decision(1, "new-story", 1)
    store.told.keep(Folded((decision(0, "new-story"), alone), ()))
    store.told.keep(Folded((decision(1), decision(3), decision(2), decision(3, "merged", 2)), ()))
    assert store.told.links() == [decision(2), decision(3, "merged", 2), decision(3)]
    assert store.told.decisions(1) == [alone]
    assert store.told.decisions(9) == []


def test_what_a_removed_text_had_a_part_in_is_not_forgotten(store: Store) -> None:
    entries = [stored("a", str(number), minute=60 * 24 * number) for number in range(6)]
    store.apply([update("a", new=entries)])
    store.told.number()
    made = [decision(0, "new-story"), *(decision(number, other=number - 1) for number in range(1, 5)), decision(5)]
    store.told.keep(Folded(tuple(made), (row(1, b"x"),)))
    store.retain(entries[1].first_seen, 0)
    store.told.forget(2 * DAY)
    # The first is gone; what came within two days of it, and what names it, can be decided upon no more.
    assert store.told.links() == [decision(1), decision(2, other=1), decision(5)]
    assert store.told.decisions(0)
    assert dict(store.told.read("word", (1,))) == {}


def test_everything_is_forgotten_where_nothing_was_removed(store: Store) -> None:
    store.apply([update("a", new=[stored("a", "1"), stored("a", "2")])])
    store.told.number()
    store.told.keep(Folded((decision(0, "new-story"), decision(1)), ()))
    store.told.forget(99 * DAY)
    assert store.told.links() == store.told.decisions(0) == []
    assert len(numbers(store)) == 2


def test_corrections_stay_in_their_order(store: Store) -> None:
    said = [
        Correction(kind="split", entry=("a", "2")),
        Correction(kind="join", entry=("a", "1"), other=("b", "1")),
        Correction(kind="link", entry=("a", "1"), other=("b", "9")),
    ]
    for one in said:
        store.told.correct(one)
    store.forget_derived()
    store.told.forget(0)
    assert store.told.corrections() == said
