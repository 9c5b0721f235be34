"""Wiring: stories become documents; those for people are the typesetter's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from feedhub.editions import Known, candidates, happenings, items, shown
from feedhub.model import Archived, Part
from feedhub.publish import document
from feedhub.publish.archive import NOTHING, address, after, archive, full, subscription, waiting
from feedhub.publish.tombstones import deleted, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from feedhub.config import Config
    from feedhub.model import Deleted, Document, Edition, Entry, Source, Story
    from feedhub.publish.tombstones import Withdrawn
    from feedhub.store import Store
    from feedhub.typesetter import Typesetter

__all__ = ["documents", "put_away"]


class Issue(NamedTuple):
    """What is to be published of an edition: the ``stories`` it shows, and what is said beside them."""

    edition: Edition
    stories: list[Story]
    archived: Archived
    deleted: tuple[Deleted, ...]


def documents(
    config: Config, store: Store, stories: Sequence[Story], named: Sequence[Source], setter: Typesetter
) -> Iterator[Document]:
    """Yield every document that ``config`` publishes but archives, and pages that ``setter`` keeps as they are.

    ``named`` are its sources with titles and links.
    """
    from feedhub.publish import opml  # noqa: PLC0415 - only runs with something to publish pay for loading lxml

    issues = list(_issues(config, store, stories))
    told = (story for issue in issues if issue.edition.digest == "none" for story in issue.stories)
    known = Known(
        entries=_leads(store, told),
        sources={source.id: source for source in named},
        events=happenings(stories),
    )
    made = [(issue.edition, items(issue.edition, config.site, issue.stories, known)) for issue in issues]
    for issue, (_, told_of) in zip(issues, made, strict=True):
        for name in issue.edition.formats:
            part = Part(previous=issue.archived.newest(name), deleted=issue.deleted)
            yield document(name, issue.edition, config.site, told_of, part)
    yield opml.document(config.site, list(named))
    yield from setter.documents(store, made, stories, named)


def put_away(
    config: Config, store: Store, stories: Sequence[Story], named: Sequence[Source], is_there: Callable[[str], bool]
) -> Iterator[tuple[Document, ...]]:
    """Put away what is to be, and yield the documents of each new archive, and of each that is not wholly there.

    ``is_there`` tells whether the document at a path is. An archive is stored before it is yielded: whoever is killed
    between the two finds it missing the next time.
    """
    editions = [edition for edition in config.editions if edition.history]
    tag_editions = [edition for edition in config.tag_editions if edition.history]
    if not editions and not tag_editions:
        return
    known = Known(entries={}, sources={source.id: source for source in named}, events=happenings(stories))
    for edition, passed in candidates(editions, tag_editions, _tags(config), stories):
        feed = address(edition, config.site)
        archived = store.archives.archived(feed)
        for number, paths in archived.paths.items():
            if not all(map(is_there, paths.values())):
                yield store.archives.documents(feed, number)
        for part in full(edition, waiting(passed, archived)):
            told = items(edition, config.site, part, known._replace(entries=_leads(store, part)))
            made = {item.story.id: item for item in told}
            put = archive(edition, config.site, part, made, archived)
            store.archives.put_away(put)
            archived = after(archived, put)
            yield tuple(put.documents.values())


def _issues(config: Config, store: Store, stories: Sequence[Story]) -> Iterator[Issue]:
    asked = any(edition.deletions for edition in (*config.editions, *config.tag_editions))
    withdrawn = _withdrawn(store) if asked else {}
    for edition, passed in candidates(config.editions, config.tag_editions, _tags(config), stories):
        gone = deleted(edition, passed, withdrawn)
        still = standing(edition, passed, withdrawn)
        if edition.history:
            archived = store.archives.archived(address(edition, config.site))
            yield Issue(edition, subscription(edition, still, archived), archived, gone)
        else:
            yield Issue(edition, shown(edition, still), NOTHING, gone)


def _tags(config: Config) -> set[str]:
    return {rule.tag for rule in config.tag_rules} | {tag for source in config.sources for tag in source.tags}


def _leads(store: Store, stories: Iterable[Story]) -> dict[tuple[str, str], Entry | None]:
    """Return the entries by which the ``stories`` are shown."""
    leads = {(story.lead.source_id, story.lead.key) for story in stories}
    return {(stored.source_id, stored.key): stored.entry for stored in store.entries(sorted(leads))}


def _withdrawn(store: Store) -> Withdrawn:
    """Return the entries that their sources took back, and when."""
    return {(state.source_id, each.key): each.at for state in store.states().values() for each in state.withdrawn}
