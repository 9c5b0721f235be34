"""Whatever comes in, only feedhub's own errors come out, and what comes out is a feed that can be stored."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.errors import FeedhubError
from feedhub.model import Feed
from feedhub.parse import read_feed

URL = "https://example.org/feed"
MEDIA = st.sampled_from(
    (
        "",
        "application/xml",
        "text/xml; charset=iso-8859-1",
        "text/html",
        "application/feed+json",
        "x;y=;",
        ";charset=\0",
    )
)

NAMESPACES = {
    "": "",
    "atom": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
    "georss": "http://www.georss.org/georss",
    "gml": "http://www.opengis.net/gml",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
}
LOCALS = (
    *("title", "link", "description", "summary", "content", "guid", "id", "pubDate", "updated", "published", "author"),
    *("name", "email", "uri", "category", "enclosure", "source", "image", "url", "item", "entry", "channel", "feed"),
    *("rss", "group", "thumbnail", "keywords", "owner", "duration", "explicit", "point", "pos", "posList", "where"),
    *("chapters", "chapter", "person", "transcript", "skipHours", "hour", "skipDays", "day", "ttl", "language", "lat"),
    *("license", "textInput", "contributor", "encoded", "LineString", "Polygon", "links", "tags", "authors", "rating"),
    *(
        "title_detail",
        "published_parsed",
        "expirationDate",
        "valid",
        "newlocation",
        "block",
        "body",
        "credit",
        "player",
    ),
)
ATTRIBUTES = (
    "type",
    "href",
    "rel",
    "url",
    "term",
    "start",
    "base",
    "lang",
    "mode",
    "isPermaLink",
    "srsName",
    "text",
    "x",
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        (
            *("2024-03-01T10:00:00Z", "Fri, 01 Mar 2024 10:00:00 GMT", "9999-12-31", "Fri, 2006/13/15 08:19:53 EDT"),
            *("<b>x</b>", "&nbsp;", "http://[x/", "a@b.cd (x)", "1 2 3", "nan inf", "99:99:99", "EPSG:x", "start=2024"),
        )
    ),
)


NAMES = st.sampled_from(
    [f"{prefix}:{local}" if prefix else local for prefix in NAMESPACES for local in LOCALS] + [*LOCALS] * 8
)
# A name, its attributes, its text, and how many elements end after it.
STEPS = st.tuples(NAMES, st.lists(st.tuples(st.sampled_from(ATTRIBUTES), TEXTS), max_size=2), TEXTS, st.integers(0, 3))
ROOTS = st.sampled_from(("rss channel", "rss channel item", "feed", "feed entry", "channel item", "rss item"))
DEFAULTS = st.sampled_from(("", ' xmlns="http://www.w3.org/2005/Atom"', ' version="2.0"'))


def written(roots: str, default: str, steps: list[tuple[str, list[tuple[str, str]], str, int]]) -> bytes:
    """Write a document of steps into and out of elements."""
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items() if prefix)
    around = roots.split()
    pieces = [f"<{around[0]}{declared}{default}>", *(f"<{name}>" for name in around[1:])]
    opened = around[:]
    for name, held, text, ends in steps:
        attributes = "".join(f' {key}="{escaped(value)}"' for key, value in dict(held).items())
        pieces.append(f"<{name}{attributes}>{escaped(text)}")
        opened.append(name)
        pieces.extend(f"</{opened.pop()}>" for _ in range(min(ends, len(opened) - len(around))))
    pieces += [f"</{name}>" for name in reversed(opened)]
    return "".join(pieces).encode("utf-8", "replace")


def escaped(text: str) -> str:
    legal = "".join(character for character in text if character >= " " and character not in "\ufffe\uffff")
    return legal.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("id", "url", "_x")), inner)),
    max_leaves=6,
)
MEMBERS = (
    *("version", "title", "home_page_url", "feed_url", "hubs", "author", "authors", "icon", "language", "_rss", "id"),
    *("url", "content_html", "content_text", "date_published", "tags", "attachments", "summary", "image", "guid"),
    *("pubDate", "category", "enclosure", "link", "description", "ttl"),
)
OBJECTS = st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=8)


def survives(body: bytes, content_type: str) -> None:
    try:
        feed = read_feed(body, url=URL, content_type=content_type)
    except FeedhubError:
        return
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(feed), type=Feed) == feed


@given(st.builds(written, ROOTS, DEFAULTS, st.lists(STEPS, max_size=12)), st.integers(-400, 400), MEDIA)
@settings(deadline=None)
def test_xml(body: bytes, damage: int, content_type: str) -> None:
    survives(body if damage < 0 else body[:damage] + b"<" + body[damage + 1 :], content_type)


@given(OBJECTS, st.one_of(JSON, st.lists(OBJECTS, max_size=3)), st.booleans())
@settings(deadline=None)
def test_json(top: dict[str, Any], items: object, is_rss: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    document = {"rss": {"channel": {**top, "item": items}}} if is_rss else {**top, "items": items}
    survives(json.dumps(document).encode("utf-8", "surrogatepass"), "application/json")


@given(st.binary(max_size=200), MEDIA)
@settings(deadline=None)
def test_bytes(body: bytes, content_type: str) -> None:
    survives(body, content_type)
