"""Pages in a real browser: they look as they should, wide and narrow, light and dark, and work without a mouse.

FEEDHUB_AXE names the ``axe.min.js`` of axe-core, by which accessibility is judged; FEEDHUB_SCREENSHOTS a folder that
gets pictures of what was seen.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from program import Program
from serving import Serving
from shared import ROOT
from webdriver import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
TAB, ENTER = "\ue004", "\ue007"
TITLE = "Daesh has collapsed in Syria, it’s confirmed by the arrest of 5 prominent leaders in Iraq"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """Serve the shipped sample, with a search field on its pages."""
    del browser  # without one, nothing needs to be served
    folder = tmp_path_factory.mktemp("site")
    config = (ROOT / "config.toml").read_text()
    (folder / "config.toml").write_text(config.replace("pages = true\n", "pages = true\nsearch = true\n"))
    shutil.copytree(ROOT / "feeds/sources", folder / "feeds/sources")
    Program(folder).run("refresh")
    with Serving(folder) as serving:
        yield f"http://127.0.0.1:{serving.port}/"


@pytest.fixture
def story(browser: Browser, site: str) -> str:
    browser.open(f"{site}index.html")
    links = "return [...document.querySelectorAll('.more')].find(each => each.ariaLabel.endsWith(arguments[0])).href"
    address: str = browser.run(links, TITLE)
    return address


def seen(browser: Browser, name: str) -> None:
    """Keep a picture of what is seen, where that is asked for."""
    if folder := os.environ.get("FEEDHUB_SCREENSHOTS"):
        browser.shot(Path(folder) / f"{name}.png")


def fits(browser: Browser) -> bool:
    """Say whether nothing hangs out of the page to the side."""
    return bool(browser.run("return document.documentElement.scrollWidth <= innerWidth"))


def colour(browser: Browser, of: str) -> int:
    """Return how bright a colour of the page's body is, from 0 to 765."""
    value: str = browser.run("return getComputedStyle(document.body)[arguments[0]]", of)
    return sum(int(part) for part in value.removeprefix("rgb(").removesuffix(")").split(","))


def test_the_front_page_tells_stories_by_day(browser: Browser, site: str) -> None:
    browser.open(site, **DESK)
    seen(browser, "front-page")
    assert browser.text("h1") == ["feedhub sample"]
    days = browser.text(".day > h2")
    assert days[0].split("\n") == ["Saturday,", "1 June 2024"]
    assert TITLE in browser.text(".headline")
    assert "Also covered by" in browser.text(".also > p")
    assert fits(browser)
    assert browser.complaints() == []


def test_what_most_outlets_tell_of_comes_first(browser: Browser, site: str) -> None:
    browser.open(site, **DESK)
    assert browser.text(".leading .headline") == [TITLE]
    assert browser.text(".told") == ["5 outlets: Reading list, IZ News Agency, News on Turkey, Steadfast and Loyal"]


def test_a_story_says_who_told_it_and_why(browser: Browser, site: str, story: str) -> None:
    assert story.startswith(f"{site}story/")
    browser.open(story, **DESK)
    seen(browser, "story")
    assert browser.text("h1") == [TITLE]
    assert [line.split("\n")[0] for line in browser.text(".timeline li")] == [
        "Defense and Security 10 May 2018",
        "Reading list 10 May 2018",
        "IZ News Agency 10 May 2018",
        "News on Turkey 10 May 2018",
        "Steadfast and Loyal 10 May 2018",
    ]
    assert "the same address" in browser.text(".why")
    assert any("Daesh" in reason for reason in browser.text(".reasons dd"))
    assert browser.complaints() == []


def test_an_event_names_what_others_said_and_why_it_is_the_same(browser: Browser, site: str) -> None:
    browser.open(f"{site}all.html", **DESK)
    several = "return [...document.querySelectorAll('.card')].find(each => each.querySelectorAll('.said').length > 1)"
    address: str = browser.run(f"{several}.querySelector('.more').href")
    browser.open(address, **DESK)
    seen(browser, "event")
    assert len(browser.text(".timeline .said")) > 1
    assert any("the same event: " in why and " is enough)" in why for why in browser.text(".why"))


def test_dark_for_those_who_prefer_it(browser: Browser, site: str) -> None:
    browser.open(site, **DESK, scheme="light")
    assert colour(browser, "backgroundColor") > 700
    assert colour(browser, "color") < 100
    browser.open(site, **DESK, scheme="dark")
    seen(browser, "front-page-dark")
    assert colour(browser, "backgroundColor") < 100
    assert colour(browser, "color") > 600


def test_everything_fits_on_a_phone(browser: Browser, site: str, story: str) -> None:
    for name, address in (("front-page", site), ("story", story)):
        browser.open(address, **PHONE)
        seen(browser, f"{name}-phone")
        assert fits(browser)
    for page in ("subscribe.html", "sources.html", "all.html", "tags/syria.html"):
        browser.open(site + page, **PHONE)
        assert fits(browser), page


def test_the_longest_words_fit_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    word = "a" * 300
    item = f"<item><title>{word}</title><link>https://a.example/{word}</link><category>{word}</category>"
    item += f"<author>{word}</author><description>{word} &lt;pre&gt;{word}&lt;/pre&gt; &lt;table&gt;&lt;tr&gt;"
    item += f"&lt;td&gt;{word}&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;"
    item += "&lt;img src='https://a.invalid/1.png' width='2000'/&gt;</description>"
    item += "<enclosure url='https://a.invalid/a.mp3' type='audio/mpeg' length='1'/></item>"
    (tmp_path / "a.rss").write_text(f"<rss version='2.0'><channel><title>{word}</title>{item}</channel></rss>")
    program = Program(tmp_path)
    program.configure(["a.rss"], extra='[output]\npages = true\nsearch = true\n[categories]\nunmapped = "keep"\n')
    program.run("refresh")
    with Serving(tmp_path) as serving:
        pages = [*(str(path.relative_to(tmp_path / "published")) for path in tmp_path.rglob("*.html")), "search?q=a*"]
        assert len(pages) == 7
        for page in pages:
            browser.open(f"http://127.0.0.1:{serving.port}/{page}", **PHONE)
            assert fits(browser), page
            assert word in browser.run("return document.body.innerText") or page in {"404.html", "subscribe.html"}
        # The picture, which nobody can have.
        assert browser.complaints()


def test_a_click_selects_an_address_to_copy(browser: Browser, site: str) -> None:
    browser.open(f"{site}subscribe.html", **DESK)
    seen(browser, "subscribe")
    assert browser.text(".address")[0] == "https://example.org/feedhub/all.atom"
    assert browser.run("return getComputedStyle(document.querySelector('.address')).userSelect") == "all"


def test_sources_show_their_rhythm(browser: Browser, site: str) -> None:
    browser.open(f"{site}sources.html", **DESK)
    seen(browser, "sources")
    assert "feedhub news" in browser.text(".sources h2")
    assert browser.run("return document.querySelector('.chart path').getBBox().height") > 0


def test_a_search_finds_stories(browser: Browser, site: str) -> None:
    browser.open(site, **DESK)
    browser.run("document.querySelector('input[name=q]').focus()")
    browser.type(f"Euphrates{ENTER}")
    browser.run("return new Promise(done => setTimeout(done, 1000))")
    seen(browser, "search")
    assert browser.run("return location.search") == "?q=Euphrates"
    assert browser.text("h1") == ["Stories about Euphrates"]
    assert TITLE in browser.text(".headline")
    assert browser.complaints() == []


def test_the_keyboard_leads_to_the_content_first(browser: Browser, site: str) -> None:
    browser.open(site, **DESK)
    browser.type(TAB)
    assert browser.run("return document.activeElement.innerText") == "Skip to the content"
    assert browser.run("return document.activeElement.getBoundingClientRect().width") > 20
    browser.type(ENTER)
    assert browser.run("return location.hash") == "#main"


def test_on_paper_only_what_is_read(browser: Browser, story: str) -> None:
    browser.open(story)
    browser.command("Emulation.setEmulatedMedia", media="print")
    for hidden in ("nav", ".bar form"):
        assert browser.run(f"return getComputedStyle(document.querySelector('{hidden}')).display") == "none"
    assert browser.run("return getComputedStyle(document.querySelector('.prose')).display") == "block"
    browser.command("Emulation.setEmulatedMedia", media="")


def test_texts_from_right_to_left(browser: Browser, site: str) -> None:
    browser.open(f"{site}all.html")
    aligned = """
        const headline = document.querySelector('.headline');
        headline.lang = 'ar'; headline.dir = 'rtl';
        const range = document.createRange(); range.selectNodeContents(headline);
        return headline.getBoundingClientRect().right - range.getBoundingClientRect().right"""
    assert abs(browser.run(aligned)) < 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, site: str, story: str, scheme: str) -> None:
    axe = os.environ.get("FEEDHUB_AXE", "")
    if not axe:
        pytest.skip("no axe-core: set FEEDHUB_AXE to its axe.min.js")
    script = Path(axe).read_text()
    pages = ["", "all.html", "tags/syria.html", "sources.html", "subscribe.html", "404.html"]
    pages += ["search?q=Syria", "search?x=1"]
    for address in (story, *(site + page for page in pages)):
        browser.open(address, **DESK, scheme=scheme)
        # The page's own policy allows no script, so the browser is told to run it.
        browser.command("Runtime.evaluate", expression=script)
        violations = browser.run("return axe.run({resultTypes: ['violations']}).then(found => found.violations)")
        assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == [], address
    assert all("400" in each for each in browser.complaints()), "of the search that nobody can answer"


@pytest.mark.parametrize("feed", ["all.atom", "tags/syria.atom", "all.rss"])
def test_feeds_are_shown_in_their_style_sheet(browser: Browser, site: str, feed: str) -> None:
    browser.open(site + feed, **DESK)
    seen(browser, f"feed-{feed.replace('/', '-')}")
    shown = "return [...document.querySelectorAll(arguments[0])].map(each => getComputedStyle(each).display)"
    assert set(browser.run(shown, "entry > title, item > title")) == {"block"}
    assert set(browser.run(shown, "entry > content, entry > id, item > description, item > guid")) == {"none"}
