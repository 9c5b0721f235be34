"""A made-up stream of news: as many entries as wanted within the window of four days, the same every time.

Words follow Zipf's law over a vocabulary of 200,000. Of a hundred entries some 20 are copies or excerpts of earlier
ones, 40 tell of a happening that others tell of too, and the rest stand alone. Texts have 20 to 300 words.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from feedhub.stories.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator

VOCABULARY, SOURCES, OPEN = 200_000, 400, 300
START, SPAN = 1_700_000_000, 4 * 86400
COPIES, TOLD_AGAIN = 0.2, 0.6


def word(rank: int) -> str:
    """Return a made-up word of the given rank."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    name = ""
    rank += 26
    while rank:
        rank, letter = divmod(rank, 26)
        name += letters[letter]
    return name


def stream(entries: int) -> Iterator[Telling]:
    """Yield so many entries in order of arrival."""
    random = Random(5)  # noqa: S311 - the same stream every time is the point

    def drawn(count: int) -> list[str]:
        # The inverse of Zipf's distribution: ranks grow as a power of the vocabulary.
        return [word(int(VOCABULARY ** random.random())) for _ in range(count)]

    happenings: list[list[str]] = []
    recent: list[Telling] = []
    for number in range(entries):
        arrived = START + number * SPAN // entries
        kind = random.random()
        source = f"s{random.randrange(SOURCES)}"
        if kind < COPIES and recent:
            old = random.choice(recent)
            cut = random.choice([len(old.text), len(old.text), 240])
            telling = Telling(source_id=source, key=str(number), arrived=arrived, title=old.title, text=old.text[:cut])
        else:
            if kind > TOLD_AGAIN or not happenings:
                happenings.append([word(random.randrange(500, VOCABULARY)) for _ in range(8)])
                del happenings[:-OPEN]
            own = random.sample(happenings[-1] if kind > TOLD_AGAIN else random.choice(happenings), 4)
            text = drawn(random.randrange(20, 300))
            text[5:5] = own
            telling = Telling(
                source_id=source,
                key=str(number),
                arrived=arrived,
                title=" ".join(own + drawn(5)),
                text=" ".join(text),
                language="xx",
            )
        recent.append(telling)
        del recent[:-OPEN]
        yield telling
