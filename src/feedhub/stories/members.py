"""Turns stored entries into the light `Member` records that stories are told from.

This is derived from facts and configuration only. `Signer.fingerprint` names both the algorithm and the configuration,
so whatever a different signer made is known to be stale and is made again.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from feedhub.model import Member, Source
from feedhub.stories import duplicates
from feedhub.stories.tagger import Tagger
from feedhub.stories.tags import Subject, compile_rule, is_wordy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedhub.model import Edition, StoredEntry, TagRule, Taxonomy
    from feedhub.stories.learned import Learned

__all__ = ["Signer"]

# Raise it when the same entry and configuration would give another Member than before.
ALGORITHM = 2


class Signer:
    """Signs entries under one configuration; ``editions`` are those whose filters are to be judged."""

    def __init__(  # noqa: PLR0913 - what the configuration says of tags and editions
        self,
        *,
        sources: Iterable[Source],
        rules: Sequence[TagRule],
        categories: Mapping[str, str],
        keep_unmapped: bool,
        editions: Sequence[Edition],
        taxonomy: Taxonomy | None = None,
        learned: Learned | None = None,
    ) -> None:
        self.sources = {source.id: source for source in sources}
        self.tagger = Tagger(
            rules=rules, categories=categories, keep_unmapped=keep_unmapped, taxonomy=taxonomy, learned=learned
        )
        filters = [(edition.slug, edition.filter) for edition in editions]
        self.filters = [(slug, compile_rule(rule) if rule else None) for slug, rule in filters]
        self.is_wordy = is_wordy(rule for _, rule in filters if rule)
        # Most configurations have editions without filters only: every entry passes them all.
        self.unfiltered = None if any(rule for _, rule in filters) else tuple(slug for slug, _ in filters)
        told = sorted((source.id, source.tags, source.language) for source in self.sources.values())
        facts = (ALGORITHM, told, self.tagger.facts, filters)
        self.fingerprint = blake2b(msgspec.json.encode(facts), digest_size=12).hexdigest()

    def sign(self, stored: StoredEntry) -> Member:
        """Return the member that ``stored``, an entry not removed, is in stories."""
        entry = stored.entry
        if entry is None:
            raise ValueError(f"{stored.source_id} {stored.key} was removed by retention and cannot be read again")
        subject = Subject(entry, self.sources.get(stored.source_id) or Source(id=stored.source_id, url=""))
        tags = self.tagger.tags(subject)
        passed = self.unfiltered
        if passed is None:
            if self.is_wordy:
                subject.words  # noqa: B018 - made when first asked for, and shared by all filters
            tagged = subject.with_tags(tag.name for tag in tags)
            passed = tuple(slug for slug, rule in self.filters if rule is None or rule.match(tagged) is not None)
        return Member(
            source_id=stored.source_id,
            key=stored.key,
            entry_id=entry.id,
            title=entry.title.value,
            link=entry.link,
            first_seen=stored.first_seen,
            published=stored.published,
            updated=stored.updated,
            url_key=duplicates.url_key(entry),
            text_key=duplicates.text_key(subject),
            tags=tuple(tags),
            editions=passed,
        )
