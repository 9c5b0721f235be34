"""Which stories stand in which edition: pure, from the configuration's editions and the stories told."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Item
from feedhub.publish import select
from feedhub.stories.explain import EditionDecision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from feedhub.model import Edition, Entry, Source, Story

__all__ = ["contents", "decide", "item", "passing", "tag_slugs"]

PLAIN_TAG = re.compile(r"[a-z0-9]+(?:[ -][a-z0-9]+)*")


def contents(
    editions: Iterable[Edition], tag_editions: Iterable[Edition], tags: Iterable[str], stories: Sequence[Story]
) -> Iterator[tuple[Edition, list[Story]]]:
    """Yield each edition with the stories it shows, in its order.

    An edition for each tag is made for every tag of ``tags`` and every tag that a story has.
    """
    for edition in editions:
        yield edition, select(edition, passing(edition, stories))
    tag_editions = tuple(tag_editions)
    if not tag_editions:
        return
    tagged: dict[str, list[Story]] = {tag: [] for tag in tags}
    for story in stories:
        for given in story.tags:
            tagged.setdefault(given.name, []).append(story)
    for tag, slug in tag_slugs(tagged).items():
        for template in tag_editions:
            edition = replace(
                template,
                tag=tag,
                slug=template.slug.replace("{tag}", slug),
                title=template.title.replace("{tag}", tag),
                description=template.description.replace("{tag}", tag),
            )
            yield edition, select(edition, passing(template, tagged[tag]))


def passing(edition: Edition, stories: Iterable[Story]) -> list[Story]:
    """Return the stories of which a stored member passes the edition's filter."""
    slug = edition.slug
    return [
        story for story in stories if any(slug in member.editions for member in story.members if not member.removed)
    ]


def tag_slugs(tags: Iterable[str]) -> dict[str, str]:
    """Return a file name for each tag, sorted by tag: itself in lower case where that is plain, else with a hash."""
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    for tag in sorted(tags):
        plain = tag.lower()
        slug = plain.replace(" ", "-")
        if not PLAIN_TAG.fullmatch(plain) or slug in taken:
            words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "tag"
            slug = f"{words}-{blake2b(tag.encode(), digest_size=4).hexdigest()}"
        taken.add(slug)
        slugs[tag] = slug
    return slugs


def item(story: Story, entries: Mapping[tuple[str, str], Entry | None], sources: Mapping[str, Source]) -> Item | None:
    """Return ``story`` with its lead's entry and its sources, or None where the entry is gone meanwhile."""
    lead = story.lead
    entry = entries.get((lead.source_id, lead.key))
    if entry is None:
        return None
    others = dict.fromkeys(
        member.source_id
        for member in story.members
        if member.source_id in sources and member.source_id != lead.source_id
    )
    return Item(
        story=story,
        entry=entry,
        source=sources[lead.source_id],
        others=tuple(sources[source_id] for source_id in others),
    )


def decide(edition: Edition, told: list[Story], story: Story) -> EditionDecision:
    """Return whether ``edition``, which shows the stories ``told``, shows ``story``, and why."""
    place = next((place for place, shown in enumerate(told, 1) if shown.id == story.id), 0)
    if place:
        why = "its filter matches" if edition.filter else "it takes every story"
    elif passing(edition, [story]):
        why = "its filter matches, but limit, age or the cap per source leaves it out"
    else:
        why = "its filter does not match"
    return EditionDecision(slug=edition.slug, place=place, why=why)
