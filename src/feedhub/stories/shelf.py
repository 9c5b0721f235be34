"""The rows that the folds remember by, and the desk they are worked on.

Whatever near-duplicate and event detection know of the past is a set of small rows, ``(kind, key) -> bytes``. A fold
reads the few rows that its entries touch and gives back those it changed, so an index of any size costs a restart
nothing and a batch what it touches. A row carries the time at which it last mattered; a row older than its kind's
window counts as absent when read, so a store may delete such rows whenever it likes without changing any answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["KINDS", "Drawer", "Row", "Shelf"]

T = TypeVar("T")

# The kinds of rows, by numbers that a store may keep them under: what is read together lies together.
KINDS = {
    "count": 1,
    "day": 2,
    "language": 3,
    "text": 4,
    "place": 5,
    "alias": 6,
    "link": 7,
    "entry": 8,
    "story": 9,
    "word": 10,
    "print": 11,
}


class Row(Struct, frozen=True, kw_only=True):
    """A changed row; ``touched`` is in seconds since 1970, and ``None`` as value says that the row is gone."""

    kind: str
    key: int
    touched: int
    value: bytes | None


class Shelf(Protocol):
    """Where rows lie between folds."""

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:
        """Return ``(touched, value)`` of those rows that exist."""


class Drawer(Generic[T]):
    """The rows of one kind that a fold has on its desk, decoded; those that it changes are remembered."""

    def __init__(
        self, shelf: Shelf, kind: str, window: int, *, decode: Callable[[bytes], T], encode: Callable[[T], bytes]
    ) -> None:
        self.shelf = shelf
        self.kind = kind
        self.window = window
        self.decode = decode
        self.encode = encode
        self.held: dict[int, tuple[int, T] | None] = {}
        self.changed: set[int] = set()

    def fetch(self, keys: Iterable[int]) -> None:
        """Bring the rows of ``keys`` onto the desk, in one reading of the shelf."""
        held = self.held
        missing = [key for key in dict.fromkeys(keys) if key not in held]
        if missing:
            found = self.shelf.read(self.kind, missing)
            for key in missing:
                row = found.get(key)
                held[key] = (row[0], self.decode(row[1])) if row else None

    def get(self, key: int, now: int) -> T | None:
        """Return what the row of ``key`` says, or ``None`` where there is none within the window before ``now``."""
        if key not in self.held:
            self.fetch((key,))
        row = self.held[key]
        return row[1] if row and row[0] >= now - self.window else None

    def many(self, keys: Iterable[int], now: int) -> list[T | None]:
        """Return what the rows of fetched ``keys`` say, as `get` does."""
        held, since = self.held, now - self.window
        return [row[1] if (row := held[key]) and row[0] >= since else None for key in keys]

    def put(self, key: int, now: int, value: T) -> None:
        """Say what the row of ``key`` is from now on."""
        self.held[key] = (now, value)
        self.changed.add(key)

    def drop(self, key: int) -> None:
        """Remove the row of ``key``."""
        self.held[key] = None
        self.changed.add(key)

    def rows(self) -> list[Row]:
        """Return the changed rows, in the order of their keys."""
        rows = []
        for key in sorted(self.changed):
            row = self.held[key]
            touched, value = (row[0], self.encode(row[1])) if row else (0, None)
            rows.append(Row(kind=self.kind, key=key, touched=touched, value=value))
        return rows
