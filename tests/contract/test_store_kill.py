"""A process killed at any moment leaves a database in which every transaction is whole or absent."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from feedhub.store import open_store
from shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = 5
NEW = 4

# Round n brings each source the entries n-0, n-1, …, changes the first of the round before, signs and empties.
WRITER = f"""
import sys
from feedhub.model import SourceState, Update
from feedhub.store import open_store
from stored import NOON, member, stored
from datetime import timedelta

def update(source, number):
    return Update(
        state=SourceState(source_id=source, status=number),
        new=tuple(stored(source, f"{{number}}-{{n}}", minute=number, text="x" * 3000) for n in range({NEW})),
        changed=(stored(source, f"{{number - 1}}-0", minute=number, text="changed"),) if number else (),
    )

store = open_store(sys.argv[1])
number = 1 + max((state.status for state in store.states().values()), default=-1)
print("open", flush=True)
while True:
    store.apply([update(f"s{{source}}", number) for source in range({SOURCES})])
    print(number, flush=True)
    store.sign("signer", [member(entry) for entry in store.unsigned("signer")])
    if number % 3 == 0:
        store.retain(NOON + timedelta(minutes=number - 2), 3)
    number += 1
"""


def killed(path: Path, seconds: float, *, after: int = 1) -> list[str]:
    """Run the writer, kill it ``seconds`` after it has said so many lines, and return its lines."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in range(after)]
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        lines = [*first, *process.stdout]
    assert process.returncode == -signal.SIGKILL
    # The last line may have been cut short.
    return [line.strip() for line in lines if line.endswith("\n")]


def check_whole(path: Path, told: int) -> int:
    """Check that all rounds up to some number, at least ``told``, are stored whole; return that number."""
    with closing(open_store(str(path))) as store:
        numbers = {state.status for state in store.states().values()}
        assert len(numbers) <= 1, "one transaction, so all sources are in the same round"
        last = max(numbers, default=-1)
        assert last >= told, "what was committed is still there"
        for source in store.states():
            known = store.known(source)
            assert known.keys() == {f"{number}-{n}" for number in range(last + 1) for n in range(NEW)}
            entries = {entry.key: entry for entry in store.entries((source, key) for key in known)}
            for key, one in known.items():
                assert one.removed == (entries[key].entry is None)
                changed = key.endswith("-0") and key != f"{last}-0"
                assert (one.fingerprint == "f-changed") == changed
                kept = 1 if changed and not one.removed else 0
                assert len(store.revisions(source, key)) == kept
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return last


def test_killed_while_writing(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    last = -1
    for number in range(20):
        # However slow the machine is, it was seen writing.
        lines = killed(path, random.uniform(0, 0.08), after=1 + number % 4)  # noqa: S311 - any moment will do
        last = check_whole(path, max([last, *(int(line) for line in lines if line != "open")]))
    assert last > 20, "the kills came while it was writing"


def test_killed_while_creating_the_database(tmp_path: Path) -> None:
    for number in range(8):
        path = tmp_path / str(number) / "x.db"
        killed(path, random.uniform(0.1, 0.8), after=0)  # noqa: S311 - any moment will do
        check_whole(path, -1)
