from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from program import Program, tree

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[[source]]
id = "desk"
url = "desk.json"
[[source]]
id = "other"
url = "other.json"
[[edition]]
slug = "all"
title = "Everything"
limit = 1000
{more}"""
FRUIT = ("apples", "pears", "plums", "cherries", "quinces")
RIVERS = ("danube", "rhine", "elbe", "rhône", "volga")


def item(number: int, title: str, text: str, *tags: str) -> dict[str, object]:
    published = f"2024-01-{number % 28 + 1:02d}T00:00:00Z"
    return {"id": f"urn:{title}", "title": title, "content_text": text, "tags": tags, "date_published": published}


def labelled(count: int) -> list[dict[str, object]]:
    """Return stories about fruit or rivers that say which in a category."""
    fruit = [
        item(
            place,
            f"Harvest of {FRUIT[place % 5]} {place}",
            f"Orchards grow {FRUIT[place * 3 % 5]} ripe and sweet.",
            "Fruit",
        )
        for place in range(count)
    ]
    rivers = [
        item(
            place, f"Flood on the {RIVERS[place % 5]} {place}", f"Water of the {RIVERS[place * 3 % 5]} rises.", "River"
        )
        for place in range(count)
    ]
    return [each for pair in zip(fruit, rivers, strict=True) for each in pair]


def unlabelled() -> list[dict[str, object]]:
    return [
        item(1, "Plums, at last", "The orchards are ripe and sweet: a harvest of plums."),
        item(2, "The Elbe comes nearer", "A flood on the Elbe: its water rises."),
        item(3, "A letter", "Somebody wrote a letter."),
    ]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    write(program, desk=labelled(20), other=unlabelled())
    configure(program)
    return program


def write(program: Program, **feeds: list[dict[str, object]]) -> None:
    for name, items in feeds.items():
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": name, "language": "en", "items": items}
        (program.folder / f"{name}.json").write_text(json.dumps(feed))


def configure(program: Program, more: str = "") -> None:
    (program.folder / "config.toml").write_text(CONFIG.format(more=more))


def test_a_rule_is_tried_on_what_is_stored_and_changes_nothing(program: Program) -> None:
    program.run("refresh")
    before = tree(program.folder / "published")
    *matches, total = program.json("tags", "try", 'words = ["elbe"], not = { source = "desk" }')
    assert [(match["source_id"], match["title"]) for match in matches] == [("other", "The Elbe comes nearer")]
    assert matches[0]["reasons"] == [{"rule": "words", "field": "title", "found": "elbe"}]
    assert total == {"entries": 43, "matched": 1, "untagged": 1, "tags": {}}
    told = program.run("tags", "try", '{ words = ["elbe"] }', "--limit", "1").stdout
    assert "the word 'elbe' in the title" in told
    assert "9 of 43 stored entries match; 9 of them have no tag" in told
    assert tree(program.folder / "published") == before


def test_a_rule_with_several_lines_may_look_at_tags(program: Program) -> None:
    configure(program, '[categories.map]\n"Fruit" = "fruit"\n')
    program.run("refresh")
    total = program.json("tags", "try", 'tag = "fruit"\nwords = ["plums"]', "--limit", "0")[-1]
    assert total["matched"] == total["tags"]["fruit"] > 0


def test_a_wrong_rule_is_told_with_what_would_be_right(program: Program) -> None:
    assert "did you mean 'words'" in program.run("tags", "try", 'wrods = ["a"]', status=2).stderr
    assert "is not TOML" in program.run("tags", "try", "words: a", status=2).stderr
    assert "no length" in program.run("tags", "try", 'length = "long"', status=2).stderr


def test_phrases_of_untagged_stories_are_suggested(program: Program) -> None:
    configure(program, '[categories.map]\n"Fruit" = "fruit"\n')
    program.run("refresh")
    found = program.json("tags", "suggest")
    phrases = {phrase["phrase"]: phrase for phrase in found}
    assert any("danube" in phrase for phrase in phrases)
    assert not any(name in phrase for phrase in phrases for name in FRUIT)
    assert all(phrase["stories"] >= 3 for phrase in found)
    assert program.json("tags", "suggest", "--limit", "1") == found[:1]
    assert found[0]["phrase"] in program.run("tags", "suggest").stdout


def test_tags_are_learned_applied_and_explained(program: Program) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (feedhub[learn])")
    program.run("refresh")
    told = program.run("tags", "train", "--output", "tags.model", "--precision", "0.9")
    assert "2 tags learned from 40 stories" in told.stdout
    assert 'model = "tags.model"' in told.stderr
    first = (program.folder / "tags.model").read_bytes()
    configure(program, '[tags]\nmodel = "tags.model"\n')
    shown = {story["lead"]["title"]: story["tags"] for story in program.json("stories", "--limit", "100")}
    assert [tag["name"] for tag in shown["Plums, at last"]] == ["fruit"]
    assert [tag["name"] for tag in shown["The Elbe comes nearer"]] == ["river"]
    assert shown["A letter"] == []
    (reason,) = shown["Plums, at last"][0]["reasons"]
    assert reason["rule"] == "learned"
    assert "orchards" in reason["words"]
    explained = program.run("explain", "urn:Plums, at last").stdout
    assert "fruit: learned by the words" in explained
    # From the same stories comes the same file, whatever was learned before.
    judged = program.json("tags", "train")
    assert [(row["name"], row["support"], row["kept"]) for row in judged[:-1]] == [
        ("fruit", 20, True),
        ("river", 20, True),
    ]
    assert (program.folder / "tags.model").read_bytes() == first or judged[0]["precision"] < 1


def test_training_says_what_is_missing(program: Program) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (feedhub[learn])")
    program.run("refresh")
    assert "--output" in program.run("tags", "train", status=2).stderr
    assert "no tag has 5 stories" in program.run("tags", "train", "--output", "m", "--only-tags", status=2).stderr
    assert not (program.folder / "m").exists()


def test_a_model_that_cannot_be_read_is_a_mistake_except_for_training(program: Program) -> None:
    configure(program, '[tags]\nmodel = "tags.model"\n')
    assert "feedhub tags train" in program.run("refresh", status=2).stderr
    (program.folder / "tags.model").write_bytes(b"feedhub model 9 x\n")
    assert "version 9" in program.run("refresh", status=2).stderr
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (feedhub[learn])")
    configure(program)
    program.run("refresh")
    configure(program, '[tags]\nmodel = "tags.model"\n')
    program.run("tags", "train")
    program.run("publish")


def test_a_dry_run_shows_what_a_changed_configuration_would_change(program: Program) -> None:
    program.run("refresh")
    assert program.run("publish", "--dry-run").stdout == ""
    rule = '[[tag]]\nname = "fruit"\nwords = ["orchards"]\n[[edition]]\nslug = "fruit"\ntitle = "F"\nlimit = 12\n'
    configure(program, f'{rule}filter = {{ tag = "fruit" }}\n')
    before = tree(program.folder)
    preview = program.json("publish", "--dry-run")[0]["preview"]
    assert [(tag["name"], tag["gained"], tag["lost"]) for tag in preview["tags"]] == [("fruit", 21, 0)]
    assert [(edition["slug"], len(edition["added"])) for edition in preview["editions"]] == [("all", 0), ("fruit", 12)]
    assert preview["editions"][0]["changed"] == 21
    told = program.run("refresh", "--dry-run").stdout
    assert "edition fruit: 12 stories more, 0 fewer, 0 changed" in told
    assert "tag fruit: gained by 21 entries, lost by 0" in told
    assert {name: data for name, data in tree(program.folder).items() if "sqlite" not in name} == {
        name: data for name, data in before.items() if "sqlite" not in name
    }


def test_a_dry_run_shows_editions_and_tags_that_would_go(program: Program) -> None:
    configure(
        program, '[[tag]]\nname = "water"\nwords = ["flood"]\n[[edition]]\nslug = "x.y"\ntitle = "X"\nlimit = 5\n'
    )
    program.run("refresh")
    configure(program)
    (program.folder / "config.toml").write_text((program.folder / "config.toml").read_text().replace("1000", "40"))
    preview = program.json("publish", "--dry-run")[0]["preview"]
    assert [(tag["name"], tag["gained"], tag["lost"]) for tag in preview["tags"]] == [("water", 0, 21)]
    gone = {edition["slug"]: len(edition["removed"]) for edition in preview["editions"]}
    assert gone == {"all": 3, "x.y": 5}
