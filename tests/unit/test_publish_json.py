"""JSON Feed documents, read through a strict description of the format."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from feedhub.model import Enclosure, Entry, Person, Source, Text
from feedhub.publish import document
from publishing import EDITION, GAZETTE, NOON, SITE, item, member, story

if TYPE_CHECKING:
    from feedhub.model import Item


def feed(*items: Item, **facts: object) -> dict[str, Any]:
    made = document("json", EDITION, replace(SITE, **facts), items)
    assert made.path == "world.json"
    assert made.media_type == "application/feed+json"
    assert made.body.endswith(b"}\n")
    decoded: dict[str, Any] = msgspec.json.decode(made.body)
    return decoded


def entry(said: Entry, **facts: object) -> dict[str, Any]:
    found: dict[str, Any] = feed(item(said, story(**facts)))["items"][0]
    return found


def test_the_feed_says_who_it_is() -> None:
    assert feed() == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "World",
        "home_page_url": "https://press.example/",
        "feed_url": "https://press.example/world.json",
        "description": "What happened",
        "language": "en",
        "authors": [{"name": "The Desk"}],
        "items": [],
    }
    assert "language" not in feed(language="no language")


def test_an_entry_with_everything() -> None:
    said = Entry(
        title=Text(value="Bread & roses"),
        link="https://herald.example/1",
        summary=Text(value="<p>Short &amp; sweet</p>", type="text/html"),
        content=Text(value="<p>Long</p>", type="text/html"),
        authors=(Person(name="Ann", url="https://herald.example/ann"), Person(email="bob@herald.example")),
        enclosures=(
            Enclosure(url="https://herald.example/a.mp3", type="audio/mpeg", length=0, title="Song", duration=61),
            Enclosure(url="https://herald.example/b"),
        ),
        image="https://herald.example/i.png",
        language="it",
    )
    told = story(
        member(),
        member("gazette", title="Du pain", link="https://gazette.example/1"),
        tags=("syria",),
        updated=NOON + timedelta(hours=1),
    )
    assert feed(item(said, told, others=(GAZETTE,)))["items"] == [
        {
            "id": "https://herald.example/1",
            "url": "https://herald.example/1",
            "title": "Bread & roses",
            "content_html": "<p>Long</p>",
            "summary": "Short & sweet",
            "image": "https://herald.example/i.png",
            "date_published": "2018-05-10T12:00:00Z",
            "date_modified": "2018-05-10T13:00:00Z",
            "authors": [{"name": "Ann", "url": "https://herald.example/ann"}, {"name": "bob@herald.example"}],
            "tags": ["syria"],
            "language": "it",
            "attachments": [
                {
                    "url": "https://herald.example/a.mp3",
                    "mime_type": "audio/mpeg",
                    "title": "Song",
                    "size_in_bytes": 0,
                    "duration_in_seconds": 61,
                },
                {"url": "https://herald.example/b", "mime_type": "application/octet-stream"},
            ],
            "_feedhub": {
                "source": {
                    "title": "The Herald",
                    "home_page_url": "https://herald.example/",
                    "feed_url": "https://herald.example/feed.xml",
                },
                "also": [
                    {
                        "source": {
                            "title": "La Gazette",
                            "home_page_url": "https://gazette.example/",
                            "feed_url": "https://gazette.example/rss",
                        },
                        "title": "Du pain",
                        "url": "https://gazette.example/1",
                    }
                ],
            },
        }
    ]


def test_an_entry_with_nothing() -> None:
    assert entry(Entry()) == {
        "id": "https://herald.example/1",
        "content_text": "",
        "date_published": "2018-05-10T12:00:00Z",
        "date_modified": "2018-05-10T12:00:00Z",
        "_feedhub": {
            "source": {
                "title": "The Herald",
                "home_page_url": "https://herald.example/",
                "feed_url": "https://herald.example/feed.xml",
            }
        },
    }


def test_a_summary_alone_is_the_content() -> None:
    made = entry(Entry(summary=Text(value="a < b\nc")))
    assert made["content_text"] == "a < b\nc"
    assert "summary" not in made


def test_a_local_source_is_named_without_its_path() -> None:
    source = Source(id="wire", url="file:///home/me/wire.xml", title="The Wire")
    body = document("json", EDITION, SITE, [item(Entry(), source=source)]).body
    assert b"/home/me" not in body
    assert msgspec.json.decode(body)["items"][0]["_feedhub"] == {"source": {"title": "The Wire"}}
