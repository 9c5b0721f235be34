"""The nouns for what entries carry beside text: media, places, and what only podcasts say. As in `feedhub.model`."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Chapter", "Credit", "Episode", "Media", "Place", "Transcript"]


class Media(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ``media:content`` or ``media:thumbnail`` (Media RSS 1.5.1): sizes in pixels, bytes and seconds."""

    url: str
    type: str = ""
    medium: str = ""
    width: int | None = None
    height: int | None = None
    length: int | None = None
    duration: int | None = None


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an entry is (GeoRSS Simple point, W3C geo): degrees in WGS 84."""

    latitude: float
    longitude: float


class Chapter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A chapter of an episode (Podlove Simple Chapters 1.2); ``start`` in seconds."""

    start: float
    title: str = ""
    url: str = ""
    image: str = ""


class Transcript(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transcript of an episode (``podcast:transcript``); ``rel`` is ``captions`` when it carries times."""

    url: str
    type: str = ""
    language: str = ""
    rel: str = ""


class Credit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Someone who took part in an episode (``podcast:person``), with role and group of its taxonomy."""

    name: str
    role: str = ""
    group: str = ""
    image: str = ""
    url: str = ""


class Episode(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What only podcasts say of an entry: ``itunes:*``, Podcasting 2.0 and Podlove chapters.

    ``kind`` is ``full``, ``trailer`` or ``bonus``; ``explicit`` is ``None`` when the feed does not say. How long it
    takes is said by its `feedhub.model.Enclosure`. ``chapters_url`` names a chapters file (``podcast:chapters``),
    ``chapters`` are those in the feed.
    """

    title: str = ""
    season: int | None = None
    number: int | None = None
    kind: str = ""
    explicit: bool | None = None
    chapters_url: str = ""
    chapters_type: str = ""
    chapters: tuple[Chapter, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    people: tuple[Credit, ...] = ()
