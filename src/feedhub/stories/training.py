"""Learns tags from entries that have them: a linear support vector machine for each tag over weighed words.

Each tag's threshold is chosen on stories that its machine has not seen (cross-validation), and so are the figures that
say how good it is. The extra ``feedhub[learn]`` brings what this module imports; applying a model needs none of it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from feedhub.stories.learned import IDF, WEIGHT, Example, LearnedTag, Model, frequency

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Judged", "Training", "train"]

FOLDS = 5
# A word of one or two stories tells nothing of others.
MIN_STORIES = 3
# Weights below this share of a tag's largest change its scores less than the next story does.
MIN_WEIGHT = 0.03
# A precision is no figure where fewer than this were found.
MIN_FOUND = 3


class Judged(Struct, frozen=True, kw_only=True):
    """How well a tag can be learned; of one that is not ``kept``, the figures are the best that were found."""

    name: str
    support: int
    precision: float
    recall: float
    kept: bool


class Training(Struct, frozen=True, kw_only=True):
    """What a training gave: the model of the tags kept, and all tags tried, those with most examples first."""

    model: Model
    judged: tuple[Judged, ...]


class _Fitted:
    """A machine's weights, pruned, and its bias."""

    def __init__(self, vectors: Any, wanted: Any) -> None:  # noqa: ANN401 - numpy and scipy come without types here
        machine = LinearSVC(C=1.0, random_state=0).fit(vectors, wanted)
        self.weights = machine.coef_.ravel().astype(np.float32)
        self.weights[np.abs(self.weights) < MIN_WEIGHT * np.abs(self.weights).max()] = 0.0
        self.bias = float(machine.intercept_[0])

    def scores(self, vectors: Any) -> Any:  # noqa: ANN401
        return vectors @ self.weights + self.bias


def train(examples: Sequence[Example], *, precision: float = 0.7, support: int = 5) -> Training:
    """Learn the tags of at least ``support`` examples, and keep those found with at least ``precision`` (0 to 1).

    The threshold of a tag is the one with the best F1 among those with that precision. The order of the examples
    counts: every fifth is in the same fold. ValueError says that there is nothing to learn.
    """
    supports = Counter(tag for example in examples for tag in example.tags)
    names = sorted(name for name, count in supports.items() if support <= count < len(examples))
    words = _vocabulary(examples)
    if not names or not words:
        raise ValueError(f"no tag has {support} stories to learn from")
    rarities = [_rarity(count, len(examples)) for count in words.values()]
    frequencies, unknown = np.array(rarities, np.float32), _rarity(1, len(examples))
    vectors = _vectors(examples, list(words), frequencies, unknown)
    judged: list[Judged] = []
    tags: list[LearnedTag] = []
    fitted: list[_Fitted] = []
    for name in names:
        wanted = np.array([name in example.tags for example in examples])
        scores = _unseen_scores(vectors, wanted)
        threshold, reached, recall = _threshold(scores, wanted, precision)
        kept = threshold is not None
        judged.append(Judged(name=name, support=supports[name], precision=reached, recall=recall, kept=kept))
        if threshold is not None:
            fitted.append(_Fitted(vectors, wanted))
            tags.append(
                LearnedTag(
                    name=name,
                    bias=fitted[-1].bias,
                    threshold=threshold,
                    precision=reached,
                    recall=recall,
                    support=supports[name],
                )
            )
    judged.sort(key=lambda each: (-each.support, each.name))
    packed = _packed(list(words), frequencies, [each.weights for each in fitted])
    model = Model(tags=tuple(tags), unknown=unknown, words=packed)
    return Training(model=model, judged=tuple(judged))


def _rarity(count: int, examples: int) -> float:
    """Return the inverse document frequency of what stands in ``count`` of the examples."""
    return float(np.log((1 + examples) / (1 + count))) + 1.0


def _vocabulary(examples: Iterable[Example]) -> dict[str, int]:
    """Return the features of several examples, sorted, each with how many have it."""
    counts = Counter(word for example in examples for word in example.features)
    return {word: counts[word] for word in sorted(counts) if counts[word] >= MIN_STORIES}


def _vectors(examples: Sequence[Example], words: Sequence[str], frequencies: Any, unknown: float) -> Any:  # noqa: ANN401
    """Return the examples as rows of length 1, as `feedhub.stories.learned.Learned` weighs an entry."""
    places = {word: place for place, word in enumerate(words)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for example in examples:
        known = sorted((places[word], count) for word, count in example.features.items() if word in places)
        weights = np.array([frequency(count) * frequencies[place] for place, count in known])
        others = sum(
            (frequency(count) * unknown) ** 2 for word, count in example.features.items() if word not in places
        )
        columns += (place for place, _ in known)
        values += list(weights / (np.sqrt((weights * weights).sum() + others) or 1.0))
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(examples), len(words)))


def _unseen_scores(vectors: Any, wanted: Any) -> Any:  # noqa: ANN401
    """Return the score of each example by a machine that was made without it."""
    folds = np.arange(len(wanted)) % FOLDS
    scores = np.full(len(wanted), -1.0)
    for fold in range(FOLDS):
        seen = folds != fold
        # A machine needs examples of both kinds; without them nothing can be found.
        if 0 < wanted[seen].sum() < seen.sum():
            scores[~seen] = _Fitted(vectors[seen], wanted[seen]).scores(vectors[~seen])
    return scores


def _threshold(scores: Any, wanted: Any, precision: float) -> tuple[float | None, float, float]:  # noqa: ANN401
    """Return the threshold with the best F1 among those precise enough, and its precision and recall.

    Where none is precise enough, it is None, with the figures of the best F1 of all.
    """
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(wanted[order])
    taken = np.arange(1, len(scores) + 1)
    precisions, recalls = found / taken, found / wanted.sum()
    quality = 2 * found / (taken + wanted.sum())
    ranked = scores[order]
    # No threshold lies between equal scores.
    apart = np.append(ranked[:-1] > ranked[1:], [True])
    allowed = apart & (precisions >= precision) & (found >= min(MIN_FOUND, wanted.sum()))
    place = int(np.argmax(np.where(allowed if allowed.any() else apart, quality, -1.0)))
    reached, recall = float(precisions[place]), float(recalls[place])
    if not allowed.any():
        return None, reached, recall
    below = ranked[place + 1] if place + 1 < len(ranked) else ranked[place] - 1.0
    return float(ranked[place] + below) / 2, reached, recall


def _packed(words: Sequence[str], frequencies: Any, weights: Sequence[Any]) -> dict[str, bytes]:  # noqa: ANN401
    """Return the model's table of words; words that no tag weighs stay, because they lengthen a text."""
    packed = {word: IDF.pack(each) for word, each in zip(words, frequencies, strict=True)}
    for number, column in enumerate(weights):
        for place in np.flatnonzero(column):
            packed[words[int(place)]] += WEIGHT.pack(number, column[place])
    return packed
