from __future__ import annotations

import random
import signal
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from feedhub.lock import Lock
from feedhub.store import open_store
from program import Program
from replaying import document, facts

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

KEEP = "[store]\nkeep_raw = true\n"
RULE = '[[tag]]\nname = "three"\nwords = ["3"]\n[[edition]]\nslug = "tags/{tag}"\ntitle = "{tag}"\neach_tag = true\n'


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def refreshed(program: Program, origin: Origin, *, extra: str = RULE + KEEP, rounds: int = 3) -> None:
    """Let two sources say more and other things in several rounds."""
    for number in range(rounds):
        for path in ("/a", "/b"):
            body = document([(n, number if n == 1 else 0) for n in range(number, number + 4)], title=path)
            origin.serve(path, body, content_type="application/rss+xml", headers={"Set-Cookie": "sid=hidden"})
        program.configure([origin.url("/a"), origin.url("/b")], extra=extra)
        program.run("refresh", "--force")


def store_facts(program: Program) -> dict[str, object]:
    with closing(open_store(str(program.folder / "var/feedhub.sqlite"))) as store:
        return facts(store)


@pytest.mark.parametrize("options", [(), ("--from-raw",)])
def test_everything_comes_out_the_same(program: Program, origin: Origin, options: tuple[str, ...]) -> None:
    refreshed(program, origin)
    published, before = program.published(), store_facts(program)
    assert len(published) == 8
    assert len(before["raw"]) == 6  # type: ignore[arg-type]
    seen = len(origin.requests)
    assert program.run("rebuild", *options).stdout == ""
    assert (program.published(), store_facts(program), len(origin.requests)) == (published, before, seen)
    # Also into an empty folder, with every byte made again.
    (program.folder / "published").rename(program.folder / "aside")
    told = program.json("rebuild", *options)[0]
    assert set(told["written"]) == published.keys()
    assert {path: body for path, (body, _) in program.published().items()} == {
        path: body for path, (body, _) in published.items()
    }


def test_what_was_derived_wrongly_is_derived_again(program: Program, origin: Origin) -> None:
    refreshed(program, origin)
    published = program.published()
    with closing(sqlite3.connect(program.folder / "var/feedhub.sqlite")) as connection, connection:
        connection.execute("UPDATE derived SET tags = '[]', url_key = 'same', text_key = 'same'")
    program.run("publish", "--force")
    assert program.published() != published
    program.run("rebuild")
    assert {path: body for path, (body, _) in program.published().items()} == {
        path: body for path, (body, _) in published.items()
    }


def test_it_says_what_it_did(program: Program, origin: Origin) -> None:
    refreshed(program, origin)
    assert program.json("rebuild")[0]["replayed"] is None
    replayed = {"responses": 6, "failed": 0, "made": 12, "kept": 0}
    assert program.json("rebuild", "--from-raw")[0]["replayed"] == replayed
    said = program.run("rebuild", "--from-raw").stderr
    assert said == "6 responses read again, 0 of them failed; 12 entries made anew, 0 left as they were\n"


def test_without_kept_responses_there_is_nothing_to_rebuild_from(program: Program, origin: Origin) -> None:
    refreshed(program, origin, extra="", rounds=1)
    before = store_facts(program)
    assert "keep_raw" in program.run("rebuild", "--from-raw", status=2).stderr
    assert store_facts(program) == before
    program.run("rebuild")


def test_whoever_wants_no_responses_any_more_has_none_after_the_next_refresh(program: Program, origin: Origin) -> None:
    refreshed(program, origin)
    refreshed(program, origin, extra="", rounds=1)
    assert store_facts(program)["raw"] == []


def test_responses_are_bounded_as_configured(program: Program, origin: Origin) -> None:
    refreshed(program, origin, extra=f"{KEEP}keep_raw_bytes = 1024\n", rounds=5)
    raw = store_facts(program)["raw"]
    assert "hidden" not in repr(raw)
    with closing(sqlite3.connect(program.folder / "var/feedhub.sqlite")) as connection:
        kept = connection.execute("SELECT count(*), sum(length(body)) FROM responses GROUP BY source_id").fetchall()
    assert all(1 < count < 5 and size <= 1024 for count, size in kept)


def test_a_rebuild_leaves_at_once_where_another_is_at_work(program: Program, origin: Origin) -> None:
    refreshed(program, origin, rounds=1)
    before = store_facts(program)
    with Lock(program.folder / "var/feedhub.sqlite.lock"):
        for options in ((), ("--from-raw",)):
            assert "already running" in program.run("rebuild", *options, status=3).stderr
    assert store_facts(program) == before


def test_killed_at_any_moment_it_leaves_the_facts(program: Program, origin: Origin) -> None:
    refreshed(program, origin, rounds=1)
    published, path = program.published(), program.folder / "var/feedhub.sqlite"
    multiply(path, 1500)
    before = store_facts(program)
    program.run("rebuild", "--from-raw")
    assert store_facts(program) == before
    cut_short = 0
    for number in range(12):
        running = program.start("rebuild", "--from-raw")
        # However slow the machine is, most of the kills come while it is at work: its log is there as long.
        log = path.with_name(path.name + "-wal")
        while running.poll() is None and not log.exists():
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.05 * number))  # noqa: S311 - any moment will do
        running.send_signal(signal.SIGKILL)
        cut_short += running.wait() == -signal.SIGKILL
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store_facts(program) == before
    assert cut_short > 3, "the kills came while it was at work"
    program.run("publish")
    assert {name: body for name, (body, _) in program.published().items()} == {
        name: body for name, (body, _) in published.items()
    }
    assert {file.name for file in path.parent.iterdir()} == {"feedhub.sqlite", "feedhub.sqlite.lock"}


def multiply(path: Path, times: int) -> None:
    """Repeat the last response of a source many times, so that reading all of them takes a while."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            """
            WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < ?)
            INSERT INTO responses (source_id, at, digest, head, body)
            SELECT source_id, at, digest, head, body FROM responses, count WHERE source_id = 's0'
            """,
            (times,),
        )
