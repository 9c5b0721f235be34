"""In which lists of the ledger stories stand: pure, from the configuration's editions.

An edition is published from the head of its list, so no publication has to look at all that was ever told. Its list is
in the order of its stories' moments. Where a source may tell only so many of its stories, there is a list for each
source instead, and where it has archives there is one more in the order of arrival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.editions import covering, passing
from feedhub.model.ledger import Listed
from feedhub.publish.selection import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from feedhub.model import Edition, Story

__all__ = ["TAGS", "by_arrival", "by_source", "is_shared", "listed", "of_tag"]

# Slugs hold no white space, tags hold no control characters.
TAGS = "\t"
"""What the names of lists of all stories with a tag begin with, and go on with the tag."""


def of_tag(template: Edition, tag: str) -> str:
    """Return the name of the list that the edition made of ``template`` for ``tag`` is published from."""
    return f"{template.slug}\n{tag}"


def by_source(name: str, source_id: str) -> str:
    """Return the name of the part of a list that one source leads."""
    return f"{name}\r{source_id}"


def by_arrival(name: str) -> str:
    """Return the name of the list of the same stories in order of arrival, the newest first."""
    return f"{name}\f"


def is_shared(edition: Edition) -> bool:
    """Return whether the places of an edition are shared out among the sources."""
    return edition.digest == "none" and bool(edition.per_source or edition.mix)


def listed(editions: Sequence[Edition], templates: Sequence[Edition], stories: Sequence[Story]) -> Iterator[Listed]:
    """Yield all places of ``stories``, which are whole events in order of arrival; ``templates`` are made for tags."""
    asked = any(edition.min_outlets > 1 for edition in (*editions, *templates))
    outlets = covering(stories) if asked else {}
    for edition in editions:
        yield from _placed(edition, edition.slug, passing(edition, stories, outlets))
    if not templates:
        return
    tagged: dict[str, list[Story]] = {}
    for story in stories:
        for given in story.tags:
            tagged.setdefault(given.name, []).append(story)
    for tag, about in tagged.items():
        for story in about:
            yield Listed(list=TAGS + tag, rank=0, number=story.members[0].number, id=story.id)
        for template in templates:
            yield from _placed(template, of_tag(template, tag), passing(template, about, outlets))


def _placed(edition: Edition, name: str, stories: Iterable[Story]) -> Iterator[Listed]:
    for story in stories:
        number = story.members[0].number
        part = by_source(name, story.lead.source_id) if is_shared(edition) else name
        yield Listed(list=part, rank=int(moment(edition, story).timestamp()), number=number, id=story.id)
        if edition.history:
            yield Listed(list=by_arrival(name), rank=number, number=number, id=story.id)
