"""Near duplicates: the same text again, edited, cut or quoted in full, found by fingerprints that texts share.

Candidates come from an index of fingerprints; each is then compared member by member. Fingerprints that one source
uses in several texts, or that are in many texts, are boilerplate: they count neither for nor against.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedhub.stories import guards
from feedhub.stories.guards import Face
from feedhub.stories.prints import OPENING, packed, prints, unpacked
from feedhub.stories.shelf import Drawer
from feedhub.stories.telling import Telling

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from feedhub.stories.shelf import Row, Shelf

__all__ = ["Kept", "Likeness", "NearTexts", "Worked", "compared", "read"]

DAY = 86400
WINDOW, ALWAYS = 14 * DAY, 1 << 62
# A fingerprint is boilerplate once one source has it in so many different texts, or all sources together.
IN_ONE_SOURCE, IN_ALL = 2, 4
# Candidates need so many fingerprints in common, and so many of them are looked at, each by so many of its members.
HITS, CANDIDATES, MEMBERS = 2, 5, 8
# Shares of fingerprints that make texts the same: of a short text's opening; of a long text; of a long text where the
# openings agree as well (articles that quote the same speech do not begin alike); of a text its source told before.
SHORT_SHARE, LONG_SHARE, BACKED_SHARE, SAME_SOURCE_SHARE = 0.6, 0.48, 0.3, 0.8
SHORT_WORDS = OPENING * 3 // 2
OPENING_SHARE = 0.2
# Fingerprints that must be shared: as a rule, and by short texts under one headline.
MIN_SHARED, MIN_BACKED = 4, 2
# What part of a text's length an excerpt of it has at most, and the share that two texts need beside their excerpt.
EXCERPT, BRIDGE_SHARE = 0.75, 0.42
LOW, SOURCE_BITS = 0xFFF, 20


class Kept(Struct, frozen=True, array_like=True):
    """The row of one entry: who told it, the first entry with its text, and what its text is compared by."""

    source_id: str
    key: str
    first: int
    publisher: int
    dense: bytes
    sparse: bytes
    common: bytes
    face: Face


class Told(Struct, array_like=True):
    """The row of a text told more than once: numbers of the entries compared with, and all publishers' numbers."""

    members: list[int]
    publishers: list[int]


class Likeness(Struct, frozen=True):
    """How much of a text another one is: the member compared with, the share found and the share needed."""

    member: int
    first: int
    score: float
    threshold: float


class Worked(Struct, frozen=True):
    """A new entry's text, read once; its fingerprints are without boilerplate once the index was looked at."""

    telling: Telling
    publisher: int
    face: Face
    dense: frozenset[int]
    sparse: frozenset[int]


class NearTexts:
    """The fold over texts; ``add`` takes entries in order of arrival."""

    def __init__(self, shelf: Shelf) -> None:
        entry, told = msgspec.msgpack.Decoder(Kept), msgspec.msgpack.Decoder(Told)
        encoder = msgspec.msgpack.Encoder()
        self.entries = Drawer(shelf, "entry", WINDOW, decode=entry.decode, encode=encoder.encode)
        self.texts = Drawer(shelf, "text", WINDOW, decode=told.decode, encode=encoder.encode)
        self.index: Drawer[array[int]] = Drawer(shelf, "print", WINDOW, decode=unpacked, encode=packed)
        # Days, each with the number of its first entry.
        self.days: Drawer[array[int]] = Drawer(shelf, "day", ALWAYS, decode=unpacked, encode=packed)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that changed."""
        for drawer in (self.entries, self.texts, self.index, self.days):
            yield from drawer.rows()

    def expect(self, entries: Iterable[Worked]) -> None:
        """Bring what entries that come next will be looked up by onto the desk, in one reading of the shelf."""
        self.index.fetch(sorted({print_ >> 12 for new in entries for print_ in (*new.dense, *new.sparse)}))

    def add(self, number: int, now: int, read: Worked) -> Likeness | None:
        """Take in entry ``number`` and return the text it repeats, or ``None`` for a text of its own."""
        oldest = self._oldest(number, now)
        known = self._look_up(read.dense | read.sparse, now, oldest)
        common = {print_ for print_, texts in known.items() if _boilerplate(texts)}
        hits = Counter(text for print_, texts in known.items() if print_ not in common for text, _ in texts)
        new = replace(read, dense=read.dense - common, sparse=read.sparse - common)
        best = self._best(new, hits, now)
        if best is None and len(new.dense) < MIN_SHARED:
            best = self._whole(read, hits, now)
        first = best.first if best else number
        self._keep(number, now, new, read.dense & common, first)
        self._list(new, first, known, now, oldest)
        return best

    def _oldest(self, number: int, now: int) -> int:
        """Return the number of the first entry that is still remembered: whole days leave the window."""
        day = now // DAY
        days = self.days.get(0, now) or unpacked(b"")
        if not days or days[-2] != day:
            known = [pair for pair in zip(days[::2], days[1::2], strict=True) if pair[0] > day - WINDOW // DAY]
            days = unpacked(packed([part for pair in (*known, (day, number)) for part in pair]))
            self.days.put(0, now, days)
        return days[1]

    def _look_up(self, found: Iterable[int], now: int, oldest: int) -> dict[int, list[tuple[int, int]]]:
        """Return for fingerprints that are known the texts that have them, each with its source."""
        known: dict[int, list[tuple[int, int]]] = {}
        for print_ in found:
            bucket = self.index.get(print_ >> 12, now)
            if bucket:
                low = (print_ & LOW) << SOURCE_BITS
                texts = [
                    (bucket[place + 1], head - low)
                    for place in range(0, len(bucket), 2)
                    if 0 <= (head := bucket[place]) - low < 1 << SOURCE_BITS and bucket[place + 1] >= oldest
                ]
                if texts:
                    known[print_] = texts
        return known

    def _best(self, new: Worked, hits: Counter[int], now: int) -> Likeness | None:
        best: Likeness | None = None
        for text in _likely(hits, HITS):
            found = self._compare(new, text, now)
            if found and (best is None or found.score > best.score):
                best = found
        return best

    def _whole(self, read: Worked, hits: Counter[int], now: int) -> Likeness | None:
        """Return the text that has all of a short one of which next to nothing but boilerplate is left."""
        if len(read.dense) < MIN_SHARED or read.face.length > SHORT_WORDS:
            return None
        found = (self._compare(read, text, now, whole=True) for text in _likely(hits, 1))
        return next(filter(None, found), None)

    def _compare(self, new: Worked, text: int, now: int, *, whole: bool = False) -> Likeness | None:
        """Return the member of a text that ``new`` is most like, if it is enough like it and no guard objects."""
        likeness = _contained if whole else _likeness
        told = self.texts.get(text, now)
        numbers = told.members if told else [text]
        self.entries.fetch(numbers)
        members = [(number, kept) for number in numbers if (kept := self.entries.get(number, now))]
        if not members or any(guards.same_series(new.face, kept.face) for _, kept in members):
            return None
        best: Likeness | None = None
        for number, kept in members:
            score, threshold = likeness(new, kept)
            if score >= threshold and (best is None or score > best.score) and _allowed(new, kept, score):
                best = Likeness(member=number, first=text, score=score, threshold=threshold)
        if best and not whole and _bridged(new, members, best.member):
            return None
        known = told.publishers if told else [members[0][1].publisher]
        # A publisher tells a text once; again only under a headline that the story knows.
        if new.publisher in known and not any(guards.headline_found(new.face, kept.face) for _, kept in members):
            return None
        return best

    def _keep(self, number: int, now: int, new: Worked, common: Iterable[int], first: int) -> None:
        kept = Kept(
            source_id=new.telling.source_id,
            key=new.telling.key,
            first=first,
            publisher=new.publisher,
            dense=packed(sorted(new.dense)),
            sparse=packed(sorted(new.sparse)),
            common=packed(sorted(common)),
            face=new.face,
        )
        self.entries.put(number, now, kept)
        if first != number:
            old = self.texts.get(first, now)
            kept_first = self.entries.get(first, now)
            publishers = old.publishers if old else [kept_first.publisher] if kept_first else []
            members = (old.members if old else [first])[: MEMBERS - 1]
            self.texts.put(
                first, now, Told(members=[*members, number], publishers=sorted({*publishers, new.publisher}))
            )

    def _list(
        self, new: Worked, first: int, known: Mapping[int, Sequence[tuple[int, int]]], now: int, oldest: int
    ) -> None:
        """Enter a text into the index under its fingerprints; what is too old to be found leaves it."""
        source = new.publisher & ((1 << SOURCE_BITS) - 1)
        for print_ in sorted(new.dense | new.sparse):
            if any(text == first for text, _ in known.get(print_, ())):
                continue
            key = print_ >> 12
            bucket = self.index.get(key, now) or unpacked(b"")
            if bucket and bucket[1] < oldest:
                pairs = zip(bucket[::2], bucket[1::2], strict=True)
                bucket = unpacked(packed([part for pair in pairs if pair[1] >= oldest for part in pair]))
            bucket.extend(((print_ & LOW) << SOURCE_BITS | source, first))
            self.index.put(key, now, bucket)


def read(telling: Telling, title: Sequence[str], words: Sequence[str]) -> Worked:
    """Read an entry's text: its title and its text in words."""
    found = prints(words)
    return Worked(
        telling=telling,
        publisher=crc32((telling.publisher or telling.source_id).encode()),
        face=guards.face(title, words, telling.text),
        dense=frozenset(found.dense),
        sparse=frozenset(found.sparse),
    )


def compared(new: Worked, other: Worked) -> tuple[float, float]:
    """Return how much of the smaller of two texts is in the other, and how much is enough, were there no others."""
    kept = Kept(
        source_id="",
        key="",
        first=0,
        publisher=other.publisher,
        dense=packed(sorted(other.dense)),
        sparse=packed(sorted(other.sparse)),
        common=b"",
        face=other.face,
    )
    score, threshold = _likeness(new, kept)
    return score, max(threshold, SAME_SOURCE_SHARE) if new.publisher == other.publisher else threshold


def _likely(hits: Counter[int], least: int) -> list[int]:
    """Return the texts that share most fingerprints with a new one, of those that share so many at least."""
    return [text for _, text in sorted((-count, text) for text, count in hits.items() if count >= least)[:CANDIDATES]]


def _boilerplate(texts: Sequence[tuple[int, int]]) -> bool:
    return len(texts) >= IN_ALL or (
        len(texts) >= IN_ONE_SOURCE and max(Counter(source for _, source in texts).values()) >= IN_ONE_SOURCE
    )


def _bridged(new: Worked, members: Sequence[tuple[int, Kept]], found: int) -> bool:
    """Tell whether only an excerpt links two texts: both may quote it, and yet be different texts."""
    longest = max(kept.face.length for _, kept in members)
    whole = EXCERPT * min(new.face.length, longest)
    texts = {number: kept for number, kept in members if kept.face.length >= whole}
    if found in texts:
        return False
    shares = (_likeness(new, kept) for kept in texts.values())
    return not any(score >= max(threshold, BRIDGE_SHARE) for score, threshold in shares)


def _contained(new: Worked, kept: Kept) -> tuple[float, float]:
    """Return the share of a text's opening that is in the other's, boilerplate included; all of it is needed."""
    return len(new.dense & {*unpacked(kept.dense), *unpacked(kept.common)}) / len(new.dense), 1.0


def _likeness(new: Worked, kept: Kept) -> tuple[float, float]:
    """Return the share of the smaller text's fingerprints that both have, and the share that is enough."""
    dense, sparse = set(unpacked(kept.dense)), set(unpacked(kept.sparse))
    least = min(new.face.length, kept.face.length)
    in_opening, in_all = len(dense & new.dense), len(sparse & new.sparse)
    if least <= SHORT_WORDS:
        size = len(dense) if kept.face.length == least else len(new.dense)
        needed = MIN_BACKED if guards.headline_found(new.face, kept.face) else MIN_SHARED
        return (in_opening / size if in_opening >= needed else 0.0), SHORT_SHARE
    opening = in_opening / (min(len(dense), len(new.dense)) or 1)
    score = in_all / (min(len(sparse), len(new.sparse)) or 1)
    if opening >= OPENING_SHARE:
        return (score if in_all >= MIN_SHARED else 0.0), BACKED_SHARE
    # What was cut from a text begins like a passage of it; who quotes from it begins with words of their own.
    begun = dense & new.sparse if kept.face.length == least else sparse & new.dense
    told = begun or guards.headline_found(new.face, kept.face)
    return (score if in_all >= MIN_SHARED and told else 0.0), LONG_SHARE


def _allowed(new: Worked, kept: Kept, score: float) -> bool:
    if guards.figures_differ(new.face, kept.face):
        return False
    if new.publisher != kept.publisher:
        return True
    return score >= SAME_SOURCE_SHARE and guards.headline_found(new.face, kept.face)
