"""Holds the configuration reference and the code together."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click
import msgspec
import pytest

from feedhub.cli import feedhub
from feedhub.config.shape import ARRAYS, TABLES
from feedhub.stories.tags import KINDS
from shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = (ROOT / "docs" / "configuration.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def documented() -> dict[str, dict[str, str]]:
    """Return the documented keys of each table with their documented defaults."""
    sections = {}
    for section in REFERENCE.split("\n## ")[1:]:
        if name := re.match(r"`\[{1,2}(\w+)\]{1,2}`", section):
            sections[name[1]] = dict(re.findall(r"^\| `(\w+)` \| (.+?) \| .+ \|$", section, re.MULTILINE))
    return sections


def default(field: msgspec.structs.FieldInfo) -> object:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def test_every_table_and_key_is_documented_with_its_default() -> None:
    sections = documented()
    assert sections.keys() == TABLES.keys() | ARRAYS.keys()
    for name, shape in (TABLES | ARRAYS).items():
        fields = {field.name: default(field) for field in msgspec.structs.fields(shape)}
        assert sections[name].keys() == fields.keys()
        for key, value in fields.items():
            told = sections[name][key]
            if told.startswith("`"):
                assert json.loads(told.strip("`")) == json.loads(msgspec.json.encode(value)), key
            else:
                assert (told == "required") == (value is msgspec.NODEFAULT), key


def test_every_kind_of_rule_is_documented() -> None:
    rules = REFERENCE.split("| kind |")[1].split("```")[0]
    assert re.findall(r"^\| `(\w+)` \|", rules, re.MULTILINE) == list(KINDS)


def anchors(page: Path) -> set[str]:
    """Return what a link may name within a page: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_command_is_told_of() -> None:
    readme = (ROOT / "README.md").read_text()
    told = "".join(page.read_text() for page in PAGES)
    for name, command in feedhub.commands.items():
        assert f"`feedhub {name}" in readme, name
        for inner in command.commands if isinstance(command, click.Group) else ():
            assert f"feedhub {name} {inner}" in told, f"{name} {inner}"
