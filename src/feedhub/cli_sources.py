"""The commands that change which sources a configuration has: add, import, export."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from feedhub.cli_options import CONFIG, DRY_RUN, JSON, SOME_FAILED, WRONG, print_json
from feedhub.errors import ParseError

if TYPE_CHECKING:
    from feedhub.config import Config
    from feedhub.finder import Finding, FoundFeed
    from feedhub.model.subscription import Subscription

__all__ = ["add", "export", "import_"]


@click.command()
@CONFIG
@JSON
@click.argument("url")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Tag every entry of the source; may be repeated.")
@click.option("--yes", is_flag=True, help="Take the first feed found.")
def add(path: Path, url: str, tags: tuple[str, ...], *, yes: bool, as_json: bool) -> int:
    """Add the feed at URL, or a feed of the page there, to the configuration.

    Of several feeds the one to add is asked for; where nobody can be asked, they are listed and nothing is added
    (exit status 2). The file keeps its comments.
    """
    from feedhub import subscriptions  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.config import load  # noqa: PLC0415
    from feedhub.finder import find  # noqa: PLC0415
    from feedhub.model.subscription import Subscription  # noqa: PLC0415

    config, present = load(path), subscriptions.read(path)
    url = _address(url)
    if known := subscriptions.configured(url, present):
        return _say_configured(known, as_json=as_json)
    finding = find(url, config)
    if not finding.feeds:
        return _say_nothing_found(url, finding, as_json=as_json)
    feed = _chosen(finding.feeds, yes=yes, as_json=as_json)
    if feed is None:
        return WRONG
    if known := subscriptions.configured(feed.url, present):
        return _say_configured(known, as_json=as_json)
    (added,) = subscriptions.append(path, [Subscription(url=feed.url, tags=tuple(dict.fromkeys(tags)))])
    if as_json:
        print_json({"outcome": "added", "source": added, "feeds": [feed]})
    else:
        click.echo(f"added to {path}: {_line(feed)}")
    return 0


@click.command("import")
@CONFIG
@JSON
@DRY_RUN
@click.argument("opml", type=click.File("rb"))
@click.option("--files", is_flag=True, help="Take sources that are files of this machine, too.")
def import_(path: Path, opml: BinaryIO, *, files: bool, dry_run: bool, as_json: bool) -> int:
    """Add the feeds of an OPML file (- for standard input) to the configuration; folders become tags.

    Feeds that are there already are skipped and counted.
    """
    from feedhub import subscriptions  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.normalize.urls import key  # noqa: PLC0415
    from feedhub.parse.opml import MAX_BYTES, read  # noqa: PLC0415

    try:
        outlines = read(opml.read(MAX_BYTES + 1))
    except ParseError as error:
        raise click.UsageError(f"{opml.name}: {error}") from None
    wanted = [each for each in outlines.subscriptions if _is_web(each) or (files and "://" not in each.url)]
    others = len(outlines.subscriptions) - len(wanted) + len(outlines.left_out)
    present = {key(each.url) or each.url for each in subscriptions.read(path)}
    new = [each for each in wanted if (key(each.url) or each.url) not in present]
    added = new if dry_run else subscriptions.append(path, new)
    repeated = len(wanted) - len(new) + outlines.repeated
    if as_json:
        print_json({"added": len(added), "repeated": repeated, "left_out": others, "sources": added})
        return 0
    counts = f"{len(added)} sources {'to add' if dry_run else 'added'}, {repeated} there already"
    click.echo(f"{path}: {counts}, {others} left out (not on the web)" if others else f"{path}: {counts}")
    return 0


@click.command()
@CONFIG
@click.argument("opml", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export(path: Path, opml: Path | None) -> int:
    """Write all sources with their settings as an OPML file, or to standard output.

    `feedhub import` reads it back as it was; other readers get folders made of the first tags.
    """
    from feedhub import subscriptions  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.config import load  # noqa: PLC0415
    from feedhub.publish.opml import export as write  # noqa: PLC0415

    config, present = load(path), subscriptions.read(path)
    secret = [each for each in present if "@" in each.url.partition("://")[2].partition("/")[0]]
    document = write(config.site, present, _names(config))
    if opml is None:
        click.echo(document, nl=False)
    else:
        subscriptions.replace_file(opml, document)
    if secret:
        click.echo(f"careful: {len(secret)} of the addresses hold a user name or a password", err=True)
    return 0


def _address(url: str) -> str:
    """Return the address that a person means."""
    from feedhub.parse.addresses import undisguised  # noqa: PLC0415 - `feedhub version` shall start fast

    url = undisguised(url.strip())
    if handle := re.fullmatch(r"@(?P<user>\w+)@(?P<home>[\w.-]+\.\w+)", url):
        return f"https://{handle['home']}/@{handle['user']}"
    return url if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url) else f"https://{url}"


def _chosen(feeds: tuple[FoundFeed, ...], *, yes: bool, as_json: bool) -> FoundFeed | None:
    """Return the feed to add; None where there are several and nobody to ask, after listing them."""
    if yes or len(feeds) == 1:
        return feeds[0]
    if as_json:
        print_json({"outcome": "several", "source": None, "feeds": feeds})
        return None
    for number, feed in enumerate(feeds, 1):
        click.echo(f"{number}. {_line(feed)}")
    if sys.stdin.isatty() and sys.stdout.isatty():
        number = click.prompt("Which one", type=click.IntRange(1, len(feeds)), default=1)
        return feeds[number - 1]
    click.echo("several feeds: name one of them, or take the first with --yes", err=True)
    return None


def _say_configured(known: Subscription, *, as_json: bool) -> int:
    if as_json:
        print_json({"outcome": "configured", "source": known, "feeds": []})
    else:
        click.echo(f"configured already: {_shown(known.url)}{'' if known.enabled else ' (disabled)'}")
    return 0


def _say_nothing_found(url: str, finding: Finding, *, as_json: bool) -> int:
    failure = finding.failure
    if as_json:
        print_json({"outcome": "none", "source": None, "feeds": [], "failure": failure})
    else:
        reason = f"{failure.code}: {failure.detail}" if failure else ""
        click.echo(f"no feed found at {_shown(url)} ({reason})", err=True)
    return SOME_FAILED


def _line(feed: FoundFeed) -> str:
    entries = "1 entry" if feed.entries == 1 else f"{feed.entries} entries"
    return f"{feed.title or 'untitled'}  {_shown(feed.url)}  ({entries}{'; ' if feed.why else ''}{feed.why})"


def _shown(url: str) -> str:
    """Return an address fit for a terminal that others see, too."""
    from feedhub.normalize.credentials import masked  # noqa: PLC0415 - `feedhub version` shall start fast

    return masked(url)


def _is_web(subscription: Subscription) -> bool:
    return bool(re.match(r"(?i)https?://", subscription.url))


def _names(config: Config) -> dict[str, str]:
    """Return by URL what the feeds call themselves, as far as they have been read."""
    if not config.store_path.exists():
        return {}
    from feedhub.hub import Hub  # noqa: PLC0415 - only a configuration that was refreshed needs it

    with Hub(config) as hub:
        shown = {source.id: source.title for source in hub.sources()}
    return {source.url: shown[source.id] for source in config.sources}
