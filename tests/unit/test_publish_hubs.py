"""Feeds name the hubs that are told of their changes, and feeds on demand the query that asks for them."""

from __future__ import annotations

import json

import feedparser
import pytest
from msgspec.structs import replace

from feedhub.model import Part
from feedhub.publish import FORMATS, document
from publishing import EDITION, SITE

HUBS = ("https://hub.example/", "https://other.example/push?a=1&b=2")
WITH_HUBS = replace(SITE, hubs=HUBS)


def links(body: bytes) -> list[tuple[str, str]]:
    if body.startswith(b"{"):
        feed = json.loads(body)
        return [("self", feed["feed_url"]), *((hub["type"], hub["url"]) for hub in feed.get("hubs", ()))]
    return [(link.rel, link.href) for link in feedparser.parse(body).feed.links]


@pytest.mark.parametrize("name", list(FORMATS))
def test_hubs_are_named_with_the_feed_s_own_address(name: str) -> None:
    named = links(document(name, EDITION, WITH_HUBS, []).body)
    relation = "WebSub" if name == "json" else "hub"
    assert [href for rel, href in named if rel == relation] == list(HUBS)
    assert ("self", f"https://press.example/world{FORMATS[name].suffix}") in named


@pytest.mark.parametrize("name", list(FORMATS))
def test_no_hub_is_told_of_private_editions_archives_and_queries(name: str) -> None:
    private = document(name, replace(EDITION, private=True), WITH_HUBS, [])
    queried = document(name, replace(EDITION, query="q=bread"), WITH_HUBS, [])
    archived = document(name, EDITION, WITH_HUBS, [], Part(archive=1))
    assert all(b"hub.example" not in made.body for made in (private, queried, archived))


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_feed_on_demand_is_known_by_its_query(name: str) -> None:
    made = document(name, replace(EDITION, query="q=bread+%26+butter&tag=x"), SITE, [])
    assert made.path == f"world{FORMATS[name].suffix}"
    assert ("self", f"https://press.example/{made.path}?q=bread+%26+butter&tag=x") in links(made.body)
