"""Wiring: stories become documents; those for people are the typesetter's."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from feedhub.editions import Known, items, shown
from feedhub.model import Archived, Part
from feedhub.publish import document
from feedhub.publish.archive import NOTHING, address, after, archive, full, subscription, waiting
from feedhub.publish.tombstones import deleted, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from feedhub.config import Config
    from feedhub.model import Deleted, Document, Edition, Entry, Source, Story
    from feedhub.publish.tombstones import Withdrawn
    from feedhub.stock import Stock
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
    config: Config, store: Store, stock: Stock, named: Sequence[Source], setter: Typesetter
) -> Iterator[Document]:
    """Yield every document that ``config`` publishes but archives, and pages that ``setter`` keeps as they are.

    ``stock`` is what it publishes from, and ``named`` are its sources with titles and links.
    """
    from feedhub.publish import opml  # noqa: PLC0415 - only runs with something to publish pay for loading lxml

    issues = list(_issues(config, store, stock))
    told = [story for issue in issues if issue.edition.digest == "none" for story in issue.stories]
    known = Known(
        entries=_leads(store, told),
        sources={source.id: source for source in named},
        events=stock.happenings(told),
    )
    made = [(issue.edition, items(issue.edition, config.site, issue.stories, known)) for issue in issues]
    for issue, (_, told_of) in zip(issues, made, strict=True):
        for name in issue.edition.formats:
            part = Part(previous=issue.archived.newest(name), deleted=issue.deleted)
            yield document(name, issue.edition, config.site, told_of, part)
    yield opml.document(config.site, list(named))
    yield from setter.documents(store, made, stock, named)


def put_away(
    config: Config, store: Store, stock: Stock, named: Sequence[Source], is_there: Callable[[str], bool]
) -> Iterator[tuple[Document, ...]]:
    """Put away what is to be, and yield the documents of each new archive, and of each that is not wholly there.

    ``is_there`` tells whether the document at a path is. An archive is stored before it is yielded: whoever is killed
    between the two finds it missing the next time.
    """
    known = Known(entries={}, sources={source.id: source for source in named}, events={})
    for edition, passed in stock.candidates(attrgetter("history"), {}):
        feed = address(edition, config.site)
        archived = store.archives.archived(feed)
        for number, paths in archived.paths.items():
            if not all(map(is_there, paths.values())):
                yield store.archives.documents(feed, number)
        for part in full(edition, waiting(passed, archived)):
            told = items(
                edition, config.site, part, known._replace(entries=_leads(store, part), events=stock.happenings(part))
            )
            made = {item.story.id: item for item in told}
            put = archive(edition, config.site, part, made, archived)
            store.archives.put_away(put)
            archived = after(archived, put)
            yield tuple(put.documents.values())


def _issues(config: Config, store: Store, stock: Stock) -> Iterator[Issue]:
    asked = any(edition.deletions for edition in (*config.editions, *config.tag_editions))
    withdrawn = _withdrawn(store) if asked else {}
    for edition, passed in stock.candidates(bool, withdrawn):
        gone = deleted(edition, passed, withdrawn)
        still = standing(edition, passed, withdrawn)
        if edition.history:
            archived = store.archives.archived(address(edition, config.site))
            yield Issue(edition, subscription(edition, still, archived), archived, gone)
        else:
            yield Issue(edition, shown(edition, still), NOTHING, gone)


def _leads(store: Store, stories: Iterable[Story]) -> dict[tuple[str, str], Entry | None]:
    """Return the entries by which the ``stories`` are shown."""
    leads = {(story.lead.source_id, story.lead.key) for story in stories}
    return {(stored.source_id, stored.key): stored.entry for stored in store.entries(sorted(leads))}


def _withdrawn(store: Store) -> Withdrawn:
    """Return the entries that their sources took back, and when."""
    return {(state.source_id, each.key): each.at for state in store.states().values() for each in state.withdrawn}
