"""What was told of stories, in the SQLite store: the order of arrival, the folds' rows and decisions, corrections."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from feedhub.model import Correction
from feedhub.store import rows
from feedhub.stories.shelf import KINDS
from feedhub.stories.telling import Decision

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from feedhub.model import StoredEntry
    from feedhub.stories.fold import Folded

    Context = Callable[[], AbstractContextManager[None]]

__all__ = ["SqliteTold"]

WAITING = "SELECT id FROM entries WHERE arrival IS NULL ORDER BY first_seen, published, source_id, key"
NUMBERED = "SELECT coalesce(max(arrival), -1) + 1 FROM entries"
COUNTED = "SELECT count(*) FROM entries"
NUMBER = "UPDATE entries SET arrival = ? WHERE id = ?"

# An entry as it first was: as its oldest revision, or as it is if it was never changed.
ARRIVALS = """
SELECT e.arrival, e.source_id, e.key, e.first_seen, coalesce(r.published, e.published), coalesce(r.updated, e.updated),
    coalesce(r.fingerprint, e.fingerprint), coalesce(r.significant, e.significant), coalesce(r.body, b.body)
FROM entries e LEFT JOIN bodies b ON b.entry = e.id
    LEFT JOIN revisions r ON r.id = (SELECT min(id) FROM revisions WHERE entry = e.id)
WHERE e.arrival >= ? ORDER BY e.arrival LIMIT ?
"""

# The keys of rows have so many bits; the kind stands above them.
KEY_BITS = 40
MAX_KEY = (1 << KEY_BITS) - 1
ROWS = "SELECT id, touched, value FROM story_rows WHERE id IN (SELECT value FROM json_each(?))"
PUT_ROW = "INSERT OR REPLACE INTO story_rows (id, touched, value) VALUES (?, ?, ?)"
DROP_ROW = "DELETE FROM story_rows WHERE id = ?"
SWEEP = "DELETE FROM story_rows WHERE id BETWEEN ? AND ? AND touched < ?"
FORGET_ROWS = "DELETE FROM story_rows"

DECIDED = "SELECT DISTINCT number FROM decisions WHERE number IN (SELECT value FROM json_each(?))"
PUT_DECISION = """
INSERT INTO decisions (number, rule, other, text, story, score, threshold, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
# Not the rules that say that something stands alone: they matter only to whoever asks why.
LINKS = """
SELECT number, rule, other, text, story, score, threshold, words FROM decisions
WHERE rule NOT IN ('late', 'new-story') ORDER BY number, rule, other
"""
LINKS_OF = """
SELECT number, rule, other, text, story, score, threshold, words FROM decisions
WHERE rule NOT IN ('late', 'new-story') AND number IN (SELECT value FROM json_each(?))
"""
DECISIONS = """
SELECT number, rule, other, text, story, score, threshold, words FROM decisions WHERE number = ? ORDER BY rule, other
"""
# What texts that are gone had a part in cannot be decided again: where one is named, or where an entry came so soon
# after one that it may have been held against it.
FORGET_DECISIONS = """
DELETE FROM decisions WHERE number NOT IN (
    SELECT e.arrival FROM entries e
    WHERE e.arrival IS NOT NULL AND e.first_seen <= (SELECT max(first_seen) + ? FROM entries WHERE removed)
    UNION SELECT d.number FROM decisions d CROSS JOIN entries e
    WHERE e.arrival IN (d.number, d.other, d.text, d.story) AND e.removed
)
"""

CORRECTIONS = "SELECT kind, source_id, key, other_source_id, other_key FROM corrections ORDER BY id"
CORRECT = "INSERT INTO corrections (kind, source_id, key, other_source_id, other_key) VALUES (?, ?, ?, ?, ?)"
# The stories of these entries are others now.
CORRECTED = """
UPDATE derived SET booked = FALSE WHERE entry = (SELECT id FROM entries WHERE source_id = ? AND key = ?)
"""

_decode_words = msgspec.json.Decoder(tuple[str, ...]).decode
_encode = msgspec.json.Encoder().encode


class SqliteTold:
    """A `feedhub.store.Told` over the connection of a store, which says how to begin a transaction and explain errors.

    SQLite answers a question in microseconds, so rows are read when they are asked for.
    """

    def __init__(self, connection: sqlite3.Connection, transaction: Context, explained: Context) -> None:
        self._connection = connection
        self._transaction = transaction
        self._explained = explained

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:
        """See `feedhub.stories.shelf.Shelf.read`."""
        above = _id(kind, 0)
        with self._explained():
            found = self._connection.execute(ROWS, (_encode([above | key for key in keys]).decode(),))
            return {id_ ^ above: (touched, value) for id_, touched, value in found}

    def number(self) -> None:
        """See `feedhub.store.Told.number`."""
        with self._transaction():
            waiting = self._connection.execute(WAITING).fetchall()
            (first,) = self._connection.execute(NUMBERED).fetchone()
            numbered = ((number, entry) for number, (entry,) in enumerate(waiting, first))
            # In the order in which the rows lie: it takes two thirds of the time.
            self._connection.executemany(NUMBER, sorted(numbered, key=itemgetter(1)))

    def count(self) -> int:
        """See `feedhub.store.Told.count`."""
        with self._explained():
            counted: tuple[int] = self._connection.execute(COUNTED).fetchone()
        return counted[0]

    def arrivals(self, first: int, limit: int) -> list[tuple[int, StoredEntry]]:
        """See `feedhub.store.Told.arrivals`."""
        with self._explained():
            found = self._connection.execute(ARRIVALS, (first, limit))
            return [(number, rows.stored(tuple(row))) for number, *row in found]

    def keep(self, folded: Folded) -> None:
        """See `feedhub.store.Told.keep`."""
        gone = [(_id(row.kind, row.key),) for row in folded.rows if row.value is None]
        changed = ((_id(row.kind, row.key), row.touched, row.value) for row in folded.rows if row.value is not None)
        with self._transaction():
            self._connection.executemany(DROP_ROW, gone)
            self._connection.executemany(PUT_ROW, changed)
            numbers = sorted({decision.number for decision in folded.decisions})
            decided = {number for (number,) in self._connection.execute(DECIDED, (_encode(numbers).decode(),))}
            fresh = (_row(decision) for decision in folded.decisions if decision.number not in decided)
            self._connection.executemany(PUT_DECISION, fresh)

    def sweep(self, windows: Mapping[str, int], now: int) -> None:
        """See `feedhub.store.Told.sweep`."""
        with self._transaction():
            self._connection.executemany(
                SWEEP, [(_id(kind, 0), _id(kind, MAX_KEY), now - window) for kind, window in windows.items()]
            )

    def links(self) -> list[Decision]:
        """See `feedhub.store.Told.links`."""
        with self._explained():
            return list(map(_decision, self._connection.execute(LINKS)))

    def links_of(self, numbers: Iterable[int]) -> list[Decision]:
        """See `feedhub.store.Told.links_of`."""
        with self._explained():
            return list(map(_decision, self._connection.execute(LINKS_OF, (_encode(list(numbers)).decode(),))))

    def decisions(self, number: int) -> list[Decision]:
        """See `feedhub.store.Told.decisions`."""
        with self._explained():
            return list(map(_decision, self._connection.execute(DECISIONS, (number,))))

    def forget(self, window: int) -> None:
        """See `feedhub.store.Told.forget`."""
        with self._transaction():
            self._connection.execute(FORGET_ROWS)
            self._connection.execute(FORGET_DECISIONS, (window,))

    def corrections(self) -> list[Correction]:
        """See `feedhub.store.Told.corrections`."""
        with self._explained():
            found = self._connection.execute(CORRECTIONS)
            return [
                Correction(kind=kind, entry=(source_id, key), other=(other_source_id, other_key))
                for kind, source_id, key, other_source_id, other_key in found
            ]

    def correct(self, correction: Correction) -> None:
        """See `feedhub.store.Told.correct`."""
        with self._transaction():
            self._connection.execute(CORRECT, (correction.kind, *correction.entry, *correction.other))
            self._connection.executemany(CORRECTED, (correction.entry, correction.other))


def _id(kind: str, key: int) -> int:
    return KINDS[kind] << KEY_BITS | key


def _row(decision: Decision) -> tuple[int, str, int, int, int, float, float, str]:
    words = _encode(decision.words).decode()
    return (
        decision.number,
        decision.rule,
        decision.other,
        decision.text,
        decision.story,
        decision.score,
        decision.threshold,
        words,
    )


def _decision(row: tuple[int, str, int, int, int, float, float, str]) -> Decision:
    number, rule, other, text, story, score, threshold, words = row
    return Decision(
        rule=rule,
        number=number,
        text=text,
        story=story,
        other=other,
        score=score,
        threshold=threshold,
        words=_decode_words(words),
    )
