"""Clusters of entries about one happening, and how often words occur: the rows of event detection."""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Cluster", "Usage"]

# A cluster keeps the terms that say most about it; between the two bounds it grows before it is cut back.
KEEP_TERMS, MAX_TERMS = 160, 240
HEAD = struct.Struct("<IIIII")
USAGE = struct.Struct("<dI")
DAY = 86400


class Cluster:
    """Entries about one happening, as sums over them.

    ``sums`` and ``counts`` say for every term how much it weighs in all entries together, in whole 4096ths, and in
    how many it is; ``square`` is the sum of the squared sums. ``first`` and ``last`` are times in seconds.
    """

    __slots__ = ("counts", "first", "last", "number", "size", "square", "sums")

    def __init__(self, number: int, now: int) -> None:
        self.number = number
        self.size = 0
        self.first = self.last = now
        self.sums: dict[int, int] = {}
        self.counts: dict[int, int] = {}
        self.square = 0

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
        both = [key for key in other.sums if key in self.sums]
        for key, weight in other.sums.items():
            self.sums[key] = self.sums.get(key, 0) + weight
            self.counts[key] = self.counts.get(key, 0) + other.counts[key]
        self.size += other.size
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.square = sum(weight * weight for weight in self.sums.values())
        self._cut_back()
        return both

    def _cut_back(self) -> None:
        if len(self.sums) > MAX_TERMS:
            kept = sorted(self.sums, key=lambda key: (-self.sums[key], key))[:KEEP_TERMS]
            self.sums = {key: self.sums[key] for key in kept}
            self.counts = {key: self.counts[key] for key in kept}
            self.square = sum(weight * weight for weight in self.sums.values())

    def pack(self) -> bytes:
        """Return the cluster as bytes."""
        head = HEAD.pack(self.number, self.size, self.first, self.last, len(self.sums))
        numbers = array("I", self.sums)
        numbers.extend(self.sums.values())
        if self.size > 1:
            numbers.extend(self.counts.values())
        return head + numbers.tobytes()

    @staticmethod
    def unpack(data: bytes) -> Cluster:
        """Return the cluster that `pack` made bytes of."""
        number, size, first, last, terms = HEAD.unpack_from(data)
        cluster = Cluster(number, first)
        cluster.size, cluster.last = size, last
        numbers = array("I")
        numbers.frombytes(data[HEAD.size :])
        keys, sums = numbers[:terms], numbers[terms : 2 * terms]
        cluster.sums = dict(zip(keys, sums, strict=True))
        cluster.counts = dict(zip(keys, numbers[2 * terms :], strict=True)) if size > 1 else dict.fromkeys(keys, 1)
        cluster.square = sum(weight * weight for weight in sums)
        return cluster


class Usage:
    """How many stories of late have a word, halving every so often, and the newest of them."""

    __slots__ = ("count", "day", "stories")

    def __init__(self, count: float = 0.0, day: int = 0, stories: array[int] | None = None) -> None:
        self.count = count
        self.day = day
        self.stories = array("I") if stories is None else stories

    def pack(self) -> bytes:
        """Return the usage as bytes."""
        return USAGE.pack(self.count, self.day) + self.stories.tobytes()

    @staticmethod
    def unpack(data: bytes) -> Usage:
        """Return the usage that `pack` made bytes of."""
        count, day = USAGE.unpack_from(data)
        stories = array("I")
        stories.frombytes(data[USAGE.size :])
        return Usage(count, day, stories)
