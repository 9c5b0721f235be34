from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub import parse
from feedhub.errors import ParseError
from feedhub.model import Entry, Feed, Problem, Text
from feedhub.parse import DIALECTS, DeclinedError, differences, read, read_feed

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://example.org/feed"
RSS = b"<rss version='2.0'><channel><title>Harbour</title><item><title>One</title></item></channel></rss>"
BROKEN = RSS.replace(b"Harbour", b"Harbour & port")
HTML = b"<!DOCTYPE html><html><head><title>No feed</title></head><body><p>Hello</p></body></html>"


@pytest.fixture
def fresh_rows() -> Iterator[None]:
    """Forget the rows before and after, since they are read once."""
    parse._rows.cache_clear()  # noqa: SLF001 - nothing but a test has two sets of packages in one process
    yield
    parse._rows.cache_clear()  # noqa: SLF001 - as above


def other_package(body: bytes, *, url: str, content_type: str) -> Feed:
    if not body.startswith(b"TOY "):
        raise DeclinedError("not-toy")
    return Feed(dialect="toy", title=Text(value=body[4:].decode()), link=url, language=content_type)


@pytest.mark.parametrize("where", DIALECTS.values())
def test_every_row_names_a_reader(where: str) -> None:
    assert callable(resolve_name(where))


def test_the_reading_tells_who_read_and_why_others_did_not() -> None:
    assert read(RSS, url=URL).reader == "fast"
    reading = read(BROKEN, url=URL)
    assert reading.reader == "tolerant"
    assert dict(reading.declined) == {"json": "not-json", "rssjson": "not-json", "fast": "not-well-formed"}
    assert read(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', url=URL).reader == "json"


def test_both_ways_give_the_same_entries() -> None:
    assert read_feed(RSS, url=URL).entries == read_feed(BROKEN, url=URL).entries


def test_another_tolerant_reader_takes_the_place_of_the_one_in_process() -> None:
    asked = []

    def tolerant(body: bytes, *, url: str, content_type: str) -> Feed:
        asked.append((body, url, content_type))
        return Feed(dialect="boxed")

    assert read_feed(BROKEN, url=URL, content_type="text/xml", tolerant=tolerant).dialect == "boxed"
    assert asked == [(BROKEN, URL, "text/xml")]
    read_feed(RSS, url=URL, tolerant=tolerant)
    assert len(asked) == 1


@pytest.mark.usefixtures("fresh_rows")
def test_a_package_adds_a_dialect_through_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("toy", f"{__name__}:other_package", "feedhub.dialects")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: EntryPoints([point]).select(group=group))
    reading = read(b"TOY boat", url=URL, content_type="x")
    assert (reading.reader, reading.feed.title.value) == ("toy", "boat")
    assert read(RSS, url=URL).declined[0] == ("toy", "not-toy")


@pytest.mark.parametrize("body", [b"", b" ", b"hello", HTML, b"<feed", b"\x00\x01\x02", b"{}", b'{"items_": 1}', b"[]"])
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read_feed(body, url=URL)
    assert caught.value.code == "not-a-feed"


def test_a_document_feedparser_stumbles_over_is_malformed() -> None:
    chapter = b"<psc:chapters xmlns:psc='http://podlove.org/simple-chapters'><psc:chapter title='x'/></psc:chapters>"
    with pytest.raises(ParseError, match="stumbled") as caught:
        read_feed(RSS.replace(b"</item>", chapter + b"</item>"), url=URL)
    assert caught.value.code == "malformed"


def test_entries_beyond_the_bound_are_told_of_on_both_ways() -> None:
    many = RSS.replace(b"<item>", b"<item>" + b"</item><item>" * 5000)
    fast, tolerant = read(many, url=URL), read(many.replace(b"Harbour", b"Harbour & port"), url=URL)
    assert (fast.reader, tolerant.reader) == ("fast", "tolerant")
    for reading in (fast, tolerant):
        assert len(reading.feed.entries) == 5000
        assert "too-many-entries" in {problem.code for problem in reading.feed.problems}


def test_differences_name_the_fields() -> None:
    entry = Entry(id="1", title=Text(value="One"))
    feed = Feed(title=Text(value="Harbour"), entries=(Entry(id="0"), entry))
    assert differences(feed, feed) == ()
    assert differences(feed, replace(feed, link="x", problems=(Problem(code="odd"),))) == ("link", "problems")
    assert differences(feed, replace(feed, entries=feed.entries[:1])) == ("entries",)
    changed = replace(entry, published=datetime(2024, 3, 1, tzinfo=UTC), link="y")
    assert differences(feed, replace(feed, entries=(feed.entries[0], changed))) == (
        "entries[1].link",
        "entries[1].published",
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&#55357;&#56832;", "\N{GRINNING FACE}"),
        ("&#xD83D;&#xde00;", "\N{GRINNING FACE}"),
        ("&#55357;", "\ufffd"),
        ("&#56832;&#55357;", "\ufffd\ufffd"),
        ("&#65;&#55357;&#56832;&#66;", "A\N{GRINNING FACE}B"),
        (f"&#{'9' * 5000};", "\ufffd"),
    ],
)
def test_references_to_what_is_no_character_cost_no_entry(written: str, meant: str) -> None:
    reading = read(RSS.replace(b"One", f"One {written}".encode()), url=URL, content_type="text/xml")
    assert reading.reader == "tolerant"
    assert [entry.title.value for entry in reading.feed.entries] == [f"One {meant}"]
    assert [problem.code for problem in reading.feed.problems] == ["not-well-formed"]


@pytest.mark.parametrize("claim", ["utf-16", "UTF-16LE", "ucs-2", "utf-32"])
@pytest.mark.parametrize("padding", ["", " "])
def test_a_document_in_single_bytes_is_in_no_wide_encoding(claim: str, padding: str) -> None:
    document = f'<?xml version="1.0" encoding="{claim}"?>\n{padding}'.encode() + RSS.replace(b"One", "Éé".encode())
    for content_type in ("", "text/xml; charset=utf-8", "application/rss+xml"):
        feed = read(document, url=URL, content_type=content_type).feed
        assert [entry.title.value for entry in feed.entries] == ["Éé"]
        assert [problem.code for problem in feed.problems] == ["encoding"]


def test_a_wide_document_is_read_as_it_says() -> None:
    document = '<?xml version="1.0" encoding="utf-16"?>' + RSS.decode().replace("One", "Éé")
    feed = read(document.encode("utf-16"), url=URL, content_type="text/xml").feed
    assert ([entry.title.value for entry in feed.entries], feed.problems) == (["Éé"], ())


def test_a_document_that_ends_early_is_told_from_one_that_is_broken() -> None:
    cut = RSS[: RSS.index(b"One") + 2]
    for document, code in ((cut, "cut-short"), (cut + b"</b></c>", "not-well-formed")):
        reading = read(document, url=URL, content_type="text/xml")
        assert [problem.code for problem in reading.feed.problems] == [code]


CUT = b"<rss version='2.0'><channel><item><guid>1</guid><title>One &lt;item></title></item>"


@pytest.mark.parametrize("left", [b"<item><title>Two</title><guid>2", b"<item>", b"<item><title>Two</title><desc"])
def test_half_an_entry_without_its_id_is_left_out(left: bytes) -> None:
    feed = read_feed(CUT + left, url=URL)
    assert [entry.title.value for entry in feed.entries] == ["One <item>"]
    assert [problem.code for problem in feed.problems] == ["cut-short"]


def test_half_an_entry_is_known_by_its_id() -> None:
    feed = read_feed(CUT + b"<item><guid>2</guid><title>Two</title><description>Hal", url=URL)
    assert [entry.title.value for entry in feed.entries] == ["One <item>", "Two"]
    assert [problem.code for problem in feed.problems] == ["cut-short"]


@pytest.mark.parametrize("left", [b"", b"<item><title>Two</title></item>", b"<item><title>Two</title></channel>"])
def test_whole_entries_of_a_document_that_ends_early_are_kept(left: bytes) -> None:
    feed = read_feed(CUT + left, url=URL)
    assert len(feed.entries) == (2 if left else 1)
    assert [problem.code for problem in feed.problems] == ["not-well-formed"]
