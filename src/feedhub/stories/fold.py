"""The fold that tells stories: rows and new entries in, decisions with their reasons and changed rows out.

The answer depends on the entries and the order of their arrival only, never on how they were split into batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.normalize.text import tokens
from feedhub.stories.across import LINK_WINDOW, MIN_RARITY
from feedhub.stories.events import JOIN_AT, MERGE_AT, PLACE_WINDOW, STORY_WINDOW, WORD_WINDOW, Events
from feedhub.stories.near import WINDOW, NearTexts
from feedhub.stories.prints import MAX_WORDS, packed, unpacked
from feedhub.stories.shelf import Drawer, Row
from feedhub.stories.telling import Decision
from feedhub.stories.words import headline, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedhub.stories.shelf import Shelf
    from feedhub.stories.telling import Telling

__all__ = ["ALGORITHM", "WINDOWS", "Folded", "fold", "progress"]

# Raise it when the same entries would be decided upon otherwise than before, or rows are read otherwise.
ALGORITHM = 2
# For how many seconds rows matter, by kind; those that are not named here are few, and matter for good.
WINDOWS = {
    "entry": WINDOW,
    "text": WINDOW,
    "print": WINDOW,
    "story": STORY_WINDOW,
    "word": WORD_WINDOW,
    "alias": PLACE_WINDOW,
    "place": PLACE_WINDOW,
    "link": LINK_WINDOW,
}

# Characters of a text that are read, enough for `MAX_WORDS` words, and of its beginning that tell its event.
MAX_TEXT, LEAD = MAX_WORDS * 8, 400
ALWAYS = 1 << 62


class Folded(Struct, frozen=True):
    """What a fold decided, in order of arrival, and the rows it changed."""

    decisions: tuple[Decision, ...]
    rows: tuple[Row, ...]


def progress(shelf: Shelf) -> tuple[int, int]:
    """Return the number of the next entry to take in, and the time (seconds since 1970) up to which was told."""
    state = Drawer(shelf, "count", ALWAYS, decode=unpacked, encode=packed).get(0, 0)
    return (state[0], state[1]) if state else (0, 0)


def fold(
    shelf: Shelf, tellings: Iterable[Telling], *, copies: bool = True, events: bool = True, across: bool = False
) -> Folded:
    """Take in entries that were not told before, in order of arrival.

    With ``copies``, near-identical texts are found; with ``events``, different texts about one happening; with
    ``across``, stories told in several languages are linked, too. These must be the same in every fold over one shelf.
    """
    counter = Drawer(shelf, "count", ALWAYS, decode=unpacked, encode=packed)
    number, clock = progress(shelf)
    texts = NearTexts(shelf) if copies else None
    happenings = Events(shelf, across=across) if events else None
    decisions: list[Decision] = []
    for telling in tellings:
        number = telling.number if telling.number >= 0 else number
        # Time never runs backwards in a fold, whatever the clocks of the world did.
        clock = max(clock, telling.arrived)
        decisions += _tell(number, clock, telling, texts, happenings)
        number += 1
    counter.put(0, clock, unpacked(packed((number, clock))))
    rows = [row for part in (texts, happenings) if part for row in part.rows()]
    return Folded(tuple(decisions), (*rows, *counter.rows()))


def _tell(
    number: int, now: int, telling: Telling, texts: NearTexts | None, happenings: Events | None
) -> Iterable[Decision]:
    title = tokens(telling.title)
    body = tokens(telling.text[:MAX_TEXT])[:MAX_WORDS]
    copied = texts.add(number, now, telling, title, body) if texts else None
    if copied:
        story = happenings.follow(number, copied.first, now) if happenings else copied.first
        why = ("near-text", copied.first, story, copied.member, copied.score, copied.threshold, ())
        yield _decision(number, why)
    elif happenings and telling.arrived < now - STORY_WINDOW:
        # An archive that comes late is held against no story of today.
        yield _decision(number, ("late", number, number, number, 0.0, JOIN_AT, ()))
    elif happenings:
        own = tokens(headline(telling.title))
        lead = body[: len(tokens(telling.text[:LEAD]))]
        yield from _place(number, now, language_of(telling.language), (own, lead), happenings)


def _place(
    number: int, now: int, language: str, words: tuple[Sequence[str], Sequence[str]], happenings: Events
) -> Iterable[Decision]:
    placed, merged, links = happenings.place(number, now, language, *words)
    rule = "new-story" if placed.story == number else "same-event"
    yield _decision(number, (rule, number, placed.story, placed.nearest, placed.score, JOIN_AT, placed.words))
    for pair in merged:
        united = ("merged", number, pair.story, pair.other, pair.score, MERGE_AT, pair.words)
        yield _decision(number, united)
    for link in links:
        linked = ("across-languages", number, link.story, link.other, link.score, MIN_RARITY, link.words)
        yield _decision(number, linked)


def _decision(number: int, why: tuple[str, int, int, int, float, float, tuple[str, ...]]) -> Decision:
    rule, text, story, other, score, threshold, words = why
    return Decision(
        rule=rule,
        number=number,
        text=text,
        story=story,
        other=other,
        score=score,
        threshold=threshold,
        words=words,
    )
