"""Stories as the ledger of a store has them: by the numbers of their entries (`Member.number`)."""

from __future__ import annotations

from msgspec import Struct

from feedhub.model.story import Reason

__all__ = ["Booked", "Listed", "Teller"]


class Booked(Struct, frozen=True, kw_only=True):
    """A `Story` without what its entries say: ``members`` are their numbers, in its order."""

    id: str
    members: tuple[int, ...]
    why: tuple[Reason, ...] = ()
    event: str = ""
    linked: tuple[Reason, ...] = ()


class Teller(Struct, frozen=True, kw_only=True):
    """An entry: the ``knot`` that it is tied into, and the number of the first entry of its story, -1 for no story.

    ``day`` is the one on which it counts for its source, in days since 1970; ``None`` where it does not count.
    """

    number: int
    source_id: str
    knot: int
    story: int
    day: int | None


class Listed(Struct, frozen=True, kw_only=True):
    """The place of a story, named by the number of its first entry, in a list: the higher its ``rank``, the earlier.

    Stories of one rank stand in the order of their ids; ``id`` is the one that the story goes by there.
    """

    list: str
    rank: int
    number: int
    id: str
