"""Fit the weights of the evidence for events on the labelled dev sets, and print them for ``stories/evidence.py``.

    python bench/fit_stories.py [ROUNDS]

Every round tells the dev sets with the weights so far, notes the measures of each pair that had to be decided upon,
an entry and a story or two stories, beside whether most of either are about the same happening, and fits both logistic
regressions to these. Pairs are those that the weights themselves lead to, so a second round sees what the first missed.
Sets count the same however large they are, and of two stories the merge counts by the root of the smaller's size.
"""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from stories import EVENT_SETS, Document, Nothing, cell, read, score

from feedhub.normalize.text import tokens
from feedhub.stories import evidence
from feedhub.stories.events import Events, New
from feedhub.stories.fold import LEAD
from feedhub.stories.words import headline, kicker, language_of, terms

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from feedhub.stories.clusters import Cluster

RIDGE, STEPS = 3.0, 12


class Example(NamedTuple):
    """One pair that was decided upon: its measures, whether it belongs together, and how much it counts."""

    measures: tuple[float, ...]
    together: bool
    weight: float


class Watched(Events):
    """Events that note what they decide upon."""

    def __init__(self, gold: Sequence[Hashable]) -> None:
        super().__init__(Nothing())
        self.gold = gold
        self.members: dict[int, list[int]] = defaultdict(list)
        self.number = 0
        self.joins: list[Example] = []
        self.merges: list[Example] = []

    def story_label(self, story: int) -> Hashable | None:
        """Return what most entries of a story are about, or ``None`` where no happening has the most."""
        labels = Counter(self.gold[member] for member in self.members[story])
        label, most = labels.most_common(1)[0]
        return label if 2 * most > len(self.members[story]) else None

    def odds(self, measures: tuple[float, ...], cluster: Cluster) -> float:
        """Note an entry held against a story."""
        label = self.story_label(cluster.number)
        if label is not None:
            self.joins.append(Example(measures, label == self.gold[self.number], 1.0))
        return super().odds(measures, cluster)

    def odds_together(self, measures: tuple[float, ...], one: Cluster, other: Cluster) -> float:
        """Note two stories held against each other."""
        labels = self.story_label(one.number), self.story_label(other.number)
        if None not in labels:
            weight = math.sqrt(2 / (1 / one.size + 1 / other.size))
            self.merges.append(Example(measures, labels[0] == labels[1], weight))
        return super().odds_together(measures, one, other)

    def _add(self, language: str, cluster: Cluster, weights: Mapping[int, int], now: int) -> None:
        self.members[cluster.number].append(self.number)
        super()._add(language, cluster, weights, now)

    def _unite(self, language: str, older: Cluster, younger: Cluster, now: int) -> None:
        self.members[older.number] += self.members.pop(younger.number)
        super()._unite(language, older, younger, now)

    def tell(self, documents: Sequence[Document]) -> list[int]:
        """Tell a set and return each entry's story."""
        clock = 0
        for number, (telling, _, _) in enumerate(documents):
            self.number, clock = number, max(clock, telling.arrived)
            language, head = language_of(telling.language), headline(telling.title)
            lead, before = tokens(telling.text[:LEAD]), len(tokens(kicker(head)))
            self.place(number, clock, New(language, terms(language, tokens(head), lead, before=before)))
        stories = {member: story for story, members in self.members.items() for member in members}
        return [stories[number] for number in range(len(documents))]


def fit(sets: Sequence[Sequence[Example]]) -> list[float]:
    """Return the weights of a logistic regression over measures, the constant last, by Newton's method."""
    rows = [
        ((*example.measures, 1.0), float(example.together), example.weight / sum(other.weight for other in examples))
        for examples in sets
        for example in examples
    ]
    width = len(rows[0][0])
    scale = len(rows) / len(sets)
    spreads = [spread([row[0][place] for row in rows]) for place in range(width - 1)]
    weights = [0.0] * width
    for _ in range(STEPS):
        # The ridge is on measures of spread 1, and not on the constant.
        ridge = [RIDGE * width_of**2 for width_of in spreads] + [0.0]
        gradient = [-penalty * weight for penalty, weight in zip(ridge, weights, strict=True)]
        curvature = [[ridge[row] if row == column else 0.0 for column in range(width)] for row in range(width)]
        for measures, together, share in rows:
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(map(float.__mul__, weights, measures))))))
            pull, bend = share * scale * (together - chance), share * scale * chance * (1 - chance)
            for row in range(width):
                gradient[row] += pull * measures[row]
                bent, line = bend * measures[row], curvature[row]
                for column in range(row + 1):
                    line[column] += bent * measures[column]
        for row in range(width):
            for column in range(row):
                curvature[column][row] = curvature[row][column]
        weights = [old + step for old, step in zip(weights, solve(curvature, gradient), strict=True)]
    return weights


def spread(values: Sequence[float]) -> float:
    """Return the standard deviation of values."""
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve linear equations by Gaussian elimination."""
    lines = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for place in range(len(lines)):
        pivot = max(range(place, len(lines)), key=lambda row: abs(lines[row][place]))
        lines[place], lines[pivot] = lines[pivot], lines[place]
        for row in range(len(lines)):
            if row != place:
                factor = lines[row][place] / lines[place][place]
                lines[row] = [value - factor * own for value, own in zip(lines[row], lines[place], strict=True)]
    return [line[-1] / line[place] for place, line in enumerate(lines)]


def main() -> None:
    """Fit as many rounds as the command line asks for, 1 as a rule."""
    sets = {name: read(name, "dev") for name in EVENT_SETS}
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        joins, merges = [], []
        for name, documents in sets.items():
            gold = [(document.story, document.telling.language) for document in documents]
            watched = Watched(gold)
            print(name, cell(score(gold, watched.tell(documents))), flush=True)
            joins.append(watched.joins)
            merges.append(watched.merges)
        evidence.JOIN, evidence.MERGE = tuple(fit(joins)), tuple(fit(merges))
        print("JOIN =", tuple(round(weight, 2) for weight in evidence.JOIN))
        print("MERGE =", tuple(round(weight, 2) for weight in evidence.MERGE), flush=True)


if __name__ == "__main__":
    main()
