"""Queries as feeds and the search page, as clients of ``feedhub serve`` see them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

import feedparser
import pytest

from program import Program
from serving import Serving
from shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEED = """<rss version="2.0"><channel><title>Feed {name}</title><link>https://{name}.example/</link>
<description>d</description><language>{language}</language>{items}</channel></rss>"""
ITEM = """<item><guid>{n}</guid><title>{title}</title><link>https://a.example/{n}</link>
<pubDate>Mon, 01 Jan 2024 {n:02}:00:00 GMT</pubDate><description>{text}</description></item>"""
EXTRA = """
[[tag]]
name = "rain & snow"
words = ["rain", "snow"]
[[edition]]
slug = "secret"
title = "Secret"
private = true
token = "0123456789abcdef0123456789abcdef"
"""


class Site:
    """Two sources that lie in files, being served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = Program(folder)

    def offer(self, name: str, language: str, *entries: tuple[int, str, str]) -> None:
        items = "".join(ITEM.format(n=n, title=title, text=text) for n, title, text in entries)
        (self.folder / f"{name}.rss").write_text(FEED.format(name=name, language=language, items=items))


def published(folder: Path) -> Site:
    made = Site(folder)
    made.offer("a", "en", (1, "Rain in Spain", "falls mainly"), (2, "Sun in Spain", "shines"), (3, "Elsewhere", "snow"))
    made.offer("b", "es", (4, "Lluvia", "en el norte de España"), (1, "Rain in Spain", "falls mainly"))
    made.program.configure(["a.rss", "b.rss"], extra=EXTRA)
    made.program.run("refresh")
    return made


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return published(tmp_path)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(published(tmp_path_factory.mktemp("site")).folder) as running:
        yield running


def titles(serving: Serving, query: str, form: str = "atom") -> list[str]:
    answer = serving.get(f"/feed.{form}?{query}")
    assert answer.status == 200, answer.body
    if form == "json":
        return [item["title"] for item in json.loads(answer.body)["items"]]
    return [entry.title for entry in feedparser.parse(answer.body).entries]


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_queries_are_answered_as_feeds_the_newest_first(serving: Serving, form: str) -> None:
    assert titles(serving, "q=spain", form) == ["Sun in Spain", "Rain in Spain"]
    assert titles(serving, "q=spain+sun+rain", form) == []
    assert titles(serving, "q=spain+-sun", form) == ["Rain in Spain"]
    assert titles(serving, 'q="rain+in"', form) == ["Rain in Spain"]
    assert titles(serving, "q=espana", form) == ["Lluvia"]
    assert titles(serving, "tag=rain+%26+snow", form) == ["Elsewhere", "Rain in Spain"]
    assert titles(serving, "source=s1&language=es", form) == ["Lluvia", "Rain in Spain"]
    assert titles(serving, "language=en&limit=1", form) == ["Elsewhere"]
    assert titles(serving, "q=nothing", form) == []
    assert titles(serving, "", form) == ["Lluvia", "Elsewhere", "Sun in Spain", "Rain in Spain"]


def test_stories_are_those_of_the_editions(serving: Serving) -> None:
    whole = feedparser.parse(serving.get("/all.atom").body)
    found = feedparser.parse(serving.get("/feed.atom?q=rain").body)
    ids = {entry.title: entry.id for entry in whole.entries}
    assert [entry.id for entry in found.entries] == [ids["Rain in Spain"]]
    assert found.feed.title == "feedhub: rain"
    assert found.feed.id == "http://localhost:8000/feed.atom?q=rain"
    assert found.feed.links[0].href == found.feed.id


def test_an_answer_is_conditional_compressed_and_the_same_after_a_restart(serving: Serving) -> None:
    first = serving.get("/feed.atom?q=spain&limit=9", Accept_Encoding="gzip")
    assert first.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert (first.headers["content-encoding"], first.headers["cache-control"]) == ("gzip", "public, no-cache")
    other_way = serving.get("/feed.atom?limit=9&q=spain", Accept_Encoding="gzip", If_None_Match=first.headers["etag"])
    assert (other_way.status, other_way.body) == (304, b"")
    assert serving.get("/feed.atom?q=spain", If_Modified_Since=first.headers["last-modified"]).status == 304
    with Serving(serving.folder) as again:
        same = again.get("/feed.atom?q=spain&limit=9", Accept_Encoding="gzip")
        assert (same.headers["etag"], same.body) == (first.headers["etag"], first.body)
        assert same.headers["last-modified"] == first.headers["last-modified"]


def test_news_and_edits_are_found_and_deltas_given(site: Site) -> None:
    with Serving(site.folder) as serving:
        before = serving.get("/feed.json?q=spain")
        site.offer("a", "en", (1, "Rain in Spain", "ends"), (5, "Snow in Spain", "news"))
        site.program.run("refresh")
        serving.wait_for(lambda: titles(serving, "q=spain")[0] == "Snow in Spain")
        assert titles(serving, "q=ends") == ["Rain in Spain"]
        newer = serving.get("/feed.json?q=spain", A_IM="feed", If_None_Match=before.headers["etag"])
        assert newer.status == 226
        assert {item["title"] for item in json.loads(newer.body)["items"]} == {"Snow in Spain", "Rain in Spain"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("x=1", b"the choices are q, tag, source, language, limit\n"),
        ("source=x", b"there is an unknown source; the choices are s0, s1\n"),
        ("limit=201", b"limit must be a number from 1 to 200\n"),
        ("q=%3Cscript%3E&y", b"there is an unknown parameter"),
        ("q=%ff", b"the query is not UTF-8\n"),
    ],
)
def test_what_cannot_be_answered_is_told_with_the_choices(serving: Serving, query: str, told: bytes) -> None:
    answer = serving.get(f"/feed.atom?{query}")
    assert (answer.status, told in answer.body, b"script" in answer.body) == (400, True, False)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    page = serving.get(f"/search?{query}")
    assert (page.status, told.strip() in page.body, b"<script>" in page.body) == (400, True, False)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert b'name="q"' in page.body, "whoever searched can go on from here"
    assert serving.get(f"/search?{query}", method="HEAD").body == b""


@pytest.mark.parametrize(
    "typed", ['"', "*", "NEAR(a b)", "a AND", "(", "words:a", "^a", "a OR b NOT", "'; DROP", "{a}"]
)
def test_nothing_that_is_typed_is_an_error(serving: Serving, typed: str) -> None:
    for path in ("feed.rss", "search"):
        assert serving.get(f"/{path}?q={quote(typed)}").status == 200


def test_the_search_page_shows_what_was_found_and_leads_to_its_feeds(serving: Serving) -> None:
    page = serving.get("/search?q=spain+%3Cb%3E")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert b"<b>" not in page.body
    found = serving.get("/search?q=spain").body
    assert b"Sun in Spain" in found
    assert b'href="http://localhost:8000/feed.atom?q=spain"' in found
    newest = serving.get("/search?q=spain&limit=1").body
    assert b"One story, the newest of more." in newest
    assert b'<a href="search?q=spain&amp;limit=200">Show more of them</a>' in newest
    assert b"Show more" not in found
    empty = serving.get("/search")
    assert (empty.status, b"Sun in Spain" in empty.body) == (200, False)


def test_the_search_page_is_one_of_the_pages(site: Site) -> None:
    tags = '[[edition]]\nslug = "tag/{tag}"\ntitle = "{tag}"\neach_tag = true\nlimit = 1\n'
    site.program.configure(["a.rss"], extra=f"{EXTRA}{tags}[output]\npages = true\nsearch = true\n")
    config = site.folder / "config.toml"
    config.write_text(config.read_text().replace("limit = 1000", "limit = 1"))
    site.program.run("refresh")
    with Serving(site.folder) as serving:
        front = serving.get("/").body.decode()
        assert '<form action="search"' in front
        page = serving.get("/search?q=rain").body.decode()
        for address in re.findall(r'(?:href|src)="([^"#?:]+)[^":]*"', page):
            assert serving.get(f"/{address}").status == 200, address
        assert "Rain in Spain" in page
        assert re.search(r'href="tag/rain-snow[^"]*\.html"', page)


def test_a_search_page_without_other_pages_is_dressed_and_leads_to_none(serving: Serving) -> None:
    page = serving.get("/search?q=spain").body.decode()
    style, icon, *_ = [address for address in re.findall(r'href="([^"]+)"', page) if address.startswith("look/")]
    answer = serving.get(f"/{style}")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert serving.get(f"/{style}", If_None_Match=answer.headers["etag"]).status == 304
    assert serving.get(f"/{icon}").headers["content-type"] == "image/svg+xml"
    local = {address.partition("?")[0] for address in re.findall(r'href="([^":]+)"', page)}
    assert local <= {
        "#main",
        "search",
        "look/style.css",
        "look/icon.svg",
        *(f"all.{form}" for form in ("atom", "rss", "json")),
    }
    assert serving.get("/search").body.count(b"<nav") == 0


def test_an_edition_may_be_called_feed(site: Site) -> None:
    site.program.configure(["a.rss"], extra='[[edition]]\nslug = "feed"\ntitle = "Mine"\nformats = ["rss"]\n')
    site.program.run("refresh")
    with Serving(site.folder) as serving:
        assert serving.get("/feed.rss").body == (site.folder / "published" / "feed.rss").read_bytes()
        assert titles(serving, "q=sun", "rss") == ["Sun in Spain"]
        assert titles(serving, "", "atom") == ["Elsewhere", "Sun in Spain", "Rain in Spain"]


def test_what_only_private_editions_show_is_not_found(site: Site) -> None:
    (site.folder / "config.toml").write_text(
        '[[source]]\nid = "s0"\nurl = "a.rss"\n[[source]]\nid = "s1"\nurl = "b.rss"\n'
        '[[edition]]\nslug = "secret"\ntitle = "Secret"\nprivate = true\ntoken = "0123456789abcdef0123456789abcdef"\n'
        '[[edition]]\nslug = "open"\ntitle = "Open"\nfilter = { source = ["s1"] }\n'
    )
    site.program.run("refresh")
    with Serving(site.folder) as serving:
        assert titles(serving, "q=sun") == []
        assert titles(serving, "") == ["Lluvia", "Rain in Spain"]


def test_many_clients_at_once_get_the_same(serving: Serving) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: serving.get(f"/feed.atom?q=spain&limit={n % 3 + 1}"), range(48)))
    assert {answer.status for answer in answers} <= {200, 503}
    assert len({answer.body for answer in answers if answer.status == 200}) == 3


def test_nothing_is_stored_yet(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (tmp_path / "a.rss").touch()
    program.configure(["a.rss"])
    with Serving(tmp_path) as serving:
        assert titles(serving, "q=spain") == []


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_the_check_of_http_conformance_finds_nothing(serving: Serving, form: str) -> None:
    check = shared("hostile/output_checks/http_check.py")
    base = f"http://127.0.0.1:{serving.port}/"
    # It asks without the query: so this is the feed of everything.
    arguments = [sys.executable, str(check), f"{base}feed.{form}", "--html", f"{base}search"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, [line for line in done.stdout.splitlines() if not line.startswith("ok")]
