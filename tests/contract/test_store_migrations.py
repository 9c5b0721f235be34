"""The migrations make exactly the tables that ``schema.py`` describes, at the version the program expects."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from feedhub.store import open_store
from feedhub.store.migrations import FOLDER, newest
from feedhub.store.schema import metadata
from feedhub.store.sqlite import APPLICATION_ID, HEAD, NEWEST
from stored import stored, update

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    open_store(str(tmp_path / "x.db")).close()
    return tmp_path / "x.db"


def engine(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}", poolclass=NullPool)


def declared(path: Path) -> dict[str, str]:
    """Return the SQL of each table and index, without regard to white space."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'")
        return {name: " ".join((text or "").split()) for name, text in rows}


def test_the_program_expects_the_newest_version() -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [HEAD]


def test_new_databases_are_made_of_what_the_migrations_make() -> None:
    assert NEWEST.read_text(encoding="utf-8") == newest(), "run: make schema"


def test_versions_are_numbers_of_four_digits_in_order() -> None:
    versions = [script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]
    assert versions == [f"{number:04}" for number in range(1, len(versions) + 1)]


def test_alembic_finds_no_difference_between_the_migrated_tables_and_the_described_ones(path: Path) -> None:
    with engine(path).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrated_tables_are_declared_as_the_described_ones(path: Path, tmp_path: Path) -> None:
    described = tmp_path / "described.db"
    metadata.create_all(engine(described))
    assert declared(path) == declared(described)


def test_a_new_database_says_whose_it_is_and_its_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


def test_opening_again_changes_nothing(path: Path) -> None:
    with closing(open_store(str(path))) as store:
        store.apply([update("a", new=[stored("a", "1")])])
    before = path.read_bytes()
    open_store(str(path)).close()
    assert path.read_bytes() == before


def migrating(connection: Connection) -> Config:
    """Return what tells Alembic of the migrations and of the database to run them on."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def test_an_older_database_is_brought_up_to_date_and_keeps_its_entries(path: Path) -> None:
    entry = stored("a", "1")
    with closing(open_store(str(path))) as store:
        store.apply([update("a", new=[entry])])
    newest_tables = declared(path)
    with engine(path).begin() as connection:
        command.downgrade(migrating(connection), "0001")
    assert declared(path) != newest_tables
    with closing(open_store(str(path))) as store:
        assert store.entries([("a", "1")]) == [entry]
    assert declared(path) == newest_tables


def test_every_version_can_be_undone(path: Path) -> None:
    with engine(path).connect() as connection, connection.begin():
        config = migrating(connection)
        command.downgrade(config, "base")
        assert metadata.tables.keys().isdisjoint(inspect(connection).get_table_names())
        command.upgrade(config, "head")
    open_store(str(path)).close()
