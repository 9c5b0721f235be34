from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from feedhub.model import Entry, Member, Source, Story, Text
from feedhub.stories.duplicates import group, text_key, url_key
from feedhub.stories.tags import Subject

START = datetime(2024, 1, 1, tzinfo=UTC)


def member(source: str, key: str, *, at: int = 0, url: str = "", text: str = "", **more: object) -> Member:
    moment = START + timedelta(minutes=at)
    facts = {"entry_id": "", "title": key, "link": "", "published": moment, "updated": moment} | more
    return Member(source_id=source, key=key, first_seen=moment, url_key=url, text_key=text, **facts)  # type: ignore[arg-type]


def told(stories: list[Story]) -> list[list[str]]:
    return [[f"{teller.source_id}{teller.key}" for teller in story.members] for story in stories]


def test_the_same_url_or_the_same_text_is_one_story_through_any_chain() -> None:
    stories = group(
        [
            member("a", "1", at=0, url="x/p"),
            member("b", "1", at=1, url="x/p", text="T"),
            member("c", "1", at=2, text="T"),
            member("d", "1", at=3, text="U"),
        ]
    )
    assert told(stories) == [["a1", "b1", "c1"], ["d1"]]
    assert [reason.rule for reason in stories[0].why] == ["same-url", "same-text"]


def test_within_a_source_url_and_text_must_both_be_the_same() -> None:
    stories = group(
        [
            member("a", "1", at=0, url="x/p", text="T"),
            member("a", "2", at=1, url="x/p", text="U"),
            member("a", "3", at=2, url="x/q", text="T"),
            member("a", "4", at=3, url="x/p", text="T"),
        ]
    )
    assert told(stories) == [["a1", "a4"], ["a2"], ["a3"]]


def test_a_page_that_a_source_links_again_and_again_does_not_pull_others_in() -> None:
    stories = group(
        [
            member("a", "1", at=0, url="x/live", text="T"),
            member("a", "2", at=1, url="x/live", text="U"),
            member("b", "1", at=2, url="x/live", text="V"),
        ]
    )
    assert told(stories) == [["a1", "b1"], ["a2"]]


def test_a_guid_alone_joins_nothing_and_is_published_once() -> None:
    stories = group([member("a", "1", entry_id="urn:example:1"), member("b", "1", at=1, entry_id="urn:example:1")])
    assert stories[0].id == "urn:example:1"
    assert stories[1].id.startswith("urn:uuid:")


@pytest.mark.parametrize("entry_id", ["12345", "", "http://a b/", "javascript:1", "https://x/<", "urn:x:\x1f"])
def test_an_id_that_atom_cannot_carry_is_replaced(entry_id: str) -> None:
    assert group([member("a", "1", entry_id=entry_id)])[0].id.startswith("urn:uuid:")


@pytest.mark.parametrize("entry_id", ["https://x.example/?p=1", "tag:x.example,2018-05-10:a/b", "urn:isbn:0451450523"])
def test_an_id_that_atom_can_carry_is_kept(entry_id: str) -> None:
    assert group([member("a", "1", entry_id=entry_id)])[0].id == entry_id


def test_a_story_keeps_its_id_and_dates_when_its_first_teller_is_gone() -> None:
    first = member("a", "1", entry_id="urn:example:1", url="x/p")
    second = member("b", "1", at=1, entry_id="urn:example:2", url="x/p")
    before = group([first, second])[0]
    after = group([member("a", "1", entry_id="urn:example:1", url="x/p", removed=True), second])[0]
    assert (before.id, before.lead.source_id) == ("urn:example:1", "a")
    assert (after.id, after.lead.source_id) == ("urn:example:1", "b")
    assert (after.published, after.updated) == (before.published, before.updated)


def test_a_story_of_which_nothing_is_stored_is_not_told() -> None:
    assert group([member("a", "1", removed=True)]) == []


def test_a_later_copy_does_not_move_the_date_of_a_story() -> None:
    first = member("a", "1", url="x/p")
    assert group([first, member("b", "1", at=9, url="x/p")])[0].updated == first.updated


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("https://www.example.org/a?utm_source=x#top", True),
        ("https://example.org/?p=3", True),
        ("https://example.org/", False),
        ("https://example.org", False),
        ("", False),
    ],
)
def test_a_front_page_is_no_evidence(link: str, wanted: bool) -> None:  # noqa: FBT001 - a table of cases
    assert bool(url_key(Entry(link=link))) == wanted


def key_of(title: str, html: str) -> str:
    entry = Entry(title=Text(value=title), content=Text(value=html, type="text/html"))
    return text_key(Subject(entry, Source(id="a", url="")))


def test_a_text_is_the_same_without_regard_to_markup_case_and_punctuation() -> None:
    one = key_of("A title of some words", "<p>Here is a text; it has as many words as are needed.</p>")
    two = key_of("A TITLE, of some words", "Here is a <b>text</b>: it has as many words as are needed")
    assert one == two != ""
    assert one != key_of("A title of some words", "Here is a text; it has as many words as were needed.")


def test_a_short_text_is_no_evidence() -> None:
    assert key_of("Photo of the day", "<p>Enjoy!</p>") == ""


def test_made_ids_are_uuids_of_source_and_key() -> None:
    for key in map(str, range(99)):
        (story,) = group([member("é", key)])
        assert story.id == uuid5(UUID("0a4f9e2c-6f0e-5d39-9a57-3c1f2f6f7b10"), f"é\n{key}").urn
