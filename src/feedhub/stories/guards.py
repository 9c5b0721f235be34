"""What keeps texts apart that look alike: series, figures, and publishers who repeat themselves.

A wrong merge hides news and a missed one only repeats it, so each guard may only ever keep texts apart.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import Struct

from feedhub.stories.languages import CALENDAR, MONTHS
from feedhub.stories.prints import OPENING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Face", "face", "figures_differ", "headline_found", "same_series"]

# Texts of at most so many words stand and fall with their figures; only the first figures of a text are compared.
SHORT = 90
MAX_FIGURES = 80
# The share of the words of two titles that must agree, figures aside, for them to be titles of one series.
FRAME = 0.6
# The share of a headline's words that makes it found in another text's headline or opening.
FOUND = 0.7
# Kinds of figures: numbers, months, days of the week.
SIDES = 3
# 41, 4th, 1.5 are numbers and also q3, ep41, s02e05; a name such as news24 is none.
FIGURE = re.compile(r"[^\W\d]{0,2}\d")
CUT = ("…", "...", "[…]", "[...]")


class Face(Struct, frozen=True):
    """What guards look at, words as 32-bit numbers.

    ``places`` are pairs of a word of the title and a figure right after or before it, and ``numbers`` all figures of
    the title. ``length`` is in words, ``figures`` are the text's and ``opening`` has the words of the title and of the
    text's beginning.
    """

    title: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    numbers: tuple[int, ...]
    length: int
    figures: tuple[int, ...]
    opening: tuple[int, ...]


def face(title: Sequence[str], words: Sequence[str], text: str) -> Face:
    """Return what guards look at; ``text`` is what ``words`` were read from, to see where an excerpt was cut off."""
    # The last number of an excerpt may have lost its end: 1,200 cut to 1.
    whole = words[:-1] if text.rstrip().endswith(CUT) else words
    return Face(
        title=_hashed(word for word in title if not _is_figure(word)),
        places=_places(title),
        numbers=tuple(sorted(crc32(word.encode()) for word in title if _is_figure(word))),
        length=len(words),
        figures=_hashed(
            [word for word in whole if (not word.isalpha() or word in CALENDAR) and _is_figure(word)][:MAX_FIGURES]
        ),
        opening=_hashed((*title, *words[:OPENING])),
    )


def _is_figure(word: str) -> bool:
    return word in CALENDAR or (not word.isalpha() and FIGURE.match(word) is not None)


def _kind(figure: str) -> int:
    return 0 if not figure.isalpha() else 1 if figure in MONTHS else 2


def _hashed(words: object) -> tuple[int, ...]:
    return tuple(sorted({crc32(word.encode()) for word in words}))  # type: ignore[attr-defined]


def _places(title: Sequence[str]) -> tuple[tuple[int, int], ...]:
    places = set()
    for before, after in pairwise(title):
        # A place also says which kind of figure is there, and on which side of the word: "part 2" is not "2 parts".
        if _is_figure(after):
            places.add((crc32(before.encode(), _kind(after)), crc32(after.encode())))
        if _is_figure(before):
            places.add((crc32(after.encode(), SIDES + _kind(before)), crc32(before.encode())))
    return tuple(sorted(places))


def same_series(one: Face, other: Face) -> bool:
    """Tell whether two titles are the same but for the figures at one place of them: episode 41 and episode 42.

    Each must have a figure that the other lacks, for "5 reasons" and "Update 1: 5 reasons" are no series.
    """
    if not one.places or not other.places:
        return False
    fewer = min(len(one.title), len(other.title))
    if len(set(one.title) & set(other.title)) < FRAME * fewer:
        return False
    if not Counter(one.numbers) - Counter(other.numbers) or not Counter(other.numbers) - Counter(one.numbers):
        return False
    mine, theirs = _by_place(one), _by_place(other)
    return any(mine[place].isdisjoint(theirs[place]) for place in mine.keys() & theirs.keys())


def _by_place(face: Face) -> dict[int, set[int]]:
    figures: dict[int, set[int]] = {}
    for place, figure in face.places:
        figures.setdefault(place, set()).add(figure)
    return figures


def figures_differ(one: Face, other: Face) -> bool:
    """Tell whether a short text has figures that the other lacks; both ways round where both are short."""
    shorter, longer = sorted((one, other), key=lambda text: text.length)
    if shorter.length > SHORT:
        return False
    mine, theirs = set(shorter.figures), set(longer.figures)
    # A long text is an original that an excerpt need not have all figures of.
    return bool(mine - theirs) or (
        longer.length <= SHORT and longer.length * FRAME <= shorter.length and mine != theirs
    )


def headline_found(one: Face, other: Face) -> bool:
    """Tell whether the headline of either is in the headline or the opening of the other."""
    return _within(one, other) or _within(other, one)


def _within(one: Face, other: Face) -> bool:
    return bool(one.title) and len(set(one.title) & set(other.opening)) >= FOUND * len(one.title)
