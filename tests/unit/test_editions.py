"""Which stories stand in which edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.editions import Known, contents, covering, decide, happenings, item, passing
from feedhub.model import Entry, Source
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
    assert "archive" in decide(replace(EDITION, history=True), [], STORIES[0]).why
    other = replace(edition, slug="other")
    assert decide(other, [], STORIES[0]).why == "its filter does not match"


def test_an_edition_may_show_only_the_lead_of_an_event() -> None:
    lead = replace(EDITION, events="lead")
    assert shown(lead) == {"alone", "copied", "first", "forgotten"}
    ((_, stories),) = contents([lead], (), (), STORIES)
    assert "first story of the event, first" in decide(lead, stories, STORIES[3]).why
    assert decide(lead, stories, STORIES[2]).place
    assert {one.id for one in passing(replace(lead, min_outlets=2), STORIES, covering(STORIES))} == {
        "copied",
        "first",
        "forgotten",
    }


def test_the_lead_of_an_event_keeps_its_id_when_its_first_story_is_gone() -> None:
    gone = told("first", removed=("herald",), event="first")
    ((_, stories),) = contents([replace(EDITION, events="lead")], (), (), [gone, *STORIES[3:5]])
    assert [(one.id, one.lead.key) for one in stories] == [("first", "second")]


def test_a_story_that_an_edition_does_not_want_leads_no_event_in_it() -> None:
    first, second, third = STORIES[2:5]
    other = replace(first, members=tuple(replace(each, editions=()) for each in first.members))
    ((_, stories),) = contents([replace(EDITION, events="lead")], (), (), [other, second, third])
    assert [one.id for one in stories] == ["second"]


def test_an_item_names_the_other_stories_of_its_event() -> None:
    stories = [*STORIES, told("gone", removed=("wire",), event="first")]
    sources = {name: Source(id=name, url="") for name in ("herald", "gazette", "wire")}
    known = Known(entries={("wire", "second"): Entry()}, sources=sources, events=happenings(stories))
    made = item(STORIES[3], known)
    assert made is not None
    assert [(one.story.id, one.source.id) for one in made.related] == [("first", "herald"), ("third", "herald")]
    assert item(STORIES[0], known) is None
