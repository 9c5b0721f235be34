"""Evidence that an entry belongs to a story, or that two stories are one, and what it adds up to.

Both sums are logistic regressions over a few measures, fitted on labelled news streams to whether the majority of a
cluster's entries tell the same happening; the weights of gaps and ages were then raised, for a story missed is better
than news hidden. Measures of an entry against a story:

========== ====================================================================================
rel        how similar it is to the story's entries, against how similar these are to each other
covered    share of what the entry says that the story says too
shared     rarity of all shared words together
top        rarity of the most telling shared word, weighed by how usual it is in the story
second     the same of the next
core       rarity of a shared word times the share of the story's entries that have it
tight      how similar the story's entries are to each other
size       of the story
gap, pause days since its last entry, and the logarithm of the hours
late       days beyond the first that it has been told for
length     words of the headline
========== ====================================================================================

Measures of two stories against each other:

========== ====================================================================================
covered    share of what the smaller one says that the larger one says too
cosine     similarity of what they say
average    mean similarity of an entry of one and an entry of the other
fewer      size of the smaller, and ``more`` of the larger
top        rarity of the most telling shared word, weighed by how usual it is in both
second     the same of the next
core       as above, for the story that they would be together
tight      as above, for the story that they would be together
uneven     how much tighter one is than the other
apart      hours between the end of one and the beginning of the other
late       as above, for the story that they would be together
========== ====================================================================================
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING

from feedhub.stories.words import PAIR_BIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedhub.stories.clusters import Cluster
    from feedhub.stories.words import Term

__all__ = ["JOIN", "MERGE", "entry_evidence", "merge_evidence", "score"]

UNIT = 4096
DAY, HOUR = 86400, 3600
# How similar two entries of a story usually are, for a story of one; and the least that is believed of any other.
USUAL, LEAST = 0.3, 0.02
# The places of ``top`` and ``second`` among the measures of an entry, and what makes a shared word telling. However
# much of a headline is shared, common words prove nothing; and before a story has so many entries, nor does one word.
TOP, SECOND = 3, 4
TELLING = 0.38
YOUNG = 3

# In the order of the tables; the constant comes last.
JOIN = (2.28, 3.49, -0.97, 4.6, 1.33, -3.36, 3.87, -0.25, -1.5, -0.36, -0.5, -0.18, 1.48)
MERGE = (1.963, 0.576, 2.476, -0.446, -0.487, 0.0, 0.0, 0.0, 2.442)


def score(coefficients: Sequence[float], measures: Sequence[float]) -> float:
    """Return the logarithm of the odds; the last coefficient is the constant."""
    return math.fsum(map(mul, coefficients, measures)) + coefficients[-1]


def telling(measures: Sequence[float], size: int) -> bool:
    """Tell whether an entry shares words telling enough with a story of so many entries to be thought of at all."""
    return measures[TOP] >= TELLING and (size >= YOUNG or measures[SECOND] >= TELLING)


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
            weighty = term.rarity * root
            shared += weighty * term.place
            own = term.rarity * share
            if own > core:  # noqa: PLR1730 - calling max() here costs more than all the rest of the line
                core = own
            if weighty > top:
                top, second = weighty, top
            elif weighty > second:
                second = weighty
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
        _late(now - cluster.first),
        length / 10,
    )


def merge_evidence(one: Cluster, other: Cluster, odds: float) -> tuple[float, ...]:
    """Return the measures of two clusters; ``odds`` are the lower of those that the entry between them had."""
    small, large = sorted((one, other), key=lambda cluster: (len(cluster.sums), cluster.number))
    dot = shared = 0
    for key, weight in small.sums.items():
        total = large.sums.get(key)
        if total is not None:
            dot += weight * total
            shared += not key & PAIR_BIT
    between = dot / (UNIT * UNIT * one.size * other.size)
    within = math.sqrt(_within(one) * _within(other))
    return (
        math.log(between / within + 0.05),
        odds,
        abs(math.sqrt(one.square) / one.size - math.sqrt(other.square) / other.size) / UNIT,
        math.log1p(max(0, max(one.first, other.first) - min(one.last, other.last)) / HOUR),
        math.log1p(shared),
        math.log(min(one.size, other.size)),
        math.log(max(one.size, other.size)),
        _late(max(one.last, other.last) - min(one.first, other.first)),
    )


def _within(cluster: Cluster) -> float:
    """Return the mean similarity of two different entries of a cluster, or a usual one where there is one entry."""
    if cluster.size == 1:
        return USUAL
    return max(LEAST, (cluster.square / (UNIT * UNIT) - cluster.size) / (cluster.size * (cluster.size - 1)))


def _late(seconds: int) -> float:
    """Return the days beyond the first that a story has been told for, at most three."""
    return min(3.0, max(0.0, seconds / DAY - 1))
