"""Four usual ways of grouping entries, small and honest, beside feedhub's; their settings suit the dev sets."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING

from feedhub.normalize.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedhub.stories.telling import Telling

LEAD = 400
BITS, DISTANCE, PIECES = 64, 14, 15
HASHES, ROWS, ALIKE = 64, 2, 0.3
PRIME = (1 << 61) - 1
NEAR, HALF_LIFE, GONE = 0.16, 48 * 3600, 96 * 3600


def exact_title(tellings: Sequence[Telling]) -> list[str]:
    """Group entries whose titles have the same words."""
    return [" ".join(tokens(telling.title)) for telling in tellings]


def hashed(word: str) -> int:
    """Return 61 well-mixed bits of a word."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def read(telling: Telling) -> list[str]:
    """Return the words of title and lead."""
    return tokens(f"{telling.title} {telling.text[:LEAD]}")


def simhash(tellings: Sequence[Telling]) -> list[int]:
    """Join each entry to the first whose 64-bit SimHash of its words is at most 14 bits away."""
    groups: list[int] = []
    prints: list[int] = []
    tables: dict[tuple[int, int], list[int]] = defaultdict(list)
    width = BITS // PIECES + 1
    for number, telling in enumerate(tellings):
        sums = [0] * BITS
        for value in map(hashed, read(telling)):
            for bit in range(BITS):
                sums[bit] += 1 if value >> bit & 1 else -1
        own = sum(1 << bit for bit in range(BITS) if sums[bit] > 0)
        pieces = [(piece, own >> piece * width & (1 << width) - 1) for piece in range(PIECES)]
        # With more pieces than bits that may differ, at least one piece is the same.
        near = {other for piece in pieces for other in tables[piece]}
        first = min((other for other in near if (own ^ prints[other]).bit_count() <= DISTANCE), default=None)
        groups.append(number if first is None else groups[first])
        prints.append(own)
        for piece in pieces:
            tables[piece].append(number)
    return groups


def minhash(tellings: Sequence[Telling]) -> list[int]:
    """Link entries that share a band of their MinHashes and, by these, at least 0.3 of their words."""
    factors = [(hashed(f"a{place}") % PRIME, hashed(f"b{place}") % PRIME) for place in range(HASHES)]
    parents = list(range(len(tellings)))
    tables: dict[tuple[int, tuple[int, ...]], int] = {}
    sketches: list[list[int]] = []

    def root(place: int) -> int:
        while parents[place] != place:
            place = parents[place]
        return place

    for number, telling in enumerate(tellings):
        values = [hashed(word) for word in set(read(telling))] or [0]
        sketch = [min((a * value + b) % PRIME for value in values) for a, b in factors]
        sketches.append(sketch)
        for band in range(0, HASHES, ROWS):
            key = (band, tuple(sketch[band : band + ROWS]))
            other = tables.setdefault(key, number)
            if other != number and sum(map(int.__eq__, sketch, sketches[other])) >= ALIKE * HASHES:
                one, two = sorted((root(number), root(other)))
                parents[two] = one
    return [root(number) for number in range(len(tellings))]


class Centroid:
    """The mean of the entries of a group."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.sums: Counter[str] = Counter()
        self.norm = 0.0
        self.last = 0

    def add(self, vector: dict[str, float], now: int) -> None:
        """Take in an entry."""
        for word, weight in vector.items():
            self.sums[word] += weight
        self.norm = math.sqrt(sum(weight * weight for weight in self.sums.values()))
        self.last = now


def centroid(tellings: Sequence[Telling]) -> list[int]:
    """Join each entry to the group with the nearest centroid of TF-IDF vectors, nearness halving every 48 hours."""
    seen: Counter[str] = Counter()
    index: dict[str, list[Centroid]] = defaultdict(list)
    groups = []
    for number, telling in enumerate(tellings):
        counts = Counter(read(telling))
        raw = {word: (1 + math.log(n)) * math.log(1 + (number + 1) / (1 + seen[word])) for word, n in counts.items()}
        norm = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        vector = {word: weight / norm for word, weight in raw.items()}
        seen.update(counts.keys())
        best = nearest(vector, index, telling.arrived) or Centroid(number)
        for word in vector:
            if word not in best.sums:
                index[word].append(best)
        best.add(vector, telling.arrived)
        groups.append(best.number)
    return groups


def nearest(vector: dict[str, float], index: dict[str, list[Centroid]], now: int) -> Centroid | None:
    """Return the centroid most like a vector, if it is like it at all."""
    telling = sorted(vector, key=lambda word: -vector[word])[:10]
    found: Iterable[Centroid] = {group.number: group for word in telling for group in index[word]}.values()
    best, most = None, NEAR
    for group in found:
        age = now - group.last
        if age <= GONE:
            likeness = sum(weight * group.sums[word] for word, weight in vector.items() if word in group.sums)
            likeness *= 0.5 ** (age / HALF_LIFE) / group.norm
            if likeness > most:
                best, most = group, likeness
    return best
