"""What a document says of an entry is what a reader finds in it: parse(publish(x)) == x, on what both sides hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import escape

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from feedhub.model import Category, Enclosure, Entry, Person, Text
from feedhub.model.media import Media
from feedhub.normalize.html import to_text
from feedhub.normalize.text import xml_safe
from feedhub.normalize.urls import clean
from feedhub.parse import read_feed
from feedhub.publish import document
from feedhub.publish.addresses import uri
from publishing import EDITION, SITE, item, member, story

UNKNOWN = "application/octet-stream"

# Lines as normalize leaves them: white space folded, no characters that XML cannot carry.
# feedparser takes what could be UTF-8 read as Latin-1 for just that, and mends it.
MENDED = re.compile("[\xc2-\xf4][\x80-\xbf]")
lines = (
    st.text().map(lambda text: " ".join(xml_safe(text).split())).filter(lambda text: text and not MENDED.search(text))
)
tricky = st.sampled_from(["]]>", "<b>", "</b>", "&", "&amp;", "&#x3C;", "<!--", "R&D", "<3", "😀", "é", "x"])
titles = lines | st.lists(tricky, min_size=1).map(" ".join)
plain = st.builds(Text, value=titles)
html = st.builds(
    lambda parts: Text(value="".join(f"<p>{escape(part, quote=False)}</p>" for part in parts), type="text/html"),
    st.lists(titles, min_size=1, max_size=3),
)
texts = plain | html
# feedparser drops semicolons and question marks that nothing follows.
paths = st.text("abc019-._~!$'()*+,=:@%&?/#[]é| ", max_size=12).filter(lambda path: "?#" not in path)
urls = paths.map(lambda path: clean(f"https://herald.example/x{path.rstrip('#?')}", ""))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
names = st.from_regex(r"[A-ZÉ][a-zé]{1,9} [A-Z][a-z']{1,9}", fullmatch=True)
files = st.builds(
    Enclosure,
    url=st.from_regex(r"https://files\.example/[a-z0-9]{1,8}", fullmatch=True),
    type=st.sampled_from(["audio/mpeg", "image/svg+xml", "video/mp4", ""]),
    length=st.none() | st.integers(1, 2**40),
)
entries = st.builds(
    Entry,
    title=st.builds(Text, value=titles),
    link=urls,
    summary=texts | st.just(Text()),
    content=texts | st.just(Text()),
    authors=st.lists(st.builds(Person, name=names), max_size=3, unique_by=lambda person: person.name).map(tuple),
    enclosures=st.lists(files, max_size=3, unique_by=lambda file: file.url).map(tuple),
    comments=st.just("") | urls,
    thumbnails=st.lists(urls, max_size=1).map(lambda found: tuple(Media(url=url) for url in found)),
)


class Held(Struct, frozen=True):
    """What all formats hold of an entry, texts as the words they show."""

    id: str
    link: str
    title: str
    texts: list[str]
    authors: list[str]
    tags: list[str]
    files: dict[str, tuple[str, int]]
    published: datetime
    updated: datetime
    picture: bool


def words(text: Text) -> str:
    return " ".join(text.value.split()) if text.type == "text/plain" else to_text(text.value)


def held(entry: Entry) -> Held:
    said = dict.fromkeys(words(text) for text in (entry.summary, entry.content) if text.value)
    return Held(
        id=entry.id,
        link=entry.link,
        title=words(entry.title),
        texts=list(said),
        authors=[person.name for person in entry.authors],
        tags=[category.term for category in entry.categories],
        files={file.url: (file.type or UNKNOWN, file.length or 0) for file in entry.enclosures},
        published=entry.published or datetime.min.replace(tzinfo=UTC),
        updated=entry.updated or entry.published or datetime.min.replace(tzinfo=UTC),
        picture=bool(entry.image or entry.thumbnails),
    )


@given(
    said=entries,
    tags=st.lists(titles.filter(lambda tag: "</" not in tag), max_size=3, unique=True),
    published=moments,
    later=st.timedeltas(timedelta(0), timedelta(days=900)),
    name=st.sampled_from(["atom", "rss", "json"]),
)
def test_a_reader_finds_what_was_published(
    said: Entry, tags: list[str], published: datetime, later: timedelta, name: str
) -> None:
    updated = published + timedelta(seconds=later // timedelta(seconds=1))
    told = story(member(), id="urn:example:1", tags=tuple(tags), published=published, updated=updated)
    made = document(name, EDITION, SITE, [item(said, told)])
    [read] = read_feed(made.body, url=f"{SITE.url}{made.path}", content_type=made.media_type).entries
    wanted = replace(
        said,
        id=told.id,
        link=uri(said.link),
        categories=tuple(Category(term=tag) for tag in tags),
        published=published,
        updated=updated,
    )
    if name == "atom" and not held(wanted).texts:
        wanted = replace(wanted, summary=said.title)
    assert held(read) == held(wanted)


@given(said=st.lists(entries, max_size=5), name=st.sampled_from(["atom", "rss", "json"]))
def test_order_and_ids_stay(said: list[Entry], name: str) -> None:
    items = [item(each, story(member(), id=f"urn:example:{at}")) for at, each in enumerate(said)]
    made = document(name, EDITION, SITE, items)
    feed = read_feed(made.body, url=f"{SITE.url}{made.path}", content_type=made.media_type)
    assert [entry.id for entry in feed.entries] == [each.story.id for each in items]
    assert (words(feed.title), words(feed.subtitle)) == (EDITION.title, EDITION.description)
    assert (feed.link, feed.language) == (SITE.url, SITE.language)
    assert not feed.problems
