"""Brings a database to the newest schema. Slow to import, so only a database that needs it does.

A new version is one more file in ``versions``, with its change made in ``schema.py`` too. Versions are numbers of four
digits: a greater one than `feedhub.store.sqlite.HEAD` is newer than the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["FOLDER", "upgrade"]

FOLDER = Path(__file__).parent


def upgrade(connection: Connection) -> None:
    """Run all missing migrations on ``connection``, within the transaction that the caller has begun."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
