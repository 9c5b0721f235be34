"""Wiring: what there is to publish from. Either all stories, or the ledger, of which only what is shown is read."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from feedhub import editions
from feedhub.listing import TAGS, by_arrival, by_source, is_shared, of_tag
from feedhub.publish.archive import address
from feedhub.publish.digest import begun
from feedhub.publish.tombstones import withdrawn
from feedhub.stories.duplicates import arrival, retold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from feedhub.config import Config
    from feedhub.model import Edition, Story
    from feedhub.model.ledger import Listed
    from feedhub.publish.tombstones import Withdrawn
    from feedhub.store import Store

__all__ = ["AllStories", "Booked", "Stock"]


class Stock(Protocol):
    """Stories to publish; what is told of one edition does not depend on which editions are asked for."""

    def candidates(self, wanted: Callable[[Edition], bool], gone: Withdrawn) -> Iterator[tuple[Edition, list[Story]]]:
        """Yield each ``wanted`` edition with stories that pass its filter, in any order.

        They are enough of them to tell what the edition shows, puts away, and says to be deleted, where ``gone`` are
        the entries that were taken back. Editions made for tags come after all others.
        """
        ...

    def happenings(self, stories: Iterable[Story]) -> Mapping[str, Sequence[Story]]:
        """Return at least the events of these stories, as `feedhub.editions.happenings` does."""
        ...

    def activity(self) -> Mapping[str, Sequence[int]]:
        """Return what `feedhub.publish.html.sources.activity` does."""
        ...


class AllStories:
    """All stories there are; they need not be those of the ledger."""

    def __init__(self, config: Config, stories: Sequence[Story]) -> None:
        self.config = config
        self.stories = stories

    def candidates(
        self,
        wanted: Callable[[Edition], bool],
        gone: Withdrawn,  # noqa: ARG002 - all are there anyway
    ) -> Iterator[tuple[Edition, list[Story]]]:
        """See `Stock.candidates`."""
        general = filter(wanted, self.config.editions)
        templates = filter(wanted, self.config.tag_editions)
        return editions.candidates(general, templates, _tags(self.config), self.stories)

    def happenings(self, stories: Iterable[Story]) -> Mapping[str, Sequence[Story]]:  # noqa: ARG002 - as above
        """See `Stock.happenings`."""
        return self._happenings

    @cached_property
    def _happenings(self) -> Mapping[str, Sequence[Story]]:
        return editions.happenings(self.stories)

    def activity(self) -> Mapping[str, Sequence[int]]:
        """See `Stock.activity`."""
        from feedhub.publish.html.sources import activity  # noqa: PLC0415 - only for those who publish pages

        return activity(self.stories)


class Booked:
    """The stories in the ledger of a store, as they were told last; nothing may be told anew meanwhile."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config = config
        self.store = store
        self.ledger = store.ledger
        self.sources = {source.id: source for source in config.sources}
        self._read: dict[int, Story] = {}

    def candidates(self, wanted: Callable[[Edition], bool], gone: Withdrawn) -> Iterator[tuple[Edition, list[Story]]]:
        """See `Stock.candidates`."""
        taken_back = self._taken_back(gone)
        for edition in filter(wanted, self.config.editions):
            yield edition, self._passing(edition, edition.slug, taken_back)
        templates = list(filter(wanted, self.config.tag_editions))
        if not templates:
            return
        tags = _tags(self.config) | {name.removeprefix(TAGS) for name in self.ledger.lists(TAGS)}
        for tag, slug in editions.tag_slugs(tags).items():
            for template in templates:
                edition = editions.for_tag(template, tag, slug)
                yield edition, self._passing(edition, of_tag(template, tag), taken_back)

    def happenings(self, stories: Iterable[Story]) -> Mapping[str, Sequence[Story]]:
        """See `Stock.happenings`."""
        told = self.ledger.telling({story.event for story in stories if story.event})
        found = sorted(self._stories(told).values(), key=lambda story: arrival(story.members[0]))
        return editions.happenings(found)

    def activity(self) -> Mapping[str, Sequence[int]]:
        """See `Stock.activity`."""
        from feedhub.publish.html.sources import DAYS, by_day  # noqa: PLC0415 - as above

        return {source_id: by_day(days) for source_id, days in self.ledger.days(DAYS).items()}

    def _passing(self, edition: Edition, name: str, taken_back: Mapping[str, Sequence[Listed]]) -> list[Story]:
        """Return enough of the stories that stand in the list of an edition."""
        parts = [by_source(name, source_id) for source_id in self.sources] if is_shared(edition) else [name]
        back = [place for part in parts for place in taken_back.get(part, ())] if edition.deletions else []
        skipped = {place.number for place in back}
        places = {place.number: place for place in back}
        for part in parts:
            standing = (place for place in self.ledger.listed(part) if place.number not in skipped)
            places |= {place.number: place for place in _enough(edition, standing)}
        if edition.history:
            until = self.store.archives.archived(address(edition, self.config.site)).until
            for place in self.ledger.listed(by_arrival(name)):
                if place.rank <= until:
                    break
                places[place.number] = place
        stories = self._stories(places)
        return [
            story if story.id == places[number].id else replace(story, id=places[number].id)
            for number, story in stories.items()
        ]

    def _taken_back(self, gone: Withdrawn) -> dict[str, list[Listed]]:
        """Return the places of the stories that nobody stands by any more, by list."""
        told = {number for name in gone if (number := self.ledger.story(name)) >= 0}
        numbers = [number for number, story in self._stories(told).items() if withdrawn(story, gone) is not None]
        places: dict[str, list[Listed]] = {}
        for place in self.ledger.places(numbers):
            places.setdefault(place.list, []).append(place)
        return places

    def _stories(self, numbers: Iterable[int]) -> dict[int, Story]:
        """Return the stories of these numbers; each is read once."""
        numbers = list(numbers)
        booked = self.ledger.stories(number for number in numbers if number not in self._read)
        members = {
            member.number: member if member.source_id in self.sources else replace(member, removed=True)
            for member in self.ledger.members({number for story in booked for number in story.members})
        }
        self._read |= {story.members[0]: retold(story, members) for story in booked}
        return {number: self._read[number] for number in numbers if number in self._read}


def _enough(edition: Edition, places: Iterator[Listed]) -> Iterator[Listed]:
    """Yield as many of the places, which are in the edition's order, as tell what it shows of them."""
    if edition.digest == "none":
        yield from islice(places, min(edition.limit, edition.per_source or edition.limit))
        return
    periods: set[datetime] = set()
    for place in places:
        periods.add(begun(edition, datetime.fromtimestamp(place.rank, UTC)))
        # The newest one is not over.
        if len(periods) > edition.limit + 1:
            return
        yield place


def _tags(config: Config) -> set[str]:
    return {rule.tag for rule in config.tag_rules} | {tag for source in config.sources for tag in source.tags}
