"""Small charts as SVG: shapes only, coloured by the style sheet."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HEIGHT", "STEP", "bars"]

STEP, HEIGHT = 3, 24
"""The width of a bar with the gap after it, and the height of the highest, in the units of the drawing."""


def bars(values: Sequence[int]) -> str:
    """Return the path (SVG 2 §9.3) of one bar a value, side by side.

    Their heights go with the square root: a source of two entries a day and one of fifty both show their rhythm.
    """
    highest = sqrt(max(values, default=0)) or 1.0
    path = []
    for place, value in enumerate(values):
        if value > 0:
            height = max(2, round(HEIGHT * sqrt(value) / highest))
            path.append(f"M{place * STEP} {HEIGHT}v-{height}h{STEP - 1}v{height}z")
    return "".join(path)
