"""Pages show what editions show: every story, who else tells of it and why, and nothing that is private."""

from __future__ import annotations

from datetime import datetime, timedelta

import html5lib
import pytest
from msgspec.structs import replace

from feedhub.errors import ConfigError
from feedhub.model import (
    Edition,
    Enclosure,
    Entry,
    Failure,
    Item,
    Member,
    Reason,
    Related,
    Rhythm,
    SourceState,
    Tag,
    Text,
)
from feedhub.publish.html import places
from feedhub.publish.html.charts import HEIGHT, STEP, bars
from feedhub.publish.html.pages import Pages
from feedhub.publish.html.sources import DAYS, activity, source_rows
from feedhub.publish.html.theme import Theme, dressing
from feedhub.publish.html.views import Place
from publishing import EDITION, GAZETTE, HERALD, NOON, SITE, item, member, story

XHTML = "{http://www.w3.org/1999/xhtml}"


def told(number: int = 1, *, source: str = "herald", hours: int = 0, tags: tuple[str, ...] = ()) -> Item:
    made = member(
        source,
        key=str(number),
        title=f"Headline {number}",
        link=f"https://{source}.example/{number}",
        published=NOON + timedelta(hours=hours),
    )
    entry = Entry(
        title=Text(value=made.title),
        link=made.link,
        content=Text(value=f"<p>Text {number}</p>", type="text/html"),
    )
    return item(entry, story(made, id=made.link, tags=tags), HERALD if source == "herald" else GAZETTE)


def rendered(*shown: tuple[Edition, list[Item]], theme: Theme | None = None, search: bool = False) -> dict[str, str]:
    pages = Pages(SITE, [edition for edition, _ in shown], theme or Theme(), search=search)
    return {page.path: pages.render(page).body.decode() for page in pages.publication(shown, [])}


def text(page: str) -> str:
    return " ".join("".join(html5lib.parse(page).itertext()).split())


def test_every_page_is_there() -> None:
    tagged = replace(EDITION, slug="tags/bread", title="Bread", tag="bread")
    pages = rendered((EDITION, [told(1), told(2)]), (tagged, [told(2), told(3)]))
    stories = {places.story(f"https://herald.example/{number}") for number in (1, 2, 3)}
    assert pages.keys() == {
        "index.html",
        "subscribe.html",
        "sources.html",
        "404.html",
        "world.html",
        "tags/bread.html",
        *stories,
    }


def test_pages_lead_to_each_other_from_every_depth() -> None:
    tagged = replace(EDITION, slug="tags/bread", title="Bread", tag="bread")
    one = told(1, tags=("bread",))
    pages = rendered((EDITION, [one]), (tagged, [one]))
    files = {*pages, *(document.path for document in dressing(Theme()))}
    feeds = {"world.atom", "world.rss", "world.json", "tags/bread.atom", "tags/bread.rss", "tags/bread.json"}
    # It stands in the place of any page.
    missing = pages.pop("404.html")
    assert 'href="/index.html"' in missing
    assert "../" not in missing
    for path, page in pages.items():
        for element in html5lib.parse(page).iter():
            address = element.get("href", "")
            if address and "://" not in address and not address.startswith("#"):
                depth = address.count("../")
                assert depth == path.count("/"), address
                assert address.removeprefix("../").partition("?")[0] in files | feeds | {"sources.opml"}


def test_stories_stand_under_their_days_newest_first() -> None:
    page = rendered((EDITION, [told(1), told(2, hours=30), told(3, hours=1)]))["index.html"]
    shown = text(page)
    order = ["Friday, 11 May 2018", "Headline 2", "Thursday, 10 May 2018", "Headline 3", "Headline 1"]
    assert sorted(order, key=shown.index) == order
    assert '<time datetime="2018-05-11T18:00:00Z">18:00</time>' in page


def test_an_event_is_told_once_with_the_others_in_place() -> None:
    first, second = told(1), told(2, source="gazette", hours=2)
    link = Reason(
        rule="same-event", field="herald 1", found="gazette 2", words=("bread", "rose"), score=3.5, threshold=1
    )
    second = replace(
        second,
        story=replace(second.story, linked=(link,)),
        related=(Related(story=first.story, source=HERALD),),
    )
    first = replace(first, related=(Related(story=second.story, source=GAZETTE),))
    pages = rendered((EDITION, [first, second]))
    front = text(pages["index.html"])
    assert front.count("Headline 1") == front.count("Headline 2") == 1
    assert "Also covered by The Herald Headline 1" in front
    page = text(pages[places.story(first.story.id)])
    assert "La Gazette 10 May 2018, 14:00 Headline 2 the same event: bread, rose (3.50 where 1.00 is enough)" in page
    assert "gazette 2" not in page


def test_what_its_own_outlet_said_is_no_other_coverage() -> None:
    first, second = told(1), told(2, hours=2)
    first = replace(first, related=(Related(story=second.story, source=HERALD),))
    second = replace(second, related=(Related(story=first.story, source=HERALD),))
    front = text(rendered((EDITION, [first, second]))["index.html"])
    assert "Also covered by" not in front
    assert "1 more by The Herald Headline 1" in front


def covered(number: int, outlets: int) -> Item:
    """Return a story that so many outlets tell of."""
    one = told(number)
    others = [replace(GAZETTE, id=f"g{each}", title=f"Gazette {each}") for each in range(outlets - 1)]
    stories = [told(number * 100 + each).story for each in range(outlets - 1)]
    return replace(one, related=tuple(Related(story=each, source=by) for each, by in zip(stories, others, strict=True)))


def test_what_most_outlets_tell_of_leads_the_front_page() -> None:
    few = [covered(1, 2), told(2)]
    assert "Most covered" not in rendered((EDITION, few))["index.html"]
    pages = rendered((EDITION, [*few, covered(3, 3), covered(4, 6), covered(5, 4), covered(6, 3)]))
    front = text(pages["index.html"])
    leading = front[front.index("Most covered") : front.index("Thursday, 10 May 2018")]
    order = ["Headline 4", "6 outlets: Gazette 0, Gazette 1, Gazette 2, Gazette 3, …", "Headline 5", "Headline 3"]
    assert sorted(order, key=leading.index) == order
    assert "Headline 6" not in leading, "there are three at most"
    assert all(f"Headline {number}" in front[front.index("Thursday") :] for number in range(1, 7))
    assert "Most covered" not in pages["world.html"]


def test_midnight_is_the_time_of_who_gave_a_date() -> None:
    page = rendered((EDITION, [told(1, hours=-12), told(2)]))["index.html"]
    assert (">00:00<" in page, ">12:00<" in page) == (False, True)
    story_page = rendered((EDITION, [told(1, hours=-12)]))[places.story("https://herald.example/1")]
    assert '<time datetime="2018-05-10T00:00:00Z">10 May 2018</time>' in story_page


def test_what_stood_in_a_list_does_not_run_together() -> None:
    one = told(1)
    listed = Text(value="<ul><li>One thing</li> <li>Another</li></ul>", type="text/html")
    one = replace(one, entry=replace(one.entry, content=listed))
    assert "One thing · Another" in text(rendered((EDITION, [one]))["index.html"])


def test_copies_are_named_without_repeating_their_headline() -> None:
    one = told(1)
    copy = member("gazette", key="9", title="Headline 1", link="https://gazette.example/9", published=NOON)
    why = (Reason(rule="same-text", field="herald 1", found="gazette 9"),)
    one = replace(one, story=replace(one.story, members=(*one.story.members, copy), why=why), others=(GAZETTE,))
    pages = rendered((EDITION, [one]))
    assert "Also covered by La Gazette" in text(pages["index.html"])
    assert '<a href="https://gazette.example/9" rel="noopener"><bdi>La Gazette</bdi></a>' in pages["index.html"]
    assert "La Gazette 10 May 2018, 12:00 the same text" in text(pages[places.story(one.story.id)])


def test_a_story_with_two_ids_stands_once_on_the_front_page() -> None:
    one = told(1)
    again = replace(one, story=replace(one.story, id="urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6"))
    assert (
        text(rendered((EDITION, [one]), (replace(EDITION, slug="leads"), [again]))["index.html"]).count("Headline 1")
        == 1
    )


def test_tags_come_with_their_reasons_and_their_pages() -> None:
    tags = (Tag(name="R&D", reasons=(Reason(rule="words", field="title", found="bread"),)), Tag(name="x", reasons=()))
    one = told(1)
    one = replace(one, story=replace(one.story, tags=tags))
    pages = rendered((EDITION, [one]), (replace(EDITION, slug="tags/r-d-1", title="R&D", tag="R&D"), [one]))
    page = pages[places.story(one.story.id)]
    assert '<a class="tag" href="../tags/r-d-1.html"><bdi>R&amp;D</bdi></a>' in page
    assert "R&D the word 'bread' in the title x a rule of this site" in text(page)


def test_private_editions_have_no_pages_and_nothing_leads_to_them() -> None:
    secret = replace(EDITION, slug="secret-0123456789abcdef", title="Secret", private=True)
    pages = rendered((EDITION, [told(1)]), (secret, [told(2)]))
    assert not [path for path, page in pages.items() if "ecret" in page + path or "Headline 2" in page]


@pytest.mark.parametrize(("content", "shown"), [("full", "Text 1"), ("summary", "Text 1"), ("none", "")])
def test_pages_give_no_more_text_than_editions_do(content: str, shown: str) -> None:
    one = told(1)
    pages = rendered((replace(EDITION, content=content), [one]))
    for path in ("index.html", places.story(one.story.id)):
        assert ("Text 1" in pages[path]) == bool(shown)


def test_texts_of_others_say_their_language_and_direction() -> None:
    arabic = replace(told(1).entry, title=Text(value="سوريا"), language="ar")
    one = item(arabic, told(1).story)
    pages = rendered((EDITION, [one]))
    assert '<h3 class="headline" lang="ar" dir="rtl">' in pages["index.html"]
    assert '<div class="prose" lang="ar" dir="rtl"><p>Text 1</p></div>' in pages[places.story(one.story.id)]


def test_recordings_are_played_and_pictures_shown_where_the_text_has_none() -> None:
    one = told(1)
    files = (
        Enclosure(url="https://herald.example/1.mp3", type="audio/mpeg", length=1234567),
        Enclosure(url="https://herald.example/1.pdf", type="application/pdf", title="On paper"),
    )
    one = replace(one, entry=replace(one.entry, enclosures=files, image="https://herald.example/1.jpg"))
    page = rendered((EDITION, [one]))[places.story(one.story.id)]
    assert '<source src="https://herald.example/1.mp3" type="audio/mpeg"></audio>' in page
    assert "audio/mpeg 1.2 MB" in text(page)
    assert '<a href="https://herald.example/1.pdf" rel="noopener">On paper</a>' in page
    assert page.count("https://herald.example/1.jpg") == 1


def test_nothing_said_is_markup() -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    one = replace(told(1), entry=Entry(title=Text(value=evil), summary=Text(value=evil), link="javascript:alert(1)"))
    one = replace(one, story=replace(one.story, tags=(Tag(name=evil, reasons=(Reason(rule="x", found=evil),)),)))
    for page in rendered((replace(EDITION, title=evil, description=evil), [one])).values():
        tree = html5lib.HTMLParser(strict=True).parse(page)
        assert not [element for element in tree.iter() if element.tag in {f"{XHTML}script", f"{XHTML}img"}]
        assert "style=" not in page
        assert "javascript:" not in page


def test_a_page_is_keyed_by_what_it_shows() -> None:
    def keys(*items: Item, theme: Theme | None = None) -> dict[str, str]:
        pages = Pages(SITE, [EDITION], theme or Theme())
        return {page.path: page.key for page in pages.publication([(EDITION, items)], [])}

    before = keys(told(1), told(2))
    assert keys(told(1), told(2)) == before
    edited = replace(told(2), entry=replace(told(2).entry, content=Text(value="Other")))
    after = keys(told(1), edited)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"index.html", "world.html", places.story(edited.story.id)}
    themed = keys(told(1), told(2), theme=Theme(templates={"story.html": "."}))
    assert not set(themed.values()) & set(before.values())


def test_a_page_is_as_old_as_its_newest_story() -> None:
    def edited(number: int, hours: int) -> Item:
        one = told(number)
        return replace(one, story=replace(one.story, updated=NOON + timedelta(hours=hours)))

    tagged = replace(EDITION, slug="tags/bread", tag="bread")
    pages = Pages(SITE, [EDITION, tagged])
    shown = [(EDITION, [edited(1, 1), edited(2, 2)]), (tagged, [edited(1, 1)])]
    modified = {page.path: pages.render(page).modified for page in pages.publication(shown, [])}
    assert modified["index.html"] == modified["world.html"] == NOON + timedelta(hours=2)
    assert (
        modified["tags/bread.html"] == modified[places.story("https://herald.example/1")] == NOON + timedelta(hours=1)
    )


def test_a_theme_overrides_blocks_and_brings_files() -> None:
    theme = Theme(
        templates={
            "layout.html": '{% extends "feedhub/layout.html" %}{% block footer %}<p>mine {{ 1 < 2 }}</p>{% endblock %}',
            "story.html": '{% extends "feedhub/story.html" %}{% block behind %}<b>no reasons</b>{% endblock %}',
        },
        files={"style.css": b"p {}", "logo.png": b"\x89PNG"},
    )
    pages = rendered((EDITION, [told(1)]), theme=theme)
    assert all("<p>mine True</p>" in page and "<footer>" not in page for page in pages.values())
    assert "<b>no reasons</b>" in pages[places.story("https://herald.example/1")]
    dressed = {document.path: document.body for document in dressing(theme)}
    assert dressed["look/style.css"] == b"p {}"
    assert dressed.keys() == {"look/style.css", "look/feed.css", "look/icon.svg", "look/logo.png"}


@pytest.mark.parametrize(
    "template",
    [
        "{% block",
        "{{ unknown }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% for a in range(10000000) %}{% endfor %}",
        "{% for a in range(90000) %}{% for b in range(90000) %}aaaaaaaaaa{% endfor %}{% endfor %}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{{ 1 // 0 }}",
        '{% extends "/etc/passwd" %}',
    ],
)
def test_mistakes_of_a_theme_name_it(template: str) -> None:
    with pytest.raises(ConfigError, match=r"^themes/x: story.html(, line 1)?: "):
        rendered((EDITION, [told(1)]), theme=Theme(folder="themes/x", templates={"story.html": template}))


def test_a_search_shows_what_was_found() -> None:
    pages = Pages(SITE, [EDITION])
    page = pages.search("bread <3", [told(1)]).decode()
    assert "Stories about bread <3" in text(page)
    assert "Headline 1" in page
    assert 'value="bread &lt;3"' in page
    assert "No story has these words." in pages.search("x", []).decode()


def test_the_search_field_is_there_where_it_is_answered() -> None:
    assert 'role="search"' not in rendered((EDITION, []))["index.html"]
    assert '<form action="search" role="search">' in rendered((EDITION, []), search=True)["index.html"]


def test_sources_tell_their_rhythm() -> None:
    rhythm = Rhythm(entries=9, newest=NOON, gap=timedelta(hours=5))
    states = {"herald": SourceState(source_id="herald", rhythm=rhythm)}
    rows = list(source_rows([HERALD, GAZETTE], states, {"herald": [0, 4, 1]}, lambda name: Place(name=name)))
    assert [(row.name, row.rhythm) for row in rows] == [("The Herald", "about every 5 hours"), ("La Gazette", "")]
    pages = Pages(SITE, [EDITION])
    (page,) = (page for page in pages.publication([(EDITION, [])], rows) if page.path == "sources.html")
    made = pages.render(page).body.decode()
    assert 'aria-label="5 entries in 3 days, at most 4 a day"' in made
    assert "about every 5 hours, last on 10 May 2018" in text(made)
    assert "to be had" not in text(made)


@pytest.mark.parametrize(
    ("failures", "succeeded_at", "told"),
    [
        (7, NOON - timedelta(days=30), ""),
        (8, NOON - timedelta(days=6), ""),
        (8, NOON - timedelta(days=7), "not to be had since 3 May 2018"),
        (8, None, "never to be had"),
    ],
)
def test_sources_that_cannot_be_read_for_long_are_named(
    failures: int, succeeded_at: datetime | None, told: str
) -> None:
    state = SourceState(
        source_id="herald",
        fetched_at=NOON,
        succeeded_at=succeeded_at,
        failures=failures,
        failure=Failure(stage="fetch", code="http-500", detail="x"),
    )
    rows = list(source_rows([HERALD], {"herald": state}, {}, lambda name: Place(name=name)))
    pages = Pages(SITE, [EDITION])
    (page,) = (page for page in pages.publication([(EDITION, [])], rows) if page.path == "sources.html")
    shown = text(pages.render(page).body.decode())
    assert ("to be had" in shown) == bool(told)
    assert told in shown


def test_bars_stand_side_by_side() -> None:
    assert bars([0, 4, 1]) == f"M{STEP} 24v-{HEIGHT}h2v{HEIGHT}zM{2 * STEP} 24v-12h2v12z"
    assert bars([]) == bars([0]) == ""


def test_nothing_published_yet() -> None:
    assert "Nothing has been published here yet." in rendered((EDITION, []))["index.html"]


def test_a_source_is_counted_by_day_up_to_its_newest_entry() -> None:
    def published(source: str, hours: int, *, removed: bool = False) -> Member:
        return member(source, published=NOON + timedelta(hours=hours), removed=removed)

    told_twice = story(published("herald", 0), published("gazette", -24 * 400))
    later = story(published("herald", -13), published("herald", 36, removed=True))
    counts = activity([told_twice, later, story(published("herald", -24 * 55)), story(published("herald", -24 * 56))])
    assert counts["herald"] == [1, *[0] * (DAYS - 3), 1, 1]
    assert counts["gazette"] == [*[0] * (DAYS - 1), 1]
