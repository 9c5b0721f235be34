"""Learned tags: a linear model applied to the words of an entry, in plain Python; and the file it is kept in.

The model is data: a table of words, each with its weight for some of the tags. `feedhub.stories.training` makes it.
"""

from __future__ import annotations

import struct
from collections import Counter
from hashlib import blake2b
from math import isfinite, log, sqrt
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from feedhub.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feedhub.stories.tags import Subject

__all__ = ["MAX_BYTES", "Example", "Learned", "LearnedTag", "Model", "features", "frequency", "pack", "unpack"]

MAGIC = b"feedhub model"
VERSION = 1
# A model of ten thousand stories with a hundred tags takes one of them.
MAX_BYTES = 64 * 1024 * 1024
MAX_TAGS = 10_000
# Longer texts say what they are about within as many words.
MAX_WORDS = 5000
SHOWN_WORDS = 5
IN_TITLE = "t:"
NUMBER = "#"
IDF = struct.Struct("<f")
WEIGHT = struct.Struct("<Hf")


class Example(Struct, frozen=True, kw_only=True):
    """A story to learn from: its features, as `features` gives them, and its tags, or none."""

    features: dict[str, int]
    tags: frozenset[str]


class LearnedTag(Struct, frozen=True, kw_only=True):
    """A tag that a model gives, where its score exceeds ``threshold``; how well it did, as `training` measured it."""

    name: str
    bias: float
    threshold: float
    precision: float
    recall: float
    support: int


class Model(Struct, frozen=True, kw_only=True):
    """What was learned.

    ``words`` has for each feature its inverse document frequency as a little-endian float32, followed by pairs of a
    tag's number (uint16) and its weight (float32). ``unknown`` is the inverse document frequency of all other features.
    """

    tags: tuple[LearnedTag, ...]
    unknown: float
    words: dict[str, bytes]


def features(subject: Subject) -> Counter[str]:
    """Return how often each feature stands in an entry: its words, and once more those of its title.

    Numbers count by their shape: prices and dates differ each time, and that there are some is what tells.
    """
    folded = subject.folded
    title = folded["title"].split()
    body = (folded["content"] or folded["summary"]).split(maxsplit=MAX_WORDS)[:MAX_WORDS]
    found: Counter[str] = Counter()
    for word, count in Counter(title + body).items():
        found[_shape(word) if word[0].isdigit() else word] += count
    for word in title:
        found[IN_TITLE + (_shape(word) if word[0].isdigit() else word)] += 1
    return found


def _shape(number: str) -> str:
    return NUMBER + "".join("0" if char.isdigit() else char for char in number[:4])


def frequency(count: int) -> float:
    """Return what a feature that stands ``count`` times in an entry weighs: the tenth time says less than the first."""
    return 1.0 + log(count)


class Learned:
    """A model ready to be applied; ``digest`` names its contents."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.digest = blake2b(msgspec.msgpack.encode(model, order="sorted"), digest_size=12).hexdigest()
        self.biases = [tag.bias for tag in model.tags]
        self.thresholds = [tag.threshold for tag in model.tags]

    def scores(self, subject: Subject) -> list[float]:
        """Return the score of each of the model's tags for an entry."""
        return self._scores(self._weighed(features(subject)))

    def tags(self, subject: Subject) -> Iterator[tuple[str, Reason]]:
        """Yield the tags whose score exceeds their threshold, with the words that speak most for each."""
        weighed = self._weighed(features(subject))
        scores = self._scores(weighed)
        for number, (score, threshold) in enumerate(zip(scores, self.thresholds, strict=True)):
            # Of an entry without a word that speaks for it, nothing can be said, whatever the score is.
            if score > threshold and (strongest := self._strongest(weighed, number)):
                words = tuple(map(_readable, strongest))
                reason = Reason(rule="learned", words=words, score=round(score, 3), threshold=round(threshold, 3))
                yield self.model.tags[number].name, reason

    def _weighed(self, found: Mapping[str, int]) -> dict[str, float]:
        """Return the features that the model knows, weighed; with the others they are a vector of length 1.

        Unknown features count, so that an entry about something else gets small scores whatever else it says.
        """
        words, unknown = self.model.words, self.model.unknown
        weighed = {}
        total = 0.0
        for word, count in found.items():
            packed = words.get(word)
            weight = frequency(count) * (unknown if packed is None else IDF.unpack_from(packed)[0])
            total += weight * weight
            if packed is not None:
                weighed[word] = weight
        norm = sqrt(total) or 1.0
        return {word: weight / norm for word, weight in weighed.items()}

    def _scores(self, weighed: Mapping[str, float]) -> list[float]:
        scores = self.biases.copy()
        words, pairs = self.model.words, WEIGHT.iter_unpack
        for word, share in weighed.items():
            for number, weight in pairs(memoryview(words[word])[IDF.size :]):
                scores[number] += share * weight
        return scores

    def _strongest(self, weighed: Mapping[str, float], number: int) -> list[str]:
        """Return the features that add most to the score of a tag."""
        parts = [
            (-share * weight, word)
            for word, share in weighed.items()
            for each, weight in WEIGHT.iter_unpack(memoryview(self.model.words[word])[IDF.size :])
            if each == number and weight > 0
        ]
        return [word for _, word in sorted(parts)[:SHOWN_WORDS]]


def _readable(feature: str) -> str:
    if feature.startswith(IN_TITLE):
        return f"{_readable(feature.removeprefix(IN_TITLE))} (title)"
    return f"numbers like {feature.removeprefix(NUMBER)}" if feature.startswith(NUMBER) else feature


def pack(model: Model) -> bytes:
    """Return the file of a model: a line with version and checksum, and the model in MessagePack."""
    body = msgspec.msgpack.encode(model, order="sorted")
    return b"%s %d %s\n" % (MAGIC, VERSION, _checksum(body)) + body


def unpack(data: bytes) -> Model:
    """Return the model of a file; ValueError says what is wrong with it."""
    head, _, body = data.partition(b"\n")
    if len(data) > MAX_BYTES:
        raise ValueError(f"is larger than {MAX_BYTES} bytes")
    if not head.startswith(MAGIC + b" "):
        raise ValueError("is no model that `feedhub tags train` wrote")
    version, _, checksum = head.removeprefix(MAGIC + b" ").partition(b" ")
    if version != b"%d" % VERSION:
        said = version.decode("ascii", "replace")[:20]
        raise ValueError(f"is a model of version {said}, and this feedhub reads version {VERSION}: train it again")
    if checksum != _checksum(body):
        raise ValueError("is damaged: its checksum is another")
    try:
        model = msgspec.msgpack.decode(body, type=Model)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"is damaged: {error}") from None
    if len(model.tags) > MAX_TAGS or not all(map(isfinite, _figures(model))):
        raise ValueError("is damaged: its tags are not what a model has")
    if not all(_is_sound(packed, len(model.tags)) for packed in model.words.values()):
        raise ValueError("is damaged: its weights are not what a model has")
    return model


def _figures(model: Model) -> Iterator[float]:
    yield model.unknown
    for tag in model.tags:
        yield from (tag.bias, tag.threshold)


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).hexdigest().encode()


def _is_sound(packed: bytes, tags: int) -> bool:
    if len(packed) < IDF.size or (len(packed) - IDF.size) % WEIGHT.size or not isfinite(IDF.unpack_from(packed)[0]):
        return False
    return all(number < tags and isfinite(weight) for number, weight in WEIGHT.iter_unpack(packed[IDF.size :]))
