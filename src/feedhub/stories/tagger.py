"""Gives an entry its tags, each with the reasons for it: by source, categories, rules, taxonomy and what was learned.

Rules that need a word are asked only about entries that hold it, so the cost grows with the words of an entry and not
with the number of rules.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from feedhub.model import Reason, Tag, Taxonomy
from feedhub.normalize.text import tokens
from feedhub.stories.tags import compile_rule, is_wordy
from feedhub.stories.taxonomy import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feedhub.model import TagRule
    from feedhub.stories.learned import Learned
    from feedhub.stories.tags import Subject

__all__ = ["Tagger"]


class Tagger:
    """Tags entries under one configuration.

    ``categories`` maps casefolded category names to tags; with ``keep_unmapped`` those that neither it nor the taxonomy
    knows become tags under their own name.
    """

    def __init__(
        self,
        *,
        rules: Sequence[TagRule] = (),
        categories: Mapping[str, str],
        keep_unmapped: bool = False,
        taxonomy: Taxonomy | None = None,
        learned: Learned | None = None,
    ) -> None:
        self.rules = [(rule.tag, rule.rule.kind, compile_rule(rule.rule)) for rule in rules]
        self.always: list[int] = []
        self.by_word: dict[str, list[int]] = {}
        for number, (_, _, rule) in enumerate(self.rules):
            if rule.needs is None:
                self.always.append(number)
            for word in rule.needs or ():
                self.by_word.setdefault(word, []).append(number)
        self.is_wordy = is_wordy(rule.rule for rule in rules)
        # Of two sets the smaller one is gone through; of the keys of a dict and a set it is always the set.
        self.needed = frozenset(self.by_word)
        self.keep_unmapped = keep_unmapped
        self.taxonomy = taxonomy or Taxonomy()
        self.learned = learned
        self.parents = {taxon.name: taxon.parent for taxon in self.taxonomy.taxa if taxon.parent}
        names = {name.casefold(): taxon.name for taxon in self.taxonomy.taxa for name in (*taxon.aliases, taxon.name)}
        self.categories = names | dict(categories)
        # What another configuration or version would decide differently.
        self.facts = (
            rules, sorted(categories.items()), keep_unmapped, taxonomy, _stemmer(self.taxonomy),
            learned.digest if learned else "",
        )  # fmt: skip

    @cached_property
    def finder(self) -> Finder | None:
        """The taxonomy, made ready when an entry is tagged: many runs have none to tag."""
        return Finder(self.taxonomy) if self.taxonomy.taxa else None

    def tags(self, subject: Subject) -> list[Tag]:
        """Return the tags of an entry in the order of their names, each with all its reasons."""
        given: dict[str, list[Reason]] = {}
        for name in subject.source.tags:
            given.setdefault(name, []).append(Reason(rule="source", field="source", found=subject.source.id))
        if subject.entry.categories and (self.categories or self.keep_unmapped):
            for name, reason in self._by_category(subject):
                given.setdefault(name, []).append(reason)
        having = self.needed & subject.words if self.is_wordy else subject.having(self.needed)
        numbers = {number for word in having for number in self.by_word[word]}
        for number in sorted(numbers.union(self.always)):
            name, kind, rule = self.rules[number]
            reasons = rule.match(subject)
            if reasons is not None:
                given.setdefault(name, []).extend(reasons or (Reason(rule=kind),))
        if self.finder:
            for taxon, found in self.finder.find(subject):
                given.setdefault(taxon.name, []).extend(found)
        if self.learned:
            for name, reason in self.learned.tags(subject):
                given.setdefault(name, []).append(reason)
        self._imply(given)
        return [Tag(name=name, reasons=tuple(dict.fromkeys(given[name]))) for name in sorted(given) if name]

    def _by_category(self, subject: Subject) -> Iterator[tuple[str, Reason]]:
        for category in subject.entry.categories:
            label = category.label or category.term
            known = self.categories.get(category.term.casefold()) or self.categories.get(label.casefold())
            if known or self.keep_unmapped:
                yield known or "-".join(tokens(label)), Reason(rule="category", field="category", found=label)

    def _imply(self, given: dict[str, list[Reason]]) -> None:
        """Give the tags above those given, naming the tag right below as the reason."""
        for name in list(given) if self.parents else ():
            below = name
            while parent := self.parents.get(below):
                reason = Reason(rule="parent", field="tag", found=below)
                if reason in given.setdefault(parent, []):
                    break
                given[parent].append(reason)
                below = parent


def _stemmer(taxonomy: Taxonomy) -> str:
    """Return the version of the stemmer where the taxonomy needs one: another may know other stems."""
    if not any(term.language for taxon in taxonomy.taxa for term in taxon.terms):
        return ""
    from feedhub.stories.stems import VERSION  # noqa: PLC0415 - most configurations need none

    return VERSION
