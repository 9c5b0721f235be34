"""Complete history (RFC 5005): what is put away when, and how its documents are found."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import feedparser
import pytest
from lxml import etree
from msgspec.structs import replace

from feedhub.model import Entry, Part, Text
from feedhub.publish import FORMATS, document
from feedhub.publish.archive import MAX_SIZE, NOTHING, after, archive, full, subscription, waiting
from publishing import EDITION, HERALD, NOON, SITE, item, member, story
from shared import shared

if TYPE_CHECKING:
    from feedhub.model import Archived, Item, Story

KEPT = replace(EDITION, history=True, limit=3)
HOME = "https://press.example/"


def at(number: int, minutes: int | None = None) -> Story:
    moment = NOON + timedelta(minutes=number if minutes is None else minutes)
    return story(member(number=number), id=f"urn:x-test:{number}", published=moment, updated=moment)


def shown(told: Story) -> Item:
    return item(Entry(title=Text(value=told.id), link="https://herald.example/"), told, HERALD)


def put_away(stories: list[Story], archived: Archived = NOTHING) -> tuple[list[list[str]], Archived]:
    """Return the ids of each archive that is made of ``stories``, and how far they are put away then."""
    made = []
    for part in full(KEPT, waiting(stories, archived)):
        put = archive(KEPT, SITE, part, {told.id: shown(told) for told in part}, archived)
        archived = after(archived, put)
        made.append(list(put.stories))
    return made, archived


def ids(*numbers: int) -> list[str]:
    return [f"urn:x-test:{number}" for number in numbers]


def test_the_oldest_are_put_away_once_enough_newer_ones_wait() -> None:
    assert put_away([at(number) for number in range(5)])[0] == []
    assert put_away([at(number) for number in range(6)])[0] == [ids(0, 1, 2)]
    assert put_away([at(number) for number in range(10)])[0] == [ids(0, 1, 2), ids(3, 4, 5)]


def test_it_does_not_matter_how_often_it_is_published() -> None:
    stories = [at(number) for number in range(40)]
    at_once, end = put_away(stories)
    archived, step_by_step = NOTHING, []
    for count in range(len(stories) + 1):
        made, archived = put_away(stories[:count], archived)
        step_by_step += made
    assert step_by_step == at_once
    assert archived == end


def test_every_story_is_in_one_archive_or_in_the_subscription() -> None:
    stories = [at(number, minutes=(number * 7) % 40) for number in range(40)]
    archives, archived = put_away(stories)
    put = [story_id for part in archives for story_id in part]
    assert len(put) == len(set(put))
    here = {told.id for told in subscription(KEPT, stories, archived)}
    assert here | set(put) == {told.id for told in stories}
    assert {told.id for told in waiting(stories, archived)} <= here
    newest = sorted(stories, key=lambda told: told.published)[-3:]
    assert {told.id for told in newest} <= here


def test_the_subscription_is_in_the_order_of_the_edition() -> None:
    stories = [at(0, 5), at(1, 9), at(2, 1), at(3, 3)]
    assert [told.id for told in subscription(KEPT, stories, NOTHING)] == ids(1, 0, 3, 2)
    assert subscription(KEPT, [], NOTHING) == []


def test_large_editions_have_archives_of_a_hundred() -> None:
    large = replace(KEPT, limit=1000)
    parts = full(large, [at(number) for number in range(1250)])
    assert [len(part) for part in parts] == [MAX_SIZE, MAX_SIZE]


def documents() -> tuple[dict[str, bytes], Archived]:
    stories = [at(number) for number in range(9)]
    bodies, archived = {}, NOTHING
    for part in full(KEPT, waiting(stories, archived)):
        put = archive(KEPT, SITE, part, {told.id: shown(told) for told in part}, archived)
        archived = after(archived, put)
        bodies |= {made.path: made.body for made in put.documents.values()}
    told = [shown(each) for each in subscription(KEPT, stories, archived)]
    for name in KEPT.formats:
        made = document(name, KEPT, SITE, told, Part(previous=archived.newest(name)))
        bodies[made.path] = made.body
    return bodies, archived


def test_the_paths_of_archives() -> None:
    bodies, archived = documents()
    assert archived.paths == {
        number: {name: f"world--archive-{number}{FORMATS[name].suffix}" for name in KEPT.formats} for number in (1, 2)
    }
    paths = [path for paths in archived.paths.values() for path in paths.values()]
    assert set(bodies) == {*paths, "world.atom", "world.rss", "world.json"}


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_a_reader_finds_everything_from_the_subscription_back(name: str) -> None:
    bodies, _ = documents()
    suffix = FORMATS[name].suffix
    path, found, visited = f"world{suffix}", [], []
    while path:
        visited.append(path)
        feed = feedparser.parse(BytesIO(bodies[path]))
        assert not feed.bozo
        links = {link.rel: link.href for link in feed.feed.links}
        assert links["self"] == HOME + path
        root = etree.fromstring(bodies[path])
        marked = root.findall(".//{http://purl.org/syndication/history/1.0}archive")
        assert len(marked) == (path != f"world{suffix}")
        assert links.get("current", HOME + f"world{suffix}") == HOME + f"world{suffix}"
        assert ("current" in links) == bool(marked)
        found += [entry.id for entry in feed.entries]
        path = links.get("prev-archive", "").removeprefix(HOME)
    assert visited == [f"world{suffix}", f"world--archive-2{suffix}", f"world--archive-1{suffix}"]
    assert found == ids(8, 7, 6, 5, 4, 3, 2, 1, 0)


def test_a_reader_of_json_finds_everything_by_next_url() -> None:
    bodies, _ = documents()
    path, found = "world.json", []
    while path:
        feed = json.loads(bodies[path])
        assert feed["feed_url"] == f"{HOME}world.json"
        found += [each["id"] for each in feed["items"]]
        path = feed.get("next_url", "").removeprefix(HOME)
    assert found == ids(8, 7, 6, 5, 4, 3, 2, 1, 0)


def test_archives_are_one_feed_with_the_subscription() -> None:
    bodies, _ = documents()
    feeds = [etree.fromstring(body) for path, body in bodies.items() if path.endswith(".atom")]
    assert {feed.findtext("{http://www.w3.org/2005/Atom}id") for feed in feeds} == {f"{HOME}world.atom"}
    schema = etree.RelaxNG(etree.parse(str(shared("hostile/output_checks") / "atom.rng")))
    for feed in feeds:
        schema.assertValid(feed)


def test_a_format_that_is_added_later_has_archives_from_then_on() -> None:
    stories = [at(number) for number in range(9)]
    first, second = full(KEPT, stories)
    one = archive(replace(KEPT, formats=("atom",)), SITE, first, {}, NOTHING)
    two = archive(replace(KEPT, formats=("atom", "rss")), SITE, second, {}, after(NOTHING, one))
    assert b"prev-archive" in two.documents["atom"].body
    assert b"prev-archive" not in two.documents["rss"].body


def test_a_story_that_cannot_be_shown_any_more_is_still_put_away() -> None:
    stories = [at(number) for number in range(6)]
    (part,) = full(KEPT, stories)
    put = archive(KEPT, SITE, part, {told.id: shown(told) for told in part[1:]}, NOTHING)
    assert put.stories == tuple(ids(0, 1, 2))
    assert ids(0)[0].encode() not in put.documents["atom"].body
