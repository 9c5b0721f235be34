"""In which lists stories stand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from feedhub.listing import TAGS, by_arrival, by_source, listed, of_tag
from feedhub.model import Edition
from publishing import NOON, member, story

AT_NOON = int(NOON.timestamp())
FIRST = story(member(number=3, editions=("world", "{tag}")), tags=("sea",), id="first", event="first")
SECOND = story(
    member("gazette", number=5, editions=("world", "{tag}"), published=NOON + timedelta(hours=1)),
    tags=("sea", "fruit"),
    id="second",
    event="first",
)
ELSEWHERE = story(member(number=9, editions=("other",)), id="elsewhere")
STORIES = [FIRST, SECOND, ELSEWHERE]
WORLD = Edition(slug="world", title="World")


def places(edition: Edition) -> list[tuple[str, int, int, str]]:
    return [(one.list, one.rank, one.number, one.id) for one in listed([edition], [], STORIES)]


def test_by_the_moment_of_the_edition() -> None:
    assert places(WORLD) == [("world", AT_NOON, 3, "first"), ("world", AT_NOON + 3600, 5, "second")]
    assert places(replace(WORLD, order="first-seen")) == [
        ("world", AT_NOON, 3, "first"),
        ("world", AT_NOON, 5, "second"),
    ]


def test_leads_stand_under_the_id_of_their_event() -> None:
    gone = replace(FIRST, lead=member(removed=True), members=(member(number=3, removed=True, editions=("world",)),))
    (lead,) = listed([replace(WORLD, events="lead")], [], [gone, SECOND])
    assert (lead.number, lead.id) == (5, "first")


def test_as_many_outlets_as_are_asked_for() -> None:
    assert len(places(replace(WORLD, min_outlets=2))) == 2
    assert places(replace(WORLD, min_outlets=3)) == []


@pytest.mark.parametrize("shared", [{"per_source": 1}, {"mix": True}])
def test_one_list_for_each_source_where_their_places_are_shared_out(shared: dict[str, object]) -> None:
    names = [by_source("world", "herald"), by_source("world", "gazette")]
    assert [place[0] for place in places(replace(WORLD, **shared))] == names
    assert {place[0] for place in places(replace(WORLD, digest="day", **shared))} == {"world"}


def test_one_more_list_by_arrival_for_archives() -> None:
    assert [place[:2] for place in places(replace(WORLD, history=True))] == [
        ("world", AT_NOON),
        (by_arrival("world"), 3),
        ("world", AT_NOON + 3600),
        (by_arrival("world"), 5),
    ]


def test_tags_have_lists_of_what_passes_and_of_all() -> None:
    template = Edition(slug="{tag}", title="{tag}")
    only = replace(template, slug="only/{tag}")
    found = [(place.list, place.number) for place in listed([], [template, only], STORIES)]
    sea, fruit = of_tag(template, "sea"), of_tag(template, "fruit")
    assert found == [(TAGS + "sea", 3), (TAGS + "sea", 5), (sea, 3), (sea, 5), (TAGS + "fruit", 5), (fruit, 5)]
