"""Alembic runs this for every command: it hands the caller's connection to the migrations."""

from __future__ import annotations

from alembic import context

from feedhub.store.schema import metadata

# SQLite cannot alter most of a table in place; batch mode copies it instead.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
