"""Pages as the program publishes them: only those that show something else are touched, and none ever goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub.publish.html import places
from program import Program
from replaying import document

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

# What the source says is so much alike that it would be taken for one event.
ALONE = "[stories]\nnear_duplicates = false\nevents = false\n"
PAGES = f"{ALONE}[output]\npages = true\n"
GENERAL = {"index.html", "subscribe.html", "sources.html", "404.html", "all.html"}
GENERAL |= {"look/style.css", "look/feed.css", "look/icon.svg"}
FEEDS = {"all.atom", "all.rss", "all.json", "sources.opml"}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def say(program: Program, origin: Origin, *entries: tuple[int, int], extra: str = PAGES) -> list[str]:
    """Let the source say these entries (number and version), refresh, and return the paths written."""
    origin.serve("/feed", document(entries), content_type="application/rss+xml")
    program.configure([origin.url("/feed")], extra=extra)
    written: list[str] = program.json("refresh", "--force")[-1]["written"]
    return written


def stories(paths: object) -> set[str]:
    assert isinstance(paths, list | dict | set)
    return {path for path in paths if path.startswith("story/")}


def test_pages_are_published_where_they_are_asked_for(program: Program, origin: Origin) -> None:
    assert set(say(program, origin, (1, 0), extra=ALONE)) == FEEDS | {"look/feed.css"}
    written = set(say(program, origin, (1, 0)))
    assert written - stories(written) == GENERAL - {"look/feed.css"}
    assert len(stories(written)) == 1


def test_only_pages_that_show_something_else_are_touched(program: Program, origin: Origin) -> None:
    before = set(say(program, origin, (1, 0), (2, 0)))
    assert before == FEEDS | GENERAL | stories(before)
    published = program.published()
    assert say(program, origin, (1, 0), (2, 0)) == []
    assert program.json("publish", "--force")[-1]["written"] == []
    assert program.published() == published
    added = set(say(program, origin, (1, 0), (2, 0), (3, 0)))
    assert len(stories(added)) == 1
    assert not stories(added) & before
    edited = set(say(program, origin, (1, 0), (2, 1), (3, 0)))
    assert len(stories(edited)) == 1
    assert stories(edited) < before
    assert "sources.html" not in edited
    assert "index.html" in edited


def test_a_page_that_is_gone_comes_back(program: Program, origin: Origin) -> None:
    say(program, origin, (1, 0), (2, 0))
    before = program.published()
    (path,) = sorted(stories(before))[:1]
    (program.folder / "published" / path).unlink()
    assert program.json("publish")[-1]["written"] == [path]
    assert program.published()[path][0] == before[path][0]


def test_the_page_of_a_story_stays_when_no_edition_shows_it_any_more(program: Program, origin: Origin) -> None:
    say(program, origin, (1, 0))
    (first,) = stories(program.published())
    program.configure([origin.url("/feed")], extra=PAGES + '[[edition]]\nslug = "one"\ntitle = "One"\nlimit = 1\n')
    config = (program.folder / "config.toml").read_text().replace('slug = "all"', 'slug = "two"').replace("1000", "1")
    origin.serve("/feed", document([(1, 0), (2, 0)]), content_type="application/rss+xml")
    (program.folder / "config.toml").write_text(config)
    program.run("refresh", "--force")
    published = program.published()
    assert len(stories(published)) == 2
    assert published[first][0].count(b"<h1") == 1


def test_a_theme_and_its_mistakes(program: Program, origin: Origin) -> None:
    themed = PAGES + 'theme = "look"\n'
    folder = program.folder / "look"
    folder.mkdir()
    (folder / "layout.html").write_text(
        '{% extends "feedhub/layout.html" %}{% block footer %}<footer>ours</footer>{% endblock %}'
    )
    say(program, origin, (1, 0), extra=themed)
    published = program.published()
    assert all(b"<footer>ours</footer>" in body for path, (body, _) in published.items() if path.endswith(".html"))
    (folder / "layout.html").write_text("{% block")
    done = program.run("publish", status=2)
    assert "layout.html, line 1: " in done.stderr
    assert program.published() == published
    (folder / "layout.html").unlink()
    folder.rmdir()
    assert "output.theme" in program.run("publish", status=2).stderr


def test_a_rebuild_sets_the_same_pages(program: Program, origin: Origin) -> None:
    say(program, origin, (1, 0), (2, 0))
    before = program.published()
    program.run("rebuild")
    assert program.published() == before


def test_paths_of_stories_come_from_their_ids_alone() -> None:
    assert places.story("https://herald.example/1") == "story/52b21a491e20016b26952a2c.html"
    assert places.story("\ud800") != places.story("")
