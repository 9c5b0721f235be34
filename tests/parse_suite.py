"""feedparser's own test suite, asked of feedhub: its cases, and a `Feed` under the names its expectations use."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin

from feedparser.util import FeedParserDict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.model import Category, Entry, Feed, Origin, Person, Text

SERVER = "http://127.0.0.1:8097/"
"""Where feedparser's suite serves its cases from; some expectations name the address."""

_ENCODINGS = ("utf-8", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037", "latin-1")
_EXPECT = re.compile(r"Expect:\s+(.*?)\s*(?:\n|-->)")
_HEADER = re.compile(r"Header:\s+([^:\n]+):\s*([^\n]*)")

_DETAIL = frozenset({"value", "type", "language", "base"})
_PERSON = frozenset({"name", "email", "url", "href"})
_LINK = frozenset({"rel", "href", "url"})
_FILE = frozenset({"href", "url", "type", "length", "title"})
_TAG = frozenset({"term", "scheme", "label"})
_PLAIN = frozenset[str]()


def _names(held: frozenset[str], names: str) -> dict[str, frozenset[str]]:
    return dict.fromkeys(names.split(), held)


_COMMON = {
    **_names(_PLAIN, "title id guid link author language category license updated_parsed modified_parsed date_parsed"),
    **_names(_DETAIL, "title_detail subtitle_detail tagline_detail description_detail"),
    **_names(_PERSON, "authors author_detail"),
    **_names(_LINK, "links"),
    **_names(_TAG, "tags"),
    **_names(frozenset({"href", "url"}), "image"),
}
# What Feed and Entry hold, under feedparser's names. An expectation that uses another name is about something else.
_HELD: dict[str, dict[str, frozenset[str]]] = {
    "feed": {**_COMMON, **_names(_PLAIN, "subtitle tagline description icon logo ttl")},
    "entries": {
        **_COMMON,
        **_names(_PLAIN, "summary description rights copyright comments published_parsed issued_parsed"),
        **_names(_DETAIL, "summary_detail content rights_detail copyright_detail"),
        **_names(_FILE, "enclosures"),
        **_names(frozenset({"title", "href", "url", "id", "guid", "link"}), "source"),
        **_names(frozenset({"type", "coordinates"}), "where"),
        **_names(frozenset({"url", "type", "medium"}), "media_content"),
        **_names(frozenset({"url", "width"}), "media_thumbnail"),
    },
    **{name: {} for name in ("bozo", "version", "len", "tuple")},
}
_SAME = {"channel": "feed", "items": "entries"}
_OTHER_GEOMETRIES = re.compile(r"\b(?:LineString|Polygon|Box)\b")


class Case(NamedTuple):
    """One file of the suite."""

    path: Path
    body: bytes
    expectation: str
    url: str
    content_type: str


def cases(root: Path) -> Iterator[Case]:
    """Go through the files that carry an expectation and are read without a server."""
    for path in sorted(root.rglob("*")):
        if not path.is_file() or "http" in path.relative_to(root).parts[:1]:
            continue
        body = path.read_bytes()
        head = next(
            (text for text in (_decoded(body[:4000], encoding) for encoding in _ENCODINGS) if "Expect:" in text), ""
        )
        found = _EXPECT.search(head)
        if found is None:
            continue
        headers = {name.strip().lower(): value.strip() for name, value in _HEADER.findall(head)}
        url = urljoin(f"{SERVER}tests/{path.relative_to(root).as_posix()}", headers.get("content-location", ""))
        yield Case(path, body, found[1], url, headers.get("content-type", "application/xml"))


def concerns_what_is_held(expectation: str) -> bool:
    """Say whether an expectation speaks only of what `Feed` and `Entry` hold; of places, they hold points."""
    return not _OTHER_GEOMETRIES.search(expectation) and all(
        _is_held(path) for path in _paths(ast.parse(expectation, mode="eval").body)
    )


def _paths(node: ast.expr) -> Iterator[tuple[str, ...]]:
    """Go through what an expression reaches for: ``entries[0]['title']`` is ``entries, title``."""
    keys: list[str] = []
    at: ast.expr = node
    while isinstance(at, ast.Subscript | ast.Attribute):
        key = at.attr if isinstance(at, ast.Attribute) else ast.literal_eval(at.slice)
        if isinstance(key, str):
            keys.append(key)
        at = at.value
    if isinstance(at, ast.Name):
        yield (_SAME.get(at.id, at.id), *reversed(keys))
        return
    if (
        isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.ops[0], ast.In | ast.NotIn)
    ):
        yield from ((*path, str(node.left.value)) for path in _paths(node.comparators[0]))
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _paths(child)


def _is_held(path: tuple[str, ...]) -> bool:
    held = _HELD.get(path[0])
    if held is None or len(path) == 1:
        return held is not None
    return path[1] in held and (len(path) == 2 or (len(path) == 3 and path[2] in held[path[1]]))


def view(feed: Feed, url: str) -> dict[str, Any]:
    """Return a feed under the names feedparser's expectations use."""
    odd = {problem.code for problem in feed.problems} & {"cut-short", "not-well-formed", "encoding"}
    known = {
        **_text("title", feed.title, feed, url),
        **_text("subtitle", feed.subtitle, feed, url),
        "id": feed.id,
        "link": feed.link,
        "language": feed.language,
        "icon": feed.icon,
        "logo": feed.image,
        "image": FeedParserDict(href=feed.image),
        "ttl": str(feed.hints.ttl),
        "updated_parsed": feed.updated and feed.updated.utctimetuple(),
        "links": [FeedParserDict(rel=rel, href=href) for rel, href in _links(feed)],
        **_people(feed.authors),
        "tags": [_tag(category) for category in feed.categories],
    }
    entries = [FeedParserDict(_filled(_entry(entry, feed, url))) for entry in feed.entries]
    top = FeedParserDict({"subtitle": "", **_filled(known)})
    return {
        "bozo": bool(odd),
        "version": feed.dialect,
        "feed": top,
        "channel": top,
        "entries": entries,
        "items": entries,
    }


def _entry(entry: Entry, feed: Feed, url: str) -> dict[str, Any]:
    enclosures = [
        {"rel": "enclosure", "href": each.url, "type": each.type, "length": str(each.length), "title": each.title}
        for each in entry.enclosures
    ]
    links = [{"rel": rel, "href": href} for rel, href in _links(entry)]
    place = entry.place
    return {
        **_text("title", entry.title, feed, url),
        **_text("summary", entry.summary, feed, url),
        **_text("rights", entry.rights, feed, url),
        "content": [_detail(entry.content, feed, url)] if entry.content.value else [],
        "id": entry.id,
        "link": entry.link,
        "links": [FeedParserDict(_filled(link)) for link in (*links[:1], *enclosures, *links[1:])],
        **_people(entry.authors),
        "tags": [_tag(category) for category in entry.categories],
        "published_parsed": entry.published and entry.published.utctimetuple(),
        "updated_parsed": entry.updated and entry.updated.utctimetuple(),
        "language": entry.language,
        "source": entry.origin and _source(entry.origin),
        "comments": entry.comments,
        "image": FeedParserDict(href=entry.image),
        "media_content": [_filled({"url": m.url, "type": m.type, "medium": m.medium}) for m in entry.media],
        "media_thumbnail": [_filled({"url": m.url, "width": str(m.width)}) for m in entry.thumbnails],
        "where": place and FeedParserDict(type="Point", coordinates=(place.longitude, place.latitude)),
    }


def _links(holder: Feed | Entry) -> list[tuple[str, str]]:
    """Return the links; of alternates, the one that is the link of the feed or entry is held."""
    alternate = [("alternate", holder.link)] if holder.link else []
    return alternate + [(link.rel, link.href) for link in holder.links]


def _text(name: str, text: Text, feed: Feed, url: str) -> dict[str, Any]:
    return {name: text.value, f"{name}_detail": _detail(text, feed, url)} if text.value else {}


def _detail(text: Text, feed: Feed, url: str) -> FeedParserDict:
    return FeedParserDict(
        value=text.value, type=text.type, language=text.language or feed.language or None, base=text.base or url
    )


def _people(people: tuple[Person, ...]) -> dict[str, Any]:
    held = [FeedParserDict(_filled({"name": p.name, "email": p.email, "href": p.url})) for p in people]
    last = people[-1] if people else None
    if last is None:
        return {}
    author = f"{last.name} ({last.email})" if last.name and last.email else last.name or last.email
    return {"authors": held, "author_detail": held[-1], "author": author}


def _tag(category: Category) -> FeedParserDict:
    return FeedParserDict(term=category.term or None, scheme=category.scheme or None, label=category.label or None)


def _source(origin: Origin) -> FeedParserDict:
    known = {"title": origin.title, "id": origin.id, "link": origin.link, "href": origin.feed_url}
    return FeedParserDict(_filled(known))


def _filled(known: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if value not in ("", "None", None, [], {"href": ""})}


def meets(expectation: str, view: dict[str, Any]) -> bool:
    """Evaluate an expectation; what it names and the view lacks fails it."""
    try:
        return bool(eval(expectation, {"__builtins__": {"len": len, "tuple": tuple}}, view))  # noqa: S307 - the suite's own
    except (KeyError, IndexError, AttributeError, TypeError, NameError):
        return False


def _decoded(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "replace")
