"""The fold that tells stories: rows and new entries in, decisions with their reasons and changed rows out.

The answer depends on the entries and the order of their arrival only, never on how they were split into batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.normalize.text import tokens
from feedhub.stories import events
from feedhub.stories.across import MIN_RARITY
from feedhub.stories.events import Events
from feedhub.stories.near import NearTexts
from feedhub.stories.prints import MAX_WORDS, packed, unpacked
from feedhub.stories.shelf import Drawer, Row
from feedhub.stories.telling import Decision
from feedhub.stories.words import headline, language_of

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


def fold(shelf: Shelf, tellings: Iterable[Telling], *, across: bool = False) -> Folded:
    """Take in entries that were not told before, in order of arrival (first seen, then source and key).

    With ``across``, stories told in several languages are linked; it must be the same in every fold over one shelf.
    """
    counter = Drawer(shelf, "count", ALWAYS, decode=unpacked, encode=packed)
    state = counter.get(0, 0)
    number, clock = (state[0], state[1]) if state else (0, 0)
    texts, happenings = NearTexts(shelf), Events(shelf, across=across)
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
    if near:
        story = happenings.follow(number, near.first, now)
        copied = ("near-text", near.first, story, near.member, near.score, near.threshold, ())
        yield _decision(telling, number, copied)
        return
    title = tokens(headline(telling.title))
    lead = body[: len(tokens(telling.text[:LEAD]))]
    placed, merged, links = happenings.place(number, now, language_of(telling.language), title, lead)
    story, odds = placed.story, placed.score
    if story == number:
        yield _decision(telling, number, ("new-story", number, story, number, odds, events.JOIN_AT, ()))
    else:
        yield _decision(telling, number, ("same-event", number, story, story, odds, events.JOIN_AT, placed.words))
    for pair in merged:
        united = ("merged", number, pair.story, pair.other, pair.score, events.MERGE_AT, pair.words)
        yield _decision(telling, number, united)
    for link in links:
        linked = ("across-languages", number, link.story, link.other, link.score, MIN_RARITY, link.words)
        yield _decision(telling, number, linked)


def _decision(telling: Telling, number: int, why: tuple[str, int, int, int, float, float, tuple[str, ...]]) -> Decision:
    rule, text, story, other, score, threshold, words = why
    return Decision(
        rule=rule,
        number=number,
        source_id=telling.source_id,
        key=telling.key,
        text=text,
        story=story,
        other=other,
        score=score,
        threshold=threshold,
        words=words,
    )
