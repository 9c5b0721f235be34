"""A made-up stream of news: as many entries as wanted, within four days unless told otherwise, the same every time.

Of a hundred entries some 20 are copies or excerpts of earlier ones, up to 40 tell of a happening that others told of,
and the rest tell of a new one. What is copied is hours old and what is told again up to days, however dense the stream
is. Who tells again picks an entry, not a happening: most happenings are told once or twice, and some by hundreds.

Words follow Zipf's law up to the 8,000th and fall twice as steeply beyond (Ferrer i Cancho and Solé: Two regimes in the
frequency of words, 2001), so that new words never end: 60,000 in 10,000 entries, 180,000 in 100,000. A happening has
names of its own, some of them in everybody's mouth and some never heard before. Texts have 20 to 300 words.
"""

from __future__ import annotations

import math
from array import array
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from feedhub.stories.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = 400
START, SPAN = 1_700_000_000, 4 * 86400
COPIES, TOLD_AGAIN = 0.2, 0.6
# How old is what is copied and what is told again, in seconds, on average.
COPIED_AFTER, AGAIN_AFTER = 4 * 3600, 12 * 3600
EXCERPT = 240
# The rank from which on words are rare, and the share of all words that are up to it.
RARE = 8000
KERNEL = math.log(RARE) / (math.log(RARE) + 1)
RANKS = 1 << 30
# Words that anything may be told with are no names, and so many names a happening has.
NO_NAME, NAMES = 100, 10


@lru_cache(100_000)
def word(rank: int) -> str:
    """Return a made-up word of the given rank."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    name = ""
    rank += 26
    while rank:
        rank, letter = divmod(rank, 26)
        name += letters[letter]
    return name


def drawn(random: Random, count: int) -> list[int]:
    """Return the ranks of so many words."""
    return [
        int(RARE ** random.random()) if random.random() < KERNEL else min(RANKS, int(RARE / (1 - random.random())))
        for _ in range(count)
    ]


def names(happening: int) -> list[int]:
    """Return the ranks of the words that a happening is told with."""
    random = Random(f"names of {happening}")  # noqa: S311 - the same stream every time is the point
    found: list[int] = []
    while len(found) < NAMES:
        found += [rank for rank in drawn(random, NAMES) if rank > NO_NAME and rank not in found]
    return found[:NAMES]


def told(number: int, happening: int) -> tuple[str, str]:
    """Return title and text of entry ``number``, which is no copy."""
    random = Random(number)  # noqa: S311 - as above
    own = names(happening)
    title = [*random.sample(own, 6), *drawn(random, 4)]
    text = drawn(random, random.randrange(20, 300))
    text[5:5] = random.sample(own, 10)
    return " ".join(map(word, title)), " ".join(map(word, text))


def stream(entries: int, span: int = SPAN) -> Iterator[Telling]:
    """Yield so many entries in order of arrival, within ``span`` seconds."""
    random = Random(5)  # noqa: S311 - as above
    # Of every entry so far, the first one with its text and its happening: texts are made again when they are copied.
    first, happenings = array("I"), array("I")
    per_second = entries / span
    for number in range(entries):
        kind = random.random()
        source = f"s{random.randrange(SOURCES)}"
        after = random.expovariate(1 / (COPIED_AFTER if kind < COPIES else AGAIN_AFTER))
        old = number - 1 - int(after * per_second)
        if old < 0:
            kind = 1.0
        first.append(first[old] if kind < COPIES else number)
        happenings.append(happenings[old] if kind < TOLD_AGAIN else number)
        title, text = told(first[number], happenings[number])
        if kind < COPIES:
            text = text[: random.choice([len(text), len(text), EXCERPT])]
        yield Telling(
            source_id=source,
            key=str(number),
            arrived=START + number * span // entries,
            title=title,
            text=text,
            language="xx",
        )
