"""The nouns of feedhub: frozen, keyword-only records without logic, shared by every room.

Conventions: an empty string or tuple means "the feed does not say"; ``None`` stands only where absence means
something of its own. All datetimes are aware and in UTC. Media types are lower case and without parameters.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from feedhub.media import Episode, Media, Place


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


class Source(Struct, frozen=True, kw_only=True):
    """A configured source feed; ``url`` is http(s) or, resolved against the configuration's folder, ``file:``."""

    id: str
    url: str
    title: str = ""
    link: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()


class Request(Struct, frozen=True, kw_only=True):
    """What to fetch for one source; the validators are sent exactly as the server once gave them (RFC 9110 §13.1).

    ``answered_by`` is the address whose answer they came with, when that was not ``url``: nobody else is sent them.
    """

    source_id: str
    url: str
    etag: str = ""
    last_modified: str = ""
    answered_by: str = ""


class Failure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a source gave nothing this time: ``stage`` is fetch, parse or bug; ``code`` a reason code."""

    stage: Literal["fetch", "parse", "bug"]
    code: str
    detail: str = ""


class Fetched(Struct, frozen=True, kw_only=True):
    """The answer to a `Request`.

    ``url`` is the address that answered, after redirects and without credentials. ``moved_to`` is the address that
    permanent redirects (301, 308) led to before the first temporary one, "" for none. ``headers`` are the last
    response's, names in lower case. With ``failure`` set there is no body; status 304 means that the body is the one
    already known.
    """

    source_id: str
    url: str
    moved_to: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    failure: Failure | None = None


class FetchSettings(Struct, frozen=True, kw_only=True):
    """Bounds of the crawl.

    ``timeout`` is in seconds and covers the whole request with all redirects; ``max_bytes`` is the decoded size;
    ``allow_private`` names the hosts that may resolve to private or loopback addresses.
    """

    timeout: float = 20.0
    max_bytes: int = 15 * 1024 * 1024
    max_redirects: int = 5
    connections: int = 64
    per_host: int = 2
    user_agent: str = ""
    ports: tuple[int, ...] = (80, 443, 8080, 8443)
    allow_private: tuple[str, ...] = ()


class SourceState(Struct, frozen=True, kw_only=True):
    """What is known about a source between refreshes; ``failures`` counts consecutive failed fetches.

    The validators came from ``answered_by``, which redirects may have made another address than ``url``.
    """

    source_id: str
    url: str = ""
    answered_by: str = ""
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    title: str = ""
    link: str = ""
    feed_id: str = ""
    language: str = ""
    status: int = 0
    fetched_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_entry_at: datetime | None = None
    failures: int = 0
    failure: Failure | None = None
    problems: tuple[Problem, ...] = ()


class Known(Struct, frozen=True, kw_only=True):
    """What a plan needs to know of a stored entry: its dates and its hashes.

    ``fingerprint`` is the hash of the entry as parsed, ``significant`` of the parts whose change a subscriber should
    see, after normalizing. ``removed`` is true once retention has removed the entry.
    """

    key: str
    first_seen: datetime
    published: datetime
    updated: datetime
    fingerprint: str
    significant: str
    removed: bool = False


class StoredEntry(Struct, frozen=True, kw_only=True):
    """The fact "this source said this entry, first seen then".

    ``key`` identifies the entry within its source. ``published`` and ``updated`` are the dates to show, after the
    date policy. ``entry`` is normalized, and ``None`` once retention has removed it.
    """

    source_id: str
    key: str
    first_seen: datetime
    published: datetime
    updated: datetime
    fingerprint: str
    significant: str
    entry: Entry | None


class Update(Struct, frozen=True, kw_only=True):
    """What one fetched source changes in the store; applied whole or not at all."""

    state: SourceState
    new: tuple[StoredEntry, ...] = ()
    changed: tuple[StoredEntry, ...] = ()


class Rule(Struct, frozen=True, kw_only=True):
    """A rule as configured: ``kind`` is a key of `feedhub.stories.tags.KINDS`; ``values`` or ``rules`` feed it."""

    kind: str
    values: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


class TagRule(Struct, frozen=True, kw_only=True):
    """Gives ``tag`` to every entry that ``rule`` matches."""

    tag: str
    rule: Rule


class Reason(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something was decided: which rule, where it looked, and what it found there."""

    rule: str
    field: str = ""
    found: str = ""


class Tag(Struct, frozen=True, kw_only=True):
    """A tag with the reasons it was given."""

    name: str
    reasons: tuple[Reason, ...]


class Member(Struct, frozen=True, kw_only=True):
    """The light view of a stored entry that stories are told from.

    ``url_key`` and ``text_key`` are equal exactly for entries with the same canonical URL or the same text, and empty
    where an entry has none. ``editions`` are the slugs of the editions whose filter the entry passes.
    """

    source_id: str
    key: str
    entry_id: str
    title: str
    link: str
    first_seen: datetime
    published: datetime
    updated: datetime
    url_key: str
    text_key: str
    removed: bool = False
    tags: tuple[Tag, ...] = ()
    editions: tuple[str, ...] = ()


class Story(Struct, frozen=True, kw_only=True):
    """Entries with the same text, told once.

    ``members`` are in order of arrival; ``lead`` is the first of them that is still stored. ``id`` is taken from the
    very first member and outlives it, so a story never looks new to a subscriber. ``why`` has one reason for each
    member after the first.
    """

    id: str
    lead: Member
    members: tuple[Member, ...]
    why: tuple[Reason, ...]
    tags: tuple[Tag, ...]
    published: datetime
    updated: datetime
    first_seen: datetime


class Site(Struct, frozen=True, kw_only=True):
    """Who publishes: ``url`` ends in a slash and is where the output folder is served."""

    title: str
    url: str
    description: str = ""
    language: str = ""
    author: str = ""


Order = Literal["published", "updated", "first-seen"]


class Edition(Struct, frozen=True, kw_only=True):
    """A published selection of stories; ``max_age`` counts back from its newest story, never from the clock."""

    slug: str
    title: str
    description: str = ""
    filter: Rule | None = None
    limit: int = 50
    per_source: int = 0
    max_age: timedelta | None = None
    order: Order = "published"
    formats: tuple[str, ...] = ("atom", "rss", "json")


class Item(Struct, frozen=True, kw_only=True):
    """A story ready to publish: its lead entry in full, the source it came from, and the other tellers."""

    story: Story
    entry: Entry
    source: Source
    others: tuple[Source, ...] = ()


class Document(Struct, frozen=True, kw_only=True):
    """A file to publish; ``path`` is relative to the output folder, with forward slashes."""

    path: str
    media_type: str
    body: bytes


class Mistake(Struct, frozen=True, kw_only=True):
    """One mistake in a configuration file: where, and what would be right."""

    file: str
    key: str
    message: str
