"""Stories do not depend on the order in which the facts are looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedhub.model import Member
from feedhub.stories.duplicates import group

START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES = st.integers(0, 3).map(lambda minutes: START + timedelta(minutes=minutes))
KEYS = st.sampled_from(["", "p", "q", "r"])


@st.composite
def facts(draw: st.DrawFn) -> list[Member]:
    names = draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12345")), unique=True, max_size=12))
    return [
        Member(
            source_id=source,
            key=key,
            entry_id=draw(st.sampled_from(["", "urn:example:1", "urn:example:2"])),
            title="",
            link="",
            first_seen=draw(MINUTES),
            published=draw(MINUTES),
            updated=START,
            url_key=draw(KEYS),
            text_key=draw(KEYS),
            removed=draw(st.booleans()),
        )
        for source, key in names
    ]


@given(facts(), st.randoms())
def test_any_order_of_the_same_facts_tells_the_same_stories(members: list[Member], random: object) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group(shuffled) == group(members)


@given(facts())
def test_ids_are_unique_and_every_stored_entry_is_in_one_story(members: list[Member]) -> None:
    stories = group(members)
    assert len({story.id for story in stories}) == len(stories)
    placed = [(member.source_id, member.key) for story in stories for member in story.members]
    assert len(placed) == len(set(placed))
    assert {(member.source_id, member.key) for member in members if not member.removed} <= set(placed)


@given(facts())
def test_emptying_old_entries_never_changes_an_id(members: list[Member]) -> None:
    before = {(member.source_id, member.key): story.id for story in group(members) for member in story.members}
    emptied = [
        Member(**{field: getattr(member, field) for field in Member.__struct_fields__} | {"removed": True})
        if member.source_id == "a"
        else member
        for member in members
    ]
    for story in group(emptied):
        for member in story.members:
            assert before.get((member.source_id, member.key), story.id) == story.id
