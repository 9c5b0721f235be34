"""Which stories stand in which edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.editions import contents, covering, decide
from publishing import EDITION, member, story

if TYPE_CHECKING:
    from feedhub.model import Edition, Story


def told(name: str, *sources: str, event: str = "", removed: tuple[str, ...] = ()) -> Story:
    members = [
        member(source, key=name, editions=(EDITION.slug,), removed=source in removed) for source in (*sources, *removed)
    ]
    return story(*members, id=name, event=event)


STORIES = [
    told("alone", "herald"),
    told("copied", "herald", "gazette", "wire"),
    told("first", "herald", "gazette", event="first"),
    told("second", "wire", event="first"),
    told("third", "herald", event="first"),
    told("forgotten", "herald", "gazette", removed=("wire",)),
]


def shown(edition: Edition) -> set[str]:
    ((_, stories),) = contents([edition], (), (), STORIES)
    return {story.id for story in stories}


def test_outlets_are_counted_over_copies_and_the_event() -> None:
    assert covering(STORIES) == {"alone": 1, "copied": 3, "first": 3, "second": 3, "third": 3, "forgotten": 2}


def test_an_edition_asks_for_so_many_outlets() -> None:
    assert shown(EDITION) == {story.id for story in STORIES}
    assert shown(replace(EDITION, min_outlets=2)) == {"copied", "first", "second", "third", "forgotten"}
    assert shown(replace(EDITION, min_outlets=3)) == {"copied", "first", "second", "third"}
    assert shown(replace(EDITION, min_outlets=4)) == set()


def test_editions_of_tags_ask_for_outlets_too() -> None:
    template = replace(EDITION, slug="tags/{tag}", min_outlets=3)
    tagged = [
        story(
            *(replace(each, editions=(template.slug,)) for each in one.members), id=one.id, event=one.event, tags=("a",)
        )
        for one in STORIES
    ]
    ((edition, stories),) = contents((), [template], (), tagged)
    assert (edition.slug, edition.tag) == ("tags/a", "a")
    assert {story.id for story in stories} == {"copied", "first", "second", "third"}


def test_why_a_story_is_left_out() -> None:
    edition = replace(EDITION, min_outlets=2)
    assert "number of outlets" in decide(edition, [], STORIES[0]).why
    other = replace(edition, slug="other")
    assert decide(other, [], STORIES[0]).why == "its filter does not match"
