"""Explains what two entries are to each other: which links lead from one to the other, and what they have in common."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from feedhub.model import Correction, Member, Reason
from feedhub.normalize.text import tokens
from feedhub.stories import guards, near
from feedhub.stories.events import STORY_WINDOW
from feedhub.stories.explain import describe, name
from feedhub.stories.fold import MAX_TEXT, fold, progress
from feedhub.stories.prints import MAX_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feedhub.stories.shelf import Shelf
    from feedhub.stories.telling import Telling

__all__ = ["Comparison", "Direct", "Texts", "Verdict", "chain", "directly", "lines"]

DAY = 86400
Verdict = Literal["one-entry", "one-story", "one-event", "apart"]
VERDICTS: dict[Verdict, str] = {
    "one-entry": "one entry",
    "one-story": "one story",
    "one-event": "two stories of one event",
    "apart": "two stories that nothing links",
}


class Texts(Struct, frozen=True, kw_only=True):
    """Two texts: which share of the smaller one's fingerprints is in the other, and which is enough.

    ``objections`` are the guards that keep the texts apart however alike they are; ``same`` is what comes of it all.
    """

    same: bool
    score: float
    threshold: float
    objections: tuple[str, ...] = ()


class Direct(Struct, frozen=True, kw_only=True):
    """Two entries held against each other, as if nobody else had told anything in those days.

    ``texts`` is what their texts share, None where near-identical texts are not looked for; ``event`` whether the later
    one would join the story of the earlier one, None where events are not looked for, or a story is over by then.
    ``days`` lie between them.
    """

    days: float
    texts: Texts | None = None
    event: Reason | None = None


class Comparison(Struct, frozen=True, kw_only=True):
    """What two stored entries are to each other; ``entries`` are the two, in order of arrival.

    ``because`` are the links that lead from the first to the second, none where they are apart. ``said`` is what people
    said of either and counts. ``direct`` is None where the text of one is not stored any more, and where neither near
    duplicates nor events are looked for.
    """

    entries: tuple[Member, Member]
    verdict: Verdict
    because: tuple[Reason, ...] = ()
    said: tuple[Correction, ...] = ()
    direct: Direct | None = None


def chain(reasons: Iterable[Reason], start: str, end: str) -> tuple[Reason, ...]:
    """Return the fewest reasons that link the entry named ``start`` with the one named ``end``."""
    around: dict[str, list[tuple[str, Reason]]] = {}
    for reason in reasons:
        around.setdefault(reason.field, []).append((reason.found, reason))
        around.setdefault(reason.found, []).append((reason.field, reason))
    came: dict[str, tuple[str, Reason] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, reason in around.get(here, ()):
            if there not in came:
                came[there] = (here, reason)
                waiting.append(there)
    found: list[Reason] = []
    step = came.get(end)
    while step:
        found.append(step[1])
        step = came[step[0]]
    return tuple(reversed(found))


def directly(shelf: Shelf, earlier: Telling, later: Telling, *, copies: bool, events: bool) -> Direct:
    """Hold two entries against each other; from ``shelf`` only comes how usual words are."""
    seconds = later.arrived - earlier.arrived
    alone = partial(_alone, shelf, earlier, later)
    return Direct(
        days=round(seconds / DAY, 2),
        texts=_texts(earlier, later, same=alone(copies=True, events=False) is not None) if copies else None,
        event=alone(copies=False, events=True) if events and seconds <= STORY_WINDOW else None,
    )


def _texts(earlier: Telling, later: Telling, *, same: bool) -> Texts:
    one, other = (
        near.read(each, tokens(each.title), tokens(each.text[:MAX_TEXT])[:MAX_WORDS]) for each in (later, earlier)
    )
    score, threshold = near.compared(one, other)
    objections = {
        "they are of one series": guards.same_series(one.face, other.face),
        "their figures differ": guards.figures_differ(one.face, other.face),
        "one publisher has them under two headlines": one.publisher == other.publisher
        and not guards.headline_found(one.face, other.face),
    }
    return Texts(
        same=same,
        score=round(score, 3),
        threshold=threshold,
        objections=tuple(text for text, objects in objections.items() if objects),
    )


def _alone(shelf: Shelf, earlier: Telling, later: Telling, *, copies: bool, events: bool) -> Reason | None:
    """Return what is decided of an entry that only one other has come before."""
    # Words are as usual as they are at the end of what was told: no other time is known.
    moved = progress(shelf)[1] - later.arrived
    both = (replace(each, arrived=max(0, each.arrived + moved)) for each in (earlier, later))
    told = fold(_Words(shelf), both, copies=copies, events=events).decisions
    decision = next((one for one in told if one.number == later.number), None)
    if decision is None:
        return None
    met = decision.other == earlier.number
    return Reason(
        rule="too-little" if decision.rule == "new-story" else decision.rule,
        field=f"{earlier.source_id} {earlier.key}",
        found=f"{later.source_id} {later.key}",
        words=decision.words if met else (),
        score=round(decision.score, 3) if met else 0.0,
        threshold=decision.threshold,
    )


class _Words:
    """A shelf on which nothing lies but how usual words are."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:
        """Return the rows of words."""
        return self.shelf.read(kind, keys) if kind == "word" else {}


def lines(comparison: Comparison) -> Iterator[str]:
    """Yield a comparison line by line."""
    for member in comparison.entries:
        yield name(member)
    yield f"  they are   {VERDICTS[comparison.verdict]}"
    for reason in comparison.because:
        yield f"             {reason.found} with {reason.field}: {describe(reason)}"
    for correction in comparison.said:
        named = " and ".join(" ".join(entry) for entry in (correction.entry, correction.other) if entry[0])
        yield f"  said       {correction.kind}: {named}"
    direct = comparison.direct
    if direct is None:
        return
    if direct.texts:
        texts = direct.texts
        found = f"{'' if texts.same else 'not '}nearly the same ({texts.score:.2f}, {texts.threshold:.2f} is enough)"
        yield f"  texts      {'; '.join((found, *texts.objections))}"
    if direct.event and direct.event.words:
        yield f"  event      {describe(direct.event)}"
    elif direct.event:
        yield "  event      they share no words that are telling enough"
    elif direct.days * DAY > STORY_WINDOW:
        yield f"  event      {direct.days:,.0f} days lie between them, and a story is over after {STORY_WINDOW // DAY}"
