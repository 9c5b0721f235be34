"""The rows of the folds in a dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feedhub.stories.shelf import Row


class MemoryShelf:
    """A `feedhub.stories.shelf.Shelf` that forgets all when it is gone."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, tuple[int, bytes]]] = {}

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:
        """Return ``(touched, value)`` of those rows that exist."""
        rows = self.rows.get(kind, {})
        return {key: rows[key] for key in keys if key in rows}

    def write(self, rows: Iterable[Row]) -> None:
        """Take over what a fold changed."""
        for row in rows:
            if row.value is None:
                self.rows.get(row.kind, {}).pop(row.key, None)
            else:
                self.rows.setdefault(row.kind, {})[row.key] = row.touched, row.value

    def sweep(self, kind: str, before: int) -> None:
        """Delete the rows of a kind that were last touched before a time."""
        rows = self.rows.get(kind, {})
        for key in [key for key, (touched, _) in rows.items() if touched < before]:
            del rows[key]
