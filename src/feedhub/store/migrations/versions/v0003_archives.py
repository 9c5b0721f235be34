"""Stories put away for good, and the documents that hold them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "archives",
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("until", sa.Integer, nullable=False),
        sa.Column("stories", sa.Text, nullable=False),
    )
    op.create_table(
        "archive_documents",
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("format", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("modified", sa.BigInteger),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["feed", "number"], ["archives.feed", "archives.number"]),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("archive_documents", "archives"):
        op.drop_table(table)
