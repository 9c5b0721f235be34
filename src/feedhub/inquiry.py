"""Wiring: what people ask and say of entries, by the names that they have for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.model import Correction
from feedhub.stories.duplicates import arrival
from feedhub.stories.links import NOBODY, standing
from feedhub.stories.plain import telling

if TYPE_CHECKING:
    from typing import Literal

    from feedhub.model import Member, Reason, Story, StorySettings
    from feedhub.store import Store
    from feedhub.stories.comparing import Comparison, Direct, Verdict

__all__ = ["compare", "correction", "named", "unknown"]

# Of what nobody knows, so many characters are repeated.
LONGEST = 200


def unknown(text: str) -> str:
    """Return what to say where no stored entry goes by ``text``."""
    return f"no stored entry has the link, id or key {text[:LONGEST]!r}"


def named(store: Store, text: str) -> tuple[str, str]:
    """Return source id and key of the one entry whose link, id or key is ``text``.

    Where more than one source has an entry of that name, its source's id and a blank stand before it. LookupError says
    that none is known, or which there are.
    """
    found = [(stored.source_id, stored.key) for stored in store.find(text)]
    if not found:
        source_id, _, rest = text.partition(" ")
        found = [(source_id, stored.key) for stored in store.find(rest) if stored.source_id == source_id]
    if not found:
        raise LookupError(unknown(text))
    if len(found) > 1:
        choices = "; ".join(map(repr, map(" ".join, found)))
        raise LookupError(f"{text!r} names several entries; write one of {choices}")
    return found[0]


def correction(store: Store, kind: Literal["split", "join", "link", "undo"], entry: str, other: str) -> Correction:
    """Return a correction of entries that are stored; ``other`` may be "" where a kind does without.

    LookupError says which entry is not known or not clear, that both are one, or that there is nothing to undo.
    """
    said = Correction(kind=kind, entry=named(store, entry), other=named(store, other) if other else NOBODY)
    if said.entry == said.other:
        raise LookupError(f"{entry!r} and {other!r} are the same entry")
    before = store.told.corrections()
    if kind == "undo" and len(standing(before)) == len(standing([*before, said])):
        both = " and ".join(" ".join(name) for name in (said.entry, said.other) if name != NOBODY)
        raise LookupError(f"nothing that was said of {both} counts: there is nothing to undo")
    return said


def compare(store: Store, stories: list[Story], settings: StorySettings, entry: str, other: str) -> Comparison:
    """Return what two entries are to each other; LookupError says which is not known, not clear, or told of no more."""
    # Only who compares pays for loading the folds.
    from feedhub.stories.comparing import Comparison, chain  # noqa: PLC0415

    names = named(store, entry), named(store, other)
    by_member = {(member.source_id, member.key): (story, member) for story in stories for member in story.members}
    for name in names:
        if name not in by_member:
            raise LookupError(f"{' '.join(name)!r} is in no story: nothing of it is stored any more")
    (story, one), (story_of_other, two) = (by_member[name] for name in names)
    first, second = sorted((one, two), key=lambda member: (member.first_seen, member.number, arrival(member)))
    verdict: Verdict = "apart"
    reasons: tuple[Reason, ...] = ()
    if one == two:
        return Comparison(entries=(first, second), verdict="one-entry")
    if story == story_of_other:
        verdict, reasons = "one-story", story.why
    elif story.event and story.event == story_of_other.event:
        event = [each for each in stories if each.event == story.event]
        verdict, reasons = "one-event", tuple(reason for each in event for reason in (*each.why, *each.linked))
    return Comparison(
        entries=(first, second),
        verdict=verdict,
        because=chain(reasons, _label(first), _label(second)),
        said=tuple(said for said in standing(store.told.corrections()) if {said.entry, said.other} & set(names)),
        direct=_direct(store, settings, first, second),
    )


def _direct(store: Store, settings: StorySettings, first: Member, second: Member) -> Direct | None:
    """Hold two entries against each other as they were when they came, as far as both are stored still."""
    from feedhub.stories.comparing import directly  # noqa: PLC0415 - see above

    if not settings.near_duplicates and not settings.events:
        return None
    arrived = [
        came for member in (first, second) if member.number >= 0 for came in store.told.arrivals(member.number, 1)
    ]
    tellings = [telling(number, stored) for number, stored in arrived if stored.entry is not None]
    if [each.number for each in tellings] != [first.number, second.number]:
        return None
    earlier, later = sorted(tellings, key=lambda each: (each.arrived, each.number))
    return directly(store.told, earlier, later, copies=settings.near_duplicates, events=settings.events)


def _label(member: Member) -> str:
    return f"{member.source_id} {member.key}"
