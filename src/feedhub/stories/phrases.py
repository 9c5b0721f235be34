"""What untagged stories are about: the phrases that many of them share and that the others seldom use."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.normalize.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Phrase", "Told", "key_phrases"]

# What a story is about stands in its title and at the beginning of its text.
LEAD_WORDS = 40
LONGEST = 3
# Words in as many stories are those that every text needs.
COMMON_SHARE = 0.08
COMMON_LEAST = 8
# Shorter words begin or end no phrase, unless they are written in capitals.
SHORT = 3
CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]{1,4}\b")
SPACED = re.compile(r"[0-9a-z\u00aa-\u02af\u0370-\u052f]+")
# A phrase that stands nearly always within a longer one is that one.
SAME_SHARE = 0.7
EXAMPLES = 3
# What stories are about stands in their titles; a phrase that only texts have counts as much less.
IN_TEXT = 0.05


class Told(Struct, frozen=True, kw_only=True):
    """A story as phrases are sought in it: ``text`` is its summary or content in words, as `Subject.folded` has it."""

    title: str
    text: str
    source_id: str
    tagged: bool


class Phrase(Struct, frozen=True, kw_only=True):
    """A phrase with how many untagged and tagged stories use it, and titles of the first untagged ones.

    ``sources`` is how many sources the untagged stories come from.
    """

    phrase: str
    stories: int
    tagged: int
    sources: int
    examples: tuple[str, ...]


def key_phrases(stories: Sequence[Told], *, limit: int = 20, least: int = 3) -> list[Phrase]:
    """Return the phrases that tell most of the untagged among ``stories``, the strongest first.

    A phrase stands in at least ``least`` untagged stories. Those that other phrases say as well are left out.
    """
    texts = [_beginnings(story) for story in stories]
    spread = Counter(word for text in texts for word in {word for part in text for word in part})
    usual = max(COMMON_LEAST, COMMON_SHARE * len(stories))
    capitals = {name.lower() for story in stories for name in _acronyms(story.title)}
    edges = {
        word for word, count in spread.items() if least <= count <= usual and (_is_telling(word) or word in capitals)
    }
    where: dict[str, list[int]] = {}
    tagged: Counter[str] = Counter()
    titled: Counter[str] = Counter()
    for number, (story, text) in enumerate(zip(stories, texts, strict=True)):
        for phrase in dict.fromkeys(_phrases(text, edges, spread, least)):
            if story.tagged:
                tagged[phrase] += 1
            else:
                where.setdefault(phrase, []).append(number)
        if not story.tagged:
            titled.update(set(_phrases(text[:1], edges, spread, least)))
    counted = {phrase: len(numbers) for phrase, numbers in where.items() if len(numbers) >= least}
    ranked = sorted(
        (-_strength(phrase, count, tagged[phrase], len(stories)) * (IN_TEXT + titled[phrase] / count), phrase)
        for phrase, count in counted.items()
    )
    chosen = _distinct([phrase for _, phrase in ranked], where, limit)
    return [_described(phrase, [stories[number] for number in where[phrase]], tagged[phrase]) for phrase in chosen]


def _beginnings(story: Told) -> tuple[list[str], list[str]]:
    return tokens(story.title), story.text.split(maxsplit=LEAD_WORDS)[:LEAD_WORDS]


def _acronyms(title: str) -> list[str]:
    """Return what a title writes in capitals; where that is most of it, capitals say nothing."""
    found = CAPITALS.findall(title)
    return found if 2 * len(found) <= len(title.split()) and title.upper() != title else []


def _is_telling(word: str) -> bool:
    """Tell whether a word may begin or end a phrase; pairs of characters of unspaced scripts are words, too."""
    return not word[0].isdigit() and (len(word) > SHORT or not SPACED.fullmatch(word))


def _phrases(text: Iterable[list[str]], edges: set[str], spread: Counter[str], least: int) -> Iterator[str]:
    for words in text:
        for first, word in enumerate(words):
            if word not in edges:
                continue
            yield word
            for last in range(first + 1, min(first + LONGEST, len(words))):
                if spread[words[last]] < least:
                    break
                if words[last] in edges:
                    yield " ".join(words[first : last + 1])


def _strength(phrase: str, untagged: int, tagged: int, stories: int) -> float:
    """Return how much a phrase tells: more where it is longer, and less where tagged stories use it as well."""
    rarity = log2(1 + stories / (untagged + tagged))
    return untagged * untagged / (untagged + tagged) * rarity * (1 + 0.5 * phrase.count(" "))


def _distinct(ranked: Sequence[str], where: dict[str, list[int]], limit: int) -> list[str]:
    chosen: list[str] = []
    for phrase in ranked:
        numbers = set(where[phrase])
        if not any(
            _overlap(phrase, other) and len(numbers.intersection(where[other])) >= SAME_SHARE * len(numbers)
            for other in chosen
        ):
            chosen.append(phrase)
        if len(chosen) == limit:
            break
    return chosen


def _overlap(one: str, other: str) -> bool:
    return not set(one.split()).isdisjoint(other.split())


def _described(phrase: str, stories: Sequence[Told], tagged: int) -> Phrase:
    titles = dict.fromkeys(story.title for story in stories if story.title)
    return Phrase(
        phrase=phrase,
        stories=len(stories),
        tagged=tagged,
        sources=len({story.source_id for story in stories}),
        examples=tuple(titles)[:EXAMPLES],
    )
