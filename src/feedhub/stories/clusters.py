"""Clusters of entries about one happening, and how often words occur: the rows of event detection."""

from __future__ import annotations

import struct
from array import array
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["Cluster", "Usage"]

# A cluster keeps the terms that say most about it; between the two bounds it grows before it is cut back.
KEEP_TERMS, MAX_TERMS = 160, 240
# Number of terms, number, size, first, last and square; and any one number.
HEAD, NUMBER = struct.Struct("=IIIIIQ"), struct.Struct("=I")
USAGE = struct.Struct("=dI")
# Bytes of a number in a row.
WIDTH = 4


class Cluster:
    """Entries about one happening, as sums over them.

    ``sums`` and ``counts`` say for every term how much it weighs in all entries together, in whole 4096ths, and in
    how many it is; ``square`` is the sum of the squared sums. ``first`` and ``last`` are times in seconds.

    Most clusters are read only to see that they share too little with an entry, so a cluster read from a row has its
    sums and counts as bytes until somebody asks for them.
    """

    __slots__ = ("_counts", "_packed", "_sums", "first", "last", "number", "size", "square")

    def __init__(self, number: int, now: int, packed: bytes | None = None) -> None:
        self.number = number
        self.size = 0
        self.first = self.last = now
        self.square = 0
        self._sums: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._packed = packed

    @property
    def sums(self) -> dict[int, int]:
        """The weights of the terms in all entries together, in whole 4096ths."""
        if self._packed is not None:
            self._unfold(self._packed)
        return self._sums

    @property
    def counts(self) -> dict[int, int]:
        """The number of entries that each term is in."""
        if self._packed is not None:
            self._unfold(self._packed)
        return self._counts

    def terms(self) -> Iterable[int]:
        """Return the keys of all terms."""
        if self._packed is None:
            return self._sums
        (terms,) = NUMBER.unpack_from(self._packed)
        return array("I", self._packed[HEAD.size : HEAD.size + WIDTH * terms])

    def add(self, weights: Mapping[int, int], now: int) -> list[int]:
        """Take in an entry's terms and return those that are new."""
        sums, counts = self.sums, self.counts
        new = []
        for key, weight in weights.items():
            old = sums.get(key)
            if old is None:
                new.append(key)
                sums[key], counts[key] = weight, 1
                self.square += weight * weight
            else:
                sums[key] = old + weight
                counts[key] += 1
                self.square += weight * (2 * old + weight)
        self.size += 1
        self.last = max(self.last, now)
        self._cut_back()
        return new

    def absorb(self, other: Cluster) -> list[int]:
        """Take in another cluster; return the terms that both have."""
        sums, counts = self.sums, self.counts
        both = [key for key in other.sums if key in sums]
        for key, weight in other.sums.items():
            sums[key] = sums.get(key, 0) + weight
            counts[key] = counts.get(key, 0) + other.counts[key]
        self.size += other.size
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.square = _squared(sums.values())
        self._cut_back()
        return both

    def _cut_back(self) -> None:
        sums, counts = self._sums, self._counts
        if len(sums) > MAX_TERMS:
            kept = sorted(sums, key=lambda key: (-sums[key], key))[:KEEP_TERMS]
            self._sums = {key: sums[key] for key in kept}
            self._counts = {key: counts[key] for key in kept}
            self.square = _squared(self._sums.values())

    def pack(self) -> bytes:
        """Return the cluster as bytes."""
        if self._packed is not None:
            (terms,) = NUMBER.unpack_from(self._packed)
            return self._head(terms) + self._packed[HEAD.size :]
        numbers = array("I", self._sums)
        numbers.extend(self._sums.values())
        if self.size > 1:
            numbers.extend(self._counts.values())
        return self._head(len(self._sums)) + numbers.tobytes()

    def _head(self, terms: int) -> bytes:
        return HEAD.pack(terms, self.number, self.size, self.first, self.last, self.square)

    @staticmethod
    def unpack(data: bytes) -> Cluster:
        """Return the cluster that `pack` made bytes of."""
        _, number, size, first, last, square = HEAD.unpack_from(data)
        cluster = Cluster(number, first, data)
        cluster.size, cluster.last, cluster.square = size, last, square
        return cluster

    def _unfold(self, data: bytes) -> None:
        (terms,) = NUMBER.unpack_from(data)
        end = HEAD.size + WIDTH * terms
        keys = array("I", data[HEAD.size : end])
        self._sums = dict(zip(keys, array("I", data[end : end + WIDTH * terms]), strict=True))
        if self.size > 1:
            self._counts = dict(zip(keys, array("I", data[end + WIDTH * terms :]), strict=True))
        else:
            self._counts = dict.fromkeys(keys, 1)
        self._packed = None


def _squared(sums: Collection[int]) -> int:
    return sum(map(mul, sums, sums))


class Usage:
    """How many stories of late have a word, halving every so often, and the numbers of the newest of them.

    The numbers stay bytes, as they lie in the row: of the words of an entry few are looked up stories by.
    """

    __slots__ = ("count", "day", "packed")

    def __init__(self, count: float = 0.0, day: int = 0, packed: bytes = b"") -> None:
        self.count = count
        self.day = day
        self.packed = packed

    @property
    def stories(self) -> array[int]:
        """The numbers of stories, the newest last."""
        return array("I", self.packed)

    def newest(self, most: int) -> array[int]:
        """Return the numbers of so many of the newest stories."""
        return array("I", self.packed[-WIDTH * most :])

    def add(self, story: int, keep: int) -> None:
        """Note a story; of more than twice ``keep`` the newest ``keep`` stay."""
        packed = self.packed + NUMBER.pack(story)
        self.packed = packed[-WIDTH * keep :] if len(packed) > 2 * WIDTH * keep else packed

    def pack(self) -> bytes:
        """Return the usage as bytes."""
        return USAGE.pack(self.count, self.day) + self.packed

    @staticmethod
    def unpack(data: bytes) -> Usage:
        """Return the usage that `pack` made bytes of."""
        count, day = USAGE.unpack_from(data)
        return Usage(count, day, data[USAGE.size :])
