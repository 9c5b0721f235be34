"""Rule kinds that look at the form of an entry: how long its text is, and what it carries beside text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedhub.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedhub.stories.tags import Matcher, Subject

__all__ = ["Has", "Length"]

RANGE = re.compile(r"\s*(\d{0,9})\s*\.\.\s*(\d{0,9})\s*(words|characters)\s*")
# Files by their names, where neither feed nor server says what they are.
SUFFIXES = {
    "audio": frozenset({"aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav"}),
    "image": frozenset({"avif", "gif", "jpeg", "jpg", "png", "svg", "webp"}),
    "video": frozenset({"m4v", "mkv", "mov", "mp4", "ogv", "webm"}),
}
# What the elements of a text show; normalizing leaves no other players in it.
ELEMENTS = {"audio": "<audio", "image": "<img", "video": "<video"}


class Length:
    """Matches entries whose text is as long as one of these ranges says: ``300.. words``, ``..280 characters``.

    The text is the content, or the summary where there is none. Both ends belong to the range.
    """

    needs = None

    def __init__(self, values: tuple[str, ...], _rules: tuple[Matcher, ...]) -> None:
        self.ranges = tuple(map(_range, values))

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return how long the text is."""
        folded = subject.folded
        field = "content" if folded["content"] else "summary"
        for least, most, unit in self.ranges:
            length = folded[field].count(" ") - 1 if unit == "words" else len(subject.texts[field])
            if least <= max(length, 0) <= most:
                return (Reason(rule="length", field=field, found=f"{max(length, 0)} {unit}"),)
        return None


def _range(value: str) -> tuple[int, float, str]:
    found = RANGE.fullmatch(value)
    if not found or not (found[1] or found[2]):
        raise ValueError(f"{value!r} is no length; expected a range as in '300.. words' or '100..280 characters'")
    least, most = int(found[1] or 0), float(found[2] or "inf")
    if least > most:
        raise ValueError(f"{value!r} is an empty range")
    return least, most, found[3]


class Has:
    """Matches entries that carry an audio file, an image or a video: attached, as a thumbnail, or within the text."""

    needs = None

    def __init__(self, values: tuple[str, ...], _rules: tuple[Matcher, ...]) -> None:
        self.kinds = tuple(value.casefold() for value in values)
        for value, kind in zip(values, self.kinds, strict=True):
            if kind not in SUFFIXES:
                raise ValueError(f"{value!r} is wrong: the choices are {', '.join(map(repr, SUFFIXES))}")

    def match(self, subject: Subject) -> tuple[Reason, ...] | None:
        """Return the address of the first such file, or say in which text it stands."""
        for kind in self.kinds:
            for field, found in _carried(subject, kind):
                return (Reason(rule="has", field=field, found=found),)
        return None


def _carried(subject: Subject, kind: str) -> Iterator[tuple[str, str]]:
    """Yield where something of a kind is found, and its address or, within a text, the kind itself."""
    entry = subject.entry
    if kind == "image" and entry.image:
        yield "image", entry.image
    yield from (("enclosure", each.url) for each in entry.enclosures if _is(kind, each.type, each.url))
    for media in entry.media:
        if media.medium == kind or (not media.medium and _is(kind, media.type, media.url)):
            yield "media", media.url
    if kind == "image":
        yield from (("thumbnail", each.url) for each in entry.thumbnails)
    for field, text in (("content", entry.content), ("summary", entry.summary)):
        if text.type != "text/plain" and ELEMENTS[kind] in text.value:
            yield field, kind


def _is(kind: str, media_type: str, url: str) -> bool:
    if media_type and media_type != "application/octet-stream":
        return media_type.startswith(f"{kind}/")
    return urlsplit(url).path.rpartition(".")[2].lower() in SUFFIXES[kind]
