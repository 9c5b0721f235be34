"""Brings a database to the newest schema. Slow to import, so only a database that needs it does.

A new version is one more file in ``versions``, with its change made in ``schema.py`` too; ``make schema`` then writes
down what new databases are made of. Versions are numbers of four digits: a greater one than
`feedhub.store.sqlite.HEAD` is newer than the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["FOLDER", "newest", "upgrade"]

FOLDER = Path(__file__).parent


def upgrade(connection: Connection) -> None:
    """Run all missing migrations on ``connection``, within the transaction that the caller has begun."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest() -> str:
    """Return, as SQL for SQLite, what all migrations together make of an empty database."""
    with create_engine("sqlite://").begin() as connection:
        upgrade(connection)
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")).scalars()
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        noted = f"INSERT INTO alembic_version (version_num) VALUES ('{version}')"  # noqa: S608 - a number of ours
        statements = [*made, noted]
    lines = "".join(f"{statement};\n" for statement in statements).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)
