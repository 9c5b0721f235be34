"""The commands about stories: the list of them, and what people correct."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from feedhub.cli_options import CONFIG, JSON, print_json

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from feedhub.hub import Hub
    from feedhub.model import Correction

    Kind = Literal["split", "join", "link", "undo"]

__all__ = ["stories"]

ENTRY = "ENTRY is the link, the id or the key of a stored entry, with its source's id before it where several have it."


@click.group(invoke_without_command=True)
@CONFIG
@JSON
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, newest first.")
@click.option("--search", "words", metavar="WORDS", help='Only those with these words, "phrases" and begin*nings.')
@click.pass_context
def stories(context: click.Context, path: Path, *, as_json: bool, limit: int, words: str | None) -> int:
    """List the newest stories with their tags and the sources that tell them; or correct them."""
    if context.invoked_subcommand:
        _refuse_options_before(context, context.invoked_subcommand)
        return 0
    with _open(path) as hub:
        told = hub.stories()
        if words is not None:
            found = _found(hub.config.store_path, words)
            told = [story for story in told if any((one.source_id, one.key) in found for one in story.members)]
        newest = sorted(told, key=lambda story: (story.published, story.id), reverse=True)[:limit]
    for story in newest:
        if as_json:
            print_json(story)
            continue
        tellers = ", ".join(dict.fromkeys(member.source_id for member in story.members))
        click.echo(f"{story.published:%Y-%m-%d}  {story.lead.title or story.lead.link}")
        click.echo(f"            {tellers}  [{', '.join(tag.name for tag in story.tags)}]")
    return 0


@stories.command(epilog=ENTRY)
@CONFIG
@JSON
@click.argument("entry")
def split(path: Path, entry: str, *, as_json: bool) -> int:
    """Let ENTRY be a story of its own, linked with none, whatever it was joined with before."""
    return _correct(path, "split", entry, as_json=as_json)


@stories.command(epilog=ENTRY)
@CONFIG
@JSON
@click.argument("entry")
@click.argument("other")
def join(path: Path, entry: str, other: str, *, as_json: bool) -> int:
    """Let the stories of ENTRY and OTHER be one: shown once, the older one's id stays."""
    return _correct(path, "join", entry, other, as_json=as_json)


@stories.command(epilog=ENTRY)
@CONFIG
@JSON
@click.argument("entry")
@click.argument("other")
def link(path: Path, entry: str, other: str, *, as_json: bool) -> int:
    """Let the stories of ENTRY and OTHER be of one event: both stay, and point at each other."""
    return _correct(path, "link", entry, other, as_json=as_json)


def _refuse_options_before(context: click.Context, subcommand: str) -> None:
    """Let nobody believe that an option counts which stands before the subcommand: there it is the list's."""
    for parameter in context.command.params:
        if context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{parameter.opts[-1]} must stand behind {subcommand!r}, if at all", context)


@stories.command(epilog=ENTRY)
@CONFIG
@JSON
@click.argument("entry")
@click.argument("other", default="")
def undo(path: Path, entry: str, other: str, *, as_json: bool) -> int:
    """Let nothing count any more that was said of ENTRY, or of ENTRY and OTHER together.

    What a later correction had taken the place of does not come back.
    """
    return _correct(path, "undo", entry, other, as_json=as_json)


@stories.command()
@CONFIG
@JSON
def corrections(path: Path, *, as_json: bool) -> int:
    """List the corrections that count."""
    with _open(path) as hub:
        for correction in hub.corrections():
            if as_json:
                print_json(correction)
            else:
                click.echo(f"{correction.kind}: {_named(correction)}")
    return 0


def _named(correction: Correction) -> str:
    return " and ".join(" ".join(name) for name in (correction.entry, correction.other) if name[0])


def _correct(path: Path, kind: Kind, entry: str, other: str = "", *, as_json: bool) -> int:
    with _open(path) as hub:
        try:
            correction = hub.correct(kind, entry, other)
        except LookupError as error:
            raise click.ClickException(str(error.args[0])) from error
    if as_json:
        print_json(correction)
    else:
        click.echo(f"{kind}: {_named(correction)}; this counts from the next publication on")
    return 0


def _found(store_path: Path, words: str) -> set[tuple[str, str]]:
    """Return source ids and keys of the entries in which these words stand, having indexed what was not yet."""
    from contextlib import closing  # noqa: PLC0415 - only searches need it
    from math import inf  # noqa: PLC0415

    from feedhub.store.search import Search, Wanted  # noqa: PLC0415

    with closing(Search(store_path)) as search:
        for _ in search.update():
            pass
        return set(search.find(Wanted(words=words), inf))


def _open(path: Path) -> Hub:
    from feedhub.config import load  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.hub import Hub  # noqa: PLC0415

    # As in `cli`: records by the ten thousand, without cycles.
    gc.set_threshold(100_000, 50, 100)
    return Hub(load(path))
