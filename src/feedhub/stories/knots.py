"""Knots: sets of entries outside of which nothing has to do with the stories of those within.

Entries that share an address, a text or an id, or that were found or said to belong together, are tied into one knot,
whether that makes one story of them or not. So the stories of a knot can be told without all others, and come out as if
all had been told at once. Ties are never undone: a knot that is larger than it need be is told in vain, and right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from feedhub.stories.duplicates import public_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feedhub.model import Member
    from feedhub.stories.telling import Decision

__all__ = ["edges", "knotted", "ties"]


# What entries may have in common; no tie of one kind equals one of another.
URL, TEXT, ID = (kind << 32 for kind in range(3))


def ties(member: Member) -> list[int]:
    """Return numbers below 2^34 that are equal for entries with something in common that stories are told by.

    Two that are equal by chance make a knot larger, and so does whoever makes them equal on purpose, who could as well
    name the other's address: check sums are enough.
    """
    found = [ID | crc32(one.encode(errors="surrogatepass")) for one in public_ids(member)]
    if member.url_key:
        found.append(URL | crc32(member.url_key.encode(errors="surrogatepass")))
    if member.text_key:
        found.append(TEXT | crc32(member.text_key.encode(errors="surrogatepass")))
    return found


def edges(decisions: Iterable[Decision]) -> Iterator[tuple[int, int]]:
    """Yield pairs of entries, by their numbers, that belong into one knot because of what the folds found."""
    for decision in decisions:
        yield decision.number, decision.other
        yield decision.number, decision.story


def knotted(pairs: Iterable[tuple[int, int]], known: Mapping[int, int]) -> dict[int, int]:
    """Return the new knot of every number in ``pairs`` and of every knot that one of them was in.

    Each pair is tied. ``known`` are the knots that numbers are in so far; one that is in none is a knot by itself. A
    knot goes by the least number of those that went into it.
    """
    parents: dict[int, int] = {}

    def root(knot: int) -> int:
        if parents.setdefault(knot, knot) == knot:
            return knot
        while parents[knot] != knot:
            parents[knot] = parents[parents[knot]]
            knot = parents[knot]
        return knot

    numbers: set[int] = set()
    for first, second in pairs:
        numbers.add(first)
        numbers.add(second)
        one, other = root(known.get(first, first)), root(known.get(second, second))
        if one < other:
            parents[other] = one
        elif other < one:
            parents[one] = other
    return {knot: root(knot) for knot in list(parents)} | {n: root(known.get(n, n)) for n in numbers}
