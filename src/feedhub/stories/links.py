"""Links between entries that the folds found and people corrected: which of them are one story, which one event.

Both are components of what is linked, so neither depends on the order in which links are looked at. What a person split
off is taken out of its component, and the rest of it stays together: whatever is alike through it is alike still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from feedhub.model import Correction, Member
    from feedhub.stories.telling import Decision

__all__ = ["NOBODY", "Event", "Parents", "Said", "copies", "events", "said", "settle", "standing"]

Name = tuple[str, str]
# The other entry of a correction that is about one entry.
NOBODY: Name = ("", "")


class Event(Struct, frozen=True):
    """What a story's event is: the place of its ``first`` story, and the reasons that link the story to others."""

    first: int
    reasons: tuple[Reason, ...]


class Said(Struct, frozen=True):
    """What corrections come to: places that stand alone, pairs that are one story, and pairs that are one event."""

    alone: frozenset[int] = frozenset()
    joins: tuple[tuple[int, int], ...] = ()
    links: tuple[tuple[int, int], ...] = ()


class Parents:
    """Components of the numbers below ``size``, each under the least of its members, with why each other is in it."""

    def __init__(self, size: int) -> None:
        self.parents = list(range(size))
        self.whys: dict[int, Reason] = {}

    def root(self, place: int) -> int:
        """Return the first of the component that ``place`` is in."""
        parents = self.parents
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    def unite(self, first: int, second: int, reason: Reason) -> None:
        """Make the components of two places one; ``reason`` is remembered unless they are one already."""
        old, new = self.root(first), self.root(second)
        if old != new:
            old, new = (old, new) if old < new else (new, old)
            self.parents[new] = old
            self.whys[new] = reason

    def take_out(self, alone: frozenset[int]) -> None:
        """Make each place of ``alone`` a component of its own; what else is in theirs stays together."""
        torn: dict[int, list[int]] = {self.root(place): [] for place in alone}
        for place in range(len(self.parents)) if torn else ():
            root = self.root(place)
            if root in torn:
                torn[root].append(place)
        for members in torn.values():
            rest = [place for place in members if place not in alone]
            for place in members:
                self.parents[place] = place if place in alone else rest[0]
            for place in (*alone.intersection(members), *rest[:1]):
                self.whys.pop(place, None)


def copies(
    ordered: Sequence[Member], places: Mapping[int, int], decisions: Iterable[Decision]
) -> Iterator[tuple[int, int, Reason]]:
    """Yield pairs of places in ``ordered`` whose texts were found to be nearly the same, with the reason.

    ``places`` are those of the members' numbers.
    """
    for decision in decisions:
        if decision.rule == "near-text":
            earlier, later = places.get(decision.other), places.get(decision.number)
            if earlier is not None and later is not None:
                yield earlier, later, weighed(decision, ordered[earlier], ordered[later])


def settle(stories: Parents, ordered: Sequence[Member], corrected: Said) -> None:
    """Let count what people said about stories that are one."""
    stories.take_out(corrected.alone)
    for first, second in corrected.joins:
        stories.unite(first, second, _stated("joined", ordered, first, second))


def events(
    stories: Parents,
    ordered: Sequence[Member],
    places: Mapping[int, int],
    decisions: Sequence[Decision],
    corrected: Said,
) -> dict[int, Event]:
    """Return the event of each story that is not alone in its event, by the place of the story's first member."""
    size, alone = len(ordered), corrected.alone
    # What is linked through an entry that stands alone is linked still, but not with the story that the entry is or
    # was joined to: it has a second place in here.
    linked = Parents(2 * size if alone else size)
    reasons: dict[int, dict[Reason, None]] = {}

    def node(place: int) -> int:
        return size + place if place in alone else stories.root(place)

    for earlier, later, reason in _events(ordered, places, decisions):
        if node(earlier) != node(later):
            linked.unite(node(earlier), node(later), reason)
            reasons.setdefault(node(later), {})[reason] = None
    for earlier, later, reason in copies(ordered, places, decisions) if alone else ():
        linked.unite(node(earlier), node(later), reason)
    linked.take_out(frozenset(size + place for place in alone))
    for first, second in corrected.links:
        earlier, later = sorted((stories.root(first), stories.root(second)))
        if earlier != later:
            reason = _stated("linked", ordered, first, second)
            linked.unite(earlier, later, reason)
            reasons.setdefault(later, {})[reason] = None
    first_of = {place: linked.root(place) for place in range(size) if linked.parents[place] != place}
    first_of |= {first: first for first in first_of.values()}
    return {place: Event(first, tuple(reasons.get(place, ()))) for place, first in first_of.items()}


def _events(
    ordered: Sequence[Member], places: Mapping[int, int], decisions: Iterable[Decision]
) -> Iterator[tuple[int, int, Reason]]:
    for decision in decisions:
        match decision.rule:
            case "same-event":
                numbers = decision.other, decision.number
            case "merged" | "across-languages":
                numbers = decision.story, decision.other
            case _:
                continue
        earlier, later = places.get(numbers[0]), places.get(numbers[1])
        if earlier is not None and later is not None:
            yield earlier, later, weighed(decision, ordered[earlier], ordered[later])


def standing(corrections: Iterable[Correction]) -> list[Correction]:
    """Return those of the ``corrections`` that count still, in their order; none of them is an ``undo``."""
    left: list[Correction] = []
    for correction in corrections:
        named = {correction.entry} if correction.other == NOBODY else {correction.entry, correction.other}
        if correction.kind in {"split", "undo"}:
            left = [one for one in left if not named <= {one.entry, one.other}]
        if correction.kind != "undo":
            left.append(correction)
    return left


def said(corrections: Iterable[Correction], ordered: Sequence[Member]) -> Said:
    """Return what ``corrections`` come to, each of which counts for more than those before it."""
    left = standing(corrections)
    if not left:
        return Said()
    alone = [correction.entry for correction in left if correction.kind == "split"]
    pairs = [correction for correction in left if correction.kind != "split"]
    places = {(member.source_id, member.key): place for place, member in enumerate(ordered)}
    known = [
        (pair.kind, (places[pair.entry], places[pair.other]))
        for pair in pairs
        if pair.entry in places and pair.other in places
    ]
    return Said(
        alone=frozenset(places[name] for name in alone if name in places),
        joins=tuple(pair for kind, pair in known if kind == "join"),
        links=tuple(pair for kind, pair in known if kind == "link"),
    )


def weighed(decision: Decision, earlier: Member | None, later: Member | None) -> Reason:
    """Return a decision as the reason why ``later`` belongs to ``earlier``, or would nearly have."""
    return Reason(
        rule=decision.rule,
        field=_name(earlier) if earlier else "",
        found=_name(later) if later else "",
        words=decision.words,
        score=round(decision.score, 3),
        threshold=decision.threshold,
    )


def _stated(rule: str, ordered: Sequence[Member], first: int, second: int) -> Reason:
    earlier, later = sorted((first, second))
    return Reason(rule=rule, field=_name(ordered[earlier]), found=_name(ordered[later]))


def _name(member: Member) -> str:
    return f"{member.source_id} {member.key}"
