"""Stories of one event point at each other, and say why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree
from msgspec.structs import replace

from feedhub.model import Entry, Item, Reason, Related, Text
from feedhub.publish import document
from feedhub.publish.origins import MAX_RELATED
from publishing import EDITION, GAZETTE, HERALD, SITE, item, member, story

ATOM = "{http://www.w3.org/2005/Atom}"
FIRST = story(
    member("gazette", key="g", title="Du pain", link="https://gazette.example/pain"),
    id="https://gazette.example/1",
    event="https://gazette.example/1",
)
WHY = Reason(
    rule="same-event", field="gazette g", found="herald 1", words=("bread", "rose"), score=0.51234, threshold=0.4
)
COPIED = Reason(rule="same-url", field="herald 1", found="gazette copy")
TOLD = item(
    Entry(title=Text(value="Bread"), link="https://herald.example/bread"),
    story(
        member(),
        member("gazette", key="copy", title="Bread, copied", link="https://gazette.example/copy"),
        event=FIRST.event,
        linked=(WHY,),
        why=(COPIED,),
    ),
    HERALD,
    (GAZETTE,),
)
TOLD = replace(TOLD, related=(Related(story=FIRST, source=GAZETTE),))


def extension(told: Item) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document("json", EDITION, SITE, [told]).body)["items"][0]["_feedhub"]
    return found


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_links_to_copies_and_to_the_other_stories_of_the_event(name: str) -> None:
    root = etree.fromstring(document(name, EDITION, SITE, [TOLD]).body)
    (entry,) = root.iter(f"{ATOM}entry", "item")
    related = [link for link in entry.iter(f"{ATOM}link") if link.get("rel") == "related"]
    assert [(link.get("href"), link.get("title")) for link in related] == [
        ("https://gazette.example/copy", "La Gazette: Bread, copied"),
        ("https://gazette.example/pain", "La Gazette: Du pain"),
    ]


def test_json_names_members_sources_and_reasons() -> None:
    gazette = {
        "title": "La Gazette",
        "home_page_url": "https://gazette.example/",
        "feed_url": "https://gazette.example/rss",
    }
    found = extension(TOLD)
    assert found["also"] == [
        {
            "source": gazette,
            "title": "Bread, copied",
            "url": "https://gazette.example/copy",
            "reasons": [{"rule": "same-url"}],
        }
    ]
    assert found["event"] == {
        "id": "https://gazette.example/1",
        "reasons": [{"rule": "same-event", "words": ["bread", "rose"], "score": 0.512, "threshold": 0.4}],
        "stories": [
            {
                "id": "https://gazette.example/1",
                "source": gazette,
                "title": "Du pain",
                "url": "https://gazette.example/pain",
            }
        ],
    }


def test_keys_of_entries_are_not_published() -> None:
    secret = replace(COPIED, field="herald https://herald.example/?token=x")
    told = replace(TOLD, story=replace(TOLD.story, why=(secret,)))
    assert "token" not in json.dumps(extension(told))


def test_a_story_that_is_alone_has_no_event() -> None:
    alone = replace(TOLD, related=(), story=replace(TOLD.story, event=""))
    assert "event" not in extension(alone)


def test_an_event_that_everybody_writes_about_is_bounded() -> None:
    many = tuple(
        Related(
            story=story(member("gazette", link=f"https://gazette.example/{number}"), id=f"urn:x-test:{number}"),
            source=GAZETTE,
        )
        for number in range(MAX_RELATED + 5)
    )
    found = extension(replace(TOLD, related=many))
    assert len(found["event"]["stories"]) == MAX_RELATED


def test_who_else_covers_it_are_those_of_the_event_too() -> None:
    told = replace(TOLD, entry=replace(TOLD.entry, content=Text(value="<p>a</p>", type="text/html")))
    body = json.loads(document("json", replace(EDITION, also_covered=True), SITE, [told]).body)
    text = body["items"][0]["content_html"]
    assert text.count("<a href=") == 2
    assert 'href="https://gazette.example/pain" title="La Gazette: Du pain"' in text
