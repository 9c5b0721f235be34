"""The fold that tells stories: rows and new entries in, decisions with their reasons and changed rows out.

The answer depends on the entries and the order of their arrival only, never on how they were split into batches.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.normalize.text import tokens
from feedhub.stories.across import LINK_WINDOW, MIN_RARITY
from feedhub.stories.events import JOIN_AT, MERGE_AT, PLACE_WINDOW, STORY_WINDOW, WORD_WINDOW, Events, New
from feedhub.stories.near import WINDOW, NearTexts, read
from feedhub.stories.prints import MAX_WORDS, packed, unpacked
from feedhub.stories.shelf import Drawer, Row
from feedhub.stories.telling import Decision, Telling
from feedhub.stories.words import headline, kicker, language_of, terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from feedhub.stories.near import Likeness
    from feedhub.stories.shelf import Shelf

__all__ = ["ALGORITHM", "WINDOWS", "Folded", "fold", "progress"]

# Raise it when the same entries would be decided upon otherwise than before, or rows are read otherwise.
ALGORITHM = 6
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
# Entries for which the shelf is read at once.
AHEAD = 1000


class Folded(Struct, frozen=True):
    """What a fold decided, in order of arrival, and the rows it changed."""

    decisions: tuple[Decision, ...]
    rows: tuple[Row, ...]


class Arrived(Struct, frozen=True):
    """A new entry with its number, the time up to which was told, and the words of its text."""

    number: int
    now: int
    telling: Telling
    body: list[str]


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
    waiting = iter(tellings)
    while ahead := list(islice(waiting, AHEAD)):
        arrived = []
        for telling in ahead:
            number = telling.number if telling.number >= 0 else number
            # Time never runs backwards in a fold, whatever the clocks of the world did.
            clock = max(clock, telling.arrived)
            arrived.append(Arrived(number, clock, telling, tokens(telling.text[:MAX_TEXT])[:MAX_WORDS]))
            number += 1
        copied = _copies(texts, arrived) if texts else {}
        if happenings:
            decisions += _tell(happenings, arrived, copied)
        else:
            decisions += (_copy(number, like, like.first) for number, like in copied.items())
    counter.put(0, clock, unpacked(packed((number, clock))))
    rows = [row for part in (texts, happenings) if part for row in part.rows()]
    return Folded(tuple(decisions), (*rows, *counter.rows()))


def _copies(texts: NearTexts, arrived: Sequence[Arrived]) -> dict[int, Likeness]:
    """Return by number the texts that were told before."""
    new = [read(each.telling, tokens(each.telling.title), each.body) for each in arrived]
    texts.expect(new)
    found = [(each.number, texts.add(each.number, each.now, one)) for each, one in zip(arrived, new, strict=True)]
    return {number: like for number, like in found if like}


def _tell(happenings: Events, arrived: Sequence[Arrived], copied: Mapping[int, Likeness]) -> Iterator[Decision]:
    new = {
        each.number: _new(each)
        for each in arrived
        # An archive that comes late is held against no story of today.
        if each.number not in copied and each.telling.arrived >= each.now - STORY_WINDOW
    }
    happenings.expect(new.values())
    for each in arrived:
        number, now = each.number, each.now
        if number in copied:
            yield _copy(number, copied[number], happenings.follow(number, copied[number].first, now))
        elif number in new:
            yield from _place(number, now, new[number], happenings)
        else:
            yield _decision(number, ("late", number, number, number, 0.0, JOIN_AT, ()))


def _new(arrived: Arrived) -> New:
    telling = arrived.telling
    language, head = language_of(telling.language), headline(telling.title)
    lead = arrived.body[: len(tokens(telling.text[:LEAD]))]
    return New(language, terms(language, tokens(head), lead, before=len(tokens(kicker(head)))))


def _place(number: int, now: int, new: New, happenings: Events) -> Iterator[Decision]:
    placed, merged, links = happenings.place(number, now, new)
    rule = "new-story" if placed.story == number else "same-event"
    yield _decision(number, (rule, number, placed.story, placed.nearest, placed.score, JOIN_AT, placed.words))
    for pair in merged:
        united = ("merged", number, pair.story, pair.other, pair.score, MERGE_AT, pair.words)
        yield _decision(number, united)
    for link in links:
        linked = ("across-languages", number, link.story, link.other, link.score, MIN_RARITY, link.words)
        yield _decision(number, linked)


def _copy(number: int, like: Likeness, story: int) -> Decision:
    return _decision(number, ("near-text", like.first, story, like.member, like.score, like.threshold, ()))


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
