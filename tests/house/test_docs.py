"""Holds the configuration reference and the code together."""

from __future__ import annotations

import json
import re

import msgspec

from feedhub.config.shape import ARRAYS, TABLES
from feedhub.stories.tags import KINDS
from shared import ROOT

REFERENCE = (ROOT / "docs" / "configuration.md").read_text()


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
