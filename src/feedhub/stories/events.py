"""Events: entries about one happening, found in a stream by the rare words that they share.

Each entry is held against the stories that have its most telling words, and joins the one with the best odds or begins
its own. Stories that grow alike are merged later, for the first headlines of a happening may share no word. Nothing
is looked at twice, so an entry costs the same however many there were before it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.stories import candidates, evidence, words
from feedhub.stories.across import Across
from feedhub.stories.clusters import Cluster, Usage
from feedhub.stories.prints import packed, unpacked
from feedhub.stories.shelf import Drawer
from feedhub.stories.words import Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from feedhub.stories.across import Link
    from feedhub.stories.shelf import Row, Shelf

__all__ = ["Events", "Merged", "New", "Placed"]

DAY = 86400
# Seconds without an entry after which a story is over, and for which words and places are remembered.
STORY_WINDOW, WORD_WINDOW, PLACE_WINDOW = 4 * DAY, 30 * DAY, 14 * DAY
HALF_LIFE = 14
# The most telling words that candidates are looked up by, the newest stories looked at for each, and the candidates
# of which the evidence is weighed.
PROBES, NEWEST, CANDIDATES = 12, 64, 16
# The log odds that join an entry to a story and that merge two stories, and how far below the first of them a story
# may be for a merge to be thought of.
JOIN_AT, MERGE_AT, MERGE_REACH, MERGE_LOOKS = 1.0, 1.0, 2.0, 4
SAID = 5


class New(Struct, frozen=True):
    """A new entry as event detection reads it: its language and its terms."""

    language: str
    terms: list[Term]


class Placed(Struct, frozen=True):
    """Where an entry was put: ``story`` is its own number if it begins one.

    ``nearest`` is the likeliest story there was, with which it shares ``words``; its own number for none.
    """

    story: int
    nearest: int
    score: float
    words: tuple[str, ...]


class Merged(Struct, frozen=True):
    """Two stories that turned out to be one: ``story`` stays, ``other`` is from now on an alias of it."""

    story: int
    other: int
    score: float
    words: tuple[str, ...]


class Events:
    """The fold over events; `place` takes entries in order of arrival."""

    def __init__(self, shelf: Shelf, *, across: bool = False) -> None:
        self.clusters = Drawer(shelf, "story", STORY_WINDOW, decode=Cluster.unpack, encode=Cluster.pack)
        self.usages = Drawer(shelf, "word", WORD_WINDOW, decode=Usage.unpack, encode=Usage.pack)
        self.aliases = Drawer(shelf, "alias", PLACE_WINDOW, decode=_number, encode=_bytes)
        self.places = Drawer(shelf, "place", PLACE_WINDOW, decode=_number, encode=_bytes)
        self.across = (
            Across(shelf, self.clusters, self.usages, count=self._count, current=self.current) if across else None
        )

    def rows(self) -> Iterator[Row]:
        """Yield the rows that changed."""
        for drawer in (self.clusters, self.usages, self.aliases, self.places):
            yield from drawer.rows()
        if self.across:
            yield from self.across.rows()

    def story_of(self, number: int, now: int) -> int:
        """Return the story that entry ``number`` is in by now."""
        story = self.places.get(number, now)
        return self.current(number if story is None else story, now)

    def current(self, story: int, now: int) -> int:
        """Return the number that a story has after all merges."""
        while (alias := self.aliases.get(story, now)) is not None:
            story = alias
        return story

    def follow(self, number: int, first: int, now: int) -> int:
        """Put a copy of entry ``first`` into the same story; it says nothing new, but keeps the story alive."""
        story = self.story_of(first, now)
        self.places.put(number, now, story)
        cluster = self.clusters.get(story, now)
        if cluster:
            cluster.last = max(cluster.last, now)
            self.clusters.put(story, now, cluster)
        return story

    def expect(self, entries: Iterable[New]) -> None:
        """Bring what entries that come next will be looked up by onto the desk, in one reading of the shelf."""
        keys = {words.term_key(new.language, "") for new in entries}
        keys.update(term.key for new in entries for term in new.terms if not term.pair)
        self.usages.fetch(sorted(keys))

    def place(self, number: int, now: int, new: New) -> tuple[Placed, list[Merged], list[Link]]:
        """Put an entry into a story; return where and why, and which stories that has merged or linked."""
        language, found = new.language, new.terms
        seen = self._measure(language, found, now)
        weights = words.weigh(found)
        ranked = self._rank(found, weights, now, seen)
        best = ranked[0] if ranked else (0.0, number)
        nearest = self.clusters.get(best[1], now) if ranked else None
        said = _said(found, weights, nearest) if nearest else ()
        joined = nearest if nearest and best[0] >= JOIN_AT else Cluster(number, now)
        placed = Placed(joined.number, best[1], best[0], said)
        self._add(language, joined, weights, now)
        self.places.put(number, now, joined.number)
        merged = self._merge(language, found, joined, ranked, now)
        links: list[Link] = []
        if self.across:
            for pair in merged:
                self.across.unite(pair.story, pair.other, now)
            story = self.current(joined.number, now)
            links = self.across.link(language, found, story, now)
        return placed, merged, links

    def _measure(self, language: str, found: Sequence[Term], now: int) -> float:
        """Look up how rare each term is, and return by how many stories that was told."""
        total = words.term_key(language, "")
        single = [term for term in found if not term.pair]
        keys = [term.key for term in single]
        self.usages.fetch((total, *keys))
        stories = self._count(total, now)
        day = now // DAY
        for term, usage in zip(single, self.usages.many(keys, now), strict=True):
            having = (
                0.0 if usage is None else usage.count if usage.day == day else usage.count * _decay(day - usage.day)
            )
            term.rarity = words.rarity(stories, having, common=term.common)
        words.measure_pairs(found, words.rarity(stories, 1.0, common=False))
        return stories

    def _count(self, key: int, now: int) -> float:
        usage = self.usages.get(key, now)
        return usage.count * _decay(now // DAY - usage.day) if usage else 0.0

    def _rank(
        self, found: Sequence[Term], weights: Mapping[int, int], now: int, seen: float
    ) -> list[tuple[float, int]]:
        """Return the stories that an entry may belong to, those with the best odds first."""
        probes = sorted((key for key in weights if not key & words.PAIR_BIT), key=lambda key: (-weights[key], key))
        postings = []
        for key in probes[:PROBES]:
            usage = self.usages.get(key, now)
            if usage:
                postings.append((weights[key] ** 2, usage.newest(NEWEST)))
        weighty = candidates.weigh(postings, 2 * CANDIDATES)
        rare = candidates.rare(found)
        ranked = []
        for story in self._living(weighty, now):
            cluster = self.clusters.get(story, now)
            if cluster and candidates.may_tell(rare, cluster):
                measures = evidence.entry_evidence(found, weights, cluster, now, seen)
                if measures:
                    ranked.append((self.odds(measures, cluster), story))
        ranked.sort(key=lambda candidate: (-candidate[0], candidate[1]))
        return ranked

    def odds(self, measures: tuple[float, ...], cluster: Cluster) -> float:  # noqa: ARG002 - who fits weights looks at it
        """Return the log odds that an entry of such measures belongs to a cluster."""
        return evidence.score(evidence.JOIN, measures)

    def odds_together(self, measures: tuple[float, ...], one: Cluster, other: Cluster) -> float:  # noqa: ARG002 - as above
        """Return the log odds that two clusters of such measures are one story."""
        return evidence.score(evidence.MERGE, measures)

    def _living(self, named: Mapping[int, int], now: int) -> list[int]:
        """Return the stories most named, those that were merged since by the names they have now."""
        most = candidates.first(named, 2 * CANDIDATES)
        names = {story: story for story in most}
        asked = set(most)
        # All at once, for every question to the store takes as long as a few answers.
        while asked:
            self.clusters.fetch(asked)
            gone = {story for story in asked if self.clusters.get(story, now) is None}
            self.aliases.fetch(gone)
            older = {story: alias for story in gone if (alias := self.aliases.get(story, now)) is not None}
            names = {story: older.get(name, name) for story, name in names.items()}
            asked = set(older.values())
        hits: dict[int, int] = {}
        for story in most:
            hits[names[story]] = hits.get(names[story], 0) + named[story]
        return candidates.first(hits, CANDIDATES)

    def _add(self, language: str, cluster: Cluster, weights: Mapping[int, int], now: int) -> None:
        if not cluster.size:
            self._use(words.term_key(language, ""), now, 1.0, None)
        for key in cluster.add(weights, now):
            self._use(key, now, 1.0, cluster.number)
        self.clusters.put(cluster.number, now, cluster)

    def _use(self, key: int, now: int, count: float, story: int | None) -> None:
        """Count a word ``count`` times more, and note which story it stands in."""
        if key & words.PAIR_BIT:
            return
        day = now // DAY
        usage = self.usages.get(key, now) or Usage(0.0, day)
        if day != usage.day:
            usage.count *= _decay(day - usage.day)
            usage.day = day
        usage.count = max(0.0, usage.count + count)
        if story is not None:
            usage.add(story, NEWEST)
        self.usages.put(key, now, usage)

    def _merge(
        self, language: str, found: Sequence[Term], joined: Cluster, ranked: list[tuple[float, int]], now: int
    ) -> list[Merged]:
        """Merge the story that an entry joined with others it nearly joined, where they turn out to be one."""
        merged = []
        for odds, story in ranked[:MERGE_LOOKS]:
            other = self.clusters.get(story, now)
            if odds < JOIN_AT - MERGE_REACH:
                break
            if other is None or other.number == joined.number:
                continue
            measures = evidence.merge_evidence(joined, other, odds)
            odds_together = self.odds_together(measures, joined, other)
            if odds_together >= MERGE_AT:
                said = _said(found, joined.sums, other)
                older, younger = sorted((joined, other), key=lambda cluster: cluster.number)
                self._unite(language, older, younger, now)
                merged.append(Merged(older.number, younger.number, odds_together, said))
                joined = older
        return merged

    def _unite(self, language: str, older: Cluster, younger: Cluster, now: int) -> None:
        only = [key for key in younger.sums if key not in older.sums]
        for key in older.absorb(younger):
            self._use(key, now, -1.0, None)
        for key in only:
            self._use(key, now, 0.0, older.number)
        self._use(words.term_key(language, ""), now, -1.0, None)
        self.clusters.put(older.number, now, older)
        self.clusters.drop(younger.number)
        self.aliases.put(younger.number, now, older.number)


def _decay(days: int) -> float:
    return math.exp2(-days / HALF_LIFE)


def _said(found: Sequence[Term], weights: Mapping[int, int], cluster: Cluster) -> tuple[str, ...]:
    """Return the words that say most about both."""
    shared = {
        term.whole: weights[term.key] * cluster.sums[term.key]
        for term in found
        if not term.pair and term.key in weights and term.key in cluster.sums
    }
    return tuple(sorted(shared, key=lambda word: (-shared[word], word))[:SAID])


def _number(data: bytes) -> int:
    return int(unpacked(data)[0])


def _bytes(number: int) -> bytes:
    return packed((number,))
