"""The SQL of the store, as SQL: upserts and window functions are the only things in it beyond SQL-92."""

from __future__ import annotations

STATES = "SELECT state FROM sources ORDER BY source_id"

PUT_STATE = """
INSERT INTO sources (source_id, state) VALUES (?, ?)
ON CONFLICT (source_id) DO UPDATE SET state = excluded.state
"""

KNOWN = """
SELECT key, key, first_seen, published, updated, fingerprint, significant, link, title, removed
FROM entries WHERE source_id = ?
UNION ALL
SELECT a.other, e.key, first_seen, published, updated, fingerprint, significant, link, title, removed
FROM aliases a JOIN entries e ON e.source_id = a.source_id AND e.key = a.key WHERE a.source_id = ?
"""

ADD_ALIAS = """
INSERT INTO aliases (source_id, other, key) VALUES (?, ?, ?)
ON CONFLICT (source_id, other) DO UPDATE SET key = excluded.key
"""

LAST_ENTRY = "SELECT coalesce(max(id), 0) FROM entries"

ADD_ENTRY = """
INSERT INTO entries
    (id, source_id, key, first_seen, published, updated, fingerprint, significant, entry_id, link, title, removed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)
ON CONFLICT (source_id, key) DO NOTHING
"""

# An entry is not there where its key was known already.
ADDED = "SELECT id FROM entries WHERE id > ?"

ADD_BODY = "INSERT INTO bodies (body, entry) VALUES (?, ?)"

ADD_DERIVED = "INSERT INTO derived (signer, url_key, text_key, tags, editions, entry) VALUES (?, ?, ?, ?, ?, ?)"

# Whatever changes of an entry, its row in `derived` changes with it, and says that the ledger does not know it so yet.
ENTRY = "SELECT id, fingerprint, removed FROM entries WHERE source_id = ? AND key = ?"

KEEP_REVISION = """
INSERT INTO revisions (entry, published, updated, fingerprint, significant, body)
SELECT e.id, e.published, e.updated, e.fingerprint, e.significant, b.body
FROM entries e JOIN bodies b ON b.entry = e.id WHERE e.id = ?
"""

# The first one stays: stories are told by it.
DROP_REVISION = """
DELETE FROM revisions WHERE id = (SELECT id FROM revisions WHERE entry = ? ORDER BY id LIMIT 1 OFFSET 1)
    AND (SELECT count(*) FROM revisions WHERE entry = ?) > ?
"""

# Its id stays as it first was: subscribers know the story by it, also when the source numbers its entries anew.
CHANGE_ENTRY = """
UPDATE entries SET published = ?, updated = ?, fingerprint = ?, significant = ?, link = ?, title = ? WHERE id = ?
"""

CHANGE_BODY = "UPDATE bodies SET body = ? WHERE entry = ?"

UNSIGN = "UPDATE derived SET signer = '', booked = FALSE WHERE entry = ?"

# Two ranges instead of "<>", which no index can answer; NULL, the mark of removed entries, is in neither. CROSS JOIN
# makes SQLite begin with the few rows of the index instead of with all entries in order.
UNSIGNED = """
SELECT e.id FROM derived d CROSS JOIN entries e WHERE e.id = d.entry AND (d.signer < ? OR d.signer > ?)
ORDER BY e.first_seen, e.source_id, e.key
"""

SIGN = """
UPDATE derived SET signer = ?, url_key = ?, text_key = ?, tags = ?, editions = ?, booked = FALSE
WHERE entry = (SELECT id FROM entries WHERE source_id = ? AND key = ? AND NOT removed)
"""

MEMBER = """
SELECT e.source_id, e.key, e.first_seen, e.published, e.updated, e.entry_id, e.link, e.title, e.removed,
    d.url_key, d.text_key, d.tags, d.editions, coalesce(e.arrival, -1)
"""
IS_MEMBER = "d.url_key IS NOT NULL"
MEMBERS = f"""
{MEMBER} FROM entries e JOIN derived d ON d.entry = e.id WHERE {IS_MEMBER}
ORDER BY e.first_seen, e.source_id, e.key
"""

STORED_BY_ID = """
SELECT e.source_id, e.key, e.first_seen, e.published, e.updated, e.fingerprint, e.significant, b.body
FROM entries e LEFT JOIN bodies b ON b.entry = e.id WHERE e.id = ?
"""

STORED_BY_KEY = """
SELECT e.source_id, e.key, e.first_seen, e.published, e.updated, e.fingerprint, e.significant, b.body
FROM entries e LEFT JOIN bodies b ON b.entry = e.id WHERE e.source_id = ? AND e.key = ?
"""

REVISIONS = """
SELECT e.source_id, e.key, e.first_seen, r.published, r.updated, r.fingerprint, r.significant, r.body
FROM entries e JOIN revisions r ON r.entry = e.id WHERE e.source_id = ? AND e.key = ? ORDER BY r.id
"""

# No index begins with the key: asking each source for it costs a few microseconds a source, and no index to keep.
FIND = """
SELECT e.source_id, e.key, e.first_seen, e.published, e.updated, e.fingerprint, e.significant, b.body
FROM entries e LEFT JOIN bodies b ON b.entry = e.id
WHERE e.id IN (
    SELECT id FROM entries WHERE entry_id = ?
    UNION SELECT id FROM entries WHERE link IN (?, ?)
    UNION SELECT k.id FROM sources s CROSS JOIN entries k WHERE k.source_id = s.source_id AND k.key = ?
    UNION SELECT o.id FROM sources s CROSS JOIN aliases a CROSS JOIN entries o
        WHERE a.source_id = s.source_id AND a.other = ? AND o.source_id = a.source_id AND o.key = a.key
)
ORDER BY e.first_seen, e.source_id, e.key
"""

# Only sources of which more is stored than they may keep, and some of it for too long, have their entries put in order.
EXPIRED = """
SELECT id FROM (
    SELECT id, first_seen,
        row_number() OVER (PARTITION BY source_id ORDER BY first_seen DESC, published DESC, key DESC) AS place
    FROM entries WHERE NOT removed AND source_id IN (
        SELECT source_id FROM entries WHERE NOT removed
        GROUP BY source_id HAVING count(*) > :at_least AND min(first_seen) < :cutoff
    )
) newest WHERE place > :at_least AND first_seen < :cutoff
"""

REMOVE_ENTRY = "UPDATE entries SET removed = TRUE, title = '' WHERE id = ?"
REMOVE_BODY = "DELETE FROM bodies WHERE entry = ?"
REMOVE_REVISIONS = "DELETE FROM revisions WHERE entry = ?"
REMOVE_SIGNER = "UPDATE derived SET signer = NULL, booked = FALSE WHERE entry = ?"

NOTE = "SELECT value FROM notes WHERE name = ?"
PUT_NOTE = "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
DROP_NOTE = "DELETE FROM notes WHERE name = ?"

NEWEST_RESPONSE = "SELECT digest FROM responses WHERE source_id = ? ORDER BY id DESC LIMIT 1"

KEEP_RESPONSE = "INSERT INTO responses (source_id, at, digest, head, body) VALUES (?, ?, ?, ?, ?)"

DROP_RESPONSES = """
DELETE FROM responses WHERE id IN (
    SELECT id FROM (
        SELECT id, sum(length(body)) OVER newest_first AS total, row_number() OVER newest_first AS place
        FROM responses WHERE source_id = ? WINDOW newest_first AS (ORDER BY id DESC)
    ) newest WHERE total > ? AND place > 1
)
"""

RESPONSES = "SELECT id FROM responses ORDER BY id"
RESPONSE = "SELECT at, head, body FROM responses WHERE id = ?"
ANY_RESPONSE = "SELECT EXISTS (SELECT 1 FROM responses)"
FORGET_RESPONSES = "DELETE FROM responses"

FORGET_DERIVED = """
UPDATE derived SET signer = '', url_key = NULL, text_key = NULL, tags = NULL, editions = NULL, booked = FALSE
WHERE signer IS NOT NULL
"""

# While facts are made anew, the earlier ones stand aside under source ids that begin with U+0001. Only those do that
# the kept responses tell of: the text is still there, and none of the responses since its first is missing.
ASIDE = (
    """
    UPDATE entries SET source_id = char(1) || source_id
    WHERE NOT removed AND first_seen >= (
        SELECT at FROM responses r WHERE r.source_id = entries.source_id ORDER BY r.id LIMIT 1
    )
    """,
    """
    UPDATE aliases SET source_id = char(1) || source_id
    WHERE EXISTS (SELECT 1 FROM entries e WHERE e.source_id = char(1) || aliases.source_id AND e.key = aliases.key)
    """,
)

# What did not come again steps back into its place; the rest goes.
BACK = (
    """
    UPDATE entries SET source_id = substr(source_id, 2)
    WHERE source_id >= char(1) AND source_id < char(2) AND NOT EXISTS (
        SELECT 1 FROM entries e WHERE e.source_id = substr(entries.source_id, 2) AND e.key = entries.key
    )
    """,
    """
    UPDATE aliases SET source_id = substr(source_id, 2)
    WHERE source_id >= char(1) AND source_id < char(2) AND NOT EXISTS (
        SELECT 1 FROM aliases a WHERE a.source_id = substr(aliases.source_id, 2) AND a.other = aliases.other
    )
    """,
    "DELETE FROM aliases WHERE source_id >= char(1) AND source_id < char(2)",
    """
    UPDATE entries SET arrival = (
        SELECT e.arrival FROM entries e WHERE e.source_id = char(1) || entries.source_id AND e.key = entries.key
    )
    WHERE arrival IS NULL
    """,
    *(
        f"""
        DELETE FROM {table}
        WHERE entry IN (SELECT id FROM entries WHERE source_id >= char(1) AND source_id < char(2))
        """  # noqa: S608 - the names of three tables of ours
        for table in ("bodies", "revisions", "derived")
    ),
    "DELETE FROM entries WHERE source_id >= char(1) AND source_id < char(2)",
)
