"""Rules, tags and stories: what is derived from facts.

All members and stories of a store may be in memory at once. As nothing that they hold can lead back to them, they are
kept from the collector of cycles (``gc=False``), which would look at all of them again and again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct


class Rule(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A rule as configured: ``kind`` is a key of `feedhub.stories.tags.KINDS`; ``values`` or ``rules`` feed it."""

    kind: str
    values: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


class TagRule(Struct, frozen=True, kw_only=True):
    """Gives ``tag`` to every entry that ``rule`` matches."""

    tag: str
    rule: Rule


class Reason(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Why something was decided: which rule, where it looked, and what it found there.

    Rules that weigh also say the ``words`` they went by, cut to their stems, and the ``score`` that was held against
    the ``threshold``.
    """

    rule: str
    field: str = ""
    found: str = ""
    words: tuple[str, ...] = ()
    score: float = 0.0
    threshold: float = 0.0


class Tag(Struct, frozen=True, kw_only=True, gc=False):
    """A tag with the reasons it was given."""

    name: str
    reasons: tuple[Reason, ...]


class Member(Struct, frozen=True, kw_only=True, gc=False):
    """The light view of a stored entry that stories are told from.

    ``url_key`` and ``text_key`` are equal exactly for entries with the same canonical URL or the same text, and empty
    where an entry has none. ``editions`` are the slugs of the editions whose filter the entry passes. ``number`` is its
    place in the order in which stories took entries in; -1 before that.
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
    number: int = -1


class StorySettings(Struct, frozen=True, kw_only=True):
    """What stories are told by, beside equal URLs and texts: texts that are nearly the same, and events.

    ``across_languages`` links events that are told in several languages, too.
    """

    near_duplicates: bool = True
    events: bool = True
    across_languages: bool = False


class Correction(Struct, frozen=True, kw_only=True):
    """What a person said of stories, which counts for more than what was derived; entries are (source_id, key).

    * ``split``: ``entry`` is a story of its own, and linked with none; what was said of it before counts no more;
    * ``join``: the stories of ``entry`` and ``other`` are one;
    * ``link``: the stories of ``entry`` and ``other`` tell of one event;
    * ``undo``: nothing counts any more that was said before of ``entry``, or of ``entry`` and ``other`` together.
    """

    kind: Literal["split", "join", "link", "undo"]
    entry: tuple[str, str]
    other: tuple[str, str] = ("", "")


class Story(Struct, frozen=True, kw_only=True, gc=False):
    """Entries with the same text, told once.

    ``members`` are in order of arrival; ``lead`` is the first of them that is still stored. ``id`` is taken from the
    very first member and outlives it, so a story never looks new to a subscriber. ``why`` has one reason for each
    member after the first.

    Stories that tell of one event in different texts share its ``event``, the id of the first of them; it is "" for a
    story that is alone. ``linked`` says what links this one to earlier ones.
    """

    id: str
    lead: Member
    members: tuple[Member, ...]
    why: tuple[Reason, ...]
    tags: tuple[Tag, ...]
    published: datetime
    updated: datetime
    first_seen: datetime
    event: str = ""
    linked: tuple[Reason, ...] = ()
