"""Reads the tables of webhooks: each belongs to an edition that is published as a JSON Feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedhub.config.shape import WebhookTable
from feedhub.model import Edition, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedhub.config.tables import Tables

__all__ = ["read_webhooks"]


def read_webhooks(tables: Tables, data: dict[str, Any], editions: Iterable[Edition]) -> tuple[Webhook, ...]:
    """Return the webhooks of a configuration, noting what is wrong with them."""
    known = {_name(edition): edition for edition in editions}
    found: dict[tuple[str, str], Webhook] = {}
    for key, row in tables.rows(data, "webhook"):
        table = tables.table(WebhookTable, row, key)
        if table is None:
            continue
        edition = known.get(table.edition)
        if edition is None:
            choices = ", ".join(map(repr, known)) or "none: there is no [[edition]] without each_tag"
            tables.mistakes.say(f"{key}.edition", f"{table.edition!r} is wrong: the choices are {choices}")
        elif "json" not in edition.formats:
            tables.mistakes.say(f"{key}.edition", f"{table.edition!r} must have 'json' among its formats")
        elif (table.url, edition.slug) in found:
            tables.mistakes.say(f"{key}.url", f"stands twice for the edition {table.edition!r}")
        else:
            hook = Webhook(url=table.url, edition=edition.slug, secret_env=table.secret_env)
            found[table.url, edition.slug] = hook
    return tuple(found.values())


def _name(edition: Edition) -> str:
    """Return an edition's slug as it is written in the configuration: without the token of a private one."""
    return edition.slug.rpartition("-")[0] if edition.private else edition.slug
