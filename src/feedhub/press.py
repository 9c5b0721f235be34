"""Wiring: stories become documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.editions import Known, contents, happenings, items
from feedhub.publish import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feedhub.config import Config
    from feedhub.model import Document, Source, Story
    from feedhub.store import Store

__all__ = ["documents"]


def documents(config: Config, store: Store, stories: Sequence[Story], named: Sequence[Source]) -> Iterator[Document]:
    """Yield every document that ``config`` publishes; ``named`` are its sources with their titles and links."""
    from feedhub.publish import opml  # noqa: PLC0415 - only runs with something to publish pay for loading lxml

    tags = {rule.tag for rule in config.tag_rules} | {tag for source in config.sources for tag in source.tags}
    shown = list(contents(config.editions, config.tag_editions, tags, stories))
    leads = {(story.lead.source_id, story.lead.key) for _, told in shown for story in told}
    known = Known(
        entries={(stored.source_id, stored.key): stored.entry for stored in store.entries(sorted(leads))},
        sources={source.id: source for source in named},
        events=happenings(stories),
    )
    for edition, told in shown:
        made = items(edition, config.site, told, known)
        for name in edition.formats:
            yield document(name, edition, config.site, made)
    yield opml.document(config.site, list(named))
