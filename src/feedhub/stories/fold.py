"""The fold that tells stories: rows and new entries in, decisions with their reasons and changed rows out.

The answer depends on the entries and the order of their arrival only, never on how they were split into batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.normalize.text import tokens
from feedhub.stories import events
from feedhub.stories.events import Events
from feedhub.stories.near import NearTexts
from feedhub.stories.prints import MAX_WORDS, packed, unpacked
from feedhub.stories.shelf import Drawer, Row
from feedhub.stories.telling import Decision
from feedhub.stories.words import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedhub.stories.shelf import Shelf
    from feedhub.stories.telling import Telling

__all__ = ["Folded", "fold"]

# Characters of a text that are read, enough for `MAX_WORDS` words, and of its beginning that tell its event.
MAX_TEXT, LEAD = MAX_WORDS * 8, 400
ALWAYS = 1 << 62


class Folded(Struct, frozen=True):
    """What a fold decided, in order of arrival, and the rows it changed."""

    decisions: tuple[Decision, ...]
    rows: tuple[Row, ...]


def fold(shelf: Shelf, tellings: Iterable[Telling]) -> Folded:
    """Take in entries that were not told before, in order of arrival (first seen, then source and key)."""
    counter = Drawer(shelf, "count", ALWAYS, decode=unpacked, encode=packed)
    state = counter.get(0, 0)
    number, clock = (state[0], state[1]) if state else (0, 0)
    texts, happenings = NearTexts(shelf), Events(shelf)
    decisions: list[Decision] = []
    for telling in tellings:
        # Time never runs backwards in a fold, whatever the clocks of the world did.
        clock = max(clock, telling.arrived)
        decisions += _tell(number, clock, telling, texts, happenings)
        number += 1
    counter.put(0, clock, unpacked(packed((number, clock))))
    return Folded(tuple(decisions), (*texts.rows(), *happenings.rows(), *counter.rows()))


def _tell(number: int, now: int, telling: Telling, texts: NearTexts, happenings: Events) -> Iterable[Decision]:
    title = tokens(telling.title)
    body = tokens(telling.text[:MAX_TEXT])[:MAX_WORDS]
    near = texts.add(number, now, telling, title, body)
    who = {"number": number, "source_id": telling.source_id, "key": telling.key}
    if near:
        story = happenings.follow(number, near.first, now)
        yield Decision(
            rule="near-text",
            text=near.first,
            story=story,
            other=near.member,
            score=near.score,
            threshold=near.threshold,
            **who,
        )
        return
    language = language_of(telling.language)
    lead = body[: len(tokens(telling.text[:LEAD]))]
    placed, merged = happenings.place(number, now, language, title, lead)
    began = placed.story == number
    yield Decision(
        rule="new-story" if began else "same-event",
        text=number,
        story=placed.story,
        other=placed.story,
        score=placed.score,
        threshold=events.JOIN_AT,
        words=placed.words if not began else (),
        **who,
    )
    for pair in merged:
        yield Decision(
            rule="merged",
            text=number,
            story=pair.story,
            other=pair.other,
            score=pair.score,
            threshold=events.MERGE_AT,
            words=pair.words,
            **who,
        )
