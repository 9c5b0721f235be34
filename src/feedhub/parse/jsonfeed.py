"""JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1). A value of the wrong type is a problem, never a crash."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from feedhub.errors import ParseError
from feedhub.model import Category, Enclosure, Entry, Feed, Link, Person, Problem, Text
from feedhub.parse.declined import DeclinedError
from feedhub.parse.values import MAX_ENTRIES, MAX_PARTS

__all__ = ["read"]

VERSION = "https://jsonfeed.org/version/1"

_ENCODINGS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_T = TypeVar("_T")
_NAMES: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
}


def read(body: bytes, *, url: str, content_type: str = "") -> Feed:  # noqa: ARG001 - all readers are called alike
    """Read a JSON Feed; declines what is not a JSON object, raises `ParseError` ``malformed`` or ``not-a-feed``."""
    text = _utf8(body)
    if text[:1] != b"{":
        raise DeclinedError("not-json")
    try:
        document = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ParseError("malformed", f"not JSON: {error}") from error
    problems: list[Problem] = []
    top = _Object(document, "", -1, problems)
    dialect = _dialect(document.get("version"), "items" in document, problems)
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
        entries=tuple(_entry(_Object(item, f"items[{at}].", at, problems)) for at, item in enumerate(items)),
        problems=tuple(problems),
    )


def _utf8(body: bytes) -> bytes:
    for mark, encoding in _ENCODINGS:
        if body.startswith(mark):
            try:
                return body[len(mark) :].decode(encoding).encode().lstrip()
            except UnicodeDecodeError as error:
                raise DeclinedError("encoding") from error
    return body.lstrip()


def _dialect(version: object, has_items: bool, problems: list[Problem]) -> str:  # noqa: FBT001 - private, called once
    if isinstance(version, str) and version.removeprefix("http:").removeprefix("https:").startswith(VERSION[6:]):
        return "json11" if version.rstrip("/").endswith("/1.1") else "json1"
    if not has_items:
        raise ParseError("not-a-feed", "a JSON document that is no JSON Feed")
    problems.append(Problem(code="unknown-dialect", detail="items without the version of JSON Feed"))
    return "json1"


def _entry(item: _Object) -> Entry:
    link, elsewhere = item.string("url"), item.string("external_url")
    html = item.string("content_html")
    return Entry(
        id=item.identifier("id"),
        title=Text(value=item.string("title")),
        link=link or elsewhere,
        summary=Text(value=item.string("summary")),
        content=Text(value=html, type="text/html") if html else Text(value=item.string("content_text")),
        authors=_authors(item),
        categories=tuple(Category(term=tag) for tag in item.strings("tags") if tag),
        enclosures=tuple(_enclosure(part) for part in item.parts("attachments") if part.string("url")),
        published=item.date("date_published"),
        updated=item.date("date_modified"),
        language=item.string("language"),
        image=item.string("image") or item.string("banner_image"),
        links=(Link(href=elsewhere, rel="related"),) if link and elsewhere else (),
    )


def _enclosure(attachment: _Object) -> Enclosure:
    return Enclosure(
        url=attachment.string("url"),
        type=attachment.string("mime_type").partition(";")[0].strip().lower(),
        length=attachment.whole("size_in_bytes"),
        title=attachment.string("title"),
        duration=attachment.whole("duration_in_seconds"),
    )


def _authors(holder: _Object) -> tuple[Person, ...]:
    found = holder.parts("authors") or holder.one("author")
    people = (Person(name=author.string("name"), url=author.string("url")) for author in found)
    return tuple(person for person in people if person != Person())


def _feed_links(top: _Object) -> tuple[Link, ...]:
    own = ((top.string("feed_url"), "self"), (top.string("next_url"), "next"))
    hubs = ((hub.string("url"), "hub") for hub in top.parts("hubs"))
    return tuple(Link(href=href, rel=rel) for href, rel in (*own, *hubs) if href)


class _Object:
    """A JSON object whose values are read by the type they should have; others are noted as problems."""

    def __init__(self, values: dict[str, Any], path: str, at: int, problems: list[Problem]) -> None:
        self._values = values
        self._path = path
        self._at = at
        self._problems = problems

    def string(self, name: str) -> str:
        value = self._values.get(name)
        return value if isinstance(value, str) else self._missing(name, value, "string", "")

    def identifier(self, name: str) -> str:
        value = self._values.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value) if is_number else self.string(name)

    def whole(self, name: str) -> int | None:
        value = self._values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53:
            return int(value)
        return self._missing(name, value, "positive number", None)

    def date(self, name: str) -> datetime | None:
        said = self.string(name).strip()
        if not said:
            return None
        try:
            found = datetime.fromisoformat(said)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self._problem("bad-date", f"{name}: {said[:80]}")
            return None

    def strings(self, name: str) -> list[str]:
        return self._listed(name, str, "string", MAX_PARTS)

    def objects(self, name: str, most: int) -> list[dict[str, Any]]:
        return self._listed(name, dict, "object", most)

    def parts(self, name: str) -> list[_Object]:
        found = self.objects(name, MAX_PARTS)
        return [_Object(each, f"{self._path}{name}[{i}].", self._at, self._problems) for i, each in enumerate(found)]

    def one(self, name: str) -> list[_Object]:
        value = self._values.get(name)
        if isinstance(value, dict):
            return [_Object(value, f"{self._path}{name}.", self._at, self._problems)]
        return self._missing(name, value, "object", [])

    def _listed(self, name: str, kind: type, kind_name: str, most: int) -> list[Any]:
        values = self._values.get(name)
        if not isinstance(values, list):
            return self._missing(name, values, "array", [])
        if len(values) > most:
            self._problem("too-many", f"{self._path}{name}: {len(values)}, the first {most} are read")
        kept = []
        for i, value in enumerate(values[:most]):
            if isinstance(value, kind):
                kept.append(value)
            else:
                self._problem("wrong-type", f"{self._path}{name}[{i}]: {_kind(value)} instead of {kind_name}")
        return kept

    def _missing(self, name: str, value: object, expected: str, instead: _T) -> _T:
        if value is not None:
            self._problem("wrong-type", f"{self._path}{name}: {_kind(value)} instead of {expected}")
        return instead

    def _problem(self, code: str, detail: str) -> None:
        if len(self._problems) < MAX_PARTS:
            self._problems.append(Problem(code=code, detail=detail, entry=self._at))


def _kind(value: object) -> str:
    return _NAMES.get(type(value), "null")
