"""What the commands share: options, exit statuses, and how JSON is printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedhub.hub import Announced

__all__ = ["CONFIG", "DRY_RUN", "JSON", "SOME_FAILED", "WRONG", "counted", "print_json", "tell_failures"]

SOME_FAILED = 1
WRONG = 2

CONFIG = click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("config.toml"),
    envvar="FEEDHUB_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The configuration file.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Write nothing; say what would be done.")


def counted(number: int, one: str, many: str) -> str:
    """Return a number with what it counts."""
    return f"{number} {one if number == 1 else many}"


def print_json(value: object) -> None:
    """Print a value on one line."""
    from msgspec import json  # noqa: PLC0415 - `feedhub version` shall start fast

    click.echo(json.encode(value))


def tell_failures(announced: Iterable[Announced]) -> None:
    """Say on standard error which hubs and webhooks could not be told of news; nothing else fails by that."""
    for result in announced:
        if result.outcome != "sent":
            click.echo(f"{result.kind} {result.to}: {result.what}: {result.outcome}: {result.detail}", err=True)
