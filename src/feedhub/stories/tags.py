"""Tags and filters: the rules of the configuration, judged on one entry at a time.

A rule is a small tree of kinds. `KINDS` is the table of them; a new kind is a class here or in a file beside this one,
and a row there. Every match says why, and a rule that does not match says nothing.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from feedhub.model import Reason, Rule
from feedhub.normalize.html import to_text, unmarked
from feedhub.normalize.latin import latin_spaced
from feedhub.normalize.text import language, spaced
from feedhub.stories.form import Has, Length

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from feedhub.model import Entry, Source, Text

__all__ = ["COMBINATIONS", "KINDS", "Matcher", "Subject", "compile_rule", "is_wordy"]

MAX_PATTERN = 1000
# The language tag of a text whose language nobody knows (RFC 5646).
UNKNOWN = "und"
# To look for so many words one by one takes no more time than to take an entry's texts apart into a set of words.
FEW = 20
FIELDS = ("title", "summary", "content")


class Subject:
    """An entry as rules see it: the words of its texts, its source, and the tags it has so far.

    Nothing is taken apart before a rule asks for it: the words of an entry that few rules are about are never needed.
    """

    __slots__ = ("_folded", "_spaced", "_texts", "_words", "entry", "source", "tags")

    def __init__(self, entry: Entry, source: Source, tags: Iterable[str] = ()) -> None:
        self.entry = entry
        self.source = source
        self.tags = frozenset(tags)
        self._texts: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._spaced: tuple[str, ...] = ()
        self._words: frozenset[str] | None = None

    @property
    def language(self) -> str:
        """The language that the entry says it is in, or its source where the entry says none, or ""."""
        entry = self.entry
        return entry.language or entry.content.language or entry.title.language or self.source.language

    @property
    def texts(self) -> dict[str, str]:
        """The texts by field in the order rules look at them, each as plain text on one line."""
        if not self._texts:
            entry = self.entry
            self._texts |= {"title": entry.title.value, "summary": _plain(entry.summary)}
            self._texts["content"] = _plain(entry.content)
        return self._texts

    @property
    def spaced(self) -> tuple[str, ...]:
        """The words of the texts in the same order, as `spaced` gives them."""
        if not self._spaced:
            entry = self.entry
            summary = _spaced(entry.summary)
            content = summary if entry.content == entry.summary else _spaced(entry.content)
            self._spaced = spaced(entry.title.value), summary, content
        return self._spaced

    @property
    def folded(self) -> dict[str, str]:
        """The words of the texts by field, each with one space before and after it: whole phrases are found in it."""
        if not self._folded:
            self._fold()
        return self._folded

    @property
    def words(self) -> frozenset[str]:
        """The words of all texts."""
        if self._words is None:
            # Taken apart for this, they need not be for `folded` once more.
            self._words = frozenset().union(*self._fold())
        return self._words

    def _fold(self) -> list[list[str]]:
        apart = [text.split() for text in self.spaced]
        self._folded = dict(zip(FIELDS, map(_folded, apart), strict=True))
        return apart

    def having(self, words: frozenset[str]) -> Collection[str]:
        """Return those of ``words`` that the entry has."""
        if self._words is not None or len(words) > FEW:
            # Of two sets the smaller one is gone through.
            return words & self.words
        if not words:
            return ()
        text = "".join(self.spaced)
        # Without the spaces around it a word is found, or found missing, in half the time.
        return [word for word in words if word in text and f" {word} " in text]

    def lacks(self, words: frozenset[str]) -> bool:
        """Tell whether the entry has none of ``words``, as far as that is known: if it was taken apart already."""
        return self._words is not None and words.isdisjoint(self._words)

    def with_tags(self, tags: Iterable[str]) -> Subject:
        """Return the same subject carrying ``tags``, without reading the entry again."""
        subject = copy(self)
        subject.tags = frozenset(tags)
        return subject


def _plain(text: Text) -> str:
    return text.value if text.type == "text/plain" else to_text(text.value)


def _spaced(text: Text) -> str:
    if text.type == "text/plain":
        return spaced(text.value)
    known = latin_spaced(text.value, is_markup=True)
    return spaced(unmarked(text.value)) if known is None else known


def _folded(words: list[str]) -> str:
    return f" {' '.join(words)} " if words else ""


class Matcher(Protocol):
    """A compiled rule; made from a `Rule`'s values and sub-rules, it raises ValueError saying what is wrong.

    ``needs`` are words of which an entry must hold at least one for the rule to match, so that rules about other words
    need not be asked; None for a rule that can match whatever the words are.
    """

    @property
    def needs(self) -> frozenset[str] | None:
        """The words of which an entry must hold at least one."""
        ...

    def __init__(self, values: tuple[str, ...], rules: tuple[Matcher, ...]) -> None: ...

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the reasons it matches (perhaps none to name), or None where it does not."""
        ...


class Words:
    """Matches where any of the words, or a phrase of several words, stands in title, summary or content."""

    kind = "words"

    def __init__(self, values: tuple[str, ...], _rules: tuple[Matcher, ...]) -> None:
        self.needles = tuple((value, _folded(spaced(value).split())) for value in values)
        for value, needle in self.needles:
            if not needle:
                raise ValueError(f"{value!r} holds no word")
        self.needs = frozenset(needle.split()[0] for _, needle in self.needles)
        self.has_phrases = any(" " in needle.strip() for _, needle in self.needles)

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the first word found, looking in the title first."""
        if subject.lacks(self.needs):
            return None
        texts = subject.folded.values() if self.has_phrases else subject.spaced
        for field, text in zip(FIELDS, texts, strict=True):
            for value, needle in self.needles:
                if needle in text:
                    return (Reason(rule=self.kind, field=field, found=value),)
        return None


class Phrases(Words):
    """As `Words`; a name of its own for those who write whole phrases."""

    kind = "phrases"


class Regex:
    """Matches a regular expression in RE2's syntax: time linear in the text, no back-references, no look-around."""

    needs = None

    def __init__(self, values: tuple[str, ...], _rules: tuple[Matcher, ...]) -> None:
        import re2  # noqa: PLC0415 - only configurations with a regex rule pay for loading it

        options = re2.Options()
        options.log_errors = False
        self.patterns = []
        for value in values:
            if len(value) > MAX_PATTERN:
                raise ValueError(f"the pattern is longer than {MAX_PATTERN} characters")
            try:
                self.patterns.append(re2.compile(value, options))
            except re2.error as error:
                raise ValueError(f"{value!r} is not a regular expression that RE2 knows: {_message(error)}") from error

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the first text found, looking in the title first."""
        for field, text in subject.texts.items():
            for pattern in self.patterns:
                if found := pattern.search(text):
                    return (Reason(rule="regex", field=field, found=found.group()[:200]),)
        return None


def _message(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


class OneOf:
    """Matches where one of the values is what `look` finds on the entry."""

    kind = ""
    needs = None

    def __init__(self, values: tuple[str, ...], _rules: tuple[Matcher, ...]) -> None:
        self.values = {value.casefold(): value for value in values}

    def look(self, subject: Subject) -> Iterable[str]:
        """Return what the entry has of this kind."""
        raise NotImplementedError

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the first value the entry has."""
        for value in self.look(subject):
            if value.casefold() in self.values:
                return (Reason(rule=self.kind, field=self.kind, found=value),)
        return None


class FromSource(OneOf):
    """Matches entries of the sources with these ids."""

    kind = "source"

    def look(self, subject: Subject) -> Iterable[str]:
        """Return the source's id."""
        return (subject.source.id,)


class Host(OneOf):
    """Matches entries whose link is on one of these hosts or below it."""

    kind = "host"

    def look(self, subject: Subject) -> Iterator[str]:
        """Yield the link's host and every domain above it."""
        host = urlsplit(subject.entry.link).hostname or ""
        while host:
            yield host
            host = host.partition(".")[2]


class InCategory(OneOf):
    """Matches entries that their source put into one of these categories."""

    kind = "category"

    def look(self, subject: Subject) -> Iterator[str]:
        """Yield terms and labels."""
        for category in subject.entry.categories:
            yield category.term
            if category.label:
                yield category.label


class InLanguage:
    """Matches entries in one of these languages or a variety of it: ``en`` finds ``en-GB`` (RFC 4647 §3.3.1).

    An entry that does not say its language is in ``und`` (RFC 5646).
    """

    needs = None

    def __init__(self, values: tuple[str, ...], _rules: tuple[Matcher, ...]) -> None:
        self.ranges = tuple(UNKNOWN if value == UNKNOWN else language(value).lower() for value in values)
        for value, shaped in zip(values, self.ranges, strict=True):
            if not shaped:
                raise ValueError(f"{value!r} is no language tag, as 'en' or 'pt-BR' are")

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the language that the entry, or its source, says."""
        said = subject.language or UNKNOWN
        tag = said.lower()
        if any(tag == each or tag.startswith(f"{each}-") for each in self.ranges):
            return (Reason(rule="language", field="language", found=said),)
        return None


class HasTag(OneOf):
    """Matches entries that have one of these tags; for the filters of editions."""

    kind = "tag"

    def look(self, subject: Subject) -> Iterable[str]:
        """Return the tags given so far, in a fixed order."""
        return sorted(subject.tags)


class All:
    """Matches where all its rules do."""

    def __init__(self, _values: tuple[str, ...], rules: tuple[Matcher, ...]) -> None:
        self.rules = rules
        needed = [rule.needs for rule in rules if rule.needs is not None]
        self.needs = min(needed, key=len, default=None)

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the reasons of all rules, or None at the first that fails."""
        reasons: list[Reason] = []
        for rule in self.rules:
            found = rule.match(subject)
            if found is None:
                return None
            reasons += found
        return tuple(reasons)


class Any:
    """Matches where at least one of its rules does."""

    def __init__(self, _values: tuple[str, ...], rules: tuple[Matcher, ...]) -> None:
        self.rules = rules
        needed = [rule.needs for rule in rules if rule.needs is not None]
        self.needs = frozenset[str]().union(*needed) if len(needed) == len(rules) else None

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the reasons of the first rule that matches."""
        return next((found for rule in self.rules if (found := rule.match(subject)) is not None), None)


class Not:
    """Matches where none of its rules does."""

    needs = None

    def __init__(self, _values: tuple[str, ...], rules: tuple[Matcher, ...]) -> None:
        self.rules = rules

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return no reason: there is nothing found to show."""
        return None if any(rule.match(subject) is not None for rule in self.rules) else ()


KINDS: Mapping[str, type[Matcher]] = {
    "words": Words,
    "phrases": Phrases,
    "regex": Regex,
    "source": FromSource,
    "host": Host,
    "category": InCategory,
    "language": InLanguage,
    "length": Length,
    "has": Has,
    "tag": HasTag,
    "all": All,
    "any": Any,
    "not": Not,
}
COMBINATIONS = frozenset({"all", "any", "not"})


def is_wordy(rules: Iterable[Rule]) -> bool:
    """Tell whether rules ask for so many words that an entry is better taken apart before any of them is asked."""
    return _asked(rules) > FEW


def _asked(rules: Iterable[Rule]) -> int:
    own = {Words.kind, Phrases.kind}
    return sum((len(rule.values) if rule.kind in own else 0) + _asked(rule.rules) for rule in rules)


@cache
def compile_rule(rule: Rule) -> Matcher:
    """Return the matcher of ``rule``; ValueError says what is wrong with its values."""
    return KINDS[rule.kind](rule.values, tuple(compile_rule(inner) for inner in rule.rules))
