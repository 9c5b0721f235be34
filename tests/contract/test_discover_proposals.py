"""The sites of dead sources are asked for other feeds, once a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.config import load
from feedhub.finder import propose
from feedhub.model import Failure, SourceState, Update
from feedhub.moves import Proposal, is_dead
from feedhub.store import open_store
from program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FEED = "<rss version='2.0'><channel><title>New</title><item><guid>1</guid></item></channel></rss>"
FAILED = Failure(stage="fetch", code="http-404", detail="HTTP 404")
DEAD = SourceState(source_id="s0", failures=8, failure=FAILED, succeeded_at=NOW - 7 * DAY)


@pytest.mark.parametrize(
    ("state", "dead"),
    [
        (DEAD, True),
        (replace(DEAD, failures=7), False),
        (replace(DEAD, succeeded_at=NOW - 6 * DAY), False),
        (replace(DEAD, succeeded_at=None), True),
        (replace(DEAD, failure=Failure(stage="fetch", code="rate-limited")), False),
        (replace(DEAD, failures=3, gone=3, gone_since=NOW - 2 * DAY, fetched_at=NOW), True),
        (SourceState(source_id="s0"), False),
    ],
)
def test_a_source_is_dead_after_long_failure_or_confirmed_410(state: SourceState, dead: bool) -> None:  # noqa: FBT001 - a row of the table
    assert is_dead(state, NOW) is dead


@pytest.fixture
def program(tmp_path: Path, origin: Origin) -> Program:
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{name}">' for name in ("old", "lost", "new")
    )
    origin.serve("/", f"<!DOCTYPE html><html><head>{head}</head></html>", content_type="text/html")
    origin.serve("/new", FEED)
    program = Program(tmp_path)
    program.configure([origin.url("/old")])
    return program


def test_another_feed_that_the_site_names_is_proposed(program: Program, origin: Origin) -> None:
    config = load(program.folder / "config.toml")
    found = propose(config, {"s0": DEAD}, {}, NOW)
    assert found == {"s0": Proposal(url=origin.url("/new"), asked_at=NOW)}
    seen = len(origin.requests)
    assert propose(config, {"s0": DEAD}, found, NOW + 6 * DAY) == found
    assert len(origin.requests) == seen
    origin.serve("/", "<html></html>", content_type="text/html")
    assert propose(config, {"s0": DEAD}, found, NOW + 7 * DAY) == {"s0": Proposal(url="", asked_at=NOW + 7 * DAY)}
    assert propose(config, {"s0": replace(DEAD, failures=0, failure=None)}, found, NOW) == {}


def test_a_site_that_does_not_answer_proposes_nothing(program: Program) -> None:
    config = load(program.folder / "config.toml")
    state = replace(DEAD, link="http://127.0.0.1:1/")
    assert propose(config, {"s0": state}, {}, NOW) == {"s0": Proposal(url="", asked_at=NOW)}


def test_a_refresh_asks_and_sources_shows_it_while_nothing_is_adopted(program: Program, origin: Origin) -> None:
    before = (program.folder / "config.toml").read_bytes()
    (program.folder / "var").mkdir()
    store = open_store(str(program.folder / "var/feedhub.sqlite"))
    store.apply([Update(state=replace(DEAD, url=origin.url("/old")))])
    store.close()
    program.run("refresh", status=1)
    assert program.json("sources")[0]["proposal"] == origin.url("/new")
    assert f"s0: its site now names {origin.url('/new')}" in program.run("sources").stdout
    assert (program.folder / "config.toml").read_bytes() == before
