"""How commands that change nothing show what they would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedhub.preview import Preview

__all__ = ["show_preview"]

# Of long lists, as many lines say enough; --json has them all.
LINES = 10


def show_preview(preview: Preview) -> None:
    """Print what would differ in editions, then in tags."""
    for edition in preview.editions:
        counts = f"{len(edition.added)} stories more, {len(edition.removed)} fewer, {edition.changed} changed"
        click.echo(f"edition {edition.slug}: {counts}")
        _list("+", [story.title or story.id for story in edition.added], len(edition.added))
        _list("-", [story.title or story.id for story in edition.removed], len(edition.removed))
    for tag in preview.tags:
        click.echo(f"tag {tag.name}: gained by {tag.gained} entries, lost by {tag.lost}")
        _list("+", tag.gaining, tag.gained)
        _list("-", tag.losing, tag.lost)


def _list(sign: str, titles: list[str] | tuple[str, ...], count: int) -> None:
    for title in titles[:LINES]:
        click.echo(f"    {sign} {title}")
    if count > LINES or count > len(titles):
        click.echo(f"    {sign} … {count - min(LINES, len(titles))} more")
