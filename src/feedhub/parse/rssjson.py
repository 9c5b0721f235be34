"""RSS-in-JSON (https://github.com/scripting/Scripting-News/tree/master/rss-in-json): RSS 2.0 with braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.model import Category, Enclosure, Entry, Feed, Person, Text
from feedhub.parse import parts
from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_texts import author_parts
from feedhub.parse.json_objects import JsonObject, document
from feedhub.parse.values import MAX_ENTRIES, count

if TYPE_CHECKING:
    from datetime import datetime

    from feedhub.model import Problem

__all__ = ["read"]

_VALUE = "#value"
"""The name under which an element with attributes keeps its text."""


def read(body: bytes, *, url: str, content_type: str = "") -> Feed:  # noqa: ARG001 - all readers are called alike
    """Read RSS-in-JSON; declines every other document."""
    problems: list[Problem] = []
    values = document(body, problems)
    channels = [channel for rss in JsonObject(values, "", -1, problems).one("rss") for channel in rss.one("channel")]
    if not channels:
        raise DeclinedError("not-rss-in-json")
    channel = channels[0]
    items = channel.objects("item", MAX_ENTRIES)
    return Feed(
        dialect="rssjson",
        title=Text(value=channel.string("title")),
        subtitle=_html(channel.string("description")),
        link=channel.string("link"),
        language=channel.string("language"),
        image="".join(image.string("url") for image in channel.one("image")),
        updated=_date(channel, "lastBuildDate") or _date(channel, "pubDate"),
        hints=parts.hints({"ttl": channel.identifier("ttl")}, (), ()),
        entries=tuple(_entry(JsonObject(item, f"item[{at}].", at, problems)) for at, item in enumerate(items)),
        problems=tuple(problems),
    )


def _entry(item: JsonObject) -> Entry:
    link = item.string("link")
    guid, is_link = _guid(item)
    return Entry(
        id=guid,
        title=Text(value=item.string("title")),
        link=link or (guid if is_link else ""),
        summary=_html(item.string("description")),
        authors=_authors(item),
        categories=tuple(Category(term=term) for term in _categories(item) if term),
        enclosures=tuple(_enclosure(each) for each in item.one("enclosure") if each.string("url")),
        published=_date(item, "pubDate"),
        comments=item.string("comments"),
    )


def _html(value: str) -> Text:
    return Text(value=value, type="text/html") if value else Text()


def _guid(item: JsonObject) -> tuple[str, bool]:
    if item.holds("guid", dict):
        guid = item.one("guid")[0]
        return guid.string(_VALUE), guid.flag("isPermaLink", otherwise=True)
    return item.identifier("guid"), True


def _authors(item: JsonObject) -> tuple[Person, ...]:
    text = item.string("author")
    if not text:
        return ()
    try:
        name, email = author_parts(text)
    except DeclinedError:
        name, email = text, ""
    return (Person(name=name, email=email),)


def _categories(item: JsonObject) -> list[str]:
    if item.holds("category", list):
        return item.strings("category")
    if item.holds("category", dict):
        return [category.string(_VALUE) for category in item.one("category")]
    return [item.string("category")]


def _enclosure(held: JsonObject) -> Enclosure:
    return Enclosure(url=held.string("url"), type=held.string("type").lower(), length=count(held.identifier("length")))


def _date(holder: JsonObject, name: str) -> datetime | None:
    return holder.other_date(name, holder.string(name).strip())
