"""Stories and editions for the tests of publishing, made of as few facts as a test needs to name."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from feedhub.model import Edition, Entry, Item, Member, Site, Source, Story, Tag

SITE = Site(
    title="Example Press", url="https://press.example/", description="News, grouped", language="en", author="The Desk"
)
EDITION = Edition(slug="world", title="World", description="What happened")
HERALD = Source(
    id="herald",
    url="https://herald.example/feed.xml",
    title="The Herald",
    link="https://herald.example/",
    language="en",
)
GAZETTE = Source(
    id="gazette", url="https://gazette.example/rss", title="La Gazette", link="https://gazette.example/", language="fr"
)
NOON = datetime(2018, 5, 10, 12, 0, tzinfo=UTC)


_MEMBER = Member(
    source_id="herald",
    key="1",
    entry_id="",
    title="",
    link="",
    first_seen=NOON,
    published=NOON,
    updated=NOON,
    url_key="",
    text_key="",
)


def member(source_id: str = "herald", **facts: object) -> Member:
    return replace(_MEMBER, source_id=source_id, **facts)


def story(*members: Member, tags: tuple[str, ...] = (), **facts: object) -> Story:
    told = members or (_MEMBER,)
    lead = told[0]
    plain = Story(
        id="https://herald.example/1",
        lead=lead,
        members=told,
        why=(),
        tags=tuple(Tag(name=name, reasons=()) for name in tags),
        published=lead.published,
        updated=lead.updated,
        first_seen=lead.first_seen,
    )
    return replace(plain, **facts)


def item(entry: Entry, told: Story | None = None, source: Source = HERALD, others: tuple[Source, ...] = ()) -> Item:
    return Item(story=told or story(member(source.id)), entry=entry, source=source, others=others)
