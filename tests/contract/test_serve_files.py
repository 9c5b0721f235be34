"""``feedhub serve`` as its clients see it."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

import brotli
import feedparser
import pytest

from program import Program
from serving import Serving
from shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEED = """<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
{items}</channel></rss>"""
ITEM = """<item><guid>{n}</guid><title>Title {n}</title><link>https://a.example/{n}</link>
<pubDate>Mon, 01 Jan 2024 {n:02}:00:00 GMT</pubDate><description>text of {n}</description></item>"""


class Site:
    """A publication of one source that lies in a file, being served."""

    def __init__(self, folder: Path, serving: Serving) -> None:
        self.folder = folder
        self.serving = serving
        self.program = Program(folder)

    def publish(self, count: int) -> None:
        items = "".join(ITEM.format(n=n) for n in range(count))
        (self.folder / "a.rss").write_text(FEED.format(items=items))
        self.program.run("refresh")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    program = Program(tmp_path)
    (tmp_path / "a.rss").write_text(FEED.format(items=""))
    deeper = '[[edition]]\nslug = "deep/er"\ntitle = "x"\nformats = ["atom"]\n'
    # Entries that differ in a number only would be one event, and each would change with every other.
    program.configure(["a.rss"], extra=f"{deeper}[stories]\nevents = false\nnear_duplicates = false\n")
    with Serving(tmp_path) as serving:
        made = Site(tmp_path, serving)
        made.publish(9)
        yield made


def test_documents_are_served_as_they_lie_with_type_and_validators(site: Site) -> None:
    types = {
        "all.atom": "application/atom+xml; charset=utf-8",
        "all.rss": "application/rss+xml; charset=utf-8",
        "all.json": "application/feed+json",
        "sources.opml": "text/x-opml; charset=utf-8",
        "deep/er.atom": "application/atom+xml; charset=utf-8",
    }
    for name, content_type in types.items():
        answer = site.serving.get(f"/{name}")
        assert answer.status == 200
        assert answer.body == (site.folder / "published" / name).read_bytes()
        assert answer.headers["content-type"] == content_type
        assert re.fullmatch(r'"[0-9a-f]{24}"', answer.headers["etag"])
        assert answer.headers["cache-control"] == "public, no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = site.serving.get(f"/{name}", If_None_Match=answer.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert {"etag", "cache-control", "vary"} <= again.headers.keys()
        dated = site.serving.get(f"/{name}", If_Modified_Since=answer.headers["last-modified"])
        assert dated.status == 304


def test_browsers_get_feeds_as_xml_which_they_show_in_a_style_sheet(site: Site) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    reader = "application/atom+xml, application/rss+xml, text/html;q=0.5"
    for path in ("/all.atom", "/all.rss"):
        assert site.serving.get(path, Accept=browser).headers["content-type"] == "application/xml; charset=utf-8"
        for accepted in (reader, "*/*", "application/xml"):
            answer = site.serving.get(path, Accept=accepted)
            assert answer.headers["content-type"].startswith(f"application/{path[5:]}+xml")
            assert "Accept," in answer.headers["vary"]
    assert site.serving.get("/all.json", Accept=browser).headers["content-type"] == "application/feed+json"


def test_codings_have_entity_tags_of_their_own_and_the_same_content(site: Site) -> None:
    plain = site.serving.get("/all.atom")
    tags = {plain.headers["etag"]}
    for coding, decode in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        answer = site.serving.get("/all.atom", Accept_Encoding=coding)
        assert answer.headers["content-encoding"] == coding
        assert decode(answer.body) == plain.body
        assert "Accept-Encoding" in answer.headers["vary"]
        tags.add(answer.headers["etag"])
        same = site.serving.get("/all.atom", Accept_Encoding=coding, If_None_Match=answer.headers["etag"])
        assert same.status == 304
        ranged = site.serving.get("/all.atom", Accept_Encoding=coding, Range="bytes=4-9")
        assert ranged.body == answer.body[4:10]
    assert len(tags) == 3


def test_head_ranges_and_methods(site: Site) -> None:
    whole = site.serving.get("/all.atom")
    head = site.serving.get("/all.atom", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "date": ""} == {**whole.headers, "date": ""}
    part = site.serving.get("/all.atom", Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    none = site.serving.get("/all.atom", Range="bytes=9999999-")
    assert (none.status, none.headers["content-range"]) == (416, f"bytes */{len(whole.body)}")
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
        answer = site.serving.get("/all.atom", method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert site.serving.get("/all.atom", If_Match='"other"').status == 412


def test_a_change_is_seen_at_once_and_entity_tags_are_the_same_after_a_restart(site: Site) -> None:
    before = site.serving.get("/all.atom")
    site.publish(10)
    after = site.serving.get("/all.atom", If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert after.body != before.body
    with Serving(site.folder) as other:
        same = other.get("/all.atom")
        assert same.headers["etag"] == after.headers["etag"]
        assert same.headers["last-modified"] == after.headers["last-modified"]


@pytest.mark.parametrize("name", ["all.atom", "all.rss", "all.json"])
def test_who_asks_for_deltas_gets_only_new_entries(site: Site, name: str) -> None:
    first = site.serving.get(f"/{name}", Accept_Encoding="gzip")
    site.publish(11)
    tag = first.headers["etag"]
    newer = site.serving.get(f"/{name}", Accept_Encoding="gzip", A_IM="feed", If_None_Match=tag)
    assert (newer.status, newer.headers["im"]) == (226, "feed")
    assert "no-store" in newer.headers["cache-control"]
    if name == "all.json":
        titles = {item["title"] for item in json.loads(newer.body)["items"]}
    else:
        titles = {entry.title for entry in feedparser.parse(newer.body).entries}
    assert titles == {"Title 9", "Title 10"}
    whole = site.serving.get(f"/{name}", Accept_Encoding="gzip")
    assert newer.headers["etag"] == whole.headers["etag"]
    asked = {"Accept_Encoding": "gzip", "A_IM": "feed"}
    assert site.serving.get(f"/{name}", **asked, If_None_Match=newer.headers["etag"]).status == 304
    assert site.serving.get(f"/{name}", **asked, If_None_Match='"unknown"').status == 200
    assert site.serving.get(f"/{name}", Accept_Encoding="gzip", If_None_Match=tag).status == 200


def test_nothing_but_published_files_is_served(site: Site) -> None:
    published = site.folder / "published"
    secret = site.folder / "secret.atom"
    secret.write_text("secret")
    for name, text in ((".hidden.atom", "secret"), (".feedhub-1.tmp", "secret"), ("x.sqlite", "secret")):
        (published / name).write_text(text)
    (published / ".git").mkdir()
    (published / ".git" / "a.atom").write_text("secret")
    (published / "link.atom").symlink_to(secret)
    (published / "folder").symlink_to(site.folder)
    os.mkfifo(published / "pipe.atom")
    paths = (
        "/../secret.atom",
        "/%2e%2e/secret.atom",
        "/deep/..%2f..%2fsecret.atom",
        "/..%5csecret.atom",
        "//secret.atom",
        "/deep//er.atom",
        "/./all.atom",
        "/all.atom/",
        "/all.atom%00.html",
        "/.hidden.atom",
        "/.feedhub-1.tmp",
        "/.git/a.atom",
        "/x.sqlite",
        "/config.toml",
        "/link.atom",
        "/folder/secret.atom",
        "/pipe.atom",
        "/deep",
        "/deep/",
        "/",
        "/" + "a" * 3000,
        "/%ff%fe.atom",
    )
    for path in paths:
        answer = site.serving.get(path)
        assert (answer.status, b"secret" in answer.body) == (404, False), path


def test_a_file_that_becomes_a_symbolic_link_is_served_no_more(site: Site) -> None:
    assert site.serving.get("/all.atom").status == 200
    target = site.folder / "published" / "all.atom"
    target.rename(site.folder / "moved.atom")
    target.symlink_to(site.folder / "moved.atom")
    assert site.serving.get("/all.atom").status == 404


def test_pages_have_a_policy_and_folders_a_slash(site: Site) -> None:
    pages = site.folder / "published" / "pages"
    pages.mkdir()
    (pages / "index.html").write_text("<!doctype html><title>x</title>")
    moved = site.serving.get("/pages")
    assert (moved.status, moved.headers["location"]) == (308, "./pages/")
    page = site.serving.get("/pages/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"


def test_programs_in_pages_may_ask_on_conditions(site: Site) -> None:
    for path in ("/all.atom", "/feed.json?q=title"):
        asked = site.serving.get(path, method="OPTIONS", Origin="https://b.example")
        assert (asked.status, asked.body) == (204, b"")
        assert asked.headers["access-control-allow-origin"] == "*"
        allowed = asked.headers["access-control-allow-headers"].split(", ")
        assert {"A-IM", "If-None-Match", "If-Modified-Since"} <= set(allowed)
    answer = site.serving.get("/all.atom", Origin="https://b.example")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert site.serving.get("/", method="OPTIONS").status == 405
    assert site.serving.get("/none.html", method="OPTIONS").status == 405


def test_browsers_are_told_in_a_page_that_nothing_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.rss").write_text(FEED.format(items=ITEM.format(n=1)))
    program = Program(tmp_path)
    program.configure(["a.rss"], extra='[site]\nurl = "https://a.example/news/"\n[output]\npages = true\n')
    program.run("refresh")
    with Serving(tmp_path) as serving:
        for path in ("/none", "/news/none.atom", "/a/b/<script>"):
            page = serving.get(quote(path), Accept="text/html,application/xhtml+xml,*/*;q=0.8")
            assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert (page.headers["cache-control"], page.headers["vary"]) == ("no-store", "Accept")
            styles = re.findall(rb'rel="stylesheet" href="([^"]+)"', page.body)
            assert [serving.get(style.decode()).status for style in styles] == [200]
            assert b"<script>" not in page.body
        plain = serving.get("/none", Accept="*/*")
        assert (plain.status, plain.body, plain.headers["vary"]) == (404, b"nothing here\n", "Accept")
        moved = serving.get("/news")
        assert (moved.status, moved.headers["location"]) == (308, "./news/")


def test_feeds_that_hubs_are_told_of_say_so_in_a_header(tmp_path: Path) -> None:
    (tmp_path / "a.rss").write_text(FEED.format(items="".join(ITEM.format(n=n) for n in range(9))))
    private = '[[edition]]\nslug = "own"\ntitle = "x"\nprivate = true\ntoken = "0123456789abcdef"\n'
    private += '[[edition]]\nslug = "history"\ntitle = "x"\nhistory = true\nlimit = 1\n'
    hubs = '[websub]\nhubs = ["https://hub.example/", "https://other.example/?a=b,c;d"]\n'
    program = Program(tmp_path)
    program.configure(["a.rss"], extra=private)
    program.run("refresh")
    with Serving(tmp_path) as serving:
        assert "link" not in serving.get("/all.atom").headers
        program.configure(["a.rss"], extra=f"{private}{hubs}")
        program.run("publish")
        serving.signal(signal.SIGHUP)
        serving.wait_for(lambda: "link" in serving.get("/all.atom").headers)
        first = serving.get("/all.atom")
        link = '<https://hub.example/>; rel="hub", <https://other.example/?a=b,c;d>; rel="hub", '
        assert first.headers["link"] == f'{link}<http://localhost:8000/all.atom>; rel="self"'
        same = serving.get("/all.atom", If_None_Match=first.headers["etag"])
        assert (same.status, same.headers["link"]) == (304, first.headers["link"])
        for path in ("/own-0123456789abcdef.atom", "/history--archive-1.atom", "/sources.opml", "/feed.atom?q=a"):
            answer = serving.get(path)
            assert (answer.status, answer.headers.get("link")) == (200, None), path


def test_many_clients_at_once_get_the_same(site: Site) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: site.serving.get("/all.rss", Accept_Encoding="br").body, range(100)))
    assert len(set(answers)) == 1


def test_the_check_of_http_conformance_finds_nothing(site: Site) -> None:
    check = shared("hostile/output_checks/http_check.py")
    (site.folder / "published" / "index.html").write_text('<!doctype html><link rel="alternate" href="all.atom">')
    base = f"http://127.0.0.1:{site.serving.port}/"
    arguments = [sys.executable, str(check), f"{base}all.atom", "--html", base]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, [line for line in done.stdout.splitlines() if not line.startswith("ok")]


def test_a_date_to_come_is_not_told(site: Site) -> None:
    """Clients that go by dates drop a document that is not newer than theirs, whatever its entity tag says."""
    path, past = site.folder / "published" / "all.atom", 1_700_000_000
    os.utime(path, (past, time.time() + 3600))
    ahead = site.serving.get("/all.atom")
    assert (ahead.status, "last-modified" in ahead.headers) == (200, False)
    assert site.serving.get("/all.atom", If_None_Match=ahead.headers["etag"]).status == 304
    assert site.serving.get("/all.atom", If_Modified_Since="Sun, 06 Nov 2044 08:49:37 GMT").status == 200
    time.sleep(0.05)
    os.utime(path, (past, past))
    assert site.serving.get("/all.atom").headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
