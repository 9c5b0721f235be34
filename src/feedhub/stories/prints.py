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
# Windows: 4 hashes in the opening, 32 in the whole text.
DENSE, SPARSE = 4, 32


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


def _winnow(hashes: list[int], width: int) -> list[int]:
    """Return the least of every ``width`` neighbours; of half as many, and so on, where there are not so many."""
    while len(hashes) < width:
        width //= 2
    if width == DENSE:
        return list(map(min, hashes, hashes[1:], hashes[2:], hashes[3:]))
    least: list[int] = []
    start = 0
    while width and start + width <= len(hashes):
        near = hashes[start : start + width]
        least.append(min(near))
        place = start + width - 1 - near[::-1].index(least[-1])
        # It stays the least until a lesser one comes near or it is near no more.
        coming = enumerate(hashes[start + width : place + width], start + 1)
        start = next((lesser for lesser, hash_ in coming if hash_ < least[-1]), place + 1)
    return least


def packed(numbers: Sequence[int]) -> bytes:
    """Return 32-bit numbers as bytes."""
    return array("I", numbers).tobytes()


def unpacked(data: bytes) -> array[int]:
    """Return the 32-bit numbers that `packed` made bytes of."""
    return array("I", data)
