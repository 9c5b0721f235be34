"""Fingerprints of texts: winnowed hashes of word shingles, the same wherever in a text the words stand.

Every run of four words is hashed, and of every few neighbouring hashes the smallest is kept (Schleimer, Wilkerson and
Aiken: Winnowing, SIGMOD 2003), so two texts that share a run of words longer than the window share a fingerprint.
The opening is kept densely, for excerpts are cut from it; the whole text sparsely, so that long texts stay cheap.
A hash kept by a wide window is also kept by every narrower one.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_WORDS", "OPENING", "Prints", "prints"]

# Words of a text that are read at all, and words of it that count as its opening.
MAX_WORDS = 800
OPENING = 64
# Windows as powers of two: 4 hashes in the opening, 32 in the whole text.
DENSE, SPARSE = 2, 5


class Prints(Struct, frozen=True):
    """The fingerprints of one text: ``dense`` of its opening, ``sparse`` of all of it, ascending 32-bit numbers."""

    dense: tuple[int, ...]
    sparse: tuple[int, ...]


def prints(words: Sequence[str]) -> Prints:
    """Return the fingerprints of a text's words."""
    words = words[:MAX_WORDS]
    shingles = map(" ".join, zip(words, words[1:], words[2:], words[3:], strict=False))
    hashes = [crc32(shingle) for shingle in map(str.encode, shingles)]
    return Prints(
        dense=tuple(sorted(set(_winnow(hashes[:OPENING], DENSE)))), sparse=tuple(sorted(set(_winnow(hashes, SPARSE))))
    )


def _winnow(hashes: list[int], power: int) -> list[int]:
    """Return the least of every 2**power neighbours, or of all where there are fewer."""
    for step in range(power):
        if len(hashes) <= 1 << step:
            break
        hashes = list(map(min, hashes, hashes[1 << step :]))
    return hashes


def packed(numbers: Sequence[int]) -> bytes:
    """Return 32-bit numbers as bytes."""
    return array("I", numbers).tobytes()


def unpacked(data: bytes) -> array[int]:
    """Return the 32-bit numbers that `packed` made bytes of."""
    numbers = array("I")
    numbers.frombytes(data)
    return numbers
