"""Stories on the command line: told by near-identical texts and events, explained, and corrected for good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from program import Program

if TYPE_CHECKING:
    from pathlib import Path

FERRY = """The harbour master closed the port within the hour and asked every fishing boat to help with the search for
people in the water, while helicopters flew in from Bari and divers waited for the wind to drop before dawn. Nobody
knows yet why the ferry, built in 1987 and mended twice since, heeled over so fast on a calm night."""
EVENT = ("Aurora ferry capsizes near Brindisi: dozens missing", "Brindisi: search for the missing of the ferry Aurora")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    write(tmp_path, "wire", ("1", "Ferry Aurora capsizes off Brindisi", FERRY), ("2", "Banana prices rise", "Again."))
    write(tmp_path, "herald", ("1", "Ferry Aurora capsizes off Brindisi", FERRY.replace("dawn", "daybreak")))
    write(tmp_path, "gazette", ("1", EVENT[0], "The Aurora was on its way to Brindisi."))
    write(tmp_path, "courier", ("1", EVENT[1], "Brindisi waits for news of the Aurora."))
    tables = "".join(f'[[source]]\nurl = "{name}.json"\n' for name in ("wire", "herald", "gazette", "courier"))
    leads = '[[edition]]\nslug = "leads"\ntitle = "Leads"\nevents = "lead"\nformats = ["json"]\n'
    (tmp_path / "config.toml").write_text(
        f'{tables}[[edition]]\nslug = "all"\ntitle = "All"\nformats = ["json", "atom"]\n{leads}'
    )
    program.run("refresh")
    return program


def write(folder: Path, name: str, *items: tuple[str, str, str]) -> None:
    """Write a feed whose entries have the ids NAME-1, NAME-2, …"""
    made = [
        {
            "id": f"{name}-{key}",
            "url": f"https://{name}.example/{key}",
            "title": title,
            "content_text": text,
            "date_published": f"2026-01-05T1{place}:00:00Z",
        }
        for place, (key, title, text) in enumerate(items)
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": name, "language": "en", "items": made}
    (folder / f"{name}.json").write_text(json.dumps(feed))


def told(program: Program) -> set[tuple[str, ...]]:
    return {tuple(sorted(member["entry_id"] for member in story["members"])) for story in program.json("stories")}


def events(program: Program) -> set[tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for story in program.json("stories"):
        if story.get("event"):
            found.setdefault(story["event"], []).append(story["lead"]["entry_id"])
    return {tuple(sorted(stories)) for stories in found.values()}


def shown(program: Program, edition: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((program.folder / "published" / f"{edition}.json").read_text())["items"]
    return items


def test_copies_are_one_story_and_an_event_is_linked(program: Program) -> None:
    assert told(program) == {("herald-1", "wire-1"), ("wire-2",), ("gazette-1",), ("courier-1",)}
    assert events(program) == {("courier-1", "gazette-1", "herald-1")}
    assert len(shown(program, "all")) == 4
    assert len(shown(program, "leads")) == 2


def test_explain_says_what_linked_an_entry_and_what_did_not(program: Program) -> None:
    copied = program.run("explain", "wire-1").stdout
    assert "nearly the same text (" in copied
    linked = program.run("explain", "gazette-1").stdout
    assert "also covered by" in linked
    assert "the same event by the words" in linked
    assert "aurora" in linked
    alone = program.run("explain", "wire-2").stdout
    assert "event" not in alone.replace("none of those days", "")
    assert "came       as a new story" in alone
    (found,) = program.json("explain", "gazette-1")
    assert found["placed"][0]["rule"] == "same-event"
    assert found["placed"][0]["score"] >= found["placed"][0]["threshold"]


def test_a_split_survives_every_rebuild(program: Program) -> None:
    before = {item["id"] for item in shown(program, "all")}
    told_back = program.run("stories", "split", "https://wire.example/1").stdout
    assert told_back.startswith("split: wire wire-1;")
    program.run("refresh")
    split = {("herald-1",), ("wire-1",), ("wire-2",), ("gazette-1",), ("courier-1",)}
    assert told(program) == split
    assert events(program) == {("courier-1", "gazette-1", "herald-1")}
    assert before < {item["id"] for item in shown(program, "all")}
    program.run("rebuild")
    assert told(program) == split


def test_what_is_joined_keeps_the_older_id_and_is_said_to_be_joined_by_hand(program: Program) -> None:
    ids = {story["lead"]["entry_id"]: story["id"] for story in program.json("stories")}
    program.run("stories", "join", "wire-2", "courier-1")
    program.run("refresh")
    program.run("rebuild")
    (joined,) = [story for story in program.json("stories") if len(story["members"]) == 2 and "wire-2" in str(story)]
    assert joined["id"] == ids["courier-1"]
    assert ids["wire-2"] not in {item["id"] for item in shown(program, "all")}
    assert "joined by hand" in program.run("explain", "wire-2").stdout


def test_a_link_by_hand_leaves_both_stories(program: Program) -> None:
    program.run("stories", "link", "wire-2", "gazette-1")
    program.run("refresh")
    assert len(told(program)) == 4
    assert events(program) == {("courier-1", "gazette-1", "herald-1", "wire-2")}
    assert "linked by hand" in program.run("explain", "wire-2").stdout


def test_what_people_say_later_counts_for_more(program: Program) -> None:
    program.run("stories", "join", "wire-2", "courier-1")
    program.run("stories", "split", "wire-2")
    program.run("stories", "split", "gazette-1")
    program.run("stories", "link", "gazette-1", "wire-2")
    program.run("refresh")
    assert told(program) == {("herald-1", "wire-1"), ("wire-2",), ("gazette-1",), ("courier-1",)}
    assert events(program) == {("courier-1", "herald-1"), ("gazette-1", "wire-2")}


def test_an_entry_that_is_not_clear_is_refused(program: Program) -> None:
    assert "no stored entry" in program.run("stories", "split", "wire-9", status=1).stderr
    write(program.folder, "wire", ("1", "One", "x"), ("2", "Two", "y"))
    feed = json.loads((program.folder / "herald.json").read_text())
    feed["items"].append({"id": "wire-2", "url": "https://herald.example/2", "title": "Two", "content_text": "y"})
    (program.folder / "herald.json").write_text(json.dumps(feed))
    program.run("refresh", "--force")
    refused = program.run("stories", "split", "wire-2", status=1).stderr
    # In order of arrival, which is the same second or another.
    assert "'wire-2' names several entries; write one of " in refused
    assert sorted(refused.strip().partition("one of ")[2].split("; ")) == ["'herald wire-2'", "'wire wire-2'"]
    program.run("stories", "split", "herald wire-2")


def test_what_was_said_can_be_taken_back(program: Program) -> None:
    before, published = told(program), shown(program, "all")
    program.run("stories", "split", "wire-1")
    program.run("stories", "join", "wire-2", "courier-1")
    program.run("refresh")
    assert told(program) != before
    assert shown(program, "all") != published
    assert program.run("stories", "corrections").stdout.splitlines() == [
        "split: wire wire-1",
        "join: wire wire-2 and courier courier-1",
    ]
    program.run("stories", "undo", "courier-1", "wire-2")
    assert [row["kind"] for row in program.json("stories", "corrections")] == ["split"]
    program.run("stories", "undo", "wire-1")
    program.run("refresh")
    assert (told(program), shown(program, "all")) == (before, published)
    program.run("rebuild")
    assert (told(program), shown(program, "all")) == (before, published)
    assert program.run("stories", "corrections").stdout == ""
    assert "nothing to undo" in program.run("stories", "undo", "wire-1", status=1).stderr


def test_an_entry_is_not_put_together_with_itself(program: Program) -> None:
    refused = program.run("stories", "join", "wire-1", "https://wire.example/1", status=1).stderr
    assert "are the same entry" in refused


def test_two_entries_are_compared(program: Program) -> None:
    copies = program.run("explain", "wire-1", "herald-1").stdout
    assert "they are   one story\n" in copies
    assert "nearly the same text (" in copies
    event = program.run("explain", "gazette-1", "wire-1").stdout
    assert "they are   two stories of one event\n" in event
    assert "the same event by the words" in event
    (apart,) = program.json("explain", "wire-2", "wire-1")
    assert (apart["verdict"], apart["because"], apart["said"]) == ("apart", [], [])
    assert apart["direct"]["event"]["rule"] == "too-little"
    program.run("stories", "split", "wire-1")
    program.run("refresh")
    assert "  said       split: wire wire-1\n" in program.run("explain", "wire-1", "herald-1").stdout
    assert "they are   one entry\n" in program.run("explain", "wire-1", "wire-1").stdout
    assert "no stored entry" in program.run("explain", "wire-1", "wire-9", status=1).stderr


@pytest.mark.parametrize("options", [("--config", "other.toml"), ("--json",), ("--limit", "3")])
def test_an_option_before_the_subcommand_is_refused(program: Program, options: tuple[str, ...]) -> None:
    complaint = program.run("stories", *options, "split", "x", status=2).stderr
    assert f"{options[0]} must stand behind 'split'" in complaint


def test_stories_need_not_be_looked_for(program: Program) -> None:
    path = program.folder / "config.toml"
    path.write_text(path.read_text() + "[stories]\nnear_duplicates = false\nevents = false\n")
    program.run("refresh")
    assert len(told(program)) == 5
    assert events(program) == set()
    path.write_text(path.read_text().replace("events = false", "events = true"))
    program.run("refresh")
    assert len(told(program)) == 5
    assert len(events(program)) == 1
