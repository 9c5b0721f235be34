"""What is published, by whom; and what is wrong with a configuration."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from feedhub.model.feed import Entry
from feedhub.model.source import Source
from feedhub.model.story import Rule, Story


class Site(Struct, frozen=True, kw_only=True):
    """Who publishes: ``url`` ends in a slash and is where the output folder is served.

    ``hubs`` are the addresses of hubs (W3C WebSub) that tell subscribers when a feed changes. ``email`` is where the
    author is reached, and named in podcasts only.
    """

    title: str
    url: str
    description: str = ""
    language: str = ""
    author: str = ""
    email: str = ""
    hubs: tuple[str, ...] = ()


Order = Literal["published", "updated", "first-seen"]
Content = Literal["full", "summary", "none"]
Digest = Literal["none", "day", "week"]
PodcastCategory = Literal[
    "",
    "Arts",
    "Business",
    "Comedy",
    "Education",
    "Fiction",
    "Government",
    "Health & Fitness",
    "History",
    "Kids & Family",
    "Leisure",
    "Music",
    "News",
    "Religion & Spirituality",
    "Science",
    "Society & Culture",
    "Sports",
    "TV & Film",
    "Technology",
    "True Crime",
]
"""The categories of Apple's directory, and none."""
Events = Literal["all", "lead"]


class Edition(Struct, frozen=True, kw_only=True):
    """A published selection of stories; ``max_age`` counts back from its newest story, never from the clock.

    Of an event, ``events`` shows all stories or only the first of those that pass. ``titles`` is a template of entry
    titles with ``{source}``, ``{title}`` and ``{tags}``. ``mix`` takes sources in turn. ``min_outlets`` is how many
    sources must tell of a story's event. The ``slug`` of a ``private`` edition ends in a token that nobody can guess,
    and no other document names it. ``digest`` makes one entry of each day or week. ``history`` adds documents of all
    older stories, ``deletions`` tells of stories whose sources withdrew them. ``tag`` is the tag that an edition made
    for each tag is about, ``query`` the part of the address after "?" that asks for one made on demand.
    """

    slug: str
    title: str
    description: str = ""
    filter: Rule | None = None
    limit: int = 50
    per_source: int = 0
    max_age: timedelta | None = None
    order: Order = "published"
    events: Events = "all"
    formats: tuple[str, ...] = ("atom", "rss", "json")
    tag: str = ""
    content: Content = "full"
    titles: str = "{title}"
    mix: bool = False
    min_outlets: int = 1
    digest: Digest = "none"
    also_covered: bool = False
    private: bool = False
    history: bool = False
    deletions: bool = False
    podcast_image: str = ""
    podcast_category: PodcastCategory = ""
    query: str = ""


class Related(Struct, frozen=True, kw_only=True):
    """Another story of the same event, and the source of its lead."""

    story: Story
    source: Source


class Item(Struct, frozen=True, kw_only=True):
    """A story ready to publish: its lead entry in full, the source it came from, and the other tellers.

    ``related`` are the other stories of its event, in order of first arrival.
    """

    story: Story
    entry: Entry
    source: Source
    others: tuple[Source, ...] = ()
    related: tuple[Related, ...] = ()


class Deleted(Struct, frozen=True, kw_only=True):
    """A story that is not shown any more because all who told it took it back (RFC 6721), and when they had."""

    id: str
    at: datetime


class Part(Struct, frozen=True, kw_only=True):
    """Which of an edition's documents one is (RFC 5005 §4), and what it says beside its entries.

    ``archive`` counts archive documents from 1, the oldest, and is 0 for the document to subscribe to. ``previous`` is
    the number of the archive before it, 0 for none.
    """

    archive: int = 0
    previous: int = 0
    deleted: tuple[Deleted, ...] = ()


class Archive(Struct, frozen=True, kw_only=True):
    """Stories of an edition put away for good, oldest first, and the documents that hold them, by format.

    ``feed`` is the edition's address without a suffix: an edition that moves begins anew. ``number`` counts from 1.
    ``until`` is the highest number (`Member.number`) of a story in it.
    """

    feed: str
    number: int
    until: int
    stories: tuple[str, ...]
    documents: dict[str, Document]


class Archived(Struct, frozen=True, kw_only=True):
    """How far an edition's stories are put away: the number of its last archive (0 for none), and its `Archive.until`.

    ``paths`` are those of the documents of each archive, by its number and their format.
    """

    number: int = 0
    until: int = -1
    paths: dict[int, dict[str, str]] = {}

    def newest(self, format_name: str) -> int:
        """Return the number of the last archive in a format, 0 for none."""
        return max((number for number, paths in self.paths.items() if format_name in paths), default=0)


class Document(Struct, frozen=True, kw_only=True):
    """A file to publish; ``path`` is relative to the output folder, with forward slashes.

    ``modified`` is when the newest change of what it shows was, ``None`` where that is not known.
    """

    path: str
    media_type: str
    body: bytes
    modified: datetime | None = None


class Mistake(Struct, frozen=True, kw_only=True):
    """One mistake in a configuration file: where, and what would be right."""

    file: str
    key: str
    message: str
