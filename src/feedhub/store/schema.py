"""The tables as SQLAlchemy describes them, for Alembic.

Nothing imports this at work: loading SQLAlchemy costs as much processor time as asking a thousand sources whether they
have news. Only a database that must be created or upgraded pays for it; a test holds the migrations equal to this.

All times are whole seconds since 1970 in UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

__all__ = ["metadata"]

metadata = MetaData()

notes = Table(
    "notes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# `state` is a `SourceState` as JSON.
sources = Table(
    "sources",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
)

# Rows are never deleted: `removed` marks what is left of an entry after retention. The texts are kept apart because
# most questions are about all entries but no texts: in this way they read a tenth of the bytes. `arrival` counts
# entries in the order in which stories took them in, NULL before that.
entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Text, ForeignKey("sources.source_id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("significant", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("arrival", Integer),
    UniqueConstraint("source_id", "key"),
    Index("entries_by_arrival", "first_seen", "source_id", "key"),
    Index("entries_by_entry_id", "entry_id"),
    Index("entries_by_link", "link"),
    Index("entries_by_number", "arrival"),
)

# Keys under which a source came to say entries that are stored under another.
aliases = Table(
    "aliases",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("other", Text, primary_key=True),
    Column("key", Text, nullable=False),
    ForeignKeyConstraint(["source_id", "key"], ["entries.source_id", "entries.key"]),
)

# `body` is an `Entry` as JSON in UTF-8; an entry that was removed has none.
bodies = Table(
    "bodies",
    metadata,
    Column("entry", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# Earlier versions of changed entries, the oldest with the lowest id.
revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry", Integer, ForeignKey("entries.id"), nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("significant", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("revisions_by_entry", "entry"),
)

# What sources answered, the oldest with the lowest id. `head` is a `Source` and a `Fetched` without its body as JSON,
# `digest` the hash by which repetitions are known, and `body` compressed with zlib.
responses = Table(
    "responses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Text, ForeignKey("sources.source_id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("responses_by_source", "source_id"),
)

# One row for each entry. `signer` is "" where the entry changed since it was signed or never was (then `url_key` is
# NULL too), and NULL where the text is gone, so that nobody can sign again. `tags` and `editions` are JSON. `booked`
# tells whether the ledger below knows the entry as it is now.
derived = Table(
    "derived",
    metadata,
    Column("entry", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("signer", Text),
    Column("url_key", Text),
    Column("text_key", Text),
    Column("tags", Text),
    Column("editions", Text),
    Column("booked", Boolean, nullable=False, server_default=false()),
    Index("derived_by_signer", "signer"),
    Index("derived_not_booked", "entry", sqlite_where=text("NOT booked")),
)

# What the folds of `feedhub.stories` remember: rows of theirs, whose values only they can read. `id` is the number of a
# row's kind and its key in one, `touched` is when it last mattered.
story_rows = Table(
    "story_rows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("touched", BigInteger, nullable=False),
    Column("value", LargeBinary, nullable=False),
)

# What the folds decided: `number`, `other`, `text` and `story` are values of `entries.arrival`, `words` is JSON.
decisions = Table(
    "decisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rule", Text, primary_key=True),
    Column("other", Integer, primary_key=True, autoincrement=False),
    Column("text", Integer, nullable=False),
    Column("story", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("words", Text, nullable=False),
    sqlite_with_rowid=False,
)

# What people said about stories, the oldest with the lowest id; for `split` there is no other entry.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("other_source_id", Text, nullable=False),
    Column("other_key", Text, nullable=False),
)

# Stories of editions that were put away for good; `feed` is the edition's address, `until` a value of
# `entries.arrival`, `stories` and `paths` (by format) are JSON, `documents` those as they were published.
archives = Table(
    "archives",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("until", Integer, nullable=False),
    Column("stories", Text, nullable=False),
    Column("paths", Text, nullable=False),
    Column("documents", LargeBinary, nullable=False),
)

# The ledger: stories as they were told last. All of it is derived, and entries go by their `arrival` in it. `number` is
# that of a story's first teller, `event` the id of its event; `told` is the rest as JSON, NULL where there is no more
# to it than that one entry.
stories = Table(
    "stories",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("event", Text),
    Column("told", Text),
    Index("stories_by_event", "event", sqlite_where=text("event IS NOT NULL")),
)

# Every entry with its story, NULL for none, and the day on which it counts for its source (days since 1970), NULL for
# none. Entries of one `knot` may have to do with each other, all others have not.
tellers = Table(
    "tellers",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("knot", Integer, nullable=False),
    Column("story", Integer),
    Column("day", Integer),
    Index("tellers_by_knot", "knot"),
)

# What ties entries into knots: hashes of what is equal for them, each with the first of them that had it.
ties = Table(
    "ties",
    metadata,
    Column("tie", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# The stories of each edition, in its order; `id` is NULL where a story goes by its own id there.
places = Table(
    "places",
    metadata,
    Column("list", Text, primary_key=True),
    Column("rank", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text),
    Index("places_by_number", "number"),
    sqlite_with_rowid=False,
)

# How many entries each source has published on each day.
days = Table(
    "days",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    sqlite_with_rowid=False,
)
