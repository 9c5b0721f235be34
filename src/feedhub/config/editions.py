"""Reads the tables of editions: what their templates hold, what does not go together, and secret file names."""

from __future__ import annotations

import os
from hashlib import blake2b
from string import Formatter
from typing import TYPE_CHECKING

from feedhub.config.rules import read_leaf, read_rule
from feedhub.model import Edition, Rule
from feedhub.publish import FORMATS, formats

if TYPE_CHECKING:
    from datetime import timedelta

    from feedhub.config.mistakes import Mistakes
    from feedhub.config.shape import EditionTable

PLACEHOLDERS = ("source", "title", "tags")
# Whoever can guess the secret can guess the addresses.
MIN_SECRET, MAX_SECRET = 16, 64


def read_filter(mistakes: Mistakes, key: str, data: dict[str, object]) -> Rule | None:
    """Return the rule that ``filter`` of an edition's table spells, None for none or after a mistake."""
    return read_rule(mistakes, f"{key}.filter", data["filter"], tags_known=True) if "filter" in data else None


def check_formats(mistakes: Mistakes, key: str, named: object) -> None:
    """Note formats that nobody writes."""
    for name in named if isinstance(named, list) else []:
        if name not in FORMATS and name not in formats():
            choices = ", ".join(map(repr, formats()))
            mistakes.say(f"{key}.formats", f"{name!r} is wrong: the choices are {choices}")


def read_edition(  # noqa: PLR0913 - what a table cannot say of itself
    mistakes: Mistakes, key: str, table: EditionTable, *, rule: Rule | None, max_age: timedelta | None, secret_env: str
) -> Edition:
    """Return the edition of a checked table, noting what is wrong with its values taken together."""
    if table.each_tag != ("{tag}" in table.slug) or "{" in table.slug.replace("{tag}", ""):
        mistakes.say(f"{key}.slug", "an edition with each_tag = true, and only it, has {tag} in its slug")
    check_titles(mistakes, f"{key}.titles", table.titles)
    if table.token and not table.private:
        mistakes.say(f"{key}.token", "means nothing without private = true")
    if table.languages:
        language = read_leaf(mistakes, f"{key}.languages", "language", list(table.languages))
        rule = Rule(kind="all", rules=(rule, language)) if rule else language
    if table.digest != "none" and table.order == "updated":
        mistakes.say(f"{key}.order", "a digest goes by 'published' or 'first-seen': an edit must not move its stories")
    check_history(mistakes, key, table)
    slug = table.slug
    if table.private:
        slug += "-" + (table.token or _made_token(mistakes, key, slug, secret_env))
    return Edition(
        slug=slug,
        title=table.title,
        description=table.description,
        filter=rule,
        limit=table.limit,
        per_source=table.per_source,
        max_age=max_age,
        order=table.order,
        events=table.events,
        formats=table.formats,
        content=table.content,
        titles=table.titles,
        mix=table.mix,
        min_outlets=table.min_outlets,
        digest=table.digest,
        also_covered=table.also_covered,
        private=table.private,
        history=table.history,
        deletions=table.deletions,
        podcast_image=table.podcast_image,
        podcast_category=table.podcast_category,
    )


def check_history(mistakes: Mistakes, key: str, table: EditionTable) -> None:
    """Note what does not go with a complete history: whatever leaves stories out because of others."""
    if not table.history:
        return
    without = {"per_source": 0, "max_age": "forever", "mix": False, "min_outlets": 1, "digest": "none", "events": "all"}
    for name, value in without.items():
        if getattr(table, name, value) != value:
            mistakes.say(f"{key}.{name}", "does not go with history = true: archives hold every story for good")


def check_titles(mistakes: Mistakes, key: str, template: str) -> None:
    """Note what is wrong with a template of titles."""
    choices = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = [part[1:] for part in Formatter().parse(template) if part[1] is not None]
    except ValueError as error:
        mistakes.say(key, f"{template!r} is wrong: {error}; braces that are meant as such are doubled")
        return
    for name, form, conversion in parts:
        if name not in PLACEHOLDERS or form or conversion:
            mistakes.say(key, f"{template!r} is wrong: the placeholders are {choices}")
            return
    if all(name != "title" for name, _, _ in parts):
        mistakes.say(key, f"{template!r} is wrong: without {{title}} all entries have the same title")


def _made_token(mistakes: Mistakes, key: str, slug: str, secret_env: str) -> str:
    """Return a token that is the same on every machine with the same secret, and tells nothing about the secret."""
    secret = os.environ.get(secret_env, "").encode()
    if not MIN_SECRET <= len(secret) <= MAX_SECRET:
        wanted = f"the environment variable {secret_env} with a secret of {MIN_SECRET} to {MAX_SECRET} bytes"
        mistakes.say(f"{key}.private", f"needs a token, or {wanted}")
        return ""
    return blake2b(slug.encode(), key=secret, digest_size=16).hexdigest()
