"""What stories are told by: the order of arrival, the folds' rows, their decisions, and what people corrected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and the tables."""
    op.add_column("entries", sa.Column("arrival", sa.Integer))
    op.create_index("entries_by_number", "entries", ["arrival"])
    op.create_table(
        "story_rows",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("touched", sa.BigInteger, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("other", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Integer, nullable=False),
        sa.Column("story", sa.Integer, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("other_source_id", sa.Text, nullable=False),
        sa.Column("other_key", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("corrections", "decisions", "story_rows"):
        op.drop_table(table)
    op.drop_index("entries_by_number", "entries")
    op.drop_column("entries", "arrival")
