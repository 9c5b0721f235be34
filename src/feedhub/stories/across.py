"""Stories told in several languages, joined by the names and numbers that are spelled alike in all of them.

The clusters stay apart, for their words cannot be compared; they are only linked. A headline's words that say nothing
in neither language are looked up among the words of every other language, where names stand out as rare.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from feedhub.stories import words
from feedhub.stories.prints import packed, unpacked
from feedhub.stories.shelf import Drawer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from feedhub.stories.clusters import Cluster, Usage
    from feedhub.stories.shelf import Row, Shelf
    from feedhub.stories.words import Term

__all__ = ["Across", "Link"]

DAY = 86400
LINK_WINDOW, ALWAYS = 14 * DAY, 1 << 62
# Stories of two languages are about one happening only if they are told at about the same time.
TOGETHER = DAY
# Names need so many letters, for short words coincide; and so many stories of another language are compared.
MIN_LETTERS, CANDIDATES = 4, 3
# So many names and numbers must be shared, of so much rarity together.
MIN_NAMES, MIN_RARITY = 3, 15.0


class Link(Struct, frozen=True):
    """Two stories told in different languages; ``story`` is the older of what they are linked with."""

    story: int
    other: int
    score: float
    words: tuple[str, ...]


class Across:
    """The fold that links languages; it reads the clusters and word counts of event detection and changes none."""

    def __init__(
        self,
        shelf: Shelf,
        clusters: Drawer[Cluster],
        usages: Drawer[Usage],
        *,
        count: Callable[[int, int], float],
        current: Callable[[int, int], int],
    ) -> None:
        names = msgspec.msgpack.Decoder(list[str])
        self.languages = Drawer(shelf, "language", ALWAYS, decode=names.decode, encode=msgspec.msgpack.encode)
        self.links: Drawer[int] = Drawer(
            shelf, "link", LINK_WINDOW, decode=lambda data: unpacked(data)[0], encode=lambda number: packed((number,))
        )
        self.clusters = clusters
        self.usages = usages
        self.count = count
        self.current = current

    def rows(self) -> Iterator[Row]:
        """Yield the rows that changed."""
        yield from self.languages.rows()
        yield from self.links.rows()

    def root(self, story: int, now: int) -> int:
        """Return the oldest story that a story is linked with."""
        while (older := self.links.get(story, now)) is not None:
            story = older
        return story

    def unite(self, one: int, other: int, now: int) -> tuple[int, int]:
        """Link two stories and return what they were linked with before, the older first; equal if they were one."""
        older, younger = sorted((self.root(one, now), self.root(other, now)))
        if older != younger:
            self.links.put(younger, now, older)
        return older, younger

    def link(self, language: str, found: Sequence[Term], story: int, now: int) -> list[Link]:
        """Link a story that an entry was just put into with stories of other languages, and return the new links."""
        known = self.languages.get(0, now) or []
        if language not in known:
            self.languages.put(0, now, [*known, language])
        own = self.clusters.get(story, now)
        names = [term for term in found if not term.common and not term.pair and term.place == words.TITLE]
        names = [
            term for term in names if len(term.word) >= MIN_LETTERS or (term.word.isdigit() and len(term.word) > 1)
        ]
        made = []
        for other in known if own and len(names) >= MIN_NAMES else ():
            if other != language:
                best = self._best(other, names, now)
                if best and best[0] >= MIN_RARITY:
                    older, younger = self.unite(story, best[1], now)
                    if older != younger:
                        made.append(Link(older, younger, best[0], best[2]))
        return made

    def _best(self, other: str, names: Sequence[Term], now: int) -> tuple[float, int, tuple[str, ...]] | None:
        """Return the story of another language that shares most names, with their rarity."""
        common = words.common_keys(other)
        keys = {key: name for name in names if (key := words.term_key(other, name.word)) not in common}
        total = words.term_key(other, "")
        self.usages.fetch((total, *keys))
        hits: Counter[int] = Counter()
        for key in keys:
            usage = self.usages.get(key, now)
            if usage:
                hits.update({self.current(story, now) for story in usage.stories})
        best = None
        for story, shared in sorted(hits.items(), key=lambda hit: (-hit[1], -hit[0]))[:CANDIDATES]:
            cluster = self.clusters.get(story, now)
            if cluster is None or shared < MIN_NAMES or now - cluster.last > TOGETHER:
                continue
            rarities = {
                keys[key].whole: min(
                    words.rarity(self.count(total, now), self.count(key, now), common=False), keys[key].rarity
                )
                * math.sqrt(cluster.counts[key] / cluster.size)
                for key in keys
                if key in cluster.counts
            }
            said = tuple(sorted(rarities, key=lambda word: (-rarities[word], word)))
            score = math.fsum(rarities.values())
            if len(said) >= MIN_NAMES and (best is None or score > best[0]):
                best = (score, story, said)
        return best
