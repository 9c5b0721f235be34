"""What only SQLite promises: who waits for whom, and which questions cost little."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from feedhub.errors import StoreError
from feedhub.store import open_store, sql, sqlite
from stored import NOON, member, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(open_store(str(path))) as opened:
        entries = [stored("a", str(number)) for number in range(10)]
        opened.apply([update("a", new=entries)])
        opened.sign("signer", [member(entry) for entry in entries])
        yield opened


@pytest.fixture
def writer(store: Store, path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the same database, in the middle of a transaction."""
    assert store.states()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE sources SET state = '{}'")
        yield connection


def test_readers_do_not_wait_for_a_writer(store: Store, writer: sqlite3.Connection) -> None:
    assert writer.in_transaction
    before = time.monotonic()
    assert store.states()["a"].status == 200
    assert len(store.members()) == len(store.known("a")) == 10
    assert list(store.unsigned("signer")) == []
    assert time.monotonic() - before < sqlite.BUSY_SECONDS / 2


def test_a_writer_waits_for_another(store: Store, writer: sqlite3.Connection) -> None:
    release = threading.Timer(0.3, writer.rollback)
    release.start()
    before = time.monotonic()
    store.set_note("name", "value")
    assert time.monotonic() - before > 0.25
    assert store.note("name") == "value"
    release.join()


def test_a_writer_that_waits_too_long_gives_up_and_can_try_again(
    path: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with closing(open_store(str(path))) as hurried:
        with pytest.raises(StoreError, match="locked"):
            hurried.set_note("name", "value")
        writer.rollback()
        hurried.set_note("name", "value")
        assert hurried.note("name") == "value"


def test_a_store_belongs_to_its_thread(store: Store) -> None:
    errors = []

    def ask() -> None:
        try:
            store.states()
        except StoreError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert len(store.states()) == 1


def plan(path: Path, question: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        steps = connection.execute(f"EXPLAIN QUERY PLAN {question}", ["1"] * question.count("?"))
        return "\n".join(step[3] for step in steps)


@pytest.mark.parametrize(
    "name",
    [
        "KNOWN",
        "LAST_ENTRY",
        "ADDED",
        "ENTRY",
        "UNSIGN",
        "UNSIGNED",
        "SIGN",
        "STORED_BY_ID",
        "STORED_BY_KEY",
        "REVISIONS",
        "DROP_REVISION",
        "REMOVE_REVISIONS",
        "NEWEST_RESPONSE",
        "RESPONSE",
    ],
)
def test_a_question_about_few_rows_does_not_read_all(store: Store, path: Path, name: str) -> None:
    assert store.members()
    steps = plan(path, getattr(sql, name))
    assert "SEARCH" in steps
    assert "SCAN" not in steps


def test_removed_entries_are_not_asked_about_again_for_every_signer(store: Store, path: Path) -> None:
    assert store.retain(NOON + timedelta(days=1), 2) == 8
    with closing(sqlite3.connect(path)) as connection:
        assert len(connection.execute(sql.UNSIGNED, ("another", "another")).fetchall()) == 2


def test_finding_reads_no_more_than_the_sources(store: Store, path: Path) -> None:
    assert store.members()
    steps = plan(path, sql.FIND)
    assert steps.count("SCAN") == steps.count("SCAN s USING COVERING INDEX") == 2


def test_members_need_no_sorting(store: Store, path: Path) -> None:
    assert store.members()
    assert "TEMP B-TREE" not in plan(path, sql.MEMBERS)
