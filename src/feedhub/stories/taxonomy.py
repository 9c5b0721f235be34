"""Finds the tags of a taxonomy in an entry, at a cost that grows with the entry's words and not with the taxonomy.

All terms and aliases stand in tables by one of their words: those written for a language by its stem, all others by the
word itself. The words of an entry are looked up there, and only what that brings up is looked at closer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from feedhub.model import Reason
from feedhub.normalize.text import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from feedhub.model import Taxon, Taxonomy
    from feedhub.stories.tags import Subject

__all__ = ["Finder", "is_acronym"]

# Why a tag was given needs no more than a few finds to be understood.
MAX_REASONS = 3
ACRONYM = re.compile(r"(?=[^a-z]*[A-Z][^a-z]*[A-Z])[A-Z0-9.&-]{2,6}")

Key = tuple[int, int]
"""The number of a taxon, and the number of one of its needles."""


class Needle(NamedTuple):
    """Something to find: what a taxon calls it, its words as they are compared, and whether only in capitals."""

    key: Key
    shown: str
    words: tuple[str, ...]
    capitals: re.Pattern[str] | None = None


class Found(NamedTuple):
    """A find: in which field, at which place in it, and which words of the entry."""

    field: str
    place: int
    text: str


class Table:
    """Needles by one of their words, and what makes of a word of an entry a word of a needle."""

    def __init__(self, stem: Callable[[str], str] | None = None) -> None:
        self.stem = stem
        self.needles: dict[str, list[Needle]] = {}

    def add(self, key: Key, shown: str, *, capitals: bool = False) -> None:
        """Add a needle, under the longest of its words: that one stands in the fewest entries."""
        words = tuple(tokens(shown) if self.stem is None else map(self.stem, tokens(shown)))
        pattern = re.compile(rf"(?<!\w){re.escape(shown)}(?!\w)") if capitals else None
        self.needles.setdefault(max(words, key=len), []).append(Needle(key, shown, words, pattern))

    def find(self, subject: Subject) -> Iterator[tuple[Needle, Found]]:
        """Yield the needles that the entry holds, each with its first place, in any order."""
        if self.stem is None:
            for word in self.needles.keys() & subject.words:
                yield from self._verified(subject, self.needles[word], {word})
            return
        met: dict[str, set[str]] = {}
        stem, needles = self.stem, self.needles
        for word in subject.words:
            if (stemmed := stem(word)) in needles:
                met.setdefault(stemmed, set()).add(word)
        for stemmed, words in met.items():
            yield from self._verified(subject, needles[stemmed], words)

    def _verified(self, subject: Subject, needles: list[Needle], words: set[str]) -> Iterator[tuple[Needle, Found]]:
        """Yield those of ``needles`` that stand in the entry; ``words`` are the words of it that led to them."""
        for needle in needles:
            if len(needle.words) == 1:
                found = _first_word(subject, words, needle.capitals)
            else:
                found = self._first_phrase(subject, needle, words)
            if found:
                yield needle, found

    def _first_phrase(self, subject: Subject, needle: Needle, words: set[str]) -> Found | None:
        for field, text in subject.folded.items():
            if not any(f" {word} " in text for word in words):
                continue
            own = text.split()
            compared = own if self.stem is None else [self.stem(word) for word in own]
            joined = f" {' '.join(compared)} "
            place = joined.find(f" {' '.join(needle.words)} ")
            if place >= 0 and (not needle.capitals or needle.capitals.search(subject.texts[field])):
                first = joined.count(" ", 0, place)
                return Found(field, first, " ".join(own[first : first + len(needle.words)]))
        return None


def _first_word(subject: Subject, words: set[str], capitals: re.Pattern[str] | None) -> Found | None:
    for field, text in subject.folded.items():
        places = [(place, word) for word in words if (place := text.find(f" {word} ")) >= 0]
        if places and (not capitals or capitals.search(subject.texts[field])):
            place, word = min(places)
            return Found(field, text.count(" ", 0, place), word)
    return None


class Finder:
    """A taxonomy made ready to be found in entries."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxa = taxonomy.taxa
        self.language = taxonomy.language
        self.written = Table()
        self.inflected: dict[str, Table] = {}
        for number, taxon in enumerate(self.taxa):
            self._add(number, taxon)

    def _add(self, number: int, taxon: Taxon) -> None:
        for place, alias in enumerate(taxon.aliases):
            self.written.add((number, place), alias, capitals=is_acronym(alias))
        for place, term in enumerate(taxon.terms, len(taxon.aliases)):
            table = self._table(term.language) if term.language else self.written
            table.add((number, place), term.text)

    def _table(self, language: str) -> Table:
        table = self.inflected.get(language)
        if table is None:
            # Configurations that name no language need no stemmer.
            from feedhub.stories.stems import ALGORITHMS, Stems  # noqa: PLC0415

            stem = Stems(language).of if language in ALGORITHMS else _as_it_is
            table = self.inflected[language] = Table(stem)
        return table

    def find(self, subject: Subject) -> Iterator[tuple[Taxon, tuple[Reason, ...]]]:
        """Yield the taxa that the entry speaks of, in the order of the taxonomy, each with its first finds."""
        found: dict[int, list[tuple[int, int, int, Reason]]] = {}
        fields = list(subject.folded)
        for needle, first in self._needles(subject):
            number, place = needle.key
            reason = Reason(rule="taxonomy", field=first.field, found=_told(needle, first))
            found.setdefault(number, []).append((fields.index(first.field), first.place, place, reason))
        for number in sorted(found):
            taxon, finds = self.taxa[number], found[number]
            if len({place for _, _, place, _ in finds}) >= taxon.at_least:
                finds.sort(key=lambda find: find[:3])
                yield taxon, tuple(dict.fromkeys(reason for *_, reason in finds))[:MAX_REASONS]

    def _needles(self, subject: Subject) -> Iterable[tuple[Needle, Found]]:
        yield from self.written.find(subject)
        language = (subject.language or self.language).partition("-")[0].lower()
        if table := self.inflected.get(language):
            yield from table.find(subject)


def is_acronym(name: str) -> bool:
    """Tell whether a name is found only in capitals: *US* is, and *us* is something else."""
    return ACRONYM.fullmatch(name) is not None


def _told(needle: Needle, found: Found) -> str:
    """Return what the taxonomy calls it and, where the entry has another form, that form before it."""
    return needle.shown if tokens(needle.shown) == found.text.split() else f"{found.text} ({needle.shown})"


def _as_it_is(word: str) -> str:
    return word
