"""What pages show, as their templates see it: everything checked, shortened and named; nothing is looked up later."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from feedhub.model import Enclosure

__all__ = [
    "Beside",
    "Body",
    "Card",
    "Coverage",
    "FeedLink",
    "Frame",
    "Place",
    "Reasoned",
    "SourceRow",
    "Telling",
    "Why",
    "Words",
]


class Words(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text of somebody else: ``language`` is "" where it is unknown or that of the pages themselves."""

    text: str
    language: str = ""

    @property
    def direction(self) -> str:
        """Which way it is written, "auto" where its first letter has to say."""
        return "rtl" if is_rtl(self.language) else "auto"


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something with a name and a place to go: ``url`` is an address or the path of a page, "" for none."""

    name: str
    url: str = ""


class FeedLink(Struct, frozen=True, kw_only=True):
    """A feed of an edition."""

    name: str
    path: str
    url: str
    media_type: str


class Beside(Struct, frozen=True, kw_only=True):
    """What the search page has beside stories: the same search as ``feeds``, a ``note`` on what was not found.

    ``more`` is the address of the same search with more stories, where there are more.
    """

    feeds: tuple[FeedLink, ...] = ()
    note: str = ""
    more: str = ""


class Coverage(Struct, frozen=True, kw_only=True):
    """An edition or tag as others name it, with its feeds."""

    title: str
    path: str
    description: str = ""
    tag: str = ""
    feeds: tuple[FeedLink, ...] = ()


class Why(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reason: in words, with the words that were shared and the score that was held against a threshold."""

    text: str
    words: tuple[str, ...] = ()
    score: str = ""


class Telling(Struct, frozen=True, kw_only=True):
    """An entry on a timeline: ``why`` it is there, ``leads`` where it is the one that is shown."""

    outlet: Place
    title: Words
    url: str
    published: datetime
    why: tuple[Why, ...] = ()
    leads: bool = False


class Card(Struct, frozen=True, kw_only=True):
    """A story in a list; ``page`` is its own page, ``outlets`` how many tell of it.

    ``also`` is what the others say, ``alike`` what its own outlet said of the same event beside it.
    """

    page: str
    title: Words
    url: str
    outlet: Place
    published: datetime
    summary: str
    picture: str
    tags: tuple[Place, ...]
    outlets: int
    also: tuple[Telling, ...]
    alike: tuple[Telling, ...] = ()


class Reasoned(Struct, frozen=True, kw_only=True):
    """A tag with the reasons it was given."""

    tag: Place
    why: tuple[Why, ...]


class Body(Struct, frozen=True, kw_only=True):
    """The rest of a story, for its own page; ``html`` is sanitised."""

    card: Card
    html: str
    updated: datetime
    authors: tuple[str, ...]
    files: tuple[Enclosure, ...]
    comments: str
    rights: str
    texts: tuple[Telling, ...]
    event: tuple[Telling, ...]
    reasons: tuple[Reasoned, ...]


class SourceRow(Struct, frozen=True, kw_only=True):
    """A source: how often it says something, when it last did, and how much it said on each of the last days.

    One that ``is_lost`` cannot be read any more, ``lost`` is when it last could, ``None`` for never.
    """

    name: str
    url: str
    feed: str
    language: str
    tags: tuple[Place, ...]
    newest: datetime | None
    rhythm: str
    days: tuple[int, ...]
    is_lost: bool = False
    lost: datetime | None = None


class Frame(Struct, frozen=True, kw_only=True):
    """What all pages of a site share; ``coverage`` are its editions.

    ``search`` says whether there is a search field, ``version`` changes with what pages are dressed in. A page that is
    ``alone`` is the only one, and leads to no other.
    """

    title: str
    description: str
    author: str
    language: str
    url: str
    search: bool
    coverage: tuple[Coverage, ...]
    version: str
    alone: bool = False


_RTL = frozenset("ar arc ckb dv fa he ks nqo ps sd syr ug ur yi".split())  # noqa: SIM905 - reads as the list it is
_RTL_SCRIPTS = ("-arab", "-hebr", "-syrc", "-thaa", "-nkoo")


def is_rtl(language: str) -> bool:
    """Return whether texts in ``language`` (a BCP 47 tag) are written from right to left."""
    tag = language.lower()
    return (tag.partition("-")[0] in _RTL and "-latn" not in tag) or any(script in tag for script in _RTL_SCRIPTS)
