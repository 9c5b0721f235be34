"""What feeds say: feeds, entries and the parts of them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from feedhub.model.media import Episode, Media, Place


class Text(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text construct (RFC 4287 §3.1): ``type`` is ``text/plain``, ``text/html`` or ``application/xhtml+xml``.

    A feed can name any other media type; such a value is kept as given. ``base`` is the address its relative
    references resolve against (``xml:base``), empty when that is the feed's own address.
    """

    value: str = ""
    type: str = "text/plain"
    language: str = ""
    base: str = ""


class Person(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An author (RFC 4287 §3.2)."""

    name: str = ""
    email: str = ""
    url: str = ""


class Category(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A category as the source gives it (RFC 4287 §4.2.2; RSS 2.0 ``category`` with ``domain`` as ``scheme``)."""

    term: str
    scheme: str = ""
    label: str = ""


class Link(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A link (RFC 4287 §4.2.7) other than an enclosure."""

    href: str
    rel: str = "alternate"
    type: str = ""
    title: str = ""
    language: str = ""


class Enclosure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attached file: ``length`` in bytes, ``duration`` in seconds, ``None`` when the feed does not say."""

    url: str
    type: str = ""
    length: int | None = None
    title: str = ""
    duration: int | None = None


class Extension(Struct, frozen=True, kw_only=True):
    """A custom member of a JSON Feed object (name with its underscore); ``value`` is JSON text."""

    name: str
    value: str


class Origin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The feed an entry was copied from, as the entry itself says (``atom:source``, RSS ``source``)."""

    id: str = ""
    title: str = ""
    link: str = ""
    feed_url: str = ""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a feed.

    ``parse`` gives it as the feed says it; ``normalize`` gives the same record tidied: absolute canonical URLs,
    sanitised HTML, a plain-text title, sane dates, only characters XML 1.0 can carry.
    """

    id: str = ""
    title: Text = Text()
    link: str = ""
    summary: Text = Text()
    content: Text = Text()
    authors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str = ""
    origin: Origin | None = None
    comments: str = ""
    image: str = ""
    links: tuple[Link, ...] = ()
    rights: Text = Text()
    media: tuple[Media, ...] = ()
    thumbnails: tuple[Media, ...] = ()
    place: Place | None = None
    episode: Episode | None = None
    extensions: tuple[Extension, ...] = ()


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something odd in a feed that did not stop it from being read; ``entry`` is the entry's index, -1 the feed."""

    code: str
    detail: str = ""
    entry: int = -1


class Hints(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a feed asks to be fetched again.

    ``ttl`` is in minutes, ``skip_hours`` are hours of the day in GMT and ``skip_days`` English day names (RSS 2.0).
    ``update_period`` is hourly, daily, weekly, monthly or yearly, and ``update_frequency`` how often within it
    (RSS 1.0 Syndication module).
    """

    ttl: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    update_period: str = ""
    update_frequency: int | None = None


class Feed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A parsed feed; ``dialect`` is feedparser's name for it (``rss20``, ``atom10``, …) or ``json1``/``json11``.

    ``links`` are those other than the alternate: ``self``, ``hub``, ``next``, ``prev-archive`` (RFC 5005) and so on.
    """

    dialect: str = ""
    id: str = ""
    title: Text = Text()
    subtitle: Text = Text()
    link: str = ""
    language: str = ""
    image: str = ""
    icon: str = ""
    authors: tuple[Person, ...] = ()
    updated: datetime | None = None
    links: tuple[Link, ...] = ()
    categories: tuple[Category, ...] = ()
    hints: Hints = Hints()
    extensions: tuple[Extension, ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
