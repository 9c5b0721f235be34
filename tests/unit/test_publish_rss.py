"""RSS documents, read as XML and, where it matters, as bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import etree
from msgspec.structs import replace

from feedhub.model import Enclosure, Entry, Link, Person, Text
from feedhub.model.media import Credit, Episode, Media, Place, Transcript
from feedhub.publish import document
from publishing import EDITION, GAZETTE, NOON, SITE, item, member, story

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from feedhub.model import Item

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
}


def write(*items: Item) -> bytes:
    made = document("rss", EDITION, SITE, items)
    assert made.path == "world.rss"
    assert made.media_type == "application/rss+xml"
    return made.body


def channel(*items: Item) -> Element:
    return etree.fromstring(write(*items))[0]


def entry(said: Entry, **facts: object) -> Element:
    return channel(item(said, story(**facts)))[-1]


def texts(parent: Element, name: str) -> list[str | None]:
    return [found.text for found in parent.findall(name, NAMESPACES)]


def attributes(parent: Element, name: str) -> list[dict[str, str]]:
    return [dict(found.attrib) for found in parent.findall(name, NAMESPACES)]


def test_the_channel_says_who_it_is() -> None:
    top = channel(item(Entry()), item(Entry(), story(id="urn:example:2", updated=NOON + timedelta(days=1))))
    assert texts(top, "title") == ["World"]
    assert texts(top, "link") == ["https://press.example/"]
    assert texts(top, "description") == ["What happened"]
    assert texts(top, "language") == ["en"]
    assert texts(top, "lastBuildDate") == ["Fri, 11 May 2018 12:00:00 GMT"]
    assert texts(top, "generator") == ["feedhub"]
    assert texts(top, "dc:creator") == ["The Desk"]
    assert attributes(top, "atom:link") == [
        {"href": "https://press.example/world.rss", "rel": "self", "type": "application/rss+xml"}
    ]


def test_an_edition_without_stories_has_no_date() -> None:
    assert texts(channel(), "lastBuildDate") == []
    assert texts(channel(), "pubDate") == []


def test_guid_and_link() -> None:
    made = entry(Entry(link="https://herald.example/1"), id="https://herald.example/1")
    assert (texts(made, "guid"), attributes(made, "guid")) == (["https://herald.example/1"], [{"isPermaLink": "true"}])
    made = entry(Entry(link="https://herald.example/a b"), id="urn:example:1")
    assert (texts(made, "guid"), attributes(made, "guid")) == (["urn:example:1"], [{"isPermaLink": "false"}])
    assert texts(made, "link") == ["https://herald.example/a%20b"]


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Bread & roses", "Bread &#x26; roses"),
        ("I <3 you", "I &#x3C;3 you"),
        ("The <b> element", "The &#x26;lt;b&#x26;gt; element"),
        ("&amp; is an ampersand", "&#x26;amp;amp; is an ampersand"),
        ("a ]]> b", "a ]]&gt; b"),
    ],
)
def test_a_title_is_the_same_for_readers_of_text_and_of_html(title: str, written: str) -> None:
    body = write(item(Entry(title=Text(value=title)), story(tags=("R&D",))))
    assert f"<title>{written}</title>" in body.decode()
    assert b"<category>R&#x26;D</category>" in body


def test_a_title_is_made_only_where_there_is_no_text() -> None:
    made = entry(Entry(summary=Text(value="Short")))
    assert (texts(made, "title"), texts(made, "description")) == ([], ["Short"])
    made = entry(Entry(link="https://herald.example/1"))
    assert (texts(made, "title"), texts(made, "description")) == (["https://herald.example/1"], [])


def test_summary_and_content() -> None:
    content = Text(value="<p>Long & ]]></p>", type="text/html")
    made = entry(Entry(summary=Text(value="One\n<two>"), content=content))
    assert texts(made, "description") == ["One<br>\n&lt;two&gt;"]
    assert texts(made, "content:encoded") == ["<p>Long & ]]></p>"]
    names = [child.tag for child in made]
    assert names.index("description") < names.index(f"{{{NAMESPACES['content']}}}encoded")
    made = entry(Entry(content=content))
    assert texts(made, "description") == ["<p>Long & ]]></p>"]
    assert texts(made, "content:encoded") == []


@pytest.mark.parametrize(
    ("people", "author", "creators"),
    [
        ([Person(name="Ann Lee", email="ann@herald.example")], ["ann@herald.example (Ann Lee)"], []),
        ([Person(name="Ann Lee")], [], ["Ann Lee"]),
        ([Person(name="Ann (the boss)", email="ann@herald.example")], [], ["Ann (the boss)"]),
        ([Person(name="Ann", email="ann@herald.example"), Person(name="Bob")], [], ["Ann", "Bob"]),
        ([Person(email="ann@herald.example")], ["ann@herald.example (ann@herald.example)"], []),
        ([Person(name="Ann", email="ann at herald")], [], ["Ann"]),
    ],
)
def test_authors(people: list[Person], author: list[str], creators: list[str]) -> None:
    made = entry(Entry(authors=tuple(people)))
    assert (texts(made, "author"), texts(made, "dc:creator")) == (author, creators)


def test_dates() -> None:
    made = entry(Entry())
    assert (texts(made, "pubDate"), texts(made, "atom:updated")) == (["Thu, 10 May 2018 12:00:00 GMT"], [])
    made = entry(Entry(), updated=NOON + timedelta(hours=1))
    assert texts(made, "atom:updated") == ["2018-05-10T13:00:00Z"]


def test_source_and_others() -> None:
    told = story(member(), member("gazette", title="Du pain", link="https://gazette.example/2"))
    made = channel(item(Entry(language="it"), told, others=(GAZETTE,)))[-1]
    assert (texts(made, "source"), attributes(made, "source")) == (
        ["The Herald"],
        [{"url": "https://herald.example/feed.xml"}],
    )
    assert attributes(made, "atom:link") == [
        {"rel": "related", "href": "https://gazette.example/2", "title": "La Gazette: Du pain"}
    ]
    assert texts(made, "dc:language") == ["it"]


def test_one_file_is_enclosed_and_the_others_linked() -> None:
    made = entry(
        Entry(
            enclosures=(
                Enclosure(url="https://herald.example/a.png", type="image/png"),
                Enclosure(url="http://localhost/b.mp3", type="audio/mpeg"),
                Enclosure(url="https://herald.example/c.mp3", type="audio/mpeg", duration=61),
                Enclosure(url="https://herald.example/d"),
            )
        )
    )
    assert attributes(made, "enclosure") == [
        {"url": "https://herald.example/c.mp3", "length": "0", "type": "audio/mpeg"}
    ]
    assert attributes(made, "atom:link") == [
        {"rel": "enclosure", "href": "https://herald.example/a.png", "type": "image/png"},
        {"rel": "enclosure", "href": "http://localhost/b.mp3", "type": "audio/mpeg"},
        {"rel": "enclosure", "href": "https://herald.example/d", "type": "application/octet-stream"},
    ]
    assert attributes(made, "media:content") == [
        {"url": "https://herald.example/c.mp3", "type": "audio/mpeg", "duration": "61"}
    ]
    made = entry(Entry(enclosures=(Enclosure(url="https://herald.example/d", length=7),)))
    assert attributes(made, "enclosure") == [
        {"url": "https://herald.example/d", "length": "7", "type": "application/octet-stream"}
    ]


def test_pictures_places_and_rights() -> None:
    made = entry(
        Entry(
            image="https://herald.example/i.png",
            thumbnails=(
                Media(url="https://herald.example/t.png", width=0),
                Media(url="https://herald.example/i.png", width=9),
            ),
            media=(Media(url="https://herald.example/v.mp4", type="video/mp4", medium="film", height=8, length=0),),
            place=Place(latitude=45.5, longitude=-7.25),
            rights=Text(value="© A & B"),
            comments="https://herald.example/1#c",
            links=(
                Link(href="https://herald.example/1#c", rel="replies"),
                Link(href="https://herald.example/via", rel="via"),
            ),
        )
    )
    assert attributes(made, "media:thumbnail") == [
        {"url": "https://herald.example/i.png", "width": "9"},
        {"url": "https://herald.example/t.png"},
    ]
    assert attributes(made, "media:content") == [
        {"url": "https://herald.example/v.mp4", "type": "video/mp4", "height": "8"}
    ]
    assert texts(made, "georss:point") == ["45.500000 -7.250000"]
    assert texts(made, "dc:rights") == ["© A & B"]
    assert texts(made, "comments") == ["https://herald.example/1#c"]
    assert attributes(made, "atom:link") == [{"rel": "via", "href": "https://herald.example/via"}]


EPISODE = Entry(
    title=Text(value="Bread"),
    enclosures=(Enclosure(url="https://herald.example/c.mp3", type="audio/mpeg", duration=61),),
    image="https://herald.example/i.png",
    episode=Episode(
        title="Bread, the talk",
        season=1,
        number=7,
        kind="bonus",
        explicit=True,
        chapters_url="https://herald.example/c.json",
        transcripts=(Transcript(url="https://herald.example/t.vtt", type="text/vtt", language="en", rel="captions"),),
        people=(Credit(name="Ann", role="host"), Credit(name=" ")),
    ),
)


def test_an_edition_of_episodes_is_a_podcast() -> None:
    top = channel(item(EPISODE))
    made = top[-1]
    assert texts(top, "itunes:explicit") == ["true"]
    assert texts(top, "itunes:author") == ["The Desk"]
    found = {child.tag.rpartition("}")[2]: child.text for child in made if NAMESPACES["itunes"] in child.tag}
    assert found == {
        "author": "The Herald",
        "title": "Bread, the talk",
        "duration": "61",
        "season": "1",
        "episode": "7",
        "episodeType": "bonus",
        "explicit": "true",
        "image": None,
    }
    assert attributes(made, "itunes:image") == [{"href": "https://herald.example/i.png"}]


def test_what_a_podcast_says_of_itself_is_configured() -> None:
    edition = replace(EDITION, podcast_category="Health & Fitness", podcast_image="https://press.example/cover.png")
    site = replace(SITE, email="desk@press.example")
    top = etree.fromstring(document("rss", edition, site, [item(EPISODE)]).body)[0]
    assert attributes(top, "itunes:category") == [{"text": "Health & Fitness"}]
    assert attributes(top, "itunes:image") == [{"href": "https://press.example/cover.png"}]
    assert texts(top, "itunes:owner/itunes:email") == ["desk@press.example"]
    assert texts(top, "itunes:owner/itunes:name") == ["The Desk"]
    news = etree.fromstring(document("rss", edition, site, [item(Entry(title=Text(value="News")))]).body)[0]
    assert not [child for child in news.iter() if NAMESPACES["itunes"] in str(child.tag)]


def test_an_episode_among_news_keeps_what_is_at_home_in_any_feed() -> None:
    top = channel(item(EPISODE), item(Entry(title=Text(value="News")), story(id="urn:example:2")))
    made = top[-2]
    assert not [child for child in top.iter() if NAMESPACES["itunes"] in str(child.tag)]
    assert texts(made, "podcast:season") == ["1"]
    assert texts(made, "podcast:episode") == ["7"]
    assert texts(made, "podcast:person") == ["Ann"]
    assert attributes(made, "podcast:person") == [{"role": "host"}]
    assert attributes(made, "podcast:chapters") == [
        {"url": "https://herald.example/c.json", "type": "application/json+chapters"}
    ]
    assert attributes(made, "podcast:transcript") == [
        {"url": "https://herald.example/t.vtt", "type": "text/vtt", "language": "en", "rel": "captions"}
    ]


def test_the_first_line_does_not_depend_on_what_the_entries_use() -> None:
    lines = [write(*items).splitlines()[1] for items in ((), (item(EPISODE),), (item(Entry()),))]
    assert len(set(lines)) == 1


def test_facts_of_an_episode_that_are_wrong_are_left_out() -> None:
    made = entry(replace(EPISODE, episode=Episode(season=0, number=0, kind="odd", chapters_url="ftp://x/c.json")))
    names = {child.tag.rpartition("}")[2] for child in made if NAMESPACES["itunes"] in child.tag}
    assert names == {"author", "duration", "image"}
    assert not [child for child in made if NAMESPACES["podcast"] in child.tag]
