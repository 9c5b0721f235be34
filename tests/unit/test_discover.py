"""From pages and addresses to candidates."""

from __future__ import annotations

from time import process_time

import pytest

from feedhub.discover import advertised, candidates, guesses

BLOG = "https://blog.example/2024/post.html"


def head(*tags: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>Blog</title>{''.join(tags)}</head><body><p>text</body></html>".encode()


def link(href: str, kind: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}" title="{title}">'


def urls(url: str, html: bytes = b"") -> list[str]:
    return [candidate.url for candidate in candidates(url, html)]


@pytest.mark.parametrize(
    "kind",
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "APPLICATION/RSS+XML; charset=utf-8",
        "text/rss",
        "application/x-rss+xml",
    ],
)
def test_every_media_type_of_feeds_is_known(kind: str) -> None:
    assert [found.href for found in advertised(head(link("/f", kind)), BLOG)] == ["https://blog.example/f"]


@pytest.mark.parametrize(
    "tag",
    [
        link("/wp-json/wp/v2/posts/1", "application/json"),
        link("/oembed?url=x", "application/json+oembed"),
        link("/it/", "text/html"),
        link("/sitemap.xml", "application/xml", rel="sitemap"),
        link("/style.css", "text/css", rel="alternate stylesheet"),
        link("mailto:me@example.org"),
        link("http://[broken/feed"),
        link(""),
    ],
)
def test_other_links_are_no_feeds(tag: str) -> None:
    assert advertised(head(tag), BLOG) == ()


def test_a_page_says_not_who_to_be_taken_for() -> None:
    page = head(link("http://user:word@other.example/feed"))
    assert [found.href for found in advertised(page, BLOG)] == ["http://other.example/feed"]


def test_types_that_feeds_share_need_the_address_of_a_feed() -> None:
    page = head(link("/feed.json", "application/json"), link("/rss.xml", "text/xml"), '<link rel=feed href="/all">')
    assert [found.href.rpartition("/")[2] for found in advertised(page, BLOG)] == ["feed.json", "rss.xml", "all"]


def test_addresses_resolve_against_the_base_wherever_it_stands() -> None:
    page = head(link("feed.xml"), '<base href="/blog/">', '<base href="/other/">')
    assert advertised(page, BLOG)[0].href == "https://blog.example/blog/feed.xml"


def test_addresses_are_cleaned_of_what_browsers_ignore() -> None:
    page = head(link(" /a\n/feed.xml#top "), link("feed://blog.example/b.xml"), link("feed:https://blog.example/c.xml"))
    assert [found.href for found in advertised(page, BLOG)] == [
        "https://blog.example/a/feed.xml",
        "http://blog.example/b.xml",
        "https://blog.example/c.xml",
    ]


def test_comments_come_last_and_an_address_once() -> None:
    page = head(
        link("/comments/feed/", title="Blog » Comments Feed"), link("/feed/", title="Blog » Feed"), link("/feed/")
    )
    assert [(found.href, found.title) for found in advertised(page, BLOG)] == [
        ("https://blog.example/feed/", "Blog » Feed"),
        ("https://blog.example/comments/feed/", "Blog » Comments Feed"),
    ]


@pytest.mark.parametrize(("declared", "codec"), [("utf-8", "utf-8"), ("windows-1251", "cp1251"), ("", "utf-8")])
def test_titles_are_decoded(declared: str, codec: str) -> None:
    page = f"<meta charset='{declared}'>{link('/f', title='Блог')}".encode(codec)
    assert advertised(page, BLOG)[0].title == "Блог"
    assert advertised(page.replace(declared.encode(), b""), BLOG, f"text/html; charset={declared}")[0].title == "Блог"


def test_links_in_the_text_that_look_like_feeds_come_after_advertised_ones() -> None:
    page = (
        head(link("/main.xml"))
        + b"""
      <a href="/about">About</a> <a href="/rss">Follow</a> <a href="/x?feed=rss2">x</a> <a href="/y">RSS feed</a>
      <a href="https://feedly.com/i/subscription/feed/https://blog.example/rss">RSS</a> <a href="/rss.png">p</a>
      <a type="application/atom+xml" href="/z">z</a>"""
    )
    expected = ("main.xml", "rss", "x?feed=rss2", "y", "z")
    assert urls(BLOG, page) == [f"https://blog.example/{path}" for path in expected]


def test_a_link_without_text_has_the_title_it_states() -> None:
    found = candidates(BLOG, b'<a href="/rss" title="All  posts"><img></a><a href="/atom">By <b>Atom</b></a>')
    assert [(candidate.title, candidate.is_named) for candidate in found] == [("All posts", True), ("By Atom", True)]


CHANNEL = "UCabcdefghijklmnopqrstuv"
VIDEOS = f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"


@pytest.mark.parametrize(
    ("url", "first"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}/about", VIDEOS),
        (
            "https://m.youtube.com/playlist?list=PLabcdefghijklmno",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PLabcdefghijklmno",
        ),
        ("https://www.youtube.com/user/someone", "https://www.youtube.com/feeds/videos.xml?user=someone"),
        ("https://old.reddit.com/r/python/top/?t=day", "https://old.reddit.com/r/python/.rss"),
        ("https://www.reddit.com/u/someone", "https://www.reddit.com/user/someone/.rss"),
        ("https://github.com/o/r.git", "https://github.com/o/r/releases.atom"),
        ("https://github.com/o/r/tags", "https://github.com/o/r/tags.atom"),
        ("https://github.com/o/r/commits/main/", "https://github.com/o/r/commits/main.atom"),
        ("https://github.com/someone", "https://github.com/someone.atom"),
        ("https://gitlab.gnome.org/GNOME/gtk/-/issues", "https://gitlab.gnome.org/GNOME/gtk/-/releases.atom"),
        ("https://codeberg.org/forgejo/forgejo", "https://codeberg.org/forgejo/forgejo/releases.rss"),
        ("https://social.example/@someone", "https://social.example/@someone.rss"),
        ("https://social.example/@someone/1122", "https://social.example/@someone.rss"),
        ("https://here.example/@someone@there.example", "https://there.example/@someone.rss"),
        ("https://lemmy.example/c/world", "https://lemmy.example/feeds/c/world.xml"),
        ("https://someone.substack.com/p/a-post", "https://someone.substack.com/feed"),
        ("https://substack.com/@someone", "https://someone.substack.com/feed"),
        ("https://medium.com/@someone/a-post", "https://medium.com/feed/@someone"),
        ("https://bsky.app/profile/someone.example", "https://bsky.app/profile/someone.example/rss"),
        ("https://someone.wordpress.com/about/", "https://someone.wordpress.com/feed/"),
        ("https://someone.blogspot.com/2024/", "https://someone.blogspot.com/feeds/posts/default"),
        ("https://pypi.org/project/feedparser/", "https://pypi.org/rss/project/feedparser/releases.xml"),
    ],
)
def test_sites_with_conventions_are_known_by_the_address(url: str, first: str) -> None:
    assert urls(url)[0] == first


@pytest.mark.parametrize(
    "tag",
    [
        f'<link rel="canonical" href="https://www.youtube.com/channel/{CHANNEL}">',
        f'<meta property="og:url" content="https://www.youtube.com/channel/{CHANNEL}">',
        f'<meta itemprop="channelId" content="{CHANNEL}">',
        f'<meta itemprop="identifier" content="{CHANNEL}">',
    ],
)
def test_the_page_of_a_handle_names_its_channel(tag: str) -> None:
    assert urls("https://www.youtube.com/@someone", head(tag)) == [VIDEOS]


def test_a_page_cannot_pass_for_one_of_another_site() -> None:
    assert urls("https://evil.example/", head('<link rel="canonical" href="https://github.com/o/r">')) == []


@pytest.mark.parametrize(
    ("tag", "feed"),
    [
        ('<meta name="generator" content="Hugo 0.120.1">', "https://blog.example/index.xml"),
        (
            '<link rel="https://api.w.org/" href="https://blog.example/blog/wp-json/">',
            "https://blog.example/blog/feed/",
        ),
    ],
)
def test_software_is_known_by_what_it_says(tag: str, feed: str) -> None:
    assert urls(BLOG, head(tag)) == [feed]


def test_guesses_are_few_and_begin_beside_the_page() -> None:
    assert [guess.url for guess in guesses("https://a.example")][:2] == [
        "https://a.example/feed",
        "https://a.example/rss.xml",
    ]
    assert "https://a.example/blog/feed.xml" in [guess.url for guess in guesses("https://a.example/blog")]
    found = [guess.url for guess in guesses("https://a.example/alice/index.html?x=1")]
    assert found[0] == "https://a.example/alice/feed"
    assert "https://a.example/feed.json" in found
    assert len(found) == len(set(found)) <= 12


def test_an_address_that_is_none_has_no_candidates() -> None:
    assert candidates("http://[x", head(link("/f"))) == ()
    assert guesses("http://[x") == ()


@pytest.mark.parametrize(
    "html",
    [
        b"<div>" * 400_000,
        b"<a href='" + b"/feed/" * 300_000 + b"'>",
        (b"<a href='" + b"/feed/" * 300 + b"x.html'>RSS</a>") * 1000,
        b"<link rel=alternate type=application/rss+xml href=/f>" * 40_000,
        b"<a href=/rss>" * 150_000,
        b"<" * 2_000_000,
        b"<meta charset=punycode>" + b"-a" * 1_000_000,
        b"\xff\xfe" + b"<\xd8" * 100_000,
    ],
    ids=[
        "deep",
        "long address",
        "long addresses",
        "many links",
        "many anchors",
        "brackets",
        "slow codec",
        "surrogates",
    ],
)
def test_hostile_pages_cost_little(html: bytes) -> None:
    started = process_time()
    assert len(candidates(BLOG, html)) <= 16
    assert process_time() - started < 5
