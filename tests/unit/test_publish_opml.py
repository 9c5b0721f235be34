"""The list of sources as OPML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree
from msgspec.structs import replace

from feedhub.model import Source
from feedhub.publish import opml
from feedhub.publish.stamps import NEVER
from publishing import HERALD, SITE

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def outlines(*sources: Source) -> list[dict[str, str]]:
    top: Element = etree.fromstring(opml.write(SITE, sources))
    assert top.get("version") == "2.0"
    assert top.findtext("head/title") == "Example Press"
    return [dict(outline.attrib) for outline in top.findall("body/outline")]


def test_sources_in_their_order() -> None:
    wire = Source(id="wire", url="http://wire.example/rss?a=1&b=2")
    assert outlines(wire, replace(HERALD, title='The "Herald" & <Co>', tags=("world", "a, b/c"))) == [
        {
            "type": "rss",
            "text": "wire.example",
            "title": "wire.example",
            "xmlUrl": "http://wire.example/rss?a=1&b=2",
        },
        {
            "type": "rss",
            "text": 'The "Herald" & <Co>',
            "title": 'The "Herald" & <Co>',
            "xmlUrl": "https://herald.example/feed.xml",
            "htmlUrl": "https://herald.example/",
            "category": "world,a  b c",
            "language": "en",
        },
    ]


def test_a_source_that_is_not_for_the_public_is_a_link_or_left_out() -> None:
    local = replace(HERALD, url="file:///home/me/herald.xml")
    secret = replace(HERALD, url="https://herald.example/feed?api_key=secret", link="")
    assert outlines(local, secret) == [{"type": "link", "text": "The Herald", "url": "https://herald.example/"}]


def test_user_and_password_are_left_out() -> None:
    assert outlines(replace(HERALD, url="https://me:secret@herald.example/feed"))[0]["xmlUrl"] == (
        "https://herald.example/feed"
    )


def test_without_sources_there_is_still_an_outline() -> None:
    assert outlines() == [{"text": "Example Press"}]


def test_document() -> None:
    made = opml.document(SITE, [HERALD])
    assert (made.path, made.media_type) == ("sources.opml", "text/x-opml")
    assert made.body == opml.write(SITE, [HERALD])
    assert made.modified == NEVER
    assert b"date" not in made.body
