"""Documents stay valid and harmless with the options of an edition, whatever the entries hold."""

from __future__ import annotations

import sys
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import feedparser
import msgspec
import pytest
from lxml import etree
from msgspec.structs import replace

from feedhub.model import Deleted, Part
from feedhub.publish import document
from feedhub.publish.digest import digests, over
from hostile_items import hostile, published
from publishing import EDITION, GAZETTE, HERALD, NOON, SITE, member, story
from shared import shared

if TYPE_CHECKING:
    from feedhub.model import Edition, Item

SOURCES = {source.id: source for source in (HERALD, GAZETTE)}
ARCHIVE = Part(archive=7, previous=6)
EDITIONS = {
    "list": (replace(EDITION, also_covered=True, titles="[{source}] {title} {{{tags}}}"), ARCHIVE),
    "summary": (replace(EDITION, also_covered=True, content="summary"), Part(previous=7)),
    "none": (replace(EDITION, content="none"), Part(deleted=(Deleted(id="urn:x-test:1", at=NOON),))),
    "digest": (replace(EDITION, digest="day", titles="{source}: {title} {tags}"), Part()),
}


@pytest.fixture(scope="module", params=["texts", "titles"])
def entries(request: pytest.FixtureRequest) -> list[Item]:
    # Each names ten others.
    return published(dict(hostile())[request.param][::5])


@pytest.fixture(params=EDITIONS)
def issue(request: pytest.FixtureRequest, entries: list[Item]) -> tuple[Edition, Part, list[Item]]:
    edition, part = EDITIONS[request.param]
    if edition.digest == "none":
        return edition, part, entries
    later = story(member(), id="urn:x-test:later", published=NOON + timedelta(days=9))
    told = [replace(each.story, published=NOON - timedelta(days=place % 20)) for place, each in enumerate(entries)]
    return edition, part, digests(edition, SITE, over(edition, [*told, later]), SOURCES)


def test_atom_and_rss(issue: tuple[Edition, Part, list[Item]]) -> None:
    edition, part, items = issue
    body = document("atom", edition, SITE, items, part).body
    etree.RelaxNG(etree.parse(str(shared("hostile/output_checks") / "atom.rng"))).assertValid(etree.fromstring(body))
    for name in ("atom", "rss"):
        body = document(name, edition, SITE, items, part).body
        read = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        assert not read.bozo, read.get("bozo_exception")
        assert [entry.id for entry in read.entries] == [each.story.id for each in items]
        assert all(entry.get("title") or entry.get("summary") for entry in read.entries)


def test_what_is_added_to_texts_is_harmless(issue: tuple[Edition, Part, list[Item]]) -> None:
    pytest.importorskip("html5lib")
    sys.path.insert(0, str(shared("hostile/xss_check.py").parent))
    try:
        import xss_check  # noqa: PLC0415 - it lies beside the vectors
    finally:
        sys.path.pop(0)
    edition, part, items = issue
    feed = msgspec.json.decode(document("json", edition, SITE, items, part).body)
    # What the sources say is looked at elsewhere.
    added = {each.get("content_html", "").rpartition("\n<p><small>")[2] for each in feed["items"]}
    for each in added:
        assert xss_check.danger(each) == []
