"""Which stories an entry is held against: few of the many that share words with it, and those that count.

None of this changes what is decided. It sees with little work what weighing all stories would have come to.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from feedhub.stories import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedhub.stories.clusters import Cluster
    from feedhub.stories.words import Term

__all__ = ["first", "may_tell", "rare", "weigh"]

# Numbers of stories have so many bits.
NUMBER_BITS = 32


def weigh(postings: Sequence[tuple[int, Sequence[int]]], most: int) -> dict[int, int]:
    """Return what the stories of postings weigh: the sum over the postings they stand in, heaviest first.

    Those that weigh most, ``most`` of them, are among the stories returned. Most stories stand in one posting only, and
    of these no more are returned than can be among the first.
    """
    seen: set[int] = set()
    often: set[int] = set()
    for _, stories in postings:
        own = set(stories)
        often |= seen & own
        if len(own) < len(stories):
            often.update(story for story, times in Counter(stories).items() if times > 1)
        seen |= own
    weighty: dict[int, int] = {}
    once, least = 0, 0
    for weight, stories in postings:
        for story in filter(often.__contains__, stories):
            weighty[story] = weighty.get(story, 0) + weight
        if once < most or weight == least:
            alone = sorted(set(stories) - often, reverse=True)[:most]
            weighty.update(dict.fromkeys(alone, weight))
            once, least = once + len(alone), weight
    return weighty


def first(weighty: Mapping[int, int], most: int) -> list[int]:
    """Return the stories that weigh most, ``most`` of them; of two that weigh the same the younger comes first."""
    # As one number each, they are put in order ten times as fast as by a key.
    order = sorted([weight << NUMBER_BITS | story for story, weight in weighty.items()], reverse=True)
    return [both & ((1 << NUMBER_BITS) - 1) for both in order[:most]]


def rare(found: Sequence[Term]) -> frozenset[int]:
    """Return the words of an entry that can be telling: how usual a word is in a story can but lower what it tells."""
    return frozenset(term.key for term in found if not term.pair and term.rarity >= evidence.TELLING)


def may_tell(rare_words: frozenset[int], cluster: Cluster) -> bool:
    """Tell whether a story shares so many rare words that its evidence can be telling, without reading its weights."""
    needed = 1 if cluster.size >= evidence.YOUNG else 2
    return len(rare_words.intersection(cluster.terms())) >= needed
