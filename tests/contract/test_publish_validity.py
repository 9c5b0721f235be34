"""Documents are valid whatever the entries hold: hostile texts and markup go through the same rooms as in a refresh."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Annotated

import feedparser
import msgspec
import pytest
from lxml import etree
from msgspec import Meta, Struct

from feedhub.model import Entry
from feedhub.publish import FORMATS, document, opml
from hostile_items import hostile, published
from publishing import EDITION, HERALD, SITE, item, story
from shared import shared

if TYPE_CHECKING:
    from feedhub.model import Item

Url = Annotated[str, Meta(pattern=r"^https?://[!-~]+$")]


class Author(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]
    url: Url | None = None


class Attachment(Struct, forbid_unknown_fields=True):
    url: Url
    mime_type: Annotated[str, Meta(pattern="^[^/ ]+/[^/ ]+$")]
    title: str | None = None
    size_in_bytes: int | None = None
    duration_in_seconds: int | None = None


class Outlet(Struct, forbid_unknown_fields=True):
    title: str
    home_page_url: Url | None = None
    feed_url: Url | None = None


class Why(Struct, forbid_unknown_fields=True):
    rule: str
    words: list[str] = []
    score: float = 0
    threshold: float = 0


class Telling(Struct, forbid_unknown_fields=True):
    source: Outlet
    url: Url
    title: str | None = None
    id: str | None = None
    reasons: list[Why] = []


class Event(Struct, forbid_unknown_fields=True):
    id: str
    stories: Annotated[list[Telling], Meta(min_length=1)]
    reasons: list[Why] = []


class Extension(Struct, forbid_unknown_fields=True):
    source: Outlet
    also: list[Telling] = []
    event: Event | None = None


class JsonItem(Struct, forbid_unknown_fields=True, rename={"feedhub": "_feedhub"}):
    id: Annotated[str, Meta(min_length=1)]
    date_published: datetime
    date_modified: datetime
    feedhub: Extension
    url: Url | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    image: Url | None = None
    authors: list[Author] = []
    tags: list[str] = []
    language: Annotated[str, Meta(pattern="^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*$")] | None = None
    attachments: list[Attachment] = []


class JsonFeed(Struct, forbid_unknown_fields=True):
    version: Annotated[str, Meta(pattern=r"^https://jsonfeed\.org/version/1\.1$")]
    title: str
    home_page_url: Url
    feed_url: Url
    description: str
    authors: list[Author]
    items: list[JsonItem]
    language: str | None = None


@pytest.fixture(scope="module", params=["texts", "long", "markup", "titles", "nothing"])
def items(request: pytest.FixtureRequest) -> list[Item]:
    return published(dict(hostile())[request.param])


def test_atom_follows_the_schema_of_the_rfc(items: list[Item]) -> None:
    schema = etree.RelaxNG(etree.parse(str(shared("hostile/output_checks") / "atom.rng")))
    body = document("atom", EDITION, SITE, items).body
    schema.assertValid(etree.fromstring(body))
    ids = etree.fromstring(body).xpath("//a:entry/a:id/text()", namespaces={"a": "http://www.w3.org/2005/Atom"})
    assert len(set(ids)) == len(items)


def test_rss_items_have_what_the_specification_asks(items: list[Item]) -> None:
    channel = etree.fromstring(document("rss", EDITION, SITE, items).body)[0]
    found = channel.findall("item")
    assert len(found) == len(items)
    for each in found:
        assert each.findtext("title") or each.findtext("description")
        names = [child.tag for child in each]
        for once in ("title", "link", "description", "author", "guid", "enclosure", "source", "pubDate", "comments"):
            assert names.count(once) <= 1
        assert each.find("guid") is not None
        for enclosure in each.findall("enclosure"):
            assert set(enclosure.attrib) == {"url", "length", "type"}


def test_json_feed_has_what_the_specification_knows_and_nothing_else(items: list[Item]) -> None:
    feed = msgspec.json.decode(document("json", EDITION, SITE, items).body, type=JsonFeed)
    assert len(feed.items) == len(items)
    for each in feed.items:
        assert (each.content_html is None) != (each.content_text is None)
        assert each.date_published.tzinfo is UTC


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_feedparser_has_no_complaints(items: list[Item], name: str) -> None:
    body = BytesIO(document(name, EDITION, SITE, items).body)
    headers = {"content-type": FORMATS[name].media_type}
    # Its own sanitiser takes minutes for some of these texts.
    read = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo, read.get("bozo_exception")
    assert [entry.id for entry in read.entries] == [each.story.id for each in items]


def test_names_from_the_configuration_are_checked_too() -> None:
    text = "a\0b\ud800 <c> & ]]>"
    site = msgspec.structs.replace(SITE, title=text, description=text, author=text, language=text)
    edition = msgspec.structs.replace(EDITION, title=text, description=text)
    source = msgspec.structs.replace(HERALD, title=text, link=text, tags=(text,))
    items = [item(Entry(), story(tags=(text,)), source)]
    for name in ("atom", "rss"):
        assert etree.fromstring(document(name, edition, site, items).body) is not None
    assert msgspec.json.decode(document("json", edition, site, items).body, type=JsonFeed).title
    assert etree.fromstring(opml.write(site, [source])) is not None
