"""Wiring: the ledger of stories is kept up. What changed is told anew with all that it has to do with, and no more."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from feedhub.listing import listed
from feedhub.model.ledger import Booked, Teller
from feedhub.plan import digest
from feedhub.stories.duplicates import group
from feedhub.stories.knots import edges, knotted, ties

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from feedhub.config import Config
    from feedhub.model import Correction, Member, Story
    from feedhub.store import Ledger, Store
    from feedhub.stories.telling import Decision

__all__ = ["Bookkeeper", "forget"]

# Raise it when the same members and decisions would be grouped or listed otherwise than before.
ALGORITHM = 2
# The named fact that says under which settings, and by which algorithm, the ledger was kept so far.
BOOKED = "booked"
DAY = 86400
# Entries told anew at once: more of them take more memory, fewer of them read more of each other's knots.
BATCH = 5000


class Bookkeeper:
    """Keeps the ledger under one configuration.

    ``settings`` names all that members and decisions depend on, ``configured`` are the sources whose entries count, and
    ``counts`` tells which decisions do.
    """

    def __init__(
        self, config: Config, settings: str, configured: Collection[str], counts: Callable[[Decision], bool]
    ) -> None:
        self.config = config
        facts = (ALGORITHM, settings, config.editions, config.tag_editions)
        self.fingerprint = digest(msgspec.json.encode(facts))
        self.configured = configured
        self.counts = counts

    def keep_up(self, store: Store) -> None:
        """Bring the ledger up to what is stored, signed and decided."""
        ledger = store.ledger
        if store.note(BOOKED) != self.fingerprint:
            forget(store)
            store.set_note(BOOKED, self.fingerprint)
        changed = ledger.changed()
        corrections = store.told.corrections() if changed else []
        for start in range(0, len(changed), BATCH):
            self._tell(store, ledger.members(changed[start : start + BATCH]), corrections)

    def _tell(self, store: Store, changed: Sequence[Member], corrections: Sequence[Correction]) -> None:
        """Tell the knots of what changed anew; whoever comes later is tied to them by then."""
        ledger = store.ledger
        numbers = [member.number for member in changed]
        tied: dict[int, int] = {}
        pairs = list(_tied(changed, tied))
        pairs += ((tied[tie], owner) for tie, owner in ledger.owners(tied).items())
        decisions = store.told.links_of(numbers)
        pairs += edges(decisions)
        pairs += _corrected(ledger, changed, corrections)
        known = ledger.knots({*numbers, *chain.from_iterable(pairs)})
        knots = knotted(pairs, known)
        # Most entries have nothing to do with any other.
        alone = {number: known.get(number, number) for number in numbers}
        places = {number: knots.get(knot, knot) for number, knot in alone.items()}
        told_anew = set(places.values())
        before = {*alone.values(), *(knot for knot, new in knots.items() if new in told_anew)}
        others = [member for member in ledger.tied(before) if member.number not in places]
        decisions += store.told.links_of(member.number for member in others)
        known = ledger.knots(member.number for member in others)
        places |= {number: knots.get(knot, knot) for number, knot in known.items()}
        members = [
            member if member.source_id in self.configured else replace(member, removed=True)
            for member in (*changed, *others)
        ]
        self._book(ledger, group(members, list(filter(self.counts, decisions)), corrections), members, places, tied)

    def _book(
        self,
        ledger: Ledger,
        stories: Sequence[Story],
        members: Sequence[Member],
        knots: Mapping[int, int],
        tied: Mapping[int, int],
    ) -> None:
        of_story = {member.number: story.members[0].number for story in stories for member in story.members}
        tellers = [
            Teller(
                number=member.number,
                source_id=member.source_id,
                knot=knots[member.number],
                story=of_story.get(member.number, -1),
                day=None if member.removed else int(member.published.timestamp()) // DAY,
            )
            for member in members
        ]
        booked = (
            Booked(
                id=story.id,
                members=tuple(member.number for member in story.members),
                why=story.why,
                event=story.event,
                linked=story.linked,
            )
            for story in stories
        )
        ledger.keep(tellers, booked, listed(self.config.editions, self.config.tag_editions, stories), tied)


def forget(store: Store) -> None:
    """Let the ledger be made anew."""
    store.set_note(BOOKED, "")
    store.ledger.forget()


def _tied(changed: Sequence[Member], tied: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield each of the members with the first of them that has a tie in common; note who that is."""
    for member in changed:
        for tie in ties(member):
            if (first := tied.setdefault(tie, member.number)) != member.number:
                yield first, member.number


def _corrected(
    ledger: Ledger, changed: Sequence[Member], corrections: Sequence[Correction]
) -> Iterator[tuple[int, int]]:
    """Yield the pairs that people put together, where one of them changed; so both have when that was just now."""
    numbers = {(member.source_id, member.key): member.number for member in changed} if corrections else {}
    for correction in corrections:
        names = (correction.entry, correction.other)
        if correction.kind != "split" and any(name in numbers for name in names):
            first, second = (numbers[name] if name in numbers else ledger.number(name) for name in names)
            if first >= 0 and second >= 0:
                yield first, second
