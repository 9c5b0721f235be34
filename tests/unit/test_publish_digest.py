"""Digests: which periods, which stories, and what stays the same."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import feedparser
import pytest
from msgspec.structs import replace

from feedhub.editions import Known, items
from feedhub.publish import document
from feedhub.publish.digest import MAX_STORIES, over
from publishing import EDITION, GAZETTE, HERALD, SITE, member, story

if TYPE_CHECKING:
    from feedhub.model import Edition, Item, Story

DAILY = replace(EDITION, digest="day")
SOURCES = {source.id: source for source in (HERALD, GAZETTE)}
# A Thursday.
DAY = datetime(2018, 5, 10, tzinfo=UTC)


def at(name: str, hours: float, *sources: str, **facts: object) -> Story:
    moment = DAY + timedelta(hours=hours)
    members = [
        member(source, title=f"Title {name}", link=f"https://{source}.example/{name}", first_seen=moment)
        for source in sources or ("herald",)
    ]
    return story(*members, id=name, **({"published": moment, "updated": moment, "first_seen": moment} | facts))


def made(edition: Edition, *stories: Story) -> list[Item]:
    mixed = random.sample(stories, len(stories))
    return items(edition, SITE, over(edition, mixed), Known(entries={}, sources=SOURCES, events={}))


def told(found: list[Item]) -> list[tuple[str, list[str]]]:
    return [
        (item.entry.title.value, [part.split("<")[0] for part in item.entry.content.value.split('">')[1:]])
        for item in found
    ]


def test_a_digest_for_each_day_that_is_over() -> None:
    stories = [at("a", 0), at("b", 23.99), at("c", 24), at("d", 30), at("e", -0.01), at("f", 72)]
    assert told(made(DAILY, *stories)) == [
        ("World: 2018-05-11", ["Title d", "Title c"]),
        ("World: 2018-05-10", ["Title b", "Title a"]),
        ("World: 2018-05-09", ["Title e"]),
    ]
    assert told(made(replace(DAILY, limit=1), *stories)) == [("World: 2018-05-11", ["Title d", "Title c"])]


def test_nothing_is_over_while_there_is_one_day() -> None:
    assert made(DAILY, at("a", 0), at("b", 23)) == []
    assert made(DAILY) == []


def test_weeks_begin_on_monday() -> None:
    weekly = replace(EDITION, digest="week")
    stories = [at("monday", -72), at("sunday", 95.9), at("next monday", 96), at("before", -72.1)]
    assert told(made(weekly, *stories)) == [
        ("World: 2018-W19", ["Title sunday", "Title monday"]),
        ("World: 2018-W18", ["Title before"]),
    ]


def test_the_year_of_a_week_is_that_of_iso_8601() -> None:
    weekly = replace(EDITION, digest="week")
    new_year = (datetime(2018, 12, 31, tzinfo=UTC) - DAY) / timedelta(hours=1)
    assert told(made(weekly, at("a", new_year), at("b", new_year + 200))) == [("World: 2019-W01", ["Title a"])]


def test_an_id_is_that_of_edition_and_period() -> None:
    last = at("z", 99)
    one, two = made(DAILY, at("a", 0), last), made(DAILY, at("b", 5), last)
    assert one[0].story.id == two[0].story.id
    assert one[0].story.id != made(replace(DAILY, slug="other"), at("a", 0), last)[0].story.id
    assert one[0].story.id != made(DAILY, at("a", 24), last)[0].story.id


def test_it_is_as_new_as_its_end_or_its_last_edit() -> None:
    last = at("z", 99)
    end = DAY + timedelta(days=1)
    (plain,) = made(DAILY, at("a", 0), last)
    assert (plain.story.published, plain.story.updated) == (end, end)
    edited = end + timedelta(hours=3)
    (after,) = made(DAILY, at("a", 0, updated=edited), last)
    assert (after.story.published, after.story.updated) == (end, edited)
    (late,) = made(DAILY, at("a", 0), at("b", 1, first_seen=edited), last)
    assert late.story.updated == end


def test_the_date_that_the_edition_goes_by_decides() -> None:
    seen = replace(DAILY, order="first-seen")
    late = at("late", -100, first_seen=DAY + timedelta(hours=1))
    assert told(made(seen, at("a", 0), late, at("z", 25))) == [("World: 2018-05-10", ["Title late", "Title a"])]


def test_cap_and_turns_are_judged_within_a_period() -> None:
    last = at("z", 99)
    stories = [at("a", 3), at("b", 2), at("c", 1, "gazette"), at("d", 24)]
    assert told(made(replace(DAILY, per_source=1), *stories, last)) == [
        ("World: 2018-05-11", ["Title d"]),
        ("World: 2018-05-10", ["Title a", "Title c"]),
    ]
    assert told(made(replace(DAILY, mix=True), *stories, last))[1][1] == ["Title a", "Title c", "Title b"]


def test_the_age_limit_counts_back_from_the_newest_story() -> None:
    edition = replace(DAILY, max_age=timedelta(hours=20))
    assert told(made(edition, at("a", 0), at("b", 5), at("z", 24))) == [("World: 2018-05-10", ["Title b"])]


def test_a_digest_is_bounded() -> None:
    stories = [at(str(number), number / 10) for number in range(MAX_STORIES + 20)]
    (found,) = made(DAILY, *stories, at("z", 99))
    assert found.entry.content.value.count("<li>") == MAX_STORIES


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_it_is_an_entry_as_others_are(name: str) -> None:
    found = made(replace(DAILY, titles="[{source}] {title}"), at("a", 0, "herald", "gazette"), at("z", 99))
    feed = feedparser.parse(BytesIO(document(name, DAILY, SITE, found).body))
    assert not feed.bozo
    (entry,) = feed.entries
    assert entry.title == "World: 2018-05-10"
    text = entry.content[0].value if "content" in entry else entry.summary
    assert '<a href="https://herald.example/a">[The Herald] Title a</a>' in text
    assert "<small>(The Herald, La Gazette)</small>" in text


def test_titles_are_text() -> None:
    odd = at("a", 0)
    odd = replace(odd, lead=replace(odd.lead, title='<b>"&'))
    (found,) = json.loads(document("json", DAILY, SITE, made(DAILY, odd, at("z", 99))).body)["items"]
    assert '>&lt;b&gt;"&amp;</a>' in found["content_html"]
