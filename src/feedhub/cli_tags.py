"""The commands about tags: try a rule, suggest what to tag, learn tags."""

from __future__ import annotations

import sys
from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedhub.cli_options import CONFIG, JSON, print_json

if TYPE_CHECKING:
    from feedhub.stories.training import Training
    from feedhub.trials import Match

__all__ = ["tags"]

SHOWN_TAGS = 10


@click.group()
def tags() -> None:
    """Try rules on what is stored, find what has no tag yet, and learn tags."""


@tags.command("try")
@CONFIG
@JSON
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="How many to show, newest first.")
@click.argument("rule")
def try_(path: Path, rule: str, *, limit: int, as_json: bool) -> int:
    """Show which stored entries RULE would match, and why; nothing is changed.

    RULE is written as in the configuration: 'words = ["Syria"], not = { source = "weather" }'. It may look at tags, as
    filters of editions do.
    """
    from feedhub.config import load  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.config.rules import parse_rule  # noqa: PLC0415
    from feedhub.hub import Hub  # noqa: PLC0415
    from feedhub.trials import matches  # noqa: PLC0415

    parsed = parse_rule(rule)
    newest: deque[Match] = deque(maxlen=limit)
    entries = matched = untagged = 0
    carried: Counter[str] = Counter()
    with Hub(load(path)) as hub:
        for match in matches(hub, parsed):
            entries += 1
            if match:
                matched += 1
                untagged += not match.tags
                carried.update(match.tags)
                newest.append(match)
    common = sorted(carried.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_TAGS]
    if as_json:
        for match in reversed(newest):
            print_json(match)
        print_json({"entries": entries, "matched": matched, "untagged": untagged, "tags": dict(common)})
        return 0
    for match in reversed(newest):
        _show(match)
    click.echo(f"{matched} of {entries} stored entries match; {untagged} of them have no tag")
    if common:
        click.echo(f"tags of the others: {', '.join(f'{name} {count}' for name, count in common)}")
    return 0


def _show(match: Match) -> None:
    from feedhub.stories.explain import describe  # noqa: PLC0415 - only this command needs it

    click.echo(f"{match.source_id}: {match.title or match.link or match.key}")
    for reason in match.reasons:
        click.echo(f"    {describe(reason)}")
    click.echo(f"    [{', '.join(match.tags)}]")


@tags.command()
@CONFIG
@JSON
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many phrases.")
@click.option("--least", type=click.IntRange(2), default=3, show_default=True, help="In how many stories at least.")
def suggest(path: Path, *, limit: int, least: int, as_json: bool) -> int:
    """List phrases that stored stories without a tag share: what a new rule or taxonomy could look for."""
    from feedhub.config import load  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.hub import Hub  # noqa: PLC0415
    from feedhub.trials import suggestions  # noqa: PLC0415

    with Hub(load(path)) as hub:
        found = suggestions(hub, limit=limit, least=least)
    for phrase in found:
        if as_json:
            print_json(phrase)
            continue
        others = f", and in {phrase.tagged} with tags" if phrase.tagged else ""
        sources = "1 source" if phrase.sources == 1 else f"{phrase.sources} sources"
        click.echo(f"{phrase.phrase}: in {phrase.stories} stories without a tag from {sources}{others}")
        for title in phrase.examples:
            click.echo(f"    {title}")
    return 0


@tags.command()
@CONFIG
@JSON
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; default: the one that the configuration names as tags.model.",
)
@click.option(
    "--precision",
    type=click.FloatRange(0.5, 1),
    default=0.7,
    show_default=True,
    help="Keep tags that are right this often when given.",
)
@click.option(
    "--support", type=click.IntRange(5), default=5, show_default=True, help="Try tags of so many stories at least."
)
@click.option("--only-tags", is_flag=True, help="Learn no categories of sources that the configuration drops.")
def train(path: Path, *, output: Path | None, precision: float, support: int, only_tags: bool, as_json: bool) -> int:  # noqa: PLR0913 - one argument an option
    """Learn tags from the stories that have some, and write what was learned to a file.

    Each tag is judged on stories it was not learned from. What is written takes effect as tags.model.
    """
    from feedhub.config import load  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.hub import Hub  # noqa: PLC0415
    from feedhub.stories.learned import pack  # noqa: PLC0415
    from feedhub.subscriptions import replace_file  # noqa: PLC0415
    from feedhub.trials import examples  # noqa: PLC0415

    try:
        from feedhub.stories.training import train as learn  # noqa: PLC0415
    except ImportError as error:
        raise click.UsageError(f"learning needs more: pip install 'feedhub[learn]' ({error})") from None
    config = load(path, learned=False)
    target = output or config.model_path
    if target is None:
        raise click.UsageError("where to? Name a file with --output, or in the configuration as tags.model")
    with Hub(config) as hub:
        told = examples(hub, own_categories=not only_tags)
    try:
        training = learn(told, precision=precision, support=support)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    kept = len(training.model.tags)
    if kept:
        replace_file(target, pack(training.model))
    if as_json:
        for judged in training.judged:
            print_json(judged)
        print_json(
            {"stories": len(told), "tags": len(training.judged), "kept": kept, "path": str(target) if kept else ""}
        )
    else:
        _show_training(training)
        click.echo(f"{target}: {kept} tags learned from {len(told)} stories" if kept else "no tag is precise enough")
        if kept and target != config.model_path:
            click.echo(f'[tags] model = "{target}" in {path} makes them count', err=True)
    return 0 if kept else 1


def _show_training(training: Training) -> None:
    from rich.console import Console  # noqa: PLC0415 - only tables need it
    from rich.table import Table  # noqa: PLC0415

    table = Table("tag", "stories", "precision", "recall", "", box=None, pad_edge=False)
    for judged in training.judged:
        figures = (str(judged.support), f"{judged.precision:.2f}", f"{judged.recall:.2f}")
        table.add_row(judged.name, *figures, "kept" if judged.kept else "not precise enough")
    # Whoever reads from a pipe or a file has no right margin.
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 1000).print(table)
