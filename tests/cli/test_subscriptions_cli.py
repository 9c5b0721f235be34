"""add, import and export, as a user runs them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from feedhub.subscriptions import read
from program import PROGRAM, Program

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

RSS = """<rss version="2.0"><channel><title>{title}</title><link>http://a.example/</link><description>d</description>
<item><guid>{title}-1</guid><title>One</title></item></channel></rss>"""
HEAD = '<link rel="alternate" type="application/rss+xml" href="{href}" title="{title}">'
PAGE = "<!DOCTYPE html><html><head><title>A page</title>{head}</head><body>{body}</body></html>"
COMMENT = "# kept as it is   \n"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    program.configure([])
    config = tmp_path / "config.toml"
    config.write_text(COMMENT + config.read_text())
    return program


def serve_feed(origin: Origin, path: str, title: str = "A feed") -> str:
    origin.serve(path, RSS.format(title=title), content_type="application/rss+xml")
    return origin.url(path)


def serve_page(origin: Origin, path: str, *feeds: tuple[str, str], body: str = "") -> str:
    head = "".join(HEAD.format(href=href, title=title) for href, title in feeds)
    origin.serve(path, PAGE.format(head=head, body=body), content_type="text/html; charset=utf-8")
    return origin.url(path)


def configured(program: Program) -> list[str]:
    text = (program.folder / "config.toml").read_text()
    assert text.startswith(COMMENT)
    return [each.url for each in read(program.folder / "config.toml")]


def test_a_feed_is_added_and_then_refreshed(program: Program, origin: Origin) -> None:
    url = serve_feed(origin, "/feed")
    assert "A feed" in program.run("add", url, "--tag", "news", "--tag", "news").stdout
    assert configured(program) == [url]
    assert program.json("refresh")[0]["new"] == 1
    assert program.json("sources")[0]["source"]["tags"] == ["news"]


def test_a_feed_that_is_configured_is_not_asked_and_not_added_again(program: Program, origin: Origin) -> None:
    url = serve_feed(origin, "/feed")
    program.run("add", url)
    before, seen = (program.folder / "config.toml").read_bytes(), len(origin.requests)
    assert "configured already" in program.run("add", url + "/").stdout
    assert program.json("add", url)[0]["outcome"] == "configured"
    assert (program.folder / "config.toml").read_bytes() == before
    assert len(origin.requests) == seen


def test_the_only_feed_of_a_page_is_added(program: Program, origin: Origin) -> None:
    feed = serve_feed(origin, "/posts.xml")
    page = serve_page(origin, "/blog/", ("/posts.xml", "Posts"), ("/lost.xml", "Lost"))
    added = program.json("add", page)[0]
    assert (added["outcome"], added["source"]["url"], added["feeds"][0]["why"]) == (
        "added",
        feed,
        "the page advertises it",
    )
    assert "configured already" in program.run("add", page).stdout


def test_several_feeds_are_listed_and_the_first_is_taken_on_request(program: Program, origin: Origin) -> None:
    page = serve_page(
        origin, "/", ("/comments/feed", "Comments"), ("/a.xml", "A"), ("/b.xml", "B"), ("/copy.xml", "Copy")
    )
    feeds = [serve_feed(origin, f"/{name}", name) for name in ("a.xml", "b.xml", "comments/feed")]
    origin.serve("/copy.xml", RSS.format(title="a.xml"), content_type="application/rss+xml")
    done = program.run("add", page, status=2)
    assert [line.split()[0::2][:2] for line in done.stdout.splitlines()] == [
        ["1.", feeds[0]],
        ["2.", feeds[1]],
        ["3.", feeds[2]],
    ]
    assert "--yes" in done.stderr
    assert [feed["url"] for feed in program.json("add", page, status=2)[0]["feeds"]] == feeds
    assert configured(program) == []
    program.run("add", page, "--yes")
    assert configured(program) == feeds[:1]


def test_a_person_at_a_terminal_is_asked(program: Program, origin: Origin) -> None:
    page = serve_page(origin, "/", ("/a.xml", "A"), ("/b.xml", "B"))
    wanted = [serve_feed(origin, f"/{name}", name) for name in ("a.xml", "b.xml")][1]
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [PROGRAM, "add", page], cwd=program.folder, stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    shown = b""
    while b"Which one" not in shown:
        shown += os.read(leader, 4096)
    os.write(leader, b"2\n")
    assert process.wait(30) == 0
    os.close(leader)
    assert configured(program) == [wanted]


def test_a_page_that_says_nothing_is_probed_a_little(program: Program, origin: Origin) -> None:
    page = serve_page(origin, "/about", body="<p>Nothing here</p>")
    assert "not-a-feed" in program.run("add", page, status=1).stderr
    assert 5 < len(origin.requests) <= 13
    feed = serve_feed(origin, "/atom.xml")
    assert feed in program.run("add", page).stdout


def test_a_page_that_names_feeds_is_probed_only_where_they_are_lost(program: Program, origin: Origin) -> None:
    page = serve_page(origin, "/", ("/posts.xml", "Posts"))
    feed = serve_feed(origin, "/feed.xml")
    assert program.json("add", page)[0]["source"]["url"] == feed
    named = serve_feed(origin, "/posts.xml", "Posts")
    origin.requests.clear()
    assert program.json("add", page)[0]["source"]["url"] == named
    assert [request.path for request in origin.requests] == ["/", "/posts.xml"]


@pytest.mark.parametrize("name", ["feed.atom", "feed.atom?q=news&tag=a%2Fb", "all--archive-3.rss"])
def test_what_this_site_serves_on_demand_or_has_archived_is_refused(
    program: Program, origin: Origin, name: str
) -> None:
    link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="http://localhost:8000/{name}"/>'
    origin.serve("/feed", RSS.format(title="Served").replace("<item>", f"{link.replace('&', '&amp;')}<item>"))
    program.configure([origin.url("/feed")])
    assert "s0: refused: this is published by this very site" in program.run("refresh", status=1).stderr


@pytest.mark.parametrize("form", ["atom", "json", "rss"])
def test_what_this_site_publishes_is_not_added(program: Program, origin: Origin, form: str) -> None:
    feed = serve_feed(origin, "/feed")
    program.run("add", feed)
    program.run("refresh")
    published = (program.folder / "published" / f"all.{form}").read_bytes()
    origin.serve("/elsewhere", published, content_type="application/octet-stream")
    origin.requests.clear()
    assert "this very site" in program.run("add", origin.url("/elsewhere"), status=1).stderr
    assert configured(program) == [feed]
    assert [request.path for request in origin.requests] == ["/elsewhere"]


def test_an_address_that_cannot_be_had_may_still_be_known(program: Program, origin: Origin) -> None:
    feed = serve_feed(origin, "/@someone.rss")
    assert program.json("add", origin.url("/@someone"))[0]["source"]["url"] == feed
    assert "http-404" in program.run("add", origin.url("/nothing"), status=1).stderr


def test_a_feed_that_moved_for_good_is_added_where_it_lives(program: Program, origin: Origin) -> None:
    feed = serve_feed(origin, "/new")
    origin.redirect("/old", "/new", status=301)
    origin.redirect("/now", "/new", status=302)
    program.run("add", origin.url("/old"))
    assert configured(program) == [feed]
    assert program.json("add", origin.url("/now"))[0]["source"]["url"] == origin.url("/now")


def test_a_title_cannot_write_to_the_terminal(program: Program, origin: Origin) -> None:
    url = serve_feed(origin, "/feed", "A\u202e feed\u2066")
    shown = program.run("add", url).stdout
    assert ": A feed  http" in shown
    assert shown.rstrip("\n").isprintable()


def test_a_private_address_is_refused_as_in_the_crawl(program: Program, origin: Origin) -> None:
    path = program.folder / "config.toml"
    path.write_text(path.read_text().replace("127.0.0.1", "other.example"))
    assert "refused" in program.run("add", serve_feed(origin, "/feed"), status=1).stderr
    assert origin.requests == []


def test_a_wrong_configuration_or_tag_adds_nothing(program: Program, origin: Origin) -> None:
    url = serve_feed(origin, "/feed")
    assert "tags" in program.run("add", url, "--tag", "", status=2).stderr
    assert configured(program) == []
    (program.folder / "config.toml").write_text("[site]\ntitel = 1\n")
    assert "titel" in program.run("add", url, status=2).stderr


def test_a_page_in_the_place_of_a_feed_is_told_with_the_feed_it_names(program: Program, origin: Origin) -> None:
    page = serve_page(origin, "/feed", ("/feed", "Itself"), ("/new.xml", "New"))
    program.configure([page])
    assert "not-a-feed: " in (said := program.run("refresh", status=1).stderr)
    assert said.endswith(f"; the page advertises {origin.url('/new.xml')}\n")


OPML = """<opml version="2.0"><body><outline text="News"><outline text="The A" xmlUrl="https://a.example/rss"/>
<outline text="World"><outline xmlUrl="https://b.example/rss"/><outline xmlUrl="https://a.example/rss"/></outline></outline>
<outline text="x" xmlUrl="local.xml"/><outline type="link" text="y" url="https://y.example/"/></body></opml>"""


def test_import_adds_what_is_new_and_counts_the_rest(program: Program) -> None:
    (program.folder / "list.opml").write_text(OPML)
    assert program.json("import", "list.opml", "--dry-run")[0]["added"] == 2
    assert configured(program) == []
    assert "2 sources added, 1 there already, 2 left out" in program.run("import", "list.opml").stdout
    sources = read(program.folder / "config.toml")
    assert [(each.url, each.title, each.tags) for each in sources] == [
        ("https://a.example/rss", "The A", ("News", "News/World")),
        ("https://b.example/rss", "", ("News/World",)),
    ]
    before = (program.folder / "config.toml").read_bytes()
    assert "0 sources added, 3 there already" in program.run("import", "list.opml").stdout
    assert (program.folder / "config.toml").read_bytes() == before


def test_a_feed_that_is_configured_is_not_imported_in_another_spelling(program: Program) -> None:
    program.configure(["https://a.example/rss/"])
    (program.folder / "list.opml").write_text(OPML.replace("https://a", "HTTPS://A"))
    assert "1 sources added, 2 there already" in program.run("import", "list.opml").stdout


@pytest.mark.parametrize("address", ["http://[::1", "http://", "http://a.example:99999/"])
def test_an_address_that_is_none_is_that_sources_failure_alone(program: Program, origin: Origin, address: str) -> None:
    feed = serve_feed(origin, "/feed")
    outlines = "".join(f'<outline xmlUrl="{url}"/>' for url in (address, feed))
    (program.folder / "list.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    program.run("import", "list.opml")
    assert [one.get("outcome") for one in program.json("refresh", status=1)[:2]] == ["failed", "changed"]
    assert [one["health"]["code"] for one in program.json("sources")] == ["refused", "ok"]
    assert address in program.run("export").stdout


def test_a_file_of_this_machine_is_taken_only_on_request(program: Program) -> None:
    (program.folder / "list.opml").write_text(OPML)
    (program.folder / "local.xml").write_text(RSS.format(title="L"))
    program.run("import", "--files", "list.opml")
    assert configured(program)[-1] == "local.xml"


def test_a_list_that_cannot_be_read_is_told_with_its_line(program: Program) -> None:
    (program.folder / "bad.opml").write_text("<opml><body>\n<outline text='a' b'/></body></opml>")
    done = program.run("import", "bad.opml", status=2)
    assert "bad.opml" in done.stderr
    assert "line 2" in done.stderr
    assert "no-such" in program.run("import", "no-such.opml", status=2).stderr


def test_a_place_that_cannot_be_written_is_named_as_it_was(program: Program) -> None:
    program.configure(["https://a.example/feed"])
    complaint = program.run("export", "none/list.opml", status=4).stderr
    assert "none/list.opml: No such file or directory" in complaint
    assert ".tmp" not in complaint


def test_what_is_exported_is_imported_the_same(program: Program, origin: Origin) -> None:
    (program.folder / "feeds").mkdir()
    (program.folder / "feeds" / "x.xml").write_text(RSS.format(title="L"))
    url = serve_feed(origin, "/feed", "Its own title")
    path = program.folder / "config.toml"
    tables = f"""[[source]]\nurl = "{url}"\ntags = ["a/b", "c,d"]\n[[source]]\nurl = "https://me:secret@x.example/"
id = "x"\ntitle = "X"\nlink = "https://x.example/"\nlanguage = "en"\nenabled = false\n[[source]]\nurl = "feeds"\n"""
    path.write_text(path.read_text() + tables)
    before = read(path)
    program.run("refresh")
    done = program.run("export", "out.opml")
    assert "1 of the addresses hold" in done.stderr
    assert 'text="Its own title"' in (program.folder / "out.opml").read_text()
    assert program.run("export").stdout == (program.folder / "out.opml").read_text()
    path.write_text(COMMENT)
    program.run("import", "--files", "out.opml")
    assert sorted(read(path), key=lambda each: each.url) == sorted(before, key=lambda each: each.url)
