from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from feedhub.errors import ParseError
from feedhub.model import Category, Enclosure, Entry, Extension, Link, Person, Problem, Text
from feedhub.parse import DeclinedError, jsonfeed, rssjson

URL = "https://example.org/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"


def body(**members: object) -> bytes:
    return json.dumps({"version": VERSION, "title": "Harbour", "items": [], **members}).encode()


def item(**members: object) -> tuple[Entry, tuple[Problem, ...]]:
    feed = jsonfeed.read(body(items=[{"id": "1", **members}]), url=URL)
    return feed.entries[0], feed.problems


def test_a_whole_feed() -> None:
    feed = jsonfeed.read(
        body(
            home_page_url="https://example.org/",
            feed_url=URL,
            next_url=f"{URL}?page=2",
            description="Ships and tides",
            icon="https://example.org/icon.png",
            favicon="https://example.org/favicon.ico",
            language="en",
            authors=[{"name": "Ann", "url": "https://example.org/ann"}],
            hubs=[{"type": "WebSub", "url": "https://hub.example.org/"}],
            _harbour={"depth": 12},
        ),
        url=URL,
    )
    assert (feed.dialect, feed.id, feed.link, feed.language) == ("json11", URL, "https://example.org/", "en")
    assert feed.subtitle == Text(value="Ships and tides")
    assert (feed.image, feed.icon) == ("https://example.org/icon.png", "https://example.org/favicon.ico")
    assert feed.authors == (Person(name="Ann", url="https://example.org/ann"),)
    assert [link.rel for link in feed.links] == ["self", "next", "hub"]
    assert feed.extensions == (Extension(name="_harbour", value='{"depth":12}'),)
    assert feed.problems == ()


def test_a_whole_item() -> None:
    entry, problems = item(
        url="https://example.org/1",
        external_url="https://elsewhere.example/1",
        title="A <boat>",
        content_html="<p>Hello</p>",
        content_text="Hello",
        summary="Short",
        image="https://example.org/1.png",
        date_published="2024-03-01T11:00:00+01:00",
        date_modified="2024-03-01T10:30:00Z",
        author={"name": "Old"},
        authors=[{"name": "Ann"}, {"name": "Bo"}],
        tags=["boats", "tides"],
        language="de",
        attachments=[
            {"url": "https://example.org/1.mp3", "mime_type": "Audio/MPEG; x=y", "size_in_bytes": 12.0},
            {"url": "https://example.org/2.mp3", "duration_in_seconds": 61.5, "title": "Part two"},
            {"title": "nowhere"},
        ],
        _weather="rain",
    )
    assert not problems
    assert entry.title == Text(value="A <boat>")
    assert entry.content == Text(value="<p>Hello</p>", type="text/html")
    assert entry.link == "https://example.org/1"
    assert entry.links == (Link(href="https://elsewhere.example/1", rel="related"),)
    assert entry.published == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert entry.updated == datetime(2024, 3, 1, 10, 30, tzinfo=UTC)
    assert [author.name for author in entry.authors] == ["Ann", "Bo"]
    assert entry.categories == (Category(term="boats"), Category(term="tides"))
    assert entry.enclosures == (
        Enclosure(url="https://example.org/1.mp3", type="audio/mpeg", length=12),
        Enclosure(url="https://example.org/2.mp3", title="Part two", duration=61),
    )
    assert entry.extensions == (Extension(name="_weather", value='"rain"'),)


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        ("https://jsonfeed.org/version/1", "json1"),
        ("http://jsonfeed.org/version/1.1/", "json11"),
        ("https://jsonfeed.org/version/1.1", "json11"),
    ],
)
def test_versions(version: str, dialect: str) -> None:
    feed = jsonfeed.read(body(version=version), url=URL)
    assert (feed.dialect, feed.problems) == (dialect, ())


def test_items_without_a_version_are_read_and_told_of() -> None:
    feed = jsonfeed.read(b'{"items": [{"id": 7}]}', url=URL)
    assert feed.entries[0].id == "7"
    assert [problem.code for problem in feed.problems] == ["unknown-dialect"]


@pytest.mark.parametrize("wrong", [True, 1, 1.5, "x", {}, None, [None, True, 1, "x", []]])
def test_wrong_types_are_problems(wrong: object) -> None:
    names = ("title", "authors", "author", "hubs", "home_page_url", "icon", "language", "description")
    feed = jsonfeed.read(body(items=wrong, **dict.fromkeys(names, wrong)), url=URL)
    assert feed.entries == ()
    assert all(problem.code == "wrong-type" for problem in feed.problems)
    assert bool(feed.problems) is (wrong is not None)


@pytest.mark.parametrize("wrong", [True, -1, 1.5, "x", {}, [], [[]], [{}], [True]])
def test_wrong_types_in_an_item_leave_the_rest_of_it(wrong: object) -> None:
    names = ("title", "author", "authors", "tags", "attachments", "date_published", "image", "summary", "language")
    entry, _ = item(content_text="kept", **dict.fromkeys(names, wrong))
    assert entry.content.value == "kept"


def test_a_problem_says_where() -> None:
    _, problems = item(attachments=[{"url": "a", "size_in_bytes": "12"}], date_published="soon")
    assert problems == (
        Problem(
            code="wrong-type",
            detail="items[0].attachments[0].size_in_bytes: string instead of positive number",
            entry=0,
        ),
        Problem(code="bad-date", detail="date_published: soon", entry=0),
    )


def test_dates_as_in_rss_are_understood() -> None:
    entry, problems = item(date_published="Fri, 01 Mar 2024 10:00:00 +0000", date_modified="Sat, 2 Mar 24 10:00:00 EST")
    assert entry.published == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert entry.updated == datetime(2024, 3, 2, 15, tzinfo=UTC)
    assert problems == ()


def test_tags_written_into_one_string_are_read_and_told_of() -> None:
    entry, problems = item(tags="boats, tides")
    assert [category.term for category in entry.categories] == ["boats", "tides"]
    assert problems


@pytest.mark.parametrize("mark", [("utf-8-sig", ""), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff")])
def test_byte_order_marks(mark: tuple[str, str]) -> None:
    encoding, prefix = mark
    assert jsonfeed.read((prefix + body().decode()).encode(encoding), url=URL).title.value == "Harbour"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'"a \\ud83d b"', "a \ufffd b"),
        (b'"\\udc00\\ud83d\\ude00\\ud83d"', "\ufffd\N{GRINNING FACE}\ufffd"),
        (b'"\\\\ud83d \\ud83d"', "\\ud83d \ufffd"),
        (b'"caf\xe9"', "caf\ufffd"),
        (b'"a\nb"', "a\nb"),
        (b'"a", "_x": NaN', "a"),
        (b'"a", "_x": 1e400', "a"),
    ],
)
def test_a_small_mistake_costs_no_entry(written: bytes, read: str) -> None:
    feed = jsonfeed.read(
        b'{"version": "%s", "items": [{"id": "1", "title": %s}]}' % (VERSION.encode(), written), url=URL
    )
    assert [entry.title.value for entry in feed.entries] == [read]
    assert [problem.code for problem in feed.problems] == ["not-well-formed"]


def test_what_stands_behind_the_object_is_left_out() -> None:
    feed = jsonfeed.read(body() + b"\n<!-- cached -->", url=URL)
    assert (feed.title.value, [problem.code for problem in feed.problems]) == ("Harbour", ["not-well-formed"])


@pytest.mark.parametrize("broken", [b'{"version": "x"', b'{"items": [}', b'{"a":' * 5000, b'{"a": %s}' % (b"9" * 5000)])
def test_broken_json_is_malformed(broken: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        jsonfeed.read(broken, url=URL)
    assert caught.value.code == "malformed"


def test_rss_in_json() -> None:
    channel = {
        "title": "Harbour",
        "link": "https://example.org/",
        "description": "Ships &amp; tides",
        "lastBuildDate": "Fri, 01 Mar 2024 10:00:00 GMT",
        "ttl": "60",
        "item": [
            {
                "title": "One",
                "guid": {"isPermaLink": "false", "#value": "1"},
                "description": "<p>Hello</p>",
                "author": "ann@example.org (Ann)",
                "category": ["boats", {"#value": "never"}],
                "enclosure": {"url": "https://example.org/1.mp3", "length": "12", "type": "audio/mpeg"},
                "pubDate": "Fri, 01 Mar 2024 10:00:00 GMT",
            },
            {"guid": "https://example.org/2", "category": {"#value": "tides"}, "pubDate": "soon"},
            {"guid": {"isPermaLink": True, "#value": "https://example.org/3"}, "category": "piers"},
        ],
    }
    feed = rssjson.read(json.dumps({"rss": {"version": "2.0", "channel": channel}}).encode(), url=URL)
    one, two, three = feed.entries
    assert (feed.dialect, feed.hints.ttl) == ("rssjson", 60)
    assert (one.id, one.link, one.summary.type) == ("1", "", "text/html")
    assert one.authors == (Person(name="Ann", email="ann@example.org"),)
    assert one.enclosures == (Enclosure(url="https://example.org/1.mp3", type="audio/mpeg", length=12),)
    assert one.published == feed.updated == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert (two.link, two.categories, two.published) == ("https://example.org/2", (Category(term="tides"),), None)
    assert (three.link, three.categories) == ("https://example.org/3", (Category(term="piers"),))
    assert [problem.code for problem in feed.problems] == ["wrong-type", "bad-date"]


@pytest.mark.parametrize("other", [b"<rss/>", b"{}", b'{"rss": true}', b'{"rss": {"channel": []}}'])
def test_other_documents_are_no_rss_in_json(other: bytes) -> None:
    with pytest.raises(DeclinedError):
        rssjson.read(other, url=URL)
