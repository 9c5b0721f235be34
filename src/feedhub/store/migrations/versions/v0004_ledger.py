"""The ledger: stories as they were told last, so that a publication reads those that it shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and the tables; nothing is in the ledger yet."""
    op.add_column("derived", sa.Column("booked", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("derived_not_booked", "derived", ["entry"], sqlite_where=sa.text("NOT booked"))
    op.create_table(
        "stories",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("told", sa.Text),
    )
    op.create_index("stories_by_event", "stories", ["event"], sqlite_where=sa.text("event IS NOT NULL"))
    op.create_table(
        "tellers",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("knot", sa.Integer, nullable=False),
        sa.Column("story", sa.Integer),
        sa.Column("day", sa.Integer),
    )
    op.create_index("tellers_by_knot", "tellers", ["knot"])
    op.create_table(
        "ties",
        sa.Column("tie", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "places",
        sa.Column("list", sa.Text, primary_key=True),
        sa.Column("rank", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("places_by_number", "places", ["number"])
    op.create_table(
        "days",
        sa.Column("source_id", sa.Text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("days", "places", "ties", "tellers", "stories"):
        op.drop_table(table)
    op.drop_index("derived_not_booked", "derived")
    op.drop_column("derived", "booked")
