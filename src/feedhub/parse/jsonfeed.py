"""JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1). A value of the wrong type is a problem, never a crash."""

from __future__ import annotations

from typing import Any

from feedhub.model import Category, Enclosure, Entry, Feed, Link, Person, Problem, Text
from feedhub.parse.declined import DeclinedError
from feedhub.parse.json_objects import JsonObject, document
from feedhub.parse.values import MAX_ENTRIES

__all__ = ["read"]

VERSION = "https://jsonfeed.org/version/1"


def read(body: bytes, *, url: str, content_type: str = "") -> Feed:  # noqa: ARG001 - all readers are called alike
    """Read a JSON Feed; declines other JSON and what is none, raises `ParseError` ``malformed``."""
    problems: list[Problem] = []
    values = document(body, problems)
    top = JsonObject(values, "", -1, problems)
    dialect = _dialect(values, problems)
    items = top.objects("items", MAX_ENTRIES)
    return Feed(
        dialect=dialect,
        id=top.string("feed_url"),
        title=Text(value=top.string("title")),
        subtitle=Text(value=top.string("description")),
        link=top.string("home_page_url"),
        language=top.string("language"),
        image=top.string("icon"),
        icon=top.string("favicon"),
        authors=_authors(top),
        links=_feed_links(top),
        extensions=top.extensions(),
        entries=tuple(_entry(JsonObject(item, f"items[{at}].", at, problems)) for at, item in enumerate(items)),
        problems=tuple(problems),
    )


def _dialect(values: dict[str, Any], problems: list[Problem]) -> str:
    version = values.get("version")
    if isinstance(version, str) and version.removeprefix("http:").removeprefix("https:").startswith(VERSION[6:]):
        return "json11" if version.rstrip("/").endswith("/1.1") else "json1"
    if "items" not in values:
        raise DeclinedError("not-a-json-feed")
    problems.append(Problem(code="unknown-dialect", detail="items without the version of JSON Feed"))
    return "json1"


def _entry(item: JsonObject) -> Entry:
    link, elsewhere = item.string("url"), item.string("external_url")
    html = item.string("content_html")
    return Entry(
        id=item.identifier("id"),
        title=Text(value=item.string("title")),
        link=link or elsewhere,
        summary=Text(value=item.string("summary")),
        content=Text(value=html, type="text/html") if html else Text(value=item.string("content_text")),
        authors=_authors(item),
        categories=tuple(Category(term=tag) for tag in item.words("tags") if tag),
        enclosures=tuple(_enclosure(part) for part in item.parts("attachments") if part.string("url")),
        published=item.date("date_published"),
        updated=item.date("date_modified"),
        language=item.string("language"),
        image=item.string("image") or item.string("banner_image"),
        links=(Link(href=elsewhere, rel="related"),) if link and elsewhere else (),
        extensions=item.extensions(),
    )


def _enclosure(attachment: JsonObject) -> Enclosure:
    return Enclosure(
        url=attachment.string("url"),
        type=attachment.string("mime_type").partition(";")[0].strip().lower(),
        length=attachment.whole("size_in_bytes"),
        title=attachment.string("title"),
        duration=attachment.whole("duration_in_seconds"),
    )


def _authors(holder: JsonObject) -> tuple[Person, ...]:
    found = holder.parts("authors") or holder.one("author")
    people = (Person(name=author.string("name"), url=author.string("url")) for author in found)
    return tuple(person for person in people if person != Person())


def _feed_links(top: JsonObject) -> tuple[Link, ...]:
    own = ((top.string("feed_url"), "self"), (top.string("next_url"), "next"))
    hubs = ((hub.string("url"), "hub") for hub in top.parts("hubs"))
    return tuple(Link(href=href, rel=rel) for href, rel in (*own, *hubs) if href)
