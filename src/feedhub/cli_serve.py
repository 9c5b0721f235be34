"""The command ``feedhub serve``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from feedhub.cli_options import CONFIG

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["serve"]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# A source of news is stale when three refreshes in a row did not come to their end; without a timer, after a day.
MISSED = 3
WITHOUT_TIMER = timedelta(days=1)


class Span(click.ParamType[timedelta]):
    """A number and one of s, m, h, d."""

    name = "span"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the span that ``value`` says, or fail with what would be right."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9][0-9]{0,5})\s*([smhd])", value)
        if not found:
            self.fail(f"{value!r} is wrong: expected a number and s, m, h or d, as in '15m'", param, ctx)
        return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.command()
@CONFIG
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 or :: for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any free port.")
@click.option("--refresh", type=Span(), metavar="SPAN", help="Refresh now and then every SPAN, as in 15m.")
@click.option("--stale-after", type=Span(), metavar="SPAN", help="When /healthz says 503; default: 3 refreshes, or 1d.")
def serve(path: Path, host: str, port: int, refresh: timedelta | None, stale_after: timedelta | None) -> int:
    """Serve what is published over HTTP until SIGTERM; SIGHUP reloads the configuration."""
    import logging  # noqa: PLC0415 - `feedhub version` shall start fast

    from feedhub.config import load  # noqa: PLC0415
    from feedhub.serve.server import Options, run  # noqa: PLC0415

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("feedhub").setLevel(logging.INFO)
    # A stranger's bad request is answered, and is nobody's business here.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    config = load(path)
    options = Options(
        host=host,
        port=port,
        refresh=refresh,
        stale_after=stale_after or (refresh * MISSED if refresh else WITHOUT_TIMER),
    )
    run(config, options, lambda address: click.echo(f"serving {config.output} at {address}", err=True))
    return 0
