"""The first schema: sources, entries with their texts and revisions, what is derived from them, and notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "notes",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "sources",
        sa.Column("source_id", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
    )
    _create_entries()
    op.create_table(
        "aliases",
        sa.Column("source_id", sa.Text, primary_key=True),
        sa.Column("other", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["source_id", "key"], ["entries.source_id", "entries.key"]),
    )
    op.create_table(
        "bodies",
        sa.Column("entry", sa.Integer, sa.ForeignKey("entries.id"), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("entry", sa.Integer, sa.ForeignKey("entries.id"), nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("significant", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("revisions_by_entry", "revisions", ["entry"])
    op.create_table(
        "derived",
        sa.Column("entry", sa.Integer, sa.ForeignKey("entries.id"), primary_key=True),
        sa.Column("signer", sa.Text),
        sa.Column("url_key", sa.Text),
        sa.Column("text_key", sa.Text),
        sa.Column("tags", sa.Text),
        sa.Column("editions", sa.Text),
    )
    op.create_index("derived_by_signer", "derived", ["signer"])
    op.create_table(
        "responses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source_id", sa.Text, sa.ForeignKey("sources.source_id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("responses_by_source", "responses", ["source_id"])


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source_id", sa.Text, sa.ForeignKey("sources.source_id"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("significant", sa.Text, nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.UniqueConstraint("source_id", "key"),
    )
    op.create_index("entries_by_arrival", "entries", ["first_seen", "source_id", "key"])
    op.create_index("entries_by_entry_id", "entries", ["entry_id"])
    op.create_index("entries_by_link", "entries", ["link"])


def downgrade() -> None:
    """Drop all tables, children first."""
    for table in ("responses", "derived", "revisions", "bodies", "aliases", "entries", "sources", "notes"):
        op.drop_table(table)
