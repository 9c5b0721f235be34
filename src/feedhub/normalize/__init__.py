"""Makes entries fit to store, compare and publish, whatever the feed put in them.

`tidy` is pure and idempotent. It works on what a feed says; dates for an entry without any come from
`feedhub.normalize.dates`, which also knows when the entry was seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from feedhub.model import Category, Extension, Link, Origin, Person, Text
from feedhub.normalize.dates import exact
from feedhub.normalize.html import LONGEST, cut, sanitise, to_text
from feedhub.normalize.media import tidy_enclosures, tidy_episode, tidy_media, tidy_place, tidy_type
from feedhub.normalize.text import block, label, line, xml_safe
from feedhub.normalize.text import language as language_tag
from feedhub.normalize.urls import clean, contact, host, mailbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedhub.model import Entry

__all__ = ["tidy"]

LONG_TITLE = 1000
"""The longest title, in characters; what is cut off is marked with an ellipsis."""

LONG_NAME = 200
MANY = 100
"""How many authors, categories, links or extensions of one entry are kept."""

LONG_EXTENSION = 20_000
# No title needs more markup than this; the rest of a longer one is not looked at.
_READ_OF_TITLE = 64 * LONG_TITLE
_NOTHING = Text()
_NOBODY = Person()
_Item = TypeVar("_Item", Person, Link)
_PLAIN = "text/plain"
_HTML = frozenset(["text/html", "application/xhtml+xml", "html", "xhtml"])
_host_of_feed = lru_cache(maxsize=16)(host)


def tidy(entry: Entry, *, base_url: str, language: str = "") -> Entry:
    """Return ``entry`` fit to publish; the same entry again comes out as it is.

    - Every text holds only what XML 1.0 can carry. Titles and rights become plain text: markup goes when the feed says
      that there is some, so ``a < b`` and a literal ``<script>`` in a plain title stay what they say. References are
      resolved once, as the type asks, for a title about ``&amp;`` may mean it.
    - Summary and content become sanitised HTML or stay plain text; content of a kind that readers cannot show goes.
    - Addresses become absolute http(s) ones without tracking, or empty. Relative ones in texts are resolved against the
      text's ``xml:base``; without that against the entry's own page if it is on the same host as ``base_url``, where
      writers expect it; and else against ``base_url``.
    - Names, terms and the like become single lines; lists lose repetitions and everything beyond a bound.
    - Dates are in UTC to the second. Which of them to believe is the matter of `feedhub.normalize.dates`.

    ``language`` is the feed's, for an entry that says none. The id stays but for its characters and outer white space.
    """
    link = clean(entry.link, base_url)
    page = link if link and host(link) == _host_of_feed(base_url) else base_url
    summary = _text(entry.summary, base_url, page)
    tidied = replace(
        entry,
        id=xml_safe(entry.id).strip(),
        title=_words(entry.title),
        link=link,
        summary=summary,
        # Where a feed has no summary, feedparser gives the content for it: a quarter of all HTML comes twice.
        content=summary if entry.content == entry.summary else _text(entry.content, base_url, page),
        authors=entry.authors and _distinct([_person(each, base_url) for each in entry.authors]),
        categories=entry.categories and _categories(entry.categories),
        enclosures=entry.enclosures and tidy_enclosures(entry.enclosures, base_url),
        published=exact(entry.published),
        updated=exact(entry.updated),
        language=(entry.language and language_tag(entry.language)) or language_tag(language),
        comments=entry.comments and clean(entry.comments, base_url),
        links=entry.links and _distinct([_link(each, base_url) for each in entry.links]),
        rights=_words(entry.rights),
    )
    # Apart, since few entries have these, and a call with more than fourteen keywords costs Python two dictionaries.
    if (
        entry.origin
        or entry.image
        or entry.media
        or entry.thumbnails
        or entry.place
        or entry.episode
        or entry.extensions
    ):
        return _with_rare_parts_tidied(tidied, base_url)
    return tidied


def _with_rare_parts_tidied(entry: Entry, base_url: str) -> Entry:
    return replace(
        entry,
        origin=entry.origin and _origin(entry.origin, base_url),
        image=entry.image and clean(entry.image, base_url),
        media=entry.media and tidy_media(entry.media, base_url),
        thumbnails=entry.thumbnails and tidy_media(entry.thumbnails, base_url),
        place=entry.place and tidy_place(entry.place),
        episode=entry.episode and tidy_episode(entry.episode, base_url),
        extensions=entry.extensions and _extensions(entry.extensions),
    )


def _words(text: Text) -> Text:
    value = text.value
    if not value:
        return _NOTHING
    if text.type != _PLAIN and _is_markup(text.type):
        value = to_text(cut(value, _READ_OF_TITLE) if len(value) > _READ_OF_TITLE else value)
    value = line(value, LONG_TITLE)
    return Text(value=value, language=text.language and language_tag(text.language)) if value else _NOTHING


def _text(text: Text, base_url: str, page: str) -> Text:
    if not text.value:
        return _NOTHING
    kind = text.type
    if kind not in _HTML:
        kind = _media_type(kind)
    if kind in _HTML or _is_markup(kind):
        value = sanitise(text.value, clean(text.base, base_url) or page if text.base else page)
        kind = "text/html"
    elif kind.startswith("text/") or "/" not in kind:
        value = block(text.value[:LONGEST])
        kind = _PLAIN
    else:
        value = ""
    return Text(value=value, type=kind, language=text.language and language_tag(text.language)) if value else _NOTHING


@lru_cache(maxsize=64)
def _media_type(written: str) -> str:
    return written.partition(";")[0].strip().lower()


@lru_cache(maxsize=64)
def _is_markup(kind: str) -> bool:
    return kind in _HTML or kind.endswith(("/xml", "+xml"))


def _person(person: Person, base_url: str) -> Person | None:
    name = label(person.name, LONG_NAME)
    email = mailbox(person.email) or ("@" in name and mailbox(name)) or ""
    tidied = Person(
        name=name or ("" if email else label(person.email, LONG_NAME)), email=email, url=contact(person.url, base_url)
    )
    return tidied if tidied != _NOBODY else None


def _categories(categories: Iterable[Category]) -> tuple[Category, ...]:
    kept: dict[str | tuple[str, str], Category] = {}
    for each in categories:
        name = each.label and label(each.label, LONG_NAME)
        term = label(each.term, LONG_NAME) or name
        scheme = each.scheme and line(each.scheme, LONG_NAME)
        folded = term.casefold()
        if scheme or name:
            if term:
                tidied = Category(term=term, scheme=scheme, label="" if name == term else name)
                kept.setdefault((folded, scheme) if scheme else folded, tidied)
        elif term:
            kept.setdefault(folded, each if term is each.term else Category(term=term))
    return tuple(kept.values())[:MANY]


def _origin(origin: Origin, base_url: str) -> Origin | None:
    tidied = Origin(
        id=xml_safe(origin.id).strip(),
        title=label(origin.title, LONG_TITLE),
        link=clean(origin.link, base_url),
        feed_url=clean(origin.feed_url, base_url),
    )
    return tidied if tidied != Origin() else None


def _link(link: Link, base_url: str) -> Link | None:
    href = clean(link.href, base_url)
    if not href:
        return None
    return Link(
        href=href,
        rel=line(link.rel, LONG_NAME) or "alternate",
        type=tidy_type(link.type),
        title=label(link.title, LONG_TITLE),
        language=language_tag(link.language),
    )


def _extensions(extensions: Iterable[Extension]) -> tuple[Extension, ...]:
    return tuple(
        Extension(name=name, value=xml_safe(each.value))
        for each in extensions
        if (name := line(each.name, LONG_NAME)).startswith("_") and len(each.value) <= LONG_EXTENSION
    )[:MANY]


def _distinct(items: Sequence[_Item | None]) -> tuple[_Item, ...]:
    kept = [item for item in items if item is not None]
    return tuple(dict.fromkeys(kept))[:MANY] if len(kept) > 1 else tuple(kept)
