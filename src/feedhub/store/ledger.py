"""The stories as they were told last, in the SQLite store."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

from feedhub.model.ledger import Booked, Listed
from feedhub.model.story import Reason
from feedhub.store import rows, sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from feedhub.model import Member
    from feedhub.model.ledger import Teller

    Context = Callable[[], AbstractContextManager[None]]
    Row = tuple[Any, ...]

__all__ = ["SqliteLedger"]

FORGET = (
    *(f"DELETE FROM {table}" for table in ("days", "places", "ties", "tellers", "stories")),  # noqa: S608 - of ours
    "UPDATE derived SET booked = FALSE WHERE booked",
)
GIVEN = "(SELECT value FROM json_each(?))"
# CROSS JOIN makes SQLite begin with the few rows of the index on what is not booked.
CHANGED = f"""
SELECT e.arrival FROM derived d CROSS JOIN entries e
WHERE NOT d.booked AND e.id = d.entry AND e.arrival IS NOT NULL AND {sql.IS_MEMBER} ORDER BY e.arrival
"""  # noqa: S608 - no text from outside, as below
OF_KNOTS = f"""
{sql.MEMBER} FROM tellers t CROSS JOIN entries e CROSS JOIN derived d
WHERE t.knot IN {GIVEN} AND e.arrival = t.number AND d.entry = e.id AND {sql.IS_MEMBER}
"""
NUMBERED = f"""
{sql.MEMBER} FROM entries e JOIN derived d ON d.entry = e.id WHERE e.arrival IN {GIVEN} AND {sql.IS_MEMBER}
"""
OWNERS = f"SELECT tie, number FROM ties WHERE tie IN {GIVEN}"  # noqa: S608 - no text from outside, as below
KNOTS = f"SELECT number, knot FROM tellers WHERE number IN {GIVEN}"  # noqa: S608
NUMBER = "SELECT arrival FROM entries WHERE source_id = ? AND key = ? AND arrival IS NOT NULL"
STORY = """
SELECT t.story FROM entries e JOIN tellers t ON t.number = e.arrival
WHERE e.source_id = ? AND e.key = ? AND t.story IS NOT NULL
"""
BOOKED = f"SELECT number, id, event, told FROM stories WHERE number IN {GIVEN}"  # noqa: S608
OF_EVENTS = f"SELECT number FROM stories WHERE event IN {GIVEN}"  # noqa: S608
PLACES = f"SELECT list, rank, number, id FROM places WHERE number IN {GIVEN}"  # noqa: S608
LISTED = "SELECT p.list, p.rank, p.number, coalesce(p.id, s.id) FROM places p JOIN stories s ON s.number = p.number"
OF_STORIES = f"{LISTED} WHERE p.number IN {GIVEN}"
LIST = f"""
{LISTED} WHERE p.list = ? ORDER BY p.rank DESC, coalesce(p.id, s.id)
"""
# From one list to the next, however long they are.
LISTS = """
WITH RECURSIVE found (list) AS (
    SELECT min(list) FROM places WHERE list >= ? AND list < ?
    UNION ALL
    SELECT (SELECT min(list) FROM places p WHERE p.list > f.list AND p.list < ?) FROM found f WHERE f.list IS NOT NULL
)
SELECT list FROM found WHERE list IS NOT NULL
"""
DAYS = """
SELECT s.source_id, d.day, d.entries FROM sources s CROSS JOIN days d WHERE d.source_id = s.source_id
    AND d.day > (SELECT max(day) FROM days n WHERE n.source_id = s.source_id) - ?
"""
COUNT = """
INSERT INTO days (source_id, day, entries) VALUES (?, ?, ?)
ON CONFLICT (source_id, day) DO UPDATE SET entries = entries + excluded.entries
"""
UNCOUNT = "DELETE FROM days WHERE source_id = ? AND day = ? AND entries = 0"
BOOK = f"""
UPDATE derived SET booked = TRUE WHERE NOT booked AND entry IN (SELECT id FROM entries WHERE arrival IN {GIVEN})
"""  # noqa: S608
TIE = "INSERT OR IGNORE INTO ties (tie, number) VALUES (?, ?)"

TELLERS = f"SELECT number, knot, story, day FROM tellers WHERE number IN {GIVEN}"  # noqa: S608
PUT_TELLER = "INSERT OR REPLACE INTO tellers (number, knot, story, day) VALUES (?, ?, ?, ?)"
DROP_STORY = "DELETE FROM stories WHERE number = ?"
PUT_STORY = "INSERT OR REPLACE INTO stories (number, id, event, told) VALUES (?, ?, ?, ?)"
DROP_PLACE = "DELETE FROM places WHERE list = ? AND rank = ? AND number = ?"
PUT_PLACE = "INSERT OR REPLACE INTO places (list, rank, number, id) VALUES (?, ?, ?, ?)"

Told = tuple[tuple[int, ...], tuple[Reason, ...], tuple[Reason, ...]]

# Rows are written in the order in which they lie, but ties: to sort so many takes as long as to write them.
NUMBER_OF, PLACE_OF = itemgetter(0), itemgetter(0, 1, 2)

_encode = msgspec.json.Encoder().encode
_decode_told = msgspec.json.Decoder(Told).decode


class SqliteLedger:
    """A `feedhub.store.Ledger` over the connection of a store, as `feedhub.store.told.SqliteTold` is one."""

    def __init__(self, connection: sqlite3.Connection, transaction: Context, explained: Context) -> None:
        self._connection = connection
        self._transaction = transaction
        self._explained = explained

    def forget(self) -> None:
        """See `feedhub.store.Ledger.forget`."""
        with self._transaction():
            for statement in FORGET:
                self._connection.execute(statement)

    def changed(self) -> list[int]:
        """See `feedhub.store.Ledger.changed`."""
        with self._explained():
            return [number for (number,) in self._connection.execute(CHANGED)]

    def owners(self, ties: Iterable[int]) -> dict[int, int]:
        """See `feedhub.store.Ledger.owners`."""
        return dict(self._given(OWNERS, ties))

    def knots(self, numbers: Iterable[int]) -> dict[int, int]:
        """See `feedhub.store.Ledger.knots`."""
        return dict(self._given(KNOTS, numbers))

    def number(self, name: tuple[str, str]) -> int:
        """See `feedhub.store.Ledger.number`."""
        with self._explained():
            found: tuple[int] | None = self._connection.execute(NUMBER, name).fetchone()
        return found[0] if found else -1

    def tied(self, knots: Iterable[int]) -> list[Member]:
        """See `feedhub.store.Ledger.tied`."""
        return rows.members(self._given(OF_KNOTS, knots))

    def members(self, numbers: Iterable[int]) -> list[Member]:
        """See `feedhub.store.Ledger.members`."""
        return rows.members(self._given(NUMBERED, numbers))

    def keep(
        self, tellers: Sequence[Teller], stories: Iterable[Booked], listed: Iterable[Listed], ties: Mapping[int, int]
    ) -> None:
        """See `feedhub.store.Ledger.keep`."""
        told = {story.members[0]: story for story in stories}
        entries: set[Row] = {(one.number, one.knot, one.story if one.story >= 0 else None, one.day) for one in tellers}
        booked: set[Row] = {(number, story.id, story.event or None, _told(story)) for number, story in told.items()}
        places = {(one.list, one.rank, one.number, one.id if one.id != told[one.number].id else None) for one in listed}
        numbers = _encode([teller.number for teller in tellers]).decode()
        with self._transaction():
            before = set(self._connection.execute(TELLERS, (numbers,)))
            self._count(tellers, before)
            self._connection.executemany(PUT_TELLER, sorted(entries - before, key=NUMBER_OF))
            before = set(self._connection.execute(BOOKED, (numbers,)))
            self._connection.executemany(DROP_STORY, [(number,) for number, *_ in before - booked])
            self._connection.executemany(PUT_STORY, sorted(booked - before, key=NUMBER_OF))
            before = set(self._connection.execute(PLACES, (numbers,)))
            self._connection.executemany(DROP_PLACE, [place[:3] for place in before - places])
            self._connection.executemany(PUT_PLACE, sorted(places - before, key=PLACE_OF))
            self._connection.executemany(TIE, ties.items())
            self._connection.execute(BOOK, (numbers,))

    def _count(self, tellers: Sequence[Teller], before: Iterable[Row]) -> None:
        days = {number: day for number, _, _, day in before}
        counts: Counter[tuple[str, int]] = Counter()
        for teller in tellers:
            if teller.day is not None:
                counts[teller.source_id, teller.day] += 1
            if (day := days.get(teller.number)) is not None:
                counts[teller.source_id, int(day)] -= 1
        changed = sorted((*key, count) for key, count in counts.items() if count)
        self._connection.executemany(COUNT, changed)
        self._connection.executemany(UNCOUNT, [change[:2] for change in changed if change[2] < 0])

    def listed(self, name: str) -> Iterator[Listed]:
        """See `feedhub.store.Ledger.listed`."""
        with self._explained():
            for row in self._connection.execute(LIST, (name,)):
                yield _listed(row)

    def lists(self, prefix: str) -> list[str]:
        """See `feedhub.store.Ledger.lists`."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        with self._explained():
            return [name for (name,) in self._connection.execute(LISTS, (prefix, end, end))]

    def places(self, numbers: Iterable[int]) -> list[Listed]:
        """See `feedhub.store.Ledger.places`."""
        return list(map(_listed, self._given(OF_STORIES, numbers)))

    def stories(self, numbers: Iterable[int]) -> list[Booked]:
        """See `feedhub.store.Ledger.stories`."""
        return list(map(_booked, self._given(BOOKED, numbers)))

    def telling(self, events: Iterable[str]) -> list[int]:
        """See `feedhub.store.Ledger.telling`."""
        return [number for (number,) in self._given(OF_EVENTS, events)]

    def story(self, name: tuple[str, str]) -> int:
        """See `feedhub.store.Ledger.story`."""
        with self._explained():
            found: tuple[int] | None = self._connection.execute(STORY, name).fetchone()
        return found[0] if found else -1

    def days(self, count: int) -> dict[str, dict[int, int]]:
        """See `feedhub.store.Ledger.days`."""
        counts: dict[str, dict[int, int]] = {}
        with self._explained():
            for source_id, day, entries in self._connection.execute(DAYS, (count,)):
                counts.setdefault(source_id, {})[day] = entries
        return counts

    def _given(self, statement: str, values: Iterable[int] | Iterable[str]) -> list[Any]:
        """Return what a statement finds of some values."""
        with self._explained():
            return self._connection.execute(statement, (_encode(list(values)).decode(),)).fetchall()


def _told(story: Booked) -> str | None:
    if len(story.members) == 1 and not story.linked:
        return None
    return _encode((story.members, story.why, story.linked)).decode()


def _booked(row: tuple[int, str, str | None, str | None]) -> Booked:
    number, story_id, event, text = row
    members, why, linked = _decode_told(text) if text else ((number,), (), ())
    return Booked(id=story_id, members=members, why=why, event=event or "", linked=linked)


def _listed(row: tuple[str, int, int, str]) -> Listed:
    name, rank, number, story_id = row
    return Listed(list=name, rank=rank, number=number, id=story_id)
