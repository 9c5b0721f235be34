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
DAY = 86400

#       rel, covered, shared, top, second, usual, tight, size, gap, length, constant
JOIN = (2.4, 3.05, -1.17, 4.33, 2.32, -1.8, 3.61, -0.24, -1.88, -0.18, 1.5)
#        covered, cosine, average, fewer, more, top, second, gap, tight, uneven, age, constant
MERGE = (0.2, 3.0, -1.16, -0.66, 0.13, -1.54, -1.16, -0.8, 4.06, 0.72, -0.57, 1.27)


def score(coefficients: Sequence[float], measures: Sequence[float]) -> float:
    """Return the logarithm of the odds; the last coefficient is the constant."""
    return math.fsum(map(mul, coefficients, measures)) + coefficients[-1]


def entry_evidence(
    found: Sequence[Term], weights: Mapping[int, int], cluster: Cluster, now: int, length: int
) -> tuple[float, ...]:
    """Return the measures of an entry against a cluster."""
    sums, counts, size = cluster.sums, cluster.counts, cluster.size
    dot = 0
    covered = shared = top = second = usual = 0.0
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
            if telling > top:
                top, second, usual = telling, top, share
            elif telling > second:
                second = telling
    tight = cluster.square / (size * size) or 1.0
    return (
        math.log(dot / size / tight + 0.02),
        covered / (UNIT * UNIT),
        math.log1p(shared),
        top / 10,
        second / 10,
        usual,
        math.sqrt(tight) / UNIT,
        math.log(size),
        max(0, now - cluster.last) / DAY,
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
        together / UNIT,
        abs(roots[0] - roots[1]) / UNIT,
        min(4.0, (max(one.last, other.last) - min(one.first, other.first)) / DAY),
    )
