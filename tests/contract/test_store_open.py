"""Opening a store: its address, and every way in which it can fail."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from feedhub.errors import StoreError
from feedhub.store import open_store
from stored import stored, update

if TYPE_CHECKING:
    from feedhub.store import Store


def use(store: Store) -> None:
    """Ask for everything, so that every page of the database is read."""
    with closing(store):
        for source_id in store.states():
            store.entries((source_id, key) for key in store.known(source_id))
        list(store.unsigned("signer"))
        store.members()


def make(path: Path, count: int = 100) -> None:
    with closing(open_store(str(path))) as store:
        store.apply([update("a", new=[stored("a", str(number), text="long " * 500) for number in range(count)])])


def test_an_address_is_a_url_or_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for address, path in {
        f"sqlite:///{tmp_path}/absolute/x.db": "absolute/x.db",
        "sqlite:///relative/x.db": "relative/x.db",
        f"{tmp_path}/plain/x.db": "plain/x.db",
        "x y%20ä?#.db": "x y%20ä?#.db",
    }.items():
        open_store(address).close()
        assert (tmp_path / path).is_file()


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_gone_when_closed(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        with closing(open_store(address)) as store:
            assert store.note("name") == ""
            store.set_note("name", "value")
            assert store.note("name") == "value"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("address", ["", "mysql://host/x", "SQLITE:///x", "sqlite://x.db", "sqlite+aio:///x", "://"])
def test_an_address_of_no_known_kind_is_refused_with_the_choices(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=r"sqlite:///PATH"):
        open_store(address)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database, but something that somebody needs\n" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a feedhub database"):
        open_store(str(path))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        # Another program may use Alembic too, and number its versions alike.
        connection.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0001');"
        )
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_store(str(path))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_database_of_a_newer_feedhub_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    make(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer feedhub .*9999.*upgrade feedhub"):
        open_store(str(path))


@pytest.mark.parametrize("damage", ["header", "pages", "cut", "record", "table"])
def test_a_corrupt_database_is_a_store_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "x.db"
    make(path)
    content = bytearray(path.read_bytes())
    noise = random.randbytes(len(content))  # noqa: S311 - any damage will do
    if damage == "header":
        path.write_bytes(noise[:100] + content[100:])
    elif damage == "pages":
        path.write_bytes(content[:8192] + noise[8192:])
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DROP TABLE derived" if damage == "table" else "UPDATE bodies SET body = '{'")
    with pytest.raises(StoreError, match=str(path)):
        use(open_store(str(path)))


def test_a_place_where_no_file_can_be_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "x.db", tmp_path / "file" / "deeper" / "x.db", "a\0b"):
        with pytest.raises(StoreError):
            open_store(str(path))


def test_a_folder_that_may_not_be_written_is_a_store_error() -> None:
    # Root may write everywhere, so a process that starts as root first becomes somebody else.
    script = """
import os, sys
import feedhub.store.sqlite, feedhub.store.migrations
from feedhub.errors import StoreError
if os.geteuid() == 0:
    os.setuid(65534)
for path in sys.argv[1:]:
    try:
        feedhub.store.open_store(path)
    except StoreError as error:
        print(error)
"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "x.db", 1)
        (folder / "x.db").chmod(0o444)
        folder.chmod(0o555)
        paths = [str(folder / "new.db"), str(folder / "deeper" / "new.db"), str(folder / "x.db")]
        lines = subprocess.run(
            [sys.executable, "-c", script, *paths], check=True, capture_output=True, text=True
        ).stdout.splitlines()
        folder.chmod(0o755)
    assert len(lines) == 3, lines
    assert all(line.startswith(path) for line, path in zip(lines, paths, strict=True)), lines
    assert "created" in lines[0]
    assert os.strerror(13) in lines[1]
    assert "written" in lines[2]


def test_a_closed_store_is_a_store_error(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "x.db"))
    store.apply([update("a", new=[stored("a", "1")])])
    pending = store.unsigned("signer")
    store.close()
    store.close()
    for ask in (
        store.states,
        store.members,
        lambda: store.apply([update("a")]),
        lambda: next(pending),
        lambda: store.set_note("name", "value"),
    ):
        with pytest.raises(StoreError, match="closed"):
            ask()


def test_a_closed_store_is_one_file(tmp_path: Path) -> None:
    make(tmp_path / "x.db")
    assert [path.name for path in tmp_path.iterdir()] == ["x.db"]


def test_several_processes_may_create_the_same_database_at_once(tmp_path: Path) -> None:
    script = """
import sys
from feedhub.store import open_store
store = open_store(sys.argv[1])
store.set_note(sys.argv[2], "here")
store.close()
"""
    path = str(tmp_path / "deeper" / "x.db")
    running = [subprocess.Popen([sys.executable, "-c", script, path, str(number)]) for number in range(5)]
    assert [process.wait(60) for process in running] == [0] * 5
    with closing(open_store(path)) as store:
        assert [store.note(str(number)) for number in range(5)] == ["here"] * 5


def loaded(script: str, *arguments: str) -> set[str]:
    script += "\nimport sys; print(*sys.modules)"
    command = [sys.executable, "-c", script, *arguments]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_only_what_is_needed_is_loaded(tmp_path: Path) -> None:
    assert not {"sqlite3", "sqlalchemy", "alembic"} & loaded("import feedhub.store")
    path = tmp_path / "x.db"
    make(path)
    ask = "import sys; from feedhub.store import open_store; store = open_store(sys.argv[1]); store.states()"
    modules = loaded(ask, str(path))
    assert "sqlite3" in modules
    assert not {"sqlalchemy", "alembic"} & modules
