"""What is published, by whom; and what is wrong with a configuration."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from msgspec import Struct

from feedhub.model.feed import Entry
from feedhub.model.source import Source
from feedhub.model.story import Rule, Story


class Site(Struct, frozen=True, kw_only=True):
    """Who publishes: ``url`` ends in a slash and is where the output folder is served."""

    title: str
    url: str
    description: str = ""
    language: str = ""
    author: str = ""


Order = Literal["published", "updated", "first-seen"]
Content = Literal["full", "summary", "none"]
Digest = Literal["none", "day", "week"]


class Edition(Struct, frozen=True, kw_only=True):
    """A published selection of stories; ``max_age`` counts back from its newest story, never from the clock.

    ``titles`` is a template of entry titles with ``{source}``, ``{title}`` and ``{tags}``. ``mix`` takes sources in
    turn. ``min_outlets`` is how many sources must tell of a story's event. The ``slug`` of a ``private`` edition ends
    in a token that nobody can guess, and no other document names it. ``digest`` makes one entry of each day or week.
    ``history`` adds documents of all older stories, ``deletions`` tells of stories whose sources withdrew them. ``tag``
    is the tag that an edition made for each tag is about.
    """

    slug: str
    title: str
    description: str = ""
    filter: Rule | None = None
    limit: int = 50
    per_source: int = 0
    max_age: timedelta | None = None
    order: Order = "published"
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
