"""Evidence that an entry belongs to a story, or that two stories are one, and what it adds up to.

Both sums are logistic regressions over a few measures, fitted by ``bench/fit_stories.py`` on labelled news streams to
whether most of a story tells the same happening; then both constants were lowered, for a story missed is better than
news hidden. Measures of an entry against a story:

========== ====================================================================================
alike      how similar the entry is to the story's entries
close      how similar these are to each other: where they are alike, as much is asked of the entry
seen       number of stories known in the language: words of which many stories were seen prove more when they are rare
pause      hours since the story's last entry, no more than a day
late       days beyond the first that it has been told for
========== ====================================================================================

Measures of two stories against each other:

========== ====================================================================================
alike      how similar the entries of one are to those of the other, against how similar either's are to each other
odds       of the entry that came between them to belong to the one that it fits less
small      entries of the smaller one: what was told apart for long is rather apart
large      entries of the larger one: what all tell of draws its first headlines together
close      how similar the entries of either are to each other
apart      hours between the end of one and the beginning of the other
========== ====================================================================================

More was tried: what share of either the other one says, how rare the shared words are and how usual in the story, the
story's size and the headline's length, how often two stories were thought of together. On the streams that it was
fitted to some of this helps, and on others it does harm.
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedhub.stories.clusters import Cluster
    from feedhub.stories.words import Term

__all__ = ["JOIN", "MERGE", "TELLING", "YOUNG", "entry_evidence", "merge_evidence", "score"]

UNIT = 4096
DAY, HOUR = 86400, 3600
# How similar two entries of a story usually are, which counts as one pair of them; and the least that is believed.
USUAL, LEAST = 0.3, 0.02
# Numbers of stories seen that make no difference to the fewest and to the most that weights were fitted with.
FEW, ENOUGH = 100, 500
# What makes a shared word telling. However much of a headline is shared, common words prove nothing; and before a story
# has so many entries, nor does one word.
TELLING = 3.8
YOUNG = 3

# In the order of the tables; the constant comes last.
JOIN = (3.11, -1.3, 1.27, -0.62, -1.1, -2.8)
MERGE = (1.47, 0.55, -0.47, 0.44, -0.64, -0.23, 0.55)


def score(coefficients: Sequence[float], measures: Sequence[float]) -> float:
    """Return the logarithm of the odds; the last coefficient is the constant."""
    return math.fsum(map(mul, coefficients, measures)) + coefficients[-1]


def entry_evidence(
    found: Sequence[Term], weights: Mapping[int, int], cluster: Cluster, now: int, seen: float
) -> tuple[float, ...] | None:
    """Return the measures of an entry against a cluster, None where they share too few telling words.

    ``seen`` is the number of stories by which it was told how rare words are.
    """
    sums, counts, size = cluster.sums, cluster.counts, cluster.size
    dot = 0
    top = second = 0.0
    for term in found:
        total = sums.get(term.key)
        if total is None:
            continue
        dot += weights.get(term.key, 0) * total
        if not term.pair:
            weighty = term.rarity * math.sqrt(counts[term.key] / size)
            if weighty > top:
                top, second = weighty, top
            elif weighty > second:
                second = weighty
    if top < TELLING or (size < YOUNG and second < TELLING):
        return None
    return (
        math.log(dot / (UNIT * UNIT * size) + 0.01),
        math.log(_close(cluster)),
        math.log(min(seen, ENOUGH) + FEW),
        math.log1p(min(DAY, max(0, now - cluster.last)) / HOUR),
        min(3.0, max(0.0, (now - cluster.first) / DAY - 1)),
    )


def merge_evidence(one: Cluster, other: Cluster, odds: float) -> tuple[float, ...]:
    """Return the measures of two clusters; ``odds`` are the lower of those that the entry between them had."""
    fewer, more = sorted((one, other), key=lambda cluster: (len(cluster.sums), cluster.number))
    sums = more.sums
    dot = sum(weight * sums[key] for key, weight in fewer.sums.items() if key in sums)
    between = dot / (UNIT * UNIT * one.size * other.size)
    within = math.sqrt(_close(one) * _close(other))
    return (
        math.log(between / within + 0.05),
        odds,
        math.log(min(one.size, other.size)),
        math.log(max(one.size, other.size)),
        math.log(within),
        math.log1p(max(0, max(one.first, other.first) - min(one.last, other.last)) / HOUR),
    )


def _close(cluster: Cluster) -> float:
    """Return how similar two different entries of a cluster are, or may be expected to be where there are few."""
    size = cluster.size
    pairs = size * (size - 1) / 2
    similar = (cluster.square / (UNIT * UNIT) - size) / 2
    return max(LEAST, (similar + USUAL) / (pairs + 1))
