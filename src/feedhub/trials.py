"""Wiring: rules tried on what is stored, phrases of what has no tag, and stories to learn tags from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.model import Reason, Source
from feedhub.stories.learned import Example, features
from feedhub.stories.phrases import Phrase, Told, key_phrases
from feedhub.stories.tagger import Tagger
from feedhub.stories.tags import Subject, compile_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedhub.hub import Hub
    from feedhub.model import Rule, Story

__all__ = ["MAX_STORIES", "Match", "examples", "matches", "suggestions"]

MAX_STORIES = 20_000
"""Of more stories, the newest are enough to learn from."""

# Under the name of a signer that has signed nothing, the store gives every entry it holds.
NOBODY = "nobody"
# As many stories are read from the store at once.
BATCH = 500


class Match(Struct, frozen=True, kw_only=True):
    """A stored entry that a rule matches, the reasons, and the tags that it has without the rule."""

    source_id: str
    key: str
    title: str
    link: str
    reasons: tuple[Reason, ...]
    tags: tuple[str, ...]


def matches(hub: Hub, rule: Rule) -> Iterator[Match | None]:
    """Yield for every stored entry of the configured sources, newest last, how ``rule`` matches it, or None."""
    matcher, signer = compile_rule(rule), hub.newsroom.signer
    for stored in hub.store.unsigned(NOBODY):
        source = signer.sources.get(stored.source_id)
        if source is None or stored.entry is None:
            continue
        subject = Subject(stored.entry, source)
        tags = tuple(tag.name for tag in signer.tagger.tags(subject))
        reasons = matcher.match(subject.with_tags(tags))
        yield (
            None
            if reasons is None
            else Match(
                source_id=stored.source_id,
                key=stored.key,
                title=stored.entry.title.value,
                link=stored.entry.link,
                reasons=reasons,
                tags=tags,
            )
        )


def suggestions(hub: Hub, *, limit: int, least: int) -> list[Phrase]:
    """Return the key phrases of stories that the configuration gives no tag; `key_phrases` says of which."""
    told = [
        Told(
            title=subjects[0].entry.title.value,
            text=subjects[0].folded["summary"] or subjects[0].folded["content"],
            source_id=story.lead.source_id,
            tagged=bool(story.tags),
        )
        for story, subjects in _newest(hub)
    ]
    return key_phrases(told, limit=limit, least=least)


def examples(hub: Hub, *, own_categories: bool) -> list[Example]:
    """Return the stories to learn from: those with tags, and those of sources that name some for others.

    The tags are the configuration's and, with ``own_categories``, those that the sources' categories would become if
    none were dropped; never those that were learned.
    """
    config = hub.config
    tagger = Tagger(
        rules=config.tag_rules,
        categories=config.categories,
        keep_unmapped=own_categories or config.keep_unmapped,
        taxonomy=config.taxonomy,
    )
    found = []
    for story, subjects in _newest(hub):
        tags = frozenset(tag.name for subject in subjects for tag in tagger.tags(subject))
        found.append((story.lead.source_id, Example(features=dict(features(subjects[0])), tags=tags)))
    telling = {source_id for source_id, example in found if example.tags}
    return [example for source_id, example in found if source_id in telling]


def _newest(hub: Hub) -> Iterator[tuple[Story, list[Subject]]]:
    """Yield the newest stories in order of first arrival, each with its entries, that of its lead first."""
    stories = hub.stories()[-MAX_STORIES:]
    sources = hub.newsroom.signer.sources
    for first in range(0, len(stories), BATCH):
        batch = [(story, _members(story)) for story in stories[first : first + BATCH]]
        wanted = dict.fromkeys(key for _, keys in batch for key in keys)
        stored = {(each.source_id, each.key): each.entry for each in hub.store.entries(wanted)}
        for story, keys in batch:
            entries = [(key, entry) for key in keys if (entry := stored.get(key))]
            if entries:
                yield (
                    story,
                    [Subject(entry, sources.get(key[0]) or Source(id=key[0], url="")) for key, entry in entries],
                )


def _members(story: Story) -> list[tuple[str, str]]:
    """Return source id and key of the members that are still stored, the lead's first."""
    stored = [story.lead, *(member for member in story.members if not member.removed)]
    return list(dict.fromkeys((member.source_id, member.key) for member in stored))
