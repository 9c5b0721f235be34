"""Explains decisions: everything that made an entry the story, the tags and the editions it is, in plain words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.model import Member, Reason, Source, StoredEntry, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EditionDecision", "Explanation", "describe", "lines", "name"]

RULES = {
    "same-url": "the same canonical URL",
    "same-text": "an identical text",
    "repeated": "the source repeated it: same URL and same text",
    "near-text": "nearly the same text",
    "same-event": "the same event",
    "merged": "two stories turned out to be of one event",
    "across-languages": "the same event, told in another language",
    "joined": "joined by hand",
    "linked": "linked by hand",
    "new-story": "too little in common with the nearest story",
    "too-little": "too little in common",
    "late": "published long before it came: held against no other story",
    "source": "every entry of source {found!r}",
    "category": "the source's category {found!r}",
    "words": "the word {found!r} in the {field}",
    "phrases": "the phrase {found!r} in the {field}",
    "regex": "the pattern found {found!r} in the {field}",
    "host": "its link is on {found!r}",
    "tag": "its tag {found!r}",
    "language": "its language {found!r}",
    "length": "its {field} has {found}",
    "has": "it carries {found!r} ({field})",
    "taxonomy": "the taxonomy's {found!r} in the {field}",
    "parent": "above its tag {found!r}",
    "learned": "learned",
}


class EditionDecision(Struct, frozen=True, kw_only=True):
    """Whether an edition shows a story; ``place`` counts from 1, and is 0 where it does not."""

    slug: str
    place: int
    why: str


class Explanation(Struct, frozen=True, kw_only=True):
    """All that is known about one stored entry.

    ``related`` are the other stories of its event, ``placed`` says what was decided when it came. ``withdrawn`` is when
    its source was found to have taken it back, None where it was not.
    """

    source: Source
    stored: StoredEntry
    member: Member | None
    story: Story | None
    editions: tuple[EditionDecision, ...]
    earlier_versions: int
    related: tuple[Story, ...] = ()
    placed: tuple[Reason, ...] = ()
    withdrawn: datetime | None = None


def describe(reason: Reason) -> str:
    """Return a reason in words; kinds of rules from other packages are shown by their names."""
    text = RULES.get(reason.rule, "rule {rule!r}: {field} {found!r}")
    told = text.format(rule=reason.rule, field=reason.field, found=reason.found)
    words = f" by the words {', '.join(reason.words)}" if reason.words else ""
    score = f" ({reason.score:.2f}, {reason.threshold:.2f} is enough)" if reason.threshold else ""
    return f"{told}{words}{score}"


def lines(explanation: Explanation) -> Iterator[str]:
    """Yield an explanation line by line."""
    stored, story, member = explanation.stored, explanation.story, explanation.member
    yield (stored.entry.title.value or "(no title)") if stored.entry else "(removed by retention)"
    yield f"  source     {explanation.source.id} ({explanation.source.title or explanation.source.url})"
    yield f"  key        {stored.key!r}"
    if stored.entry:
        yield f"  link       {stored.entry.link or '(none)'}"
    yield f"  first seen {stored.first_seen:%Y-%m-%d %H:%M:%S} UTC"
    yield f"  published  {stored.published:%Y-%m-%d %H:%M:%S} UTC{_stated(stored, 'published')}"
    yield f"  updated    {stored.updated:%Y-%m-%d %H:%M:%S} UTC{_stated(stored, 'updated')}"
    if explanation.withdrawn:
        yield f"  taken back {explanation.withdrawn:%Y-%m-%d %H:%M:%S} UTC: its source does not list it any more"
    if explanation.earlier_versions:
        yield f"  edits      {explanation.earlier_versions} earlier version(s) kept"
    for tag in member.tags if member else ():
        yield f"  tag        {tag.name}: {'; '.join(map(describe, tag.reasons))}"
    if story is None:
        yield "  story      none: nothing of it is stored any more"
        return
    yield f"  story      {story.id}"
    leading = (story.lead.source_id, story.lead.key) == (stored.source_id, stored.key)
    yield "             represented by this entry" if leading else f"             represented by {name(story.lead)}"
    for told in story.members:
        if (told.source_id, told.key) != (stored.source_id, stored.key):
            yield f"             also told by {name(told)}"
    for reason in story.why:
        yield f"             {reason.found} joined {reason.field}: {describe(reason)}"
    yield from _event(explanation, story)
    for decision in explanation.editions:
        shown = f"place {decision.place}" if decision.place else "not shown"
        yield f"  edition    {decision.slug}: {shown}, {decision.why}"


def _event(explanation: Explanation, story: Story) -> Iterator[str]:
    """Tell with which other stories this one is linked, and why an entry was not linked when it came."""
    if story.event:
        yield f"  event      {story.event}"
        for other in explanation.related:
            yield f"             also covered by {name(other.lead)}"
        for reason in story.linked:
            yield f"             {reason.found} linked with {reason.field}: {describe(reason)}"
    for reason in explanation.placed:
        if reason.rule == "late":
            yield f"  came       {describe(reason)}"
        elif reason.rule == "new-story" and reason.field == reason.found:
            yield "  came       as a new story: none of those days shared words with it that are telling enough"
        elif reason.rule == "new-story":
            yield f"  came       as a new story: {describe(reason)}, {reason.field}"


def _stated(stored: StoredEntry, name: str) -> str:
    """Say where a date shown is not the one the feed states."""
    stated = getattr(stored.entry, name) if stored.entry else None
    shown = getattr(stored, name)
    if stored.entry is None or stated == shown or (name == "updated" and stated is None and shown == stored.published):
        return ""
    return f" (the feed states {stated:%Y-%m-%d %H:%M:%S})" if stated else " (the feed states none)"


def name(member: Member) -> str:
    """Return how to call an entry: its source and its title."""
    return f"{member.source_id}: {member.title or member.key!r}"
