"""What the folds found and people said makes stories and events; ids stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from feedhub.model import Correction, Member, Story
from feedhub.stories.duplicates import group
from feedhub.stories.links import standing
from feedhub.stories.telling import Decision

START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def member(name: str, number: int, *, url: str = "", removed: bool = False) -> Member:
    moment = START + timedelta(minutes=number)
    return Member(
        source_id=name,
        key="1",
        entry_id=f"urn:example:{name}",
        title=name,
        link="",
        first_seen=moment,
        published=moment,
        updated=moment,
        url_key=url,
        text_key="",
        removed=removed,
        number=number,
    )


def decided(rule: str, number: int, story: int, other: int) -> Decision:
    return Decision(
        rule=rule, number=number, text=number, story=story, other=other, score=1.2345, threshold=1.0, words=("ferry",)
    )


def copy(number: int, other: int) -> Decision:
    return decided("near-text", number, other, other)


def joins(number: int, story: int) -> Decision:
    return decided("same-event", number, story, story)


def told(stories: list[Story]) -> list[str]:
    return ["".join(one.source_id for one in story.members) for story in stories]


ABCDE = [member(name, number) for number, name in enumerate("abcde")]


def test_nearly_the_same_text_is_one_story_with_the_score_as_reason() -> None:
    stories = group(ABCDE, [copy(1, 0), copy(3, 1)])
    assert told(stories) == ["abd", "c", "e"]
    (first, second) = stories[0].why
    assert (first.rule, first.field, first.found, first.score, first.threshold) == (
        "near-text",
        "a 1",
        "b 1",
        1.234,
        1.0,
    )
    assert (second.field, second.found) == ("b 1", "d 1")
    assert stories[0].event == ""


def test_of_two_published_stories_that_become_one_the_older_id_stays_and_the_other_is_not_issued_again() -> None:
    before = group([member("a", 0), member("b", 1, url="x/p")])
    assert [story.id for story in before] == ["urn:example:a", "urn:example:b"]
    # It is a copy of one and links to the page of the other.
    members = [member("a", 0), member("b", 1, url="x/p"), member("c", 2, url="x/p")]
    (after,) = group(members, [copy(2, 0)])
    assert after.id == "urn:example:a"
    gone = [replace(one, removed=one.source_id != "b") for one in members]
    (late,) = group(gone, [copy(2, 0)])
    assert (late.id, late.lead.source_id) == ("urn:example:a", "b")


def test_stories_of_one_event_share_the_id_of_the_first_and_say_what_links_them() -> None:
    stories = group(ABCDE, [copy(1, 0), joins(2, 0), joins(4, 3), decided("merged", 4, 0, 3)])
    assert told(stories) == ["ab", "c", "d", "e"]
    assert {story.event for story in stories} == {"urn:example:a"}
    assert [[reason.rule for reason in story.linked] for story in stories] == [
        [],
        ["same-event"],
        ["merged"],
        ["same-event"],
    ]
    assert stories[1].linked[0].words == ("ferry",)


def test_the_order_of_members_and_decisions_does_not_matter() -> None:
    decisions = [copy(1, 0), joins(2, 0), joins(4, 3), decided("merged", 4, 0, 3)]
    assert group(ABCDE[::-1], decisions[::-1]) == group(ABCDE, decisions)


def test_an_event_keeps_its_id_when_its_first_story_is_gone_and_ends_with_its_last() -> None:
    first_gone = [replace(one, removed=one.source_id == "a") for one in ABCDE]
    stories = group(first_gone, [joins(2, 0)])
    assert [(story.lead.source_id, story.lead.removed, story.event) for story in stories if story.event] == [
        ("a", True, "urn:example:a"),
        ("c", False, "urn:example:a"),
    ]
    both_gone = [replace(one, removed=one.source_id in "ac") for one in ABCDE]
    assert told(group(both_gone, [joins(2, 0)])) == ["b", "d", "e"]


def test_what_is_linked_through_an_entry_that_was_split_off_stays_together() -> None:
    decisions = [copy(1, 0), copy(2, 0), joins(3, 0), joins(4, 0)]
    split = Correction(kind="split", entry=("a", "1"))
    stories = group(ABCDE, decisions, [split])
    assert told(stories) == ["a", "bc", "d", "e"]
    assert [story.event for story in stories] == ["", *["urn:example:b"] * 3]
    assert stories[0].linked == ()


def test_an_entry_split_off_and_joined_elsewhere_brings_none_of_its_old_links() -> None:
    split = Correction(kind="split", entry=("a", "1"))
    join = Correction(kind="join", entry=("a", "1"), other=("e", "1"))
    stories = group(ABCDE, [joins(1, 0), joins(2, 0)], [split, join])
    assert told(stories) == ["ae", "b", "c", "d"]
    by_lead = {story.lead.source_id: story for story in stories}
    assert by_lead["a"].event == ""
    assert by_lead["b"].event == by_lead["c"].event == "urn:example:b"
    assert [reason.rule for reason in by_lead["a"].why] == ["joined"]
    assert told(group(ABCDE, (), [join, split])) == list("abcde")


def test_corrections_of_entries_that_nobody_knows_say_nothing() -> None:
    unknown = Correction(kind="join", entry=("a", "1"), other=("z", "9"))
    assert group(ABCDE, (), [unknown, Correction(kind="split", entry=("z", "9"))]) == group(ABCDE)


def test_what_is_taken_back_counts_no_more_and_what_was_said_since_does() -> None:
    split = Correction(kind="split", entry=("a", "1"))
    join = Correction(kind="join", entry=("a", "1"), other=("e", "1"))
    link = Correction(kind="link", entry=("c", "1"), other=("a", "1"))
    undo = Correction(kind="undo", entry=("a", "1"))
    undo_pair = Correction(kind="undo", entry=("e", "1"), other=("a", "1"))
    assert standing([split, join, link, undo_pair]) == [split, link]
    assert standing([split, join, link, undo]) == []
    assert standing([join, undo, link]) == [link]
    assert standing([join, split, undo]) == []
    assert group(ABCDE, [copy(1, 0)], [split, undo]) == group(ABCDE, [copy(1, 0)])
