"""Reads the rules of tags and editions out of TOML tables."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from feedhub.config.mistakes import Mistakes
from feedhub.errors import ConfigError
from feedhub.model import Rule
from feedhub.stories.tags import COMBINATIONS, KINDS, compile_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 8


def parse_rule(text: str) -> Rule:
    """Return the rule that ``text`` spells: an inline table, with or without its braces, or the lines of a table.

    ConfigError holds every mistake in it. It may ask for tags.
    """
    mistakes = Mistakes("RULE")
    inner = text.strip().removeprefix("{").removesuffix("}") if text.strip().startswith("{") else text
    data: dict[str, object] = {}
    try:
        data = tomllib.loads(f"rule = {{{inner}}}")["rule"]
    except tomllib.TOMLDecodeError:
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            mistakes.say("rule", f"is not TOML as in 'words = [\"Syria\"]': {error}")
            raise ConfigError(tuple(mistakes)) from None
    rule = read_rule(mistakes, "rule", data, tags_known=True)
    if rule is None:
        raise ConfigError(tuple(mistakes))
    return rule


def read_rule(mistakes: Mistakes, key: str, data: object, *, tags_known: bool, depth: int = 0) -> Rule | None:
    """Return the rule that a table of kinds spells, or None after noting what is wrong with it.

    A table with several kinds matches where all of them do. The kind ``tag`` has a meaning only in the filter of an
    edition, when the tags are known.
    """
    if not isinstance(data, dict) or not data:
        kinds = ", ".join(map(repr, KINDS))
        mistakes.say(key, f"must be a table with at least one kind of rule; the kinds are {kinds}")
        return None
    if depth > MAX_DEPTH:
        mistakes.say(key, f"is nested more than {MAX_DEPTH} deep")
        return None
    before = len(mistakes)
    rules = []
    for kind, value in data.items():
        if kind not in KINDS:
            mistakes.unknown(f"{key}.{kind}", kind, KINDS)
        elif kind == "tag" and not tags_known:
            mistakes.say(f"{key}.tag", "tags are known only after all tag rules; use it in an edition's filter")
        elif kind in COMBINATIONS:
            inner = value if isinstance(value, list) else [value]
            read = [
                read_rule(mistakes, f"{key}.{kind}[{place}]", table, tags_known=tags_known, depth=depth + 1)
                for place, table in enumerate(inner, 1)
            ]
            if not inner:
                mistakes.say(f"{key}.{kind}", "holds no rule")
            rules.append(Rule(kind=kind, rules=tuple(rule for rule in read if rule)))
        else:
            rules.append(read_leaf(mistakes, f"{key}.{kind}", kind, value))
    if len(mistakes) > before:
        return None
    return rules[0] if len(rules) == 1 else Rule(kind="all", rules=tuple(rules))


def named_sources(rule: Rule) -> Iterator[str]:
    """Yield the ids of sources that a rule asks for, however deep they stand."""
    if rule.kind == "source":
        yield from rule.values
    for inner in rule.rules:
        yield from named_sources(inner)


def read_leaf(mistakes: Mistakes, key: str, kind: str, value: object) -> Rule:
    """Return the rule of one kind with its values, noting what is wrong with them."""
    values = value if isinstance(value, list) else [value]
    rule = Rule(kind=kind, values=tuple(item for item in values if isinstance(item, str) and item.strip()))
    if not values or len(rule.values) < len(values):
        mistakes.say(key, f"{value!r} is wrong: expected a string or a list of strings, none of them empty")
        return rule
    try:
        compile_rule(rule)
    except ValueError as error:
        mistakes.say(key, str(error))
    return rule
