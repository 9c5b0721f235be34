"""The grid of a table (HTML Standard §4.9.12): its rows, and whether the spans of its cells fit together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element as Element

__all__ = ["Cell", "rows", "spans_fit"]

# Tables that are wider or cells that are taller are no tables but layout, or meant to hurt.
WIDEST, TALLEST = 100, 1000
_SPAN = re.compile(r"0*[1-9][0-9]{0,3}")


class Cell(NamedTuple):
    """A cell with how many columns and rows it says it covers; 0 for what is no number."""

    element: Element
    columns: int
    rows: int


def rows(table: Element) -> list[list[Cell]]:
    """Return the rows of ``table`` that have cells: the heads first, the feet last."""
    groups: dict[str, list[list[Cell]]] = {"thead": [], "tbody": [], "tfoot": []}
    for group, row in _rows(table):
        if cells := [_cell(child) for child in row if child.tag in {"td", "th"}]:
            groups[group].append(cells)
    return [*groups["thead"], *groups["tbody"], *groups["tfoot"]]


def _rows(table: Element) -> Iterator[tuple[str, Element]]:
    for child in table:
        if child.tag == "tr":
            yield "tbody", child
        elif child.tag in {"thead", "tbody", "tfoot"}:
            for row in child.iterchildren("tr"):
                yield str(child.tag), row


def _cell(element: Element) -> Cell:
    return Cell(element, _span(element.get("colspan")), _span(element.get("rowspan")))


def _span(said: str | None) -> int:
    if said is None:
        return 1
    return int(said) if _SPAN.fullmatch(said) else 0


def spans_fit(table: Sequence[Sequence[Cell]]) -> bool:
    """Return whether no cell overlaps another or hangs out, and a cell begins in each column and row."""
    begun: set[int] = set()
    width = 0
    taken: dict[int, int] = {}  # how many rows more each column is covered from above
    for number, row in enumerate(table):
        column = 0
        covered = {place: left - 1 for place, left in taken.items() if left > 1}
        for cell in row:
            while taken.get(column, 0) > 0:
                column += 1
            end = column + cell.columns
            if not cell.columns or not 0 < cell.rows <= min(TALLEST, len(table) - number) or end > WIDEST:
                return False
            if any(taken.get(place, 0) > 0 for place in range(column, end)):
                return False
            begun.add(column)
            if cell.rows > 1:
                covered |= dict.fromkeys(range(column, end), cell.rows - 1)
            column = end
            width = max(width, end)
        taken = covered
    return begun == set(range(width))
