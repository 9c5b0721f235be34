"""The commands that work on the store alone: rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from feedhub.cli_options import CONFIG, JSON, print_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["rebuild"]


@click.command()
@CONFIG
@JSON
@click.option("--from-raw", is_flag=True, help="Read the kept responses again, too (store.keep_raw).")
def rebuild(path: Path, *, as_json: bool, from_raw: bool) -> int:
    """Derive everything again and publish it, without fetching; prints the documents that changed.

    From the same facts and configuration the same documents come out. With --from-raw the facts are made anew from the
    kept responses; what these do not tell stays as it is.
    """
    from feedhub.config import load  # noqa: PLC0415 - `feedhub version` shall start fast
    from feedhub.hub import Hub  # noqa: PLC0415

    with Hub(load(path)) as hub:
        if from_raw and not hub.store.has_raw():
            raise click.UsageError("no response is kept yet; store.keep_raw = true keeps those to come")
        rebuilt = hub.rebuild(from_raw=from_raw)
    replayed, publication = rebuilt.replayed, rebuilt.publication
    if as_json:
        print_json({"documents": publication.documents, "written": publication.written, "replayed": replayed})
        return 0
    if replayed:
        summary = f"{replayed.responses} responses read again, {replayed.failed} of them failed"
        click.echo(f"{summary}; {replayed.made} entries made anew, {replayed.kept} left as they were", err=True)
    for name in publication.written:
        click.echo(name)
    return 0
