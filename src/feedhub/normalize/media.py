"""Tidies what entries carry beside text: enclosures, media, places and podcast episodes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeVar

from feedhub.model import Enclosure
from feedhub.model.media import Chapter, Credit, Episode, Media, Transcript
from feedhub.normalize.text import label, language
from feedhub.normalize.urls import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedhub.model.media import Place

__all__ = ["tidy_enclosures", "tidy_episode", "tidy_media", "tidy_place", "tidy_type"]

MANY = 100
"""How many enclosures, media, transcripts or people of one entry are kept."""

MANY_CHAPTERS = 1000
LONG_NAME = 200
LONG_TITLE = 1000
LARGEST = 1 << 40
"""The largest file that is believed, in bytes (1 TiB)."""

LONGEST = 30 * 24 * 60 * 60
"""The longest recording that is believed, in seconds (30 days)."""

WIDEST = 100_000
"""The largest image or video that is believed, in pixels on a side."""

HIGHEST = 100_000
"""The highest number of a season or episode that is believed."""

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")  # RFC 6838 §4.2
_MEDIUMS = frozenset(["image", "audio", "video", "document", "executable"])
_KINDS = frozenset(["full", "trailer", "bonus"])
_File = TypeVar("_File", Enclosure, Media, Transcript)


def tidy_type(text: str) -> str:
    """Return a media type in lower case and without parameters, or ``""`` if it is not one."""
    kind = text.partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else ""


def tidy_enclosures(enclosures: Iterable[Enclosure], base_url: str) -> tuple[Enclosure, ...]:
    """Return the enclosures with a usable address, each address once."""
    return _by_address(
        Enclosure(
            url=clean(each.url, base_url),
            type=tidy_type(each.type),
            length=_within(each.length, LARGEST),
            title=label(each.title, LONG_TITLE),
            duration=_within(each.duration, LONGEST),
        )
        for each in enclosures
    )


def tidy_media(media: Iterable[Media], base_url: str) -> tuple[Media, ...]:
    """Return the media with a usable address, each address once."""
    return _by_address(
        Media(
            url=clean(each.url, base_url),
            type=tidy_type(each.type),
            medium=each.medium if each.medium in _MEDIUMS else "",
            width=_within(each.width, WIDEST),
            height=_within(each.height, WIDEST),
            length=_within(each.length, LARGEST),
            duration=_within(each.duration, LONGEST),
        )
        for each in media
    )


def tidy_place(place: Place) -> Place | None:
    """Return ``place`` if it is on Earth."""
    return place if abs(place.latitude) <= 90 and abs(place.longitude) <= 180 else None  # noqa: PLR2004 (degrees)


def tidy_episode(episode: Episode, base_url: str) -> Episode:
    """Return ``episode`` with its texts on a line each, usable addresses and numbers that can be."""
    chapters_url = clean(episode.chapters_url, base_url)
    return Episode(
        title=label(episode.title, LONG_TITLE),
        season=_within(episode.season, HIGHEST),
        number=_within(episode.number, HIGHEST),
        kind=episode.kind if episode.kind in _KINDS else "",
        explicit=episode.explicit,
        chapters_url=chapters_url,
        chapters_type=tidy_type(episode.chapters_type) if chapters_url else "",
        chapters=tuple(_chapter(each, base_url) for each in episode.chapters if _is_time(each.start))[:MANY_CHAPTERS],
        transcripts=_by_address(_transcript(each, base_url) for each in episode.transcripts),
        people=tuple(dict.fromkeys(credit for each in episode.people if (credit := _credit(each, base_url)).name))[
            :MANY
        ],
    )


def _chapter(chapter: Chapter, base_url: str) -> Chapter:
    return Chapter(
        start=chapter.start,
        title=label(chapter.title, LONG_TITLE),
        url=clean(chapter.url, base_url),
        image=clean(chapter.image, base_url),
    )


def _transcript(transcript: Transcript, base_url: str) -> Transcript:
    return Transcript(
        url=clean(transcript.url, base_url),
        type=tidy_type(transcript.type),
        language=language(transcript.language),
        rel="captions" if transcript.rel == "captions" else "",
    )


def _credit(credit: Credit, base_url: str) -> Credit:
    return Credit(
        name=label(credit.name, LONG_NAME),
        role=label(credit.role, LONG_NAME),
        group=label(credit.group, LONG_NAME),
        image=clean(credit.image, base_url),
        url=clean(credit.url, base_url),
    )


def _by_address(files: Iterable[_File]) -> tuple[_File, ...]:
    kept: dict[str, _File] = {}
    for file in files:
        if file.url:
            kept.setdefault(file.url, file)
    return tuple(kept.values())[:MANY]


def _within(number: int | None, most: int) -> int | None:
    """Return a size or count that can be; feeds write 0 for one they do not know."""
    return number if number is not None and 0 < number <= most else None


def _is_time(start: float) -> bool:
    return math.isfinite(start) and 0 <= start <= LONGEST
