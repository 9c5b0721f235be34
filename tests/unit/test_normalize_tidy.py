from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from feedhub.model import Category, Enclosure, Entry, Extension, Link, Origin, Person, Text
from feedhub.model.media import Chapter, Credit, Episode, Media, Place, Transcript
from feedhub.normalize import LONG_TITLE, MANY, tidy

BASE = "https://example.org/feed.xml"


def html(value: str) -> Text:
    return Text(value=value, type="text/html")


def tidied(entry: Entry, *, base_url: str = BASE, language: str = "") -> Entry:
    once = tidy(entry, base_url=base_url, language=language)
    assert tidy(once, base_url=base_url, language=language) == once
    return once


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (Text(value="a < b & <b>c</b> &amp;"), "a < b & <b>c</b> &amp;"),
        (html("a &lt; b &amp; <b>c</b>"), "a < b & c"),
        (html("AT&amp;amp;T &lt;b&gt;"), "AT&amp;T <b>"),
        (html("<script>x</script>How the &lt;script&gt; works"), "How the <script> works"),
        (Text(value="<em>x</em>y", type="application/xhtml+xml"), "xy"),
        (Text(value="*x*", type="text/markdown"), "*x*"),
        (Text(value=" a\0\n b\ud800 "), "a b"),
        (Text(value="w" * 2000), "w" * (LONG_TITLE - 1) + "…"),
        (html("<i>" * 2_000_000 + "x"), ""),
        (Text(value="\0 \n"), ""),
    ],
)
def test_titles_are_plain_lines(title: Text, expected: str) -> None:
    entry = tidied(Entry(title=title, rights=title))
    assert entry.title == entry.rights == Text(value=expected)


def test_html_is_sanitised_and_plain_text_stays_plain() -> None:
    entry = tidied(
        Entry(
            summary=Text(value=" <b>not bold</b>\r\nline\0 ", language="EN-us"),
            content=Text(value="<p onclick=x>a<p>b", type="application/xhtml+xml", base="/deep/"),
        )
    )
    assert entry.summary == Text(value="<b>not bold</b>\nline", language="en-US")
    assert entry.content == html("<p>a</p><p>b</p>")


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream"])
def test_content_that_is_no_text_goes(kind: str) -> None:
    assert tidied(Entry(content=Text(value="iVBORw0KGgo=", type=kind))).content == Text()


@pytest.mark.parametrize(
    ("link", "base", "expected"),
    [
        ("https://www.example.org/2024/post/", "", "https://www.example.org/2024/post/a.png"),
        ("https://elsewhere.example/post/", "", "https://example.org/a.png"),
        ("", "", "https://example.org/a.png"),
        ("https://example.org/2024/post/", "/media/", "https://example.org/media/a.png"),
        ("https://example.org/2024/post/", "https://cdn.example/x/", "https://cdn.example/x/a.png"),
        ("https://example.org/2024/post/", "javascript:0", "https://example.org/2024/post/a.png"),
    ],
)
def test_relative_references_have_the_nearest_base(link: str, base: str, expected: str) -> None:
    text = Text(value='<img src="a.png">', type="text/html", base=base)
    assert tidied(Entry(link=link, content=text)).content.value == f'<img src="{expected}">'


def test_addresses_are_absolute_or_gone() -> None:
    entry = tidied(
        Entry(
            id=" tag:example.org,2024:1\0 ",
            link="/a?utm_source=x",
            comments="javascript:0",
            image="//cdn.example/i.png",
            links=(Link(href="/b", rel="related"), Link(href="data:,x"), Link(href="/b", rel="related")),
            origin=Origin(id="urn:x", title="A &amp; B", link="/c", feed_url="file:///d"),
        )
    )
    assert entry.id == "tag:example.org,2024:1"
    assert (entry.link, entry.comments, entry.image) == ("https://example.org/a", "", "https://cdn.example/i.png")
    assert entry.links == (Link(href="https://example.org/b", rel="related"),)
    assert entry.origin == Origin(id="urn:x", title="A & B", link="https://example.org/c")
    assert tidied(Entry(origin=Origin(link="javascript:0"))).origin is None


def test_people() -> None:
    given = (
        Person(name=" Jane  Doe ", email="mailto:jane@example.org", url="/jane"),
        Person(name="John &amp; Co", email="not an address", url="mailto:john@example.org?subject=x"),
        Person(email="only words"),
        Person(name="post@example.org"),
        Person(email="alone@example.org"),
        Person(url="javascript:0"),
        Person(name="Jane Doe", email="jane@example.org", url="/jane"),
    )
    assert tidied(Entry(authors=given)).authors == (
        Person(name="Jane Doe", email="jane@example.org", url="https://example.org/jane"),
        Person(name="John & Co", url="mailto:john@example.org"),
        Person(name="only words"),
        Person(name="post@example.org", email="post@example.org"),
        Person(email="alone@example.org"),
    )


def test_categories() -> None:
    given = (
        Category(term=" News\n"),
        Category(term="news"),
        Category(term="news", scheme="urn:x", label="News"),
        Category(term="", label="Arts &amp; Culture"),
        Category(term="\0"),
        Category(term="b" * 500),
    )
    categories = tidied(Entry(categories=given)).categories
    assert categories[:3] == (
        Category(term="News"),
        Category(term="news", scheme="urn:x", label="News"),
        Category(term="Arts & Culture"),
    )
    assert categories[3].term == "b" * 199 + "…"
    assert len(categories) == 4
    many = tuple(Category(term=str(number)) for number in range(10_000))
    assert len(tidied(Entry(categories=many)).categories) == MANY


def test_enclosures_and_media() -> None:
    entry = tidied(
        Entry(
            enclosures=(
                Enclosure(url="/a.mp3", type=" Audio/MPEG; rate=1", length=12, duration=60, title="A\nB"),
                Enclosure(url="/a.mp3", length=13),
                Enclosure(url="/b", type="<script>", length=-1, duration=0),
                Enclosure(url="data:audio/mpeg;base64,AA", length=1),
                Enclosure(url="/c", type="audio", length=1 << 60, duration=1 << 40),
            ),
            media=(Media(url="/m.jpg", type="IMAGE/JPEG", medium="image", width=0, height=-5), Media(url="file:///x")),
            thumbnails=(Media(url="t.png", medium="evil", width=10, height=1 << 40),),
        )
    )
    assert entry.enclosures == (
        Enclosure(url="https://example.org/a.mp3", type="audio/mpeg", length=12, duration=60, title="A B"),
        Enclosure(url="https://example.org/b"),
        Enclosure(url="https://example.org/c"),
    )
    assert entry.media == (Media(url="https://example.org/m.jpg", type="image/jpeg", medium="image"),)
    assert entry.thumbnails == (Media(url="https://example.org/t.png", width=10),)


def test_podcasts() -> None:
    episode = Episode(
        title="One &amp; two",
        season=-1,
        number=7,
        kind="serial",
        explicit=False,
        chapters_url="/chapters.json",
        chapters_type="application/JSON",
        chapters=(
            Chapter(start=1.5, title=" a ", url="/a", image="javascript:0"),
            Chapter(start=math.nan),
            Chapter(start=-1),
            Chapter(start=math.inf),
        ),
        transcripts=(Transcript(url="/t.vtt", type="text/vtt", language="EN", rel="captions"), Transcript(url="x:y")),
        people=(Credit(name="Jane", role="host", image="/j.png", url="data:,"), Credit(name=" ")),
    )
    assert tidied(Entry(episode=episode)).episode == Episode(
        title="One & two",
        number=7,
        explicit=False,
        chapters_url="https://example.org/chapters.json",
        chapters_type="application/json",
        chapters=(Chapter(start=1.5, title="a", url="https://example.org/a"),),
        transcripts=(Transcript(url="https://example.org/t.vtt", type="text/vtt", language="en", rel="captions"),),
        people=(Credit(name="Jane", role="host", image="https://example.org/j.png"),),
    )


@pytest.mark.parametrize(("latitude", "longitude"), [(91.0, 0.0), (0.0, -181.0), (math.nan, 0.0), (0.0, math.inf)])
def test_a_place_is_on_earth(latitude: float, longitude: float) -> None:
    assert tidied(Entry(place=Place(latitude=latitude, longitude=longitude))).place is None
    here = Place(latitude=-90.0, longitude=180.0)
    assert tidied(Entry(place=here)).place == here


def test_extensions() -> None:
    given = (
        Extension(name="_a", value='{"b":"\ufffe1"}'),
        Extension(name="c", value="1"),
        Extension(name="_d", value=f'"{"x" * 100_000}"'),
    )
    assert tidied(Entry(extensions=given)).extensions == (Extension(name="_a", value='{"b":"1"}'),)


def test_the_language_is_the_entrys_or_the_feeds() -> None:
    assert tidied(Entry(language="DE_at"), language="en").language == "de-AT"
    assert tidied(Entry(language="German"), language="EN").language == "en"
    assert tidied(Entry(), language="none at all").language == ""


def test_dates_are_exact() -> None:
    west = timezone(timedelta(hours=-5))
    published = datetime(2024, 1, 1, 20, 0, 0, 7, tzinfo=west)
    entry = tidied(Entry(published=published, updated=datetime.max.replace(tzinfo=west)))
    assert entry.published == datetime(2024, 1, 2, 1, tzinfo=UTC)
    assert entry.published.tzinfo is UTC
    assert entry.updated is None


def test_an_empty_entry_stays_empty() -> None:
    assert tidied(Entry()) == Entry()
    assert tidied(replace(Entry(), summary=html(" "), content=html("<p></p>"))) == Entry()
