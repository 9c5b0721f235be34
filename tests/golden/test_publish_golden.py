"""Small documents, byte for byte: a change of any of them is a change that every subscriber downloads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from feedhub.model import Document, Enclosure, Entry, Link, Origin, Person, Source, Text
from feedhub.model.media import Episode, Media, Place
from feedhub.publish import document, opml
from publishing import EDITION, GAZETTE, HERALD, NOON, SITE, item, member, story

GOLDEN = Path(__file__).parent / "publish"
WIRE = Source(id="wire", url="file:///srv/feeds/wire.xml", title="The Wire", link="https://wire.example/")
ITEMS = [
    item(
        Entry(
            title=Text(value="Bread & roses: <3 for 5 €"),
            link="https://herald.example/2018/bread?page=1&view=[full]",
            summary=Text(value="<p>Short &amp; sweet ]]&gt;</p>", type="text/html"),
            content=Text(value="<p>Long, <b>bold</b> and 😀</p>", type="text/html"),
            authors=(
                Person(name="Ann Lee", email="ann@herald.example", url="https://herald.example/ann"),
                Person(name="Bob"),
            ),
            enclosures=(
                Enclosure(url="https://herald.example/bread.pdf", length=10),
                Enclosure(url="https://herald.example/bread.mp3", type="audio/mpeg", title="Aloud", duration=61),
            ),
            comments="https://herald.example/2018/bread#comments",
            image="https://herald.example/bread.jpg",
            links=(Link(href="https://herald.example/by", rel="license"),),
            media=(
                Media(url="https://herald.example/bread.mp4", type="video/mp4", medium="video", width=640, height=480),
            ),
            place=Place(latitude=52.5, longitude=13.4),
            episode=Episode(season=1, number=2),
            rights=Text(value="© The Herald"),
            language="it",
        ),
        story(
            member(),
            member("gazette", title="Du pain & des roses", link="https://gazette.example/pain"),
            tags=("bread", "R&D"),
            id="tag:herald.example,2018:bread",
            updated=NOON + timedelta(hours=1),
        ),
        HERALD,
        (GAZETTE,),
    ),
    item(
        Entry(
            title=Text(value="Copied before"),
            link="https://origin.example/1",
            content=Text(value="One line\nand <another>"),
            authors=(Person(name="Cleo", email="cleo@origin.example"),),
            origin=Origin(title="The Origin", link="https://origin.example/", feed_url="https://origin.example/feed"),
        ),
        story(member("gazette"), id="https://origin.example/1"),
        GAZETTE,
    ),
    item(
        Entry(summary=Text(value="Neither a title nor a link")),
        story(member("wire"), id="urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6"),
        WIRE,
    ),
]
DOCUMENTS = [
    *(document(name, EDITION, SITE, ITEMS) for name in ("atom", "rss", "json")),
    opml.document(SITE, [HERALD, GAZETTE, WIRE]),
]


@pytest.mark.parametrize("made", DOCUMENTS, ids=lambda made: made.path)
def test_golden(made: Document, tmp_path: Path) -> None:
    written = tmp_path / made.path
    written.write_bytes(made.body)
    assert made.body.decode() == (GOLDEN / made.path).read_text(), f"if {written} is right, put it into {GOLDEN}"
