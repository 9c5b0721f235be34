"""Documents that are broken: what is left of them is read, and where nothing is left that is a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

HEAD = "<rss version='2.0'><channel><title>A feed</title><link>http://a.example/</link><description>d</description>"
ENTRY = "<item><guid>1</guid><title>One</title></item>"
END = "</channel></rss>"


@pytest.fixture
def program(tmp_path: Path, origin: Origin) -> Program:
    """Return feedhub with a source that had an entry once."""
    program = Program(tmp_path)
    program.configure([origin.url("/feed")])
    origin.serve("/feed", HEAD + ENTRY + END)
    program.run("refresh")
    return program


def health(program: Program) -> str:
    return str(program.json("sources")[0]["health"]["code"])


@pytest.mark.parametrize("broken", [HEAD, f"{HEAD}<item", HEAD.replace("</title>", "</titel>") + END])
def test_a_feed_that_breaks_before_any_entry_is_no_success(program: Program, origin: Origin, broken: str) -> None:
    origin.serve("/feed", broken)
    assert "s0: malformed: it breaks before any entry" in program.run("refresh", "--force", status=1).stderr
    assert health(program) == "malformed"
    assert b"One" in program.published()["all.atom"][0]


@pytest.mark.parametrize("whole", [HEAD + END, f"{HEAD}{ENTRY}<item><guid>2</guid><title>Tw"])
def test_an_empty_feed_and_a_cut_one_are_read(program: Program, origin: Origin, whole: str) -> None:
    origin.serve("/feed", whole)
    program.run("refresh", "--force")
    assert health(program) == "ok"


def test_a_page_in_the_place_of_a_feed_is_called_one(program: Program, origin: Origin) -> None:
    origin.serve("/parked", "<!DOCTYPE html><html><title>This domain is for sale</title></html>")
    origin.redirect("/feed", "/parked", status=301)
    place = f"at {origin.url('/parked')}, where permanent redirects lead"
    said = program.run("refresh", "--force", status=1).stderr
    assert said == f"s0: not-a-feed: a web page (HTML) in the place of a feed {place}\n"
