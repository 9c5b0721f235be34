"""The command line: one function per command, and an exit status that tells the truth.

Standard output carries what was asked for; standard error carries progress and complaints. Statuses: 0 all well,
1 some source failed, 2 the configuration or the call is wrong, 3 another feedhub is at work on the same store,
4 feedhub itself failed (database, disk, a bug).
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedhub import __version__, cli_serve, cli_sources, cli_store, cli_stories, cli_tags
from feedhub.cli_options import CONFIG, DRY_RUN, JSON, SOME_FAILED, WRONG, counted, print_json, tell_failures
from feedhub.cli_preview import show_preview
from feedhub.errors import AlreadyRunningError, ConfigError, FeedhubError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import NoReturn

    from rich.table import Table

    from feedhub.config import Config
    from feedhub.hub import Hub, Publication, SourceHealth, SourceResult

# Tables show all they have from so many columns on; below, so many of the last answers.
WIDE, NEWEST_ANSWERS = 120, 10
ALREADY_RUNNING = 3
BROKEN = 4


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def feedhub() -> None:
    """Turn many source feeds into a few good ones."""


@feedhub.command()
def version() -> None:
    """Print the version."""
    click.echo(f"feedhub {__version__}")


@feedhub.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
def init(folder: Path) -> None:
    """Write a commented config.toml into FOLDER (default: here); an existing one is left alone."""
    from importlib.resources import files  # noqa: PLC0415 - slow to load, and no other command needs it

    path = folder / "config.toml"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(files("feedhub").joinpath("starter.toml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise click.ClickException(f"{path} exists and is left as it is") from None
    click.echo(f"{path} written. Put your sources into it, then run: feedhub refresh --config {path}")


@feedhub.command()
@CONFIG
@click.option("--source", "only", multiple=True, metavar="ID", help="Refresh this source only; may be repeated.")
@click.option("--quiet", is_flag=True, help="Say nothing, not even about failed sources.")
@JSON
@click.option("--force", is_flag=True, help="Ask all sources, not only those that are due.")
@DRY_RUN
def refresh(path: Path, only: tuple[str, ...], *, quiet: bool, as_json: bool, force: bool, dry_run: bool) -> int:  # noqa: PLR0913 - one argument an option
    """Fetch the sources that are due, store what is new, and publish what changed."""
    with _open(path) as hub, nullcontext() if dry_run and not hub.is_stored else hub.lock:
        results = hub.refresh(only=only, force=force, dry_run=dry_run)
        total = len(only) or len(hub.config.sources)
        try:
            told = list(_tell(results, total, quiet=quiet, as_json=as_json))
        except KeyError as error:
            raise click.UsageError(error.args[0]) from None
        publication = hub.publish(dry_run=dry_run)
        announced = [] if dry_run else hub.announce()
    new, changed = sum(result.new for result in told), sum(result.changed for result in told)
    failed = sum(result.outcome == "failed" for result in told)
    written = publication.written
    if as_json:
        counts = {"sources": len(told), "failed": failed, "new": new, "changed": changed}
        readers = Counter(result.reader for result in told if result.reader)
        declined = Counter(reason for result in told for reason in result.declined)
        differences = sum(len(result.differences) for result in told)
        totals = {**counts, "readers": readers, "declined": declined, "differences": differences, "written": written}
        print_json(totals | _previewed(publication) | {"announced": announced})
    elif publication.preview and not quiet:
        show_preview(publication.preview)
    if not as_json and not quiet:
        tell_failures(announced)
    if not as_json and not quiet and sys.stderr.isatty():
        would = " (nothing stored: --dry-run)" if dry_run else ""
        sources = counted(len(told), "source", "sources")
        summary = f"{sources}, {failed} failed, {new} new and {changed} changed entries"
        click.echo(f"{summary}, {counted(len(written), 'document', 'documents')} written{would}", err=True)
    return _status(told)


@feedhub.command()
@CONFIG
@JSON
@click.option("--force", is_flag=True, help="Make every document again, even where nothing can have changed.")
@DRY_RUN
def publish(path: Path, *, as_json: bool, force: bool, dry_run: bool) -> int:
    """Publish what is stored, without fetching; prints the documents that changed.

    With --dry-run it also says which stories editions would gain or lose, and which tags entries would.
    """
    with _open(path) as hub:
        publication = hub.publish(force=force, dry_run=dry_run)
        announced = [] if dry_run else hub.announce()
    if as_json:
        counts = {"documents": publication.documents, "written": publication.written, "announced": announced}
        print_json(counts | _previewed(publication))
        return 0
    tell_failures(announced)
    for name in publication.written:
        click.echo(name)
    if publication.preview:
        show_preview(publication.preview)
    return 0


def _previewed(publication: Publication) -> dict[str, object]:
    return {"preview": publication.preview} if publication.preview else {}


@feedhub.command()
@CONFIG
@JSON
def check(path: Path, *, as_json: bool) -> int:
    """Check the configuration and read every source once, without writing anything."""
    with _open(path) as hub:
        told = list(_tell(hub.check(), len(hub.config.sources), quiet=False, as_json=as_json))
        if not as_json:
            for result in sorted(told, key=lambda result: result.source_id):
                oddities = f", {counted(len(result.problems), 'oddity', 'oddities')}" if result.problems else ""
                if result.outcome != "failed":
                    click.echo(f"{result.source_id}: {counted(result.new, 'entry', 'entries')}{oddities}")
            for hint in _strangers(hub.config):
                click.echo(f"careful: {hint}", err=True)
            editions = counted(len(hub.config.editions), "edition", "editions")
            click.echo(f"{path}: no mistakes; {counted(len(told), 'source', 'sources')}, {editions}")
    return _status(told)


def _strangers(config: Config) -> Iterator[str]:
    """Yield which rules ask for sources that are not read: no mistake, since sources come and go, but perhaps one."""
    from feedhub.config.rules import named_sources  # noqa: PLC0415 - only this command needs it

    known = {source.id for source in config.sources}
    rules = [(f"the tag {each.tag!r}", each.rule) for each in config.tag_rules]
    rules += [
        (f"the edition {each.slug!r}", each.filter) for each in (*config.editions, *config.tag_editions) if each.filter
    ]
    for asking, rule in rules:
        for name in sorted({*named_sources(rule)} - known):
            yield f"{asking} asks for the source {name!r}, which is not read"


@feedhub.command()
@CONFIG
@JSON
def sources(path: Path, *, as_json: bool) -> int:
    """Show every source with its health, its last answers (30, or as many as there is room for), and when it is due.

    Times are in UTC.
    """
    with _open(path) as hub:
        rows = hub.health()
    if as_json:
        for row in rows:
            print_json(row)
        return 0
    from rich.console import Console  # noqa: PLC0415 - only tables need it

    # Whoever reads from a pipe or a file has no right margin.
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 1000)
    console.print(_source_table(rows, is_wide=console.width >= WIDE))
    for row in rows:
        if row.health.detail:
            console.print(f"{row.source.id}: {row.health.detail}", soft_wrap=True)
        if row.proposal:
            console.print(f"{row.source.id}: its site now names {row.proposal}", soft_wrap=True)
    return 0


def _source_table(rows: Iterable[SourceHealth], *, is_wide: bool) -> Table:
    """Return a table in which ids are whole however narrow it is: they are what --source asks for."""
    from rich.table import Table  # noqa: PLC0415 - only tables need it

    table = Table(box=None, pad_edge=False)
    table.add_column("source", overflow="fold")
    for heading in (*(("title",) if is_wide else ()), "health", "answers", "last new", "due"):
        table.add_column(heading, no_wrap=heading != "title")
    of_new, of_due = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M") if is_wide else ("%Y-%m-%d", "%m-%d %H:%M")
    for row in rows:
        state = row.state
        new = state.new_entry_at.strftime(of_new) if state and state.new_entry_at else "never"
        due = state.due.strftime(of_due) if state and state.due else "now"
        table.add_row(
            row.source.id,
            *((row.source.title,) if is_wide else ()),
            row.health.code,
            row.answers if is_wide else row.answers[-NEWEST_ANSWERS:],
            new,
            "each run" if row.source.url.startswith("file:") else due,
        )
    return table


@feedhub.command()
@CONFIG
@JSON
@click.argument("url_or_id")
@click.argument("other", default="")
def explain(path: Path, url_or_id: str, other: str, *, as_json: bool) -> int:
    """Say why the entry with this link, guid or key stands where it stands.

    With OTHER, the link, guid or key of another entry: say why the two are one story, or not.
    """
    from feedhub.inquiry import unknown  # noqa: PLC0415 - only this command needs it
    from feedhub.stories.explain import lines  # noqa: PLC0415 - as above

    if other:
        return _compare(path, url_or_id, other, as_json=as_json)
    with _open(path) as hub:
        explanations = hub.explain(url_or_id)
    if not explanations:
        raise click.ClickException(unknown(url_or_id))
    for explanation in explanations:
        if as_json:
            print_json(explanation)
        else:
            for line in lines(explanation):
                click.echo(line)
    return 0


def _compare(path: Path, entry: str, other: str, *, as_json: bool) -> int:
    from feedhub.stories.comparing import lines  # noqa: PLC0415 - only this command needs it

    with _open(path) as hub:
        try:
            comparison = hub.compare(entry, other)
        except LookupError as error:
            raise click.ClickException(str(error.args[0])) from None
    if as_json:
        print_json(comparison)
    else:
        for line in lines(comparison):
            click.echo(line)
    return 0


feedhub.add_command(cli_serve.serve)
feedhub.add_command(cli_sources.add)
feedhub.add_command(cli_sources.import_)
feedhub.add_command(cli_sources.export)
feedhub.add_command(cli_store.rebuild)
feedhub.add_command(cli_stories.stories)
feedhub.add_command(cli_tags.tags)


def _open(path: Path) -> Hub:
    # A run makes records by the ten thousand, without cycles: to look for some after every 700 costs a tenth of it.
    gc.set_threshold(100_000, 50, 100)
    from feedhub.config import load  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.hub import Hub  # noqa: PLC0415

    hub = Hub(load(path))
    # What is there by now stays to the end, when Python would go through it for cycles several times more.
    gc.freeze()
    return hub


def _tell(results: Iterator[SourceResult], total: int, *, quiet: bool, as_json: bool) -> Iterator[SourceResult]:
    """Pass the results on, showing a progress bar on a terminal and every failure on standard error."""
    shown = sys.stderr.isatty() and not quiet and not as_json
    with _progress(total) if shown else nullcontext(lambda: None) as advance:
        for result in results:
            advance()
            if as_json:
                print_json(result)
            elif result.failure and not quiet:
                click.echo(f"{result.source_id}: {result.failure.code}: {result.failure.detail}", err=True)
            yield result


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar on standard error, and give what moves it one step on."""
    from rich.console import Console  # noqa: PLC0415 - a run from cron has no terminal to draw on
    from rich.progress import Progress  # noqa: PLC0415

    # The bar lets lines written meanwhile stand above it.
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("refreshing", total=total)
        yield lambda: progress.advance(task)


def _status(results: Iterable[SourceResult]) -> int:
    failures = [result.failure for result in results if result.failure]
    if any(failure.stage == "bug" for failure in failures):
        return BROKEN
    return SOME_FAILED if failures else 0


def main() -> None:
    """Run the command that the arguments name, and exit with its status."""
    try:
        sys.exit(feedhub.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ConfigError as error:
        _complain(str(error), WRONG)
    except AlreadyRunningError as error:
        _complain(f"already running: {error}", ALREADY_RUNNING)
    except FeedhubError as error:
        _complain(f"{error.stage}: {error}", BROKEN)
    except BrokenPipeError:
        # The reader of our output left (`feedhub stories | head`); there is nobody to complain to.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}", BROKEN)


def _complain(message: str, status: int) -> NoReturn:
    click.echo(f"feedhub: {message}", err=True)
    sys.exit(status)
