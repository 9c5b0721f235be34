"""Evidence that an entry belongs to a story, or that two stories are one, and what it adds up to.

Both sums are logistic regressions over a few measures, fitted by ``bench/fit_stories.py`` on labelled news streams to
whether most of a story tells the same happening; then both constants were lowered, the first by 0.8 and the threshold
of the second kept above even odds, for a story missed is better than news hidden. Measures of an entry against a story:

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
between    how similar the entries of one are to those of the other, against how similar either's are to each other
odds       of the entry that came between them to belong to the one that it fits less
uneven     how much tighter one is than the other
apart      hours between the end of one and the beginning of the other
shared     number of words that both have
========== ====================================================================================

Sizes, the most telling words and the ages of stories were tried for two stories, too: on sets that the weights were not
fitted on they do harm.
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
JOIN = (3.43, 0.18, -1.38, 10.8, 2.7, -6.36, 3.72, -0.39, -1.11, -0.36, -0.03, 0.05, 1.55)
MERGE = (1.73, 0.6, 2.23, -0.44, -0.39, 2.32)


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
    )


def _within(cluster: Cluster) -> float:
    """Return the mean similarity of two different entries of a cluster, or a usual one where there is one entry."""
    if cluster.size == 1:
        return USUAL
    return max(LEAST, (cluster.square / (UNIT * UNIT) - cluster.size) / (cluster.size * (cluster.size - 1)))


def _late(seconds: int) -> float:
    """Return the days beyond the first that a story has been told for, at most three."""
    return min(3.0, max(0.0, seconds / DAY - 1))
