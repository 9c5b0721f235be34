"""Evidence that an entry belongs to a story, or that two stories are one, and what it adds up to.

Both sums are logistic regressions over a few measures, fitted to whether clusters of labelled news streams were about
the same happening. Measures of an entry against a cluster:

======== ======================================================================================
rel      similarity to the average entry of the cluster, against how similar its entries are
covered  share of what the entry says that the cluster says too
shared   rarity of all words shared
top      rarity of the most telling word shared, and ``second`` of the next
usual    share of the cluster's entries that have the most telling word
tight    how similar the cluster's entries are among themselves
size     of the cluster
gap      days since its last entry
length   words of the title
======== ======================================================================================
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from feedhub.stories.clusters import Cluster
    from feedhub.stories.words import Term

__all__ = ["JOIN", "MERGE", "entry_evidence", "merge_evidence", "score"]

UNIT = 4096
DAY, HOUR = 86400, 3600
# Words in a smaller share of a story's entries are not its core.
CORE_SHARE = 0.25

#       rel, covered, shared, top, second, usual, tight, size, gap, length, constant
JOIN = (2.23, 3.22, -0.98, 7.13, 1.45, -5.09, 4.18, -0.22, -1.13, -0.25, -0.23, 0.66)
#        covered, cosine, average, fewer, more, top, second, gap, tight, uneven, age, constant
MERGE = (0.57, 2.83, -0.26, -0.59, 0.17, -4.89, -2.45, 0.0, 2.39, 0.11, 4.58, 2.65, -0.43, -0.58, 3.26)


def score(coefficients: Sequence[float], measures: Sequence[float]) -> float:
    """Return the logarithm of the odds; the last coefficient is the constant."""
    return math.fsum(map(mul, coefficients, measures)) + coefficients[-1]


def entry_evidence(
    found: Sequence[Term], weights: Mapping[int, int], cluster: Cluster, now: int, length: int
) -> tuple[float, ...]:
    """Return the measures of an entry against a cluster."""
    sums, counts, size = cluster.sums, cluster.counts, cluster.size
    dot = 0
    covered = shared = top = second = core = 0.0
    for term in found:
        total = sums.get(term.key)
        if total is None:
            continue
        weight = weights.get(term.key, 0)
        dot += weight * total
        share = counts[term.key] / size
        root = math.sqrt(share)
        covered += weight * weight * root
        if not term.pair:
            telling = term.rarity * root
            shared += telling * term.place
            core = max(core, term.rarity * share)
            if telling > top:
                top, second = telling, top
            elif telling > second:
                second = telling
    tight = cluster.square / (size * size) or 1.0
    return (
        math.log(dot / size / tight + 0.02),
        covered / (UNIT * UNIT),
        math.log1p(shared),
        top / 10,
        second / 10,
        core / 10,
        math.sqrt(tight) / UNIT,
        math.log(size),
        max(0, now - cluster.last) / DAY,
        math.log1p(max(0, now - cluster.last) / HOUR),
        length / 10,
    )


def merge_evidence(one: Cluster, other: Cluster, rarity: Callable[[int], float]) -> tuple[float, ...]:
    """Return the measures of two clusters; ``rarity`` is asked only for terms that both have, and 0 for pairs."""
    small, large = sorted((one, other), key=lambda cluster: (len(cluster.sums), cluster.number))
    fewer, more = sorted((one, other), key=lambda cluster: (cluster.size, cluster.number))
    dot = 0
    covered = top = second = 0.0
    for key, weight in small.sums.items():
        total = large.sums.get(key)
        if total is None:
            continue
        dot += weight * total
        covered += fewer.sums[key] ** 2 * math.sqrt(more.counts[key] / more.size)
        telling = math.sqrt(small.counts[key] * large.counts[key] / (small.size * large.size)) * rarity(key)
        if telling > top:
            top, second = telling, top
        elif telling > second:
            second = telling
    roots = math.sqrt(one.square) / one.size, math.sqrt(other.square) / other.size
    core, beside = _core(one, other, rarity)
    together = math.sqrt(one.square + other.square + 2 * dot) / (one.size + other.size)
    return (
        math.log(covered / (fewer.square or 1) + 0.05),
        math.log(dot / (math.sqrt(one.square * other.square) or 1.0) + 0.02),
        math.log(dot / (UNIT * UNIT * one.size * other.size) + 0.005),
        math.log(fewer.size),
        math.log(more.size),
        top / 10,
        second / 10,
        abs(one.last - other.last) / DAY,
        core / 10,
        beside / 10,
        together / UNIT,
        abs(roots[0] - roots[1]) / UNIT,
        math.log1p(max(0, max(one.first, other.first) - min(one.last, other.last)) / HOUR),
        min(4.0, (max(one.last, other.last) - min(one.first, other.first)) / DAY),
    )


def _core(one: Cluster, other: Cluster, rarity: Callable[[int], float]) -> tuple[float, float]:
    """Return how much two clusters together have words of their own: the rarity of words times the share having them.

    What grew by words that anything may be about has none, however alike its entries are.
    """
    size = one.size + other.size
    best = second = 0.0
    for key in one.counts | other.counts:
        both = one.counts.get(key, 0) + other.counts.get(key, 0)
        if both < CORE_SHARE * size:
            continue
        telling = rarity(key) * both / size
        if telling > best:
            best, second = telling, best
        elif telling > second:
            second = telling
    return best, second
