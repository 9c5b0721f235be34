"""The shipped configuration publishes, byte for byte, what is committed in feeds/published."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import feedparser
import pytest

from program import Program, tree
from shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "Daesh has collapsed in Syria, it’s confirmed by the arrest of 5 prominent leaders in Iraq"
LINK = (
    "https://www.difesaesicurezza.com/en/defence-and-security/"
    "daesh-has-collapsed-in-syria-its-confirmed-by-the-arrest-of-5-prominent-leaders-in-iraq/"
)
TAGS = {"syria", "iraq", "isis", "sdf"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("shipped")
    shutil.copy(ROOT / "config.toml", folder)
    shutil.copytree(ROOT / "feeds/sources", folder / "feeds/sources")
    program = Program(folder)
    program.run("refresh")
    return program


def published(folder: Path) -> dict[str, bytes]:
    return {name: data for name, (data, _) in tree(folder / "feeds/published").items()}


def test_a_refresh_publishes_what_is_committed(shipped: Program) -> None:
    assert published(shipped.folder) == published(ROOT)


def test_a_second_refresh_touches_nothing(shipped: Program) -> None:
    before = tree(shipped.folder / "feeds/published")
    assert shipped.json("refresh")[-1]["written"] == []
    assert shipped.json("refresh", "--force")[-1]["written"] == []
    assert tree(shipped.folder / "feeds/published") == before


def test_no_path_of_this_machine_is_published(shipped: Program) -> None:
    for data in published(shipped.folder).values():
        assert str(shipped.folder).encode() not in data
        assert b"file:" not in data


@pytest.mark.parametrize("name", ["all.atom", "all.rss", "syria-and-iraq.atom", "syria-and-iraq.rss", "tags/sdf.atom"])
def test_the_article_stands_in_the_feed(name: str) -> None:
    feed = feedparser.parse((ROOT / "feeds/published" / name).read_bytes())
    assert not feed.bozo
    (entry,) = [entry for entry in feed.entries if entry.title == TITLE]
    assert entry.link == LINK
    assert {tag.term for tag in entry.tags} >= TAGS
    assert "five senior commanders" in entry.summary
    assert "Jazeera Storm" in entry.content[0].value
    assert entry.published_parsed[:3] == (2018, 5, 10)


def test_the_article_stands_in_the_json_feed() -> None:
    feed = json.loads((ROOT / "feeds/published/all.json").read_bytes())
    (item,) = [item for item in feed["items"] if item["title"] == TITLE]
    assert item["url"] == LINK
    assert set(item["tags"]) >= TAGS
    assert "five senior commanders" in item["summary"]


def test_copies_are_told_once_and_the_others_named(shipped: Program) -> None:
    stories = shipped.json("stories", "--limit", "100")
    tellers = {story["lead"]["title"]: [member["source_id"] for member in story["members"]] for story in stories}
    assert tellers[TITLE] == ["defence-and-security", "reading-list"]
    assert tellers["JSON Feed is at version 1.1"] == ["feed-standards", "reading-list"]
    assert sum(len(members) for members in tellers.values()) == len(stories) + 2


def test_explain_says_why(shipped: Program) -> None:
    told = shipped.run("explain", LINK).stdout
    assert "same canonical URL" in told
    assert "reading-list" in told
    assert "the source's category 'Daesh'" in told
    assert "syria-and-iraq: place" in told
    assert "feed states" not in told


def test_outlets_that_tell_of_the_arrests_in_their_own_words_are_one_event(shipped: Program) -> None:
    stories = shipped.json("stories", "--limit", "100")
    tellers = {story["lead"]["source_id"] for story in stories if story.get("event")}
    assert tellers == {"defence-and-security", "iz-news-agency", "news-on-turkey", "steadfast-and-loyal"}
    assert len({story["event"] for story in stories if story.get("event")}) == 1
    told = shipped.run(
        "explain", "http://www.newsonturkey.com/middle-east/trump-5-high-ranking-daesh-terrorists-captured-6010/"
    )
    assert "also covered by steadfast-and-loyal" in told.stdout
    assert "the same event by the words daesh, leaders, five" in told.stdout


def test_explain_says_why_other_entries_are_not_of_that_event(shipped: Program) -> None:
    italian = "https://www.difesaesicurezza.com/difesa/siria-le-sdf-a-deir-ezzor-avanzano-contro-lultimo-presidio-isis-arqoub/"
    stories = {story["lead"]["link"]: story for story in shipped.json("stories", "--limit", "100")}
    assert not stories[italian].get("event")
    assert (
        "as a new story: none of those days shared words with it that are telling enough"
        in shipped.run("explain", italian).stdout
    )
    (kashmir,) = [link for link in stories if "preciouskashmir" in link]
    told = shipped.run("explain", kashmir).stdout
    assert "too little in common with the nearest story by the words" in told
    assert "1.00 is enough), defence-and-security" in told
    assert "event" not in {line.split()[0] for line in told.splitlines()}
