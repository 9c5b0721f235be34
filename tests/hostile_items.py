"""Items made of the hostile vectors, as a refresh would make them; for tests only."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Category, Enclosure, Entry, Link, Origin, Person, Related, Text
from feedhub.model.media import Credit, Episode
from feedhub.normalize import tidy
from publishing import GAZETTE, HERALD, NOON, item, member, story
from shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedhub.model import Item


def everywhere(text: str) -> Entry:
    """Return an entry that has ``text`` wherever a feed can put one."""
    return Entry(
        id=text,
        title=Text(value=text),
        link=f"https://herald.example/{text}",
        summary=Text(value=text, type="text/html"),
        content=Text(value=text),
        authors=(Person(name=text, email=f"{text}@herald.example", url=text), Person(name=f"x{text}")),
        categories=(Category(term=text, scheme=text, label=text),),
        enclosures=(Enclosure(url=f"https://herald.example/{text}.mp3", type=text, title=text, length=1),),
        origin=Origin(id=text, title=text, link=text, feed_url=f"https://origin.example/{text}"),
        comments=f"https://herald.example/?{text}",
        image=f"https://herald.example/#{text}",
        links=(Link(href=f"https://herald.example/{text}", rel="related", title=text, type=text, language=text),),
        language=text,
        rights=Text(value=text),
        episode=Episode(title=text, kind=text, people=(Credit(name=text, role=text),)),
    )


def published(entries: list[Entry]) -> list[Item]:
    """Return what is published of these entries, all of them one event."""
    made = []
    for at, said in enumerate(entries):
        tidied = tidy(said, base_url="https://herald.example/feed.xml", language="en")
        told = story(
            member(title=tidied.title.value, link=tidied.link),
            member("gazette", title=tidied.title.value, link=tidied.link),
            id=f"urn:uuid:00000000-0000-4000-8000-{at:012}",
            updated=NOON + timedelta(seconds=at),
            tags=tuple(category.term for category in tidied.categories) or ("none",),
        )
        made.append(item(tidied, told, HERALD, (GAZETTE,)))
    related = tuple(Related(story=each.story, source=GAZETTE) for each in made)
    return [
        replace(
            each,
            story=replace(each.story, event=made[0].story.id),
            related=tuple(other for other in related if other.story.id != each.story.id),
        )
        for each in made
    ]


def hostile() -> Iterator[tuple[str, list[Entry]]]:
    """Yield groups of entries with their names: odd texts, long ones, markup that means harm, and nothing at all."""
    vectors = shared("hostile/vectors")
    strings = json.loads((vectors / "text.json").read_text())["strings"]
    yield "texts", [everywhere(string) for string in strings]
    yield "long", [everywhere("a" * 1_000_000), everywhere("<b>é&" * 100_000), everywhere("]]>" * 100_000)]
    lines = (vectors / "xss_all.jsonl").read_text().splitlines()
    markup = [json.loads(line)["input"] for line in lines]
    yield "markup", [Entry(title=Text(value=each), content=Text(value=each, type="text/html")) for each in markup]
    yield (
        "titles",
        [Entry(title=Text(value=each, type="text/html"), link="https://herald.example/1") for each in markup],
    )
    yield "nothing", [Entry()]
