"""Which stories stand in which edition: pure, from the configuration's editions and the stories told."""

from __future__ import annotations

import re
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from feedhub.model import Item, Related
from feedhub.publish import select
from feedhub.publish.digest import digests, over
from feedhub.stories.explain import EditionDecision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from feedhub.model import Edition, Entry, Site, Source, Story

__all__ = [
    "Known",
    "candidates",
    "contents",
    "covering",
    "decide",
    "for_tag",
    "happenings",
    "item",
    "items",
    "passing",
    "shown",
    "tag_slugs",
]

# An event that half the world tells of shall not swell each of its entries.
MAX_RELATED = 200
PLAIN_TAG = re.compile(r"[a-z0-9]+(?:[ -][a-z0-9]+)*")


def contents(
    editions: Iterable[Edition], tag_editions: Iterable[Edition], tags: Iterable[str], stories: Sequence[Story]
) -> Iterator[tuple[Edition, list[Story]]]:
    """Yield each edition with the stories it shows, in its order; the editions are those of `candidates`."""
    for edition, passed in candidates(editions, tag_editions, tags, stories):
        yield edition, shown(edition, passed)


def candidates(
    editions: Iterable[Edition], tag_editions: Iterable[Edition], tags: Iterable[str], stories: Sequence[Story]
) -> Iterator[tuple[Edition, list[Story]]]:
    """Yield each edition with the stories that pass its filter.

    An edition for each tag is made for every tag of ``tags`` and every tag that a story has.
    """
    editions, tag_editions = tuple(editions), tuple(tag_editions)
    asked = any(edition.min_outlets > 1 for edition in (*editions, *tag_editions))
    outlets = covering(stories) if asked else {}
    for edition in editions:
        yield edition, passing(edition, stories, outlets)
    if not tag_editions:
        return
    tagged: dict[str, list[Story]] = {tag: [] for tag in tags}
    for story in stories:
        for given in story.tags:
            tagged.setdefault(given.name, []).append(story)
    for tag, slug in tag_slugs(tagged).items():
        for template in tag_editions:
            yield for_tag(template, tag, slug), passing(template, tagged[tag], outlets)


def for_tag(template: Edition, tag: str, slug: str) -> Edition:
    """Return the edition that is made for a tag with the file name ``slug``."""
    return replace(
        template,
        tag=tag,
        slug=template.slug.replace("{tag}", slug),
        title=template.title.replace("{tag}", tag),
        description=template.description.replace("{tag}", tag),
    )


def shown(edition: Edition, stories: list[Story]) -> list[Story]:
    """Return the stories that ``edition`` shows, in its order, out of those that pass its filter."""
    return select(edition, stories) if edition.digest == "none" else over(edition, stories)


def passing(edition: Edition, stories: Sequence[Story], outlets: Mapping[str, int]) -> list[Story]:
    """Return the stories of which a stored member passes the edition's filter, and that enough outlets cover.

    ``outlets`` is what `covering` counted. Where the edition shows only leads, of each event the first one is returned.
    """
    slug = edition.slug
    passed = [story for story in stories if _passes(slug, story)]
    if edition.min_outlets > 1:
        passed = [story for story in passed if outlets.get(story.id, 0) >= edition.min_outlets]
    return list(_leads(slug, passed, stories)) if edition.events == "lead" else passed


def _passes(slug: str, story: Story) -> bool:
    # Most stories have one member only.
    if story.lead is story.members[-1]:
        return slug in story.lead.editions and not story.lead.removed
    return any(slug in member.editions for member in story.members if not member.removed)


def _leads(slug: str, passed: Iterable[Story], stories: Iterable[Story]) -> Iterator[Story]:
    """Yield the first of each event's stories, under the id of the first that ever passed the filter.

    So an event that readers know does not look new to them once its first story is gone.
    """
    ids: dict[str, str] = {}
    for story in stories:
        if story.event not in ids and any(slug in member.editions for member in story.members):
            ids[story.event] = story.id
    told: set[str] = set()
    for story in passed:
        if not story.event:
            yield story
        elif story.event not in told:
            told.add(story.event)
            yield replace(story, id=ids[story.event])


def covering(stories: Iterable[Story]) -> dict[str, int]:
    """Return, by story, how many sources tell of its event: those of its stored entries and of its related stories'."""
    by_event: dict[str, set[str]] = {}
    stories = tuple(stories)
    for story in stories:
        told = by_event.setdefault(story.event or story.id, set())
        told.update(member.source_id for member in story.members if not member.removed)
    return {story.id: len(by_event[story.event or story.id]) for story in stories}


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


class Known(NamedTuple):
    """What items are made of: entries by (source_id, key), sources by id, and what `happenings` returns."""

    entries: Mapping[tuple[str, str], Entry | None]
    sources: Mapping[str, Source]
    events: Mapping[str, Sequence[Story]]


def happenings(stories: Iterable[Story]) -> dict[str, list[Story]]:
    """Return the stories of each event of which something is stored, in the order in which ``stories`` are."""
    events: dict[str, list[Story]] = {}
    for story in stories:
        if story.event and not story.lead.removed:
            events.setdefault(story.event, []).append(story)
    return events


def items(edition: Edition, site: Site, stories: Sequence[Story], known: Known) -> list[Item]:
    """Return what ``edition`` publishes of the ``stories`` it shows; digests need no entries."""
    if edition.digest != "none":
        return digests(edition, site, stories, known.sources)
    return [found for story in stories if (found := item(story, known))]


def item(story: Story, known: Known) -> Item | None:
    """Return ``story`` with its lead's entry and all that is to be named with it, or None where the entry is gone."""
    lead, sources = story.lead, known.sources
    entry = known.entries.get((lead.source_id, lead.key))
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
        related=tuple(
            Related(story=one, source=sources[one.lead.source_id])
            for one in islice((one for one in known.events.get(story.event, ()) if one.lead != lead), MAX_RELATED)
        ),
    )


def decide(edition: Edition, told: list[Story], story: Story) -> EditionDecision:
    """Return whether ``edition``, which shows the stories ``told``, shows ``story``, and why."""
    place = next((place for place, shown in enumerate(told, 1) if shown.lead == story.lead), 0)
    if place:
        why = "its filter matches" if edition.filter else "it takes every story"
    elif edition.events == "lead" and (lead := next((one for one in told if story.event == one.event != ""), None)):
        why = f"it shows only the first story of the event, {lead.id}"
    elif passing(replace(edition, min_outlets=1), [story], {}):
        why = "its filter matches, but limit, age, the cap per source or the number of outlets leaves it out"
        if edition.history:
            why = "its filter matches; it is not among the newest, and stands in an archive or waits for one"
    else:
        why = "its filter does not match"
    return EditionDecision(slug=edition.slug, place=place, why=why)
