"""What the options of an edition make of its entries, in every format."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import feedparser
import pytest
from msgspec.structs import replace

from feedhub.model import Entry, Text
from feedhub.publish import document
from publishing import EDITION, GAZETTE, HERALD, SITE, item, member, story

if TYPE_CHECKING:
    from feedhub.model import Edition, Item

FULL = Entry(
    title=Text(value="Bread"),
    link="https://herald.example/bread",
    summary=Text(value="<p>Short</p>", type="text/html"),
    content=Text(value="<p>Long and <b>bold</b></p>", type="text/html"),
)
TOLD = item(
    FULL,
    story(
        member(),
        member("gazette", title='Du "pain" & <roses>', link="https://gazette.example/?a&b"),
        tags=("bread", "food"),
    ),
    HERALD,
    (GAZETTE,),
)
NAMES = ("atom", "rss")


def parsed(name: str, edition: Edition, told: Item = TOLD) -> Any:  # noqa: ANN401 - feedparser's own
    feed = feedparser.parse(BytesIO(document(name, edition, SITE, [told]).body))
    assert not feed.bozo
    return feed.entries[0]


def as_json(edition: Edition, told: Item = TOLD) -> dict[str, Any]:
    feed = json.loads(document("json", edition, SITE, [told]).body)
    found: dict[str, Any] = feed["items"][0]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_summary_only(name: str) -> None:
    entry = parsed(name, replace(EDITION, content="summary"))
    assert entry.summary == "<p>Short</p>"
    assert "content" not in entry


def test_summary_only_in_json() -> None:
    found = as_json(replace(EDITION, content="summary"))
    assert found["content_html"] == "<p>Short</p>"
    assert "summary" not in found


def test_no_text() -> None:
    edition = replace(EDITION, content="none", also_covered=True)
    for name in NAMES:
        entry = parsed(name, edition)
        assert "content" not in entry
        assert entry.get("summary", "") in {"", "Bread"}
    assert as_json(edition)["content_text"] == ""


@pytest.mark.parametrize("field", ["summary", "content"])
def test_a_summary_is_made_of_a_long_text(field: str) -> None:
    words = " ".join(f"word{number}" for number in range(2000))
    long = Text(value=f'<p><a href="https://herald.example/{"x" * 200}">{words}</a></p>', type="text/html")
    told = replace(TOLD, entry=replace(FULL, summary=Text(), content=Text()))
    told = replace(told, entry=replace(told.entry, **{field: long}))
    made = as_json(replace(EDITION, content="summary"), told)["content_text"]
    assert made.startswith("word0 word1 ")
    assert made.endswith("…")
    assert 300 < len(made) <= 400


def test_a_tag_that_is_cut_in_two_is_no_text() -> None:
    text = Text(value=f'<p>Few words</p><a href="https://herald.example/{"x" * 5000}">more</a>', type="text/html")
    told = replace(TOLD, entry=replace(FULL, summary=Text(), content=text))
    assert as_json(replace(EDITION, content="summary"), told)["content_text"] == "Few words"


@pytest.mark.parametrize("name", NAMES)
def test_titles_by_template(name: str) -> None:
    edition = replace(EDITION, titles="[{source}] {title} ({tags}) {{x}}")
    assert parsed(name, edition).title == "[The Herald] Bread (bread, food) {x}"


def test_titles_by_template_in_json() -> None:
    edition = replace(EDITION, titles="{source}: {title}")
    assert as_json(edition)["title"] == "The Herald: Bread"
    braces = replace(TOLD, entry=replace(FULL, title=Text(value="{title} {0} {source.url}")))
    assert as_json(edition, braces)["title"] == "The Herald: {title} {0} {source.url}"
    untitled = replace(TOLD, entry=replace(FULL, title=Text()))
    assert as_json(edition, untitled)["title"] == "The Herald: Short"


def test_who_else_covers_it_stands_below_the_content() -> None:
    edition = replace(EDITION, also_covered=True)
    found = as_json(edition)
    assert found["content_html"].startswith("<p>Long and <b>bold</b></p>")
    assert 'href="https://gazette.example/?a&amp;b"' in found["content_html"]
    assert found["content_html"].endswith(">La Gazette</a></small></p>")
    assert "La Gazette" not in found["summary"]


def test_who_else_covers_it_stands_below_the_summary_where_there_is_no_content() -> None:
    edition = replace(EDITION, also_covered=True, content="summary")
    assert ">La Gazette</a></small></p>" in as_json(edition)["content_html"]
    plain = replace(TOLD, entry=replace(FULL, summary=Text(value="2 < 3"), content=Text()))
    assert as_json(edition, plain)["content_html"].startswith("2 &lt; 3\n<p><small>Also covered by <a ")


def test_nothing_is_listed_where_nobody_else_covers_it() -> None:
    told = replace(TOLD, story=story(member()), others=())
    edition = replace(EDITION, also_covered=True)
    assert as_json(edition, told)["content_html"] == "<p>Long and <b>bold</b></p>"
    nothing = replace(TOLD, entry=Entry(title=Text(value="a"), link="https://herald.example/"))
    assert "content_html" not in as_json(edition, nothing)
