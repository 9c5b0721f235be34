"""Which stories an edition shows."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.publish import select
from publishing import EDITION, NOON, member, story

if TYPE_CHECKING:
    from feedhub.model import Edition, Order, Story


def at(name: str, minutes: int, source_id: str = "herald", **facts: object) -> Story:
    moment = NOON + timedelta(minutes=minutes)
    return story(member(source_id, published=moment), id=name, **facts)


def shown(edition: Edition, *stories: Story) -> list[str]:
    orders = [list(stories), list(reversed(stories)), random.sample(stories, len(stories))]
    found = [[told.id for told in select(edition, order)] for order in orders]
    assert found[0] == found[1] == found[2], "the answer depends on the order of the stories"
    return found[0]


def test_newest_first_and_ties_by_id() -> None:
    assert shown(EDITION, at("b", 1), at("a", 1), at("d", 0), at("c", 2)) == ["c", "a", "b", "d"]


def test_limit() -> None:
    assert shown(replace(EDITION, limit=2), at("a", 1), at("b", 2), at("c", 3)) == ["c", "b"]
    assert shown(replace(EDITION, limit=2), at("a", 1)) == ["a"]


@pytest.mark.parametrize(
    ("order", "expected"), [("published", ["a", "b"]), ("updated", ["b", "a"]), ("first-seen", ["b", "a"])]
)
def test_order(order: Order, expected: list[str]) -> None:
    later = NOON + timedelta(days=1)
    stories = (at("a", 2), at("b", 1, updated=later, first_seen=later))
    assert shown(replace(EDITION, order=order), *stories) == expected


def test_max_age_counts_from_the_newest_story() -> None:
    edition = replace(EDITION, max_age=timedelta(minutes=10))
    assert shown(edition, at("a", 0), at("b", 5), at("c", 4), at("d", 15)) == ["d", "b"]


def test_max_age_goes_by_the_order_of_the_edition() -> None:
    edition = replace(EDITION, max_age=timedelta(minutes=10), order="updated")
    fresh = at("a", 0, updated=NOON + timedelta(minutes=20))
    assert shown(edition, fresh, at("b", 5)) == ["a"]


def test_per_source_cap_goes_by_the_lead() -> None:
    edition = replace(EDITION, per_source=1)
    mixed = at("c", 3, "gazette")
    mixed = replace(mixed, members=(*mixed.members, member("herald")))
    assert shown(edition, at("a", 1), at("b", 2), mixed, at("d", 0, "gazette")) == ["c", "b"]


def test_the_cap_comes_before_the_limit() -> None:
    edition = replace(EDITION, per_source=1, limit=2)
    assert shown(edition, at("a", 3), at("b", 2), at("c", 1, "gazette")) == ["a", "c"]


def test_no_stories() -> None:
    assert select(replace(EDITION, max_age=timedelta(days=1), per_source=1), []) == []


def test_sources_take_turns() -> None:
    edition = replace(EDITION, mix=True)
    stories = (at("a", 9), at("b", 8), at("c", 7), at("d", 6, "gazette"), at("e", 1, "gazette"), at("f", 2, "wire"))
    assert shown(edition, *stories) == ["a", "d", "f", "b", "e", "c"]
    assert shown(replace(edition, limit=3), *stories) == ["a", "d", "f"]
    assert shown(replace(edition, per_source=1), *stories) == ["a", "d", "f"]
    assert shown(replace(edition, max_age=timedelta(minutes=3)), *stories) == ["a", "d", "b", "c"]
