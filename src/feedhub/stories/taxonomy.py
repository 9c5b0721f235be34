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
    from collections.abc import Callable, Iterator, Sequence

    from feedhub.model import Taxon, Taxonomy
    from feedhub.stories.tags import Subject

__all__ = ["Finder", "is_acronym"]

# Why a tag was given needs no more than a few finds to be understood.
MAX_REASONS = 3
ACRONYM = re.compile(r"(?=[^a-z]*[A-Z][^a-z]*[A-Z])[A-Z0-9.&-]{2,6}")


class Needle(NamedTuple):
    """Something to find: for which taxon, at which place among its own, and in which words.

    ``shown`` is what the taxonomy calls it, ``own`` are its words, ``words`` what they are compared by, ``sought``
    these between spaces. With ``capitals`` it must be written so.
    """

    taxon: int
    place: int
    shown: str
    words: tuple[str, ...]
    own: tuple[str, ...]
    sought: str
    capitals: re.Pattern[str] | None


class Found(NamedTuple):
    """A find in the order of reading: the number of the field, the place in it, and the words of the entry there."""

    field: int
    start: int
    place: int
    needle: Needle
    text: tuple[str, ...]


class Reading:
    """The words of an entry in the order of reading, each with its first place."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.fields = list(subject.folded)
        self.words = [text.split() for text in subject.folded.values()]
        self.first: dict[str, tuple[int, int]] = {}
        for field, words in enumerate(self.words):
            for start, word in enumerate(words):
                if word not in self.first:
                    self.first[word] = field, start

    def has(self, pattern: re.Pattern[str], field: int) -> bool:
        """Tell whether a field, as it is written, holds a pattern."""
        return pattern.search(self.subject.texts[self.fields[field]]) is not None


class Table:
    """Needles by one of their words, and what makes of a word of an entry a word of a needle."""

    def __init__(self, stem: Callable[[str], str] | None = None) -> None:
        self.stem = stem
        self.needles: dict[str, list[Needle]] = {}

    def add(self, taxon: int, place: int, shown: str, *, capitals: bool = False) -> None:
        """Add a needle, under the longest of its words: that one stands in the fewest entries."""
        own = tuple(tokens(shown))
        words = own if self.stem is None else tuple(map(self.stem, own))
        pattern = re.compile(rf"(?<!\w){re.escape(shown)}(?!\w)") if capitals else None
        needle = Needle(taxon, place, shown, words, own, f" {' '.join(words)} ", pattern)
        self.needles.setdefault(max(words, key=len), []).append(needle)

    def find(self, reading: Reading) -> Iterator[Found]:
        """Yield the first finds of the needles that an entry holds; of a needle that is a single word, perhaps several.

        Those of the same needle come in the order of reading.
        """
        first, stem = reading.first, self.stem
        compared = list(first) if stem is None else list(map(stem, first))
        present = set(compared)
        fields: list[str] = []
        asked: set[tuple[int, int]] = set()
        for word, at, key in zip(first, first.values(), compared, strict=True):
            for needle in self.needles.get(key, ()):
                if len(needle.words) > 1:
                    if present.issuperset(needle.words) and needle[:2] not in asked:
                        asked.add(needle[:2])
                        fields = fields or [self._joined(words) for words in reading.words]
                        yield from _phrase(reading, fields, needle)
                elif needle.capitals:
                    yield from _acronym(reading, needle, word)
                else:
                    yield Found(*at, needle.place, needle, (word,))

    def _joined(self, words: list[str]) -> str:
        return f" {' '.join(words if self.stem is None else map(self.stem, words))} "


def _acronym(reading: Reading, needle: Needle, word: str) -> Iterator[Found]:
    """Yield the first find of a needle of one word in capitals, or nothing."""
    for field, words in enumerate(reading.words):
        if word in words and needle.capitals and reading.has(needle.capitals, field):
            yield Found(field, words.index(word), needle.place, needle, (word,))
            return


def _phrase(reading: Reading, fields: Sequence[str], needle: Needle) -> Iterator[Found]:
    """Yield the first find of a needle of several words, or nothing."""
    for field, text in enumerate(fields):
        at = text.find(needle.sought)
        if at >= 0 and (not needle.capitals or reading.has(needle.capitals, field)):
            start = text.count(" ", 0, at)
            words = reading.words[field][start : start + len(needle.words)]
            yield Found(field, start, needle.place, needle, tuple(words))
            return


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
            self.written.add(number, place, alias, capitals=is_acronym(alias))
        for place, term in enumerate(taxon.terms, len(taxon.aliases)):
            table = self._table(term.language) if term.language else self.written
            table.add(number, place, term.text)

    def _table(self, language: str) -> Table:
        table = self.inflected.get(language)
        if table is None:
            # Configurations that name no language need no stemmer.
            from feedhub.stories.stems import ALGORITHMS, Stems  # noqa: PLC0415

            table = self.inflected[language] = Table(Stems(language).of if language in ALGORITHMS else None)
        return table

    def find(self, subject: Subject) -> Iterator[tuple[Taxon, tuple[Reason, ...]]]:
        """Yield the taxa that the entry speaks of, in the order of the taxonomy, each with its first finds."""
        reading = Reading(subject)
        found: dict[int, dict[int, Found]] = {}
        language = (subject.language or self.language).partition("-")[0].lower()
        for table in (self.written, self.inflected.get(language)):
            for find in table.find(reading) if table else ():
                found.setdefault(find.needle.taxon, {}).setdefault(find.place, find)
        for number in sorted(found):
            taxon, finds = self.taxa[number], found[number]
            if len(finds) >= taxon.at_least:
                first = sorted(finds.values())[:MAX_REASONS]
                yield (
                    taxon,
                    tuple(
                        Reason(rule="taxonomy", field=reading.fields[find.field], found=_told(find)) for find in first
                    ),
                )


def is_acronym(name: str) -> bool:
    """Tell whether a name is found only in capitals: *US* is, and *us* is something else."""
    return ACRONYM.fullmatch(name) is not None


def _told(find: Found) -> str:
    """Return what the taxonomy calls it and, where the entry has another form, that form before it."""
    needle = find.needle
    return needle.shown if needle.own == find.text else f"{' '.join(find.text)} ({needle.shown})"
