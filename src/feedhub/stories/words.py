"""Words as evidence: the terms of a headline and its lead, and how rare each of them is in its language.

Rarity is counted over stories, not entries, for a hundred headlines about one happening make its words no less telling.
Before a language has been seen much, words count as rare, and those that hold sentences together as common.
"""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

from feedhub.stories.languages import COMMON, LONG_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "PAIR_BIT",
    "Term",
    "common_keys",
    "headline",
    "kicker",
    "language_of",
    "measure_pairs",
    "rarity",
    "term_key",
    "terms",
    "weigh",
]

# How much of a word is compared: the cheapest stemming, and alike for all languages.
STEM = 7
TITLE, KICKER, PAIR, LEAD = 1.0, 0.5, 0.3, 0.8
MAX_TITLE_WORDS, MAX_LEAD_WORDS = 40, 60
# The terms of an entry that count, those that weigh most.
MAX_TERMS = 40
# The weight of what is known before anything was seen, in stories, and the share of them that have a common word or
# any other word.
BACKGROUND, COMMON_SHARE, OTHER_SHARE = 2000.0, 0.05, 0.0005
PAIR_BIT = 1 << 31
# Rare words count more than in proportion.
POWER = 1.3


# What a site adds to a headline: its own name, after a bar or a dash between spaces.
SITE = re.compile(r"(.{25,}?)\s+[|\u2013\u2014-]\s+[^|]{2,40}")
MIN_HEADLINE, MAX_SITE = 4, 5
# What stands before a colon at a headline's beginning: it names the series as often as the subject.
BEFORE = re.compile(r"([^:]{2,40}):\s+(.+)")
MAX_KICKER = 4


class Term:
    """A word or a pair of words of one entry: its key in the index, how much its place weighs, how rare it is.

    ``word`` is what is compared, ``whole`` what an explanation names: the word as it stands in the entry.
    """

    __slots__ = ("common", "key", "pair", "place", "rarity", "whole", "word")

    def __init__(self, word: str, whole: str, key: int, place: float, *, common: bool) -> None:
        self.word = word
        self.whole = whole
        self.key = key
        self.place = place
        self.common = common
        self.pair = bool(key & PAIR_BIT)
        self.rarity = 0.0


def headline(title: str) -> str:
    """Return a title without the names of sites at its end."""
    while (found := SITE.fullmatch(title)) is not None:
        own = found[1]
        if len(own.split()) < MIN_HEADLINE or len(title[len(own) :].split()) > MAX_SITE + 1:
            break
        title = own
    return title


def kicker(head: str) -> str:
    """Return the few words before the colon of a headline, as in *Olympics latest: Abe wins gold in judo*; or ""."""
    found = BEFORE.fullmatch(head)
    if not found or len(found[1].split()) > MAX_KICKER or len(found[2].split()) < MIN_HEADLINE:
        return ""
    return found[1]


def language_of(tag: str) -> str:
    """Return the language of a tag: ``en`` for ``en-GB``, ``eng`` and for nothing."""
    name = tag.partition("-")[0].lower() or "en"
    return LONG_NAMES.get(name, name)


@cache
def common_words(language: str) -> frozenset[str]:
    """Return the stems that say nothing in a language."""
    return frozenset(word[:STEM] for word in COMMON.get(language, "").split())


def term_key(language: str, word: str, *, pair: bool = False) -> int:
    """Return the number a word or a pair of words has in the index; numbers of pairs have the bit `PAIR_BIT`."""
    number = crc32(f"{language}\n{word}".encode())
    return number | PAIR_BIT if pair else number & ~PAIR_BIT


@cache
def common_keys(language: str) -> frozenset[int]:
    """Return the numbers of the words that say nothing in a language."""
    return frozenset(term_key(language, word) for word in common_words(language))


def terms(language: str, title: Sequence[str], lead: Sequence[str], *, before: int = 0) -> list[Term]:
    """Return the distinct terms of an entry: words and pairs of words of its title, and other words of its lead.

    The first words of the title, as many as ``before``, are its kicker and weigh less, unless they come again.
    """
    common = common_words(language)
    found: dict[str, Term] = {}
    stems = []
    for place, word in enumerate(title[:MAX_TITLE_WORDS]):
        if len(word) > 1 or word.isdigit():
            stem = word[:STEM]
            weight = KICKER if place < before else TITLE
            stems.append((stem, weight))
            if stem not in found:
                found[stem] = Term(stem, word, term_key(language, stem), weight, common=stem in common)
            elif found[stem].place < weight:
                found[stem].place = weight
    for (one, weight), (other, _) in pairwise(stems):
        pair = f"{one} {other}"
        if pair not in found:
            both = found[one].common and found[other].common
            found[pair] = Term(pair, pair, term_key(language, pair, pair=True), PAIR * weight, common=both)
    for word in lead[:MAX_LEAD_WORDS]:
        stem = word[:STEM]
        if len(stem) > 1 and stem not in found:
            found[stem] = Term(stem, word, term_key(language, stem), LEAD, common=stem in common)
    return list(found.values())


def measure_pairs(found: Sequence[Term], rarest: float) -> None:
    """Say how rare pairs are, from their words: counting them too would double the rows and find hardly more."""
    by_word = {term.word: term.rarity for term in found if not term.pair}
    for term in found:
        if term.pair:
            one, _, other = term.word.partition(" ")
            term.rarity = min(rarest, by_word[one] + by_word[other])


def rarity(stories: float, having: float, *, common: bool) -> float:
    """Return how much a word says that ``having`` of ``stories`` have: the logarithm of their ratio, smoothed."""
    share = COMMON_SHARE if common else OTHER_SHARE
    ratio = (stories + BACKGROUND + 1) / (having + BACKGROUND * share + 0.5)
    return math.log(ratio) if ratio > 1 else 0.0


def weigh(found: Sequence[Term]) -> Mapping[int, int]:
    """Return the terms' shares of what the entry says, as whole numbers so that sums of them are exact."""
    raw = [term.place * term.rarity**POWER for term in found]
    if len(raw) > MAX_TERMS:
        least = sorted(raw, reverse=True)[MAX_TERMS - 1]
        raw = [weight if weight >= least else 0.0 for weight in raw]
    norm = math.sqrt(sum(weight * weight for weight in raw))
    if not norm:
        return {}
    return {term.key: whole for term, weight in zip(found, raw, strict=True) if (whole := round(weight / norm * 4096))}
