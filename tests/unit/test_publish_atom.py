"""Atom documents, read as XML."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import etree
from msgspec.structs import replace

from feedhub.model import Enclosure, Entry, Link, Origin, Person, Source, Text
from feedhub.publish import document
from publishing import EDITION, GAZETTE, HERALD, NOON, SITE, item, member, story

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from feedhub.model import Item

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(*items: Item, **facts: object) -> Element:
    made = document("atom", EDITION, replace(SITE, **facts), items)
    assert made.path == "world.atom"
    assert made.media_type == "application/atom+xml"
    return etree.fromstring(made.body)


def entry(said: Entry, **facts: object) -> Element:
    return feed(item(said, story(**facts)))[-1]


def text(parent: Element, path: str) -> str | None:
    return parent.findtext("/".join(ATOM + part for part in path.split("/")))


def links(parent: Element, rel: str) -> list[dict[str, str]]:
    found = [dict(link.attrib) for link in parent.iterchildren(f"{ATOM}link")]
    return [{name: value for name, value in link.items() if name != "rel"} for link in found if link["rel"] == rel]


def test_the_feed_says_who_it_is() -> None:
    newer = story(id="urn:example:2", updated=NOON + timedelta(days=1))
    top = feed(item(Entry(), story(updated=NOON)), item(Entry(), newer))
    assert text(top, "id") == "https://press.example/world.atom"
    assert text(top, "title") == "World"
    assert text(top, "subtitle") == "What happened"
    assert text(top, "updated") == "2018-05-11T12:00:00Z"
    assert text(top, "author/name") == "The Desk"
    assert text(top, "generator") == "feedhub"
    assert links(top, "self") == [{"href": "https://press.example/world.atom", "type": "application/atom+xml"}]
    assert links(top, "alternate") == [{"href": "https://press.example/", "type": "text/html"}]
    assert top.get(LANG) == "en"


def test_an_edition_without_stories_has_a_date_that_never_changes() -> None:
    assert text(feed(), "updated") == "1990-01-01T00:00:00Z"


def test_the_site_can_leave_out_everything_but_its_address() -> None:
    top = feed(author="", description="", language="", title="")
    assert text(top, "author/name") == "World"
    assert top.get(LANG) is None


def test_an_entry_keeps_id_and_dates_of_the_story() -> None:
    made = entry(
        Entry(id="other", link="https://herald.example/1"), id="tag:herald.example,2018:1", updated=NOON + timedelta(1)
    )
    assert text(made, "id") == "tag:herald.example,2018:1"
    assert text(made, "published") == "2018-05-10T12:00:00Z"
    assert text(made, "updated") == "2018-05-11T12:00:00Z"
    assert links(made, "alternate") == [{"href": "https://herald.example/1"}]


def test_an_id_that_atom_cannot_hold_is_replaced_by_one_made_of_it() -> None:
    first, again, other = (text(entry(Entry(), id=each), "id") for each in ("tag:A b", "tag:A b", "tag:A c"))
    assert first == again == "urn:uuid:409417d7-5b52-543e-b584-0c8d40bc7e6b"
    assert other != first


@pytest.mark.parametrize(
    ("title", "kind", "value"),
    [
        ("Bread and roses", None, "Bread and roses"),
        ("Bread & roses", "html", "Bread &amp; roses"),
        ("<b> is bold ]]>", "html", "&lt;b&gt; is bold ]]&gt;"),
    ],
)
def test_a_title_is_text_however_it_looks(title: str, kind: str | None, value: str) -> None:
    made = entry(Entry(title=Text(value=title)))
    assert text(made, "title") == value
    assert made.find(f"{ATOM}title").get("type") == kind


def test_texts_have_their_types() -> None:
    html, plain = Text(value="<p>Long</p>", type="text/html"), Text(value="One\ntwo")
    made = entry(Entry(content=html, summary=plain))
    assert text(made, "content") == "<p>Long</p>"
    assert made.find(f"{ATOM}content").get("type") == "html"
    assert text(made, "summary") == "One\ntwo"
    assert made.find(f"{ATOM}summary").get("type") == "text"


def test_a_text_that_stands_twice_is_said_once() -> None:
    said = Text(value="<p>Long</p>", type="text/html")
    made = entry(Entry(content=said, summary=said))
    assert text(made, "content") == "<p>Long</p>"
    assert made.find(f"{ATOM}summary") is None


def test_an_entry_without_a_link_has_content() -> None:
    assert text(entry(Entry(summary=Text(value="Short"))), "content") == "Short"
    assert text(entry(Entry(title=Text(value="Only a title"))), "content") == "Only a title"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (Entry(summary=Text(value="<p>Seen <b>now</b></p>", type="text/html")), "Seen now"),
        (Entry(content=Text(value="word " * 30)), "word " * 14 + "word word…"),
        (Entry(content=Text(value="x" * 100)), "x" * 80 + "…"),
        (Entry(enclosures=(Enclosure(url="https://herald.example/a.mp3", title="Song"),)), "Song"),
        (Entry(link="https://herald.example/1"), "https://herald.example/1"),
        (Entry(), "The Herald"),
    ],
)
def test_an_entry_without_a_title_gets_one(said: Entry, title: str) -> None:
    assert text(entry(said), "title") == title


def test_authors() -> None:
    people = (
        Person(name="Ann", email="ann@herald.example", url="https://herald.example/ann"),
        Person(name="Bob", email="bob at herald", url="javascript:alert(1)"),
        Person(email="cleo@herald.example"),
        Person(url="https://herald.example/nobody"),
    )
    made = entry(Entry(authors=people))
    assert [
        [(part.tag.removeprefix(ATOM), part.text) for part in author] for author in made.findall(f"{ATOM}author")
    ] == [
        [("name", "Ann"), ("email", "ann@herald.example"), ("uri", "https://herald.example/ann")],
        [("name", "Bob")],
        [("name", "cleo@herald.example"), ("email", "cleo@herald.example")],
    ]
    assert text(made, "source/author/name") is None


def test_without_authors_the_source_is_the_author() -> None:
    assert text(entry(Entry()), "source/author/name") == "The Herald"


def test_categories_are_the_tags_of_the_story() -> None:
    made = feed(item(Entry(), story(tags=("syria", "emoji 😀"))))[-1]
    assert [each.get("term") for each in made.findall(f"{ATOM}category")] == ["syria", "emoji 😀"]


def test_links() -> None:
    made = entry(
        Entry(
            enclosures=(
                Enclosure(url="https://herald.example/a.mp3", type="audio/mpeg", length=0, title="Song"),
                Enclosure(url="https://herald.example/b.pdf?x", type="not a type"),
                Enclosure(url="file:///etc/passwd", type="text/plain"),
            ),
            comments="https://herald.example/1#comments",
            links=(
                Link(href="https://herald.example/cc", rel="license", type="text/html", title="CC", language="en_gb"),
                Link(href="https://herald.example/self", rel="self"),
            ),
        )
    )
    assert links(made, "enclosure") == [
        {"href": "https://herald.example/a.mp3", "type": "audio/mpeg", "length": "0", "title": "Song"},
        {"href": "https://herald.example/b.pdf?x", "type": "application/pdf"},
    ]
    assert links(made, "replies") == [{"href": "https://herald.example/1#comments", "type": "text/html"}]
    assert links(made, "license") == [
        {"href": "https://herald.example/cc", "type": "text/html", "hreflang": "en-GB", "title": "CC"}
    ]
    assert links(made, "self") == []


def test_the_others_of_a_story_are_related_links() -> None:
    told = story(
        member(),
        member("gazette", title="Du pain", link="https://gazette.example/1", removed=True),
        member("gazette", title="Du pain & des roses", link="https://gazette.example/2"),
        member("gazette", title="Again", link="https://gazette.example/3"),
        member("unknown", title="Not named", link="https://unknown.example/"),
        member("wire", title="How to write <b>"),
    )
    wire = Source(id="wire", url="file:///wire.xml", title="The Wire")
    made = feed(item(Entry(), told, others=(GAZETTE, wire)))[-1]
    assert links(made, "related") == [
        {"href": "https://gazette.example/2", "title": "La Gazette: Du pain & des roses"},
        {"href": "https://press.example/sources.opml#wire", "title": "The Wire"},
    ]


def test_the_source_is_named() -> None:
    made = entry(Entry(), updated=NOON + timedelta(days=1))
    source = made.find(f"{ATOM}source")
    assert text(source, "id") == "https://herald.example/feed.xml"
    assert text(source, "title") == "The Herald"
    assert text(source, "updated") == "2018-05-10T12:00:00Z"
    assert links(source, "alternate") == [{"href": "https://herald.example/"}]
    assert links(source, "self") == [{"href": "https://herald.example/feed.xml"}]


@pytest.mark.parametrize("url", ["file:///home/me/feed.xml", "https://press.example/feed?token=secret"])
def test_a_source_that_is_not_for_the_public_is_named_without_its_address(url: str) -> None:
    body = document("atom", EDITION, SITE, [item(Entry(), source=replace(HERALD, url=url))]).body
    source = etree.fromstring(body)[-1].find(f"{ATOM}source")
    assert text(source, "id") == "https://press.example/sources.opml#herald"
    assert text(source, "title") == "The Herald"
    assert links(source, "self") == []
    assert url.encode() not in body


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (
            Origin(
                id="urn:example:wire", title="Wire", link="https://wire.example/", feed_url="https://wire.example/feed"
            ),
            ("urn:example:wire", "Wire"),
        ),
        (
            Origin(id="not an id", feed_url="https://www.wire.example/feed"),
            ("https://www.wire.example/feed", "wire.example"),
        ),
        (Origin(title="Only a name"), ("https://herald.example/feed.xml", "The Herald")),
        (Origin(title="Evil", link="javascript:alert(1)"), ("https://herald.example/feed.xml", "The Herald")),
    ],
)
def test_an_entry_that_was_copied_before_names_its_own_origin(origin: Origin, expected: tuple[str, str]) -> None:
    source = entry(Entry(origin=origin)).find(f"{ATOM}source")
    assert (text(source, "id"), text(source, "title")) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("it", "it"), ("IT-it", "it-IT"), ("en", None), ("klingon", None), ("", None)]
)
def test_an_entry_in_another_language_says_so(language: str, expected: str | None) -> None:
    assert entry(Entry(language=language)).get(LANG) == expected


def test_rights() -> None:
    assert text(entry(Entry(rights=Text(value="© Herald"))), "rights") == "© Herald"
