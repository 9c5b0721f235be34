from __future__ import annotations

import json

import pytest

from feedhub.normalize.urls import LONGEST, clean, contact, host, key, mailbox
from shared import shared

BASE = "https://example.org/blog/feed.xml"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("HTTPS://Example.ORG:443/a/../b", "https://example.org/b"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("/a?b=1#c", "https://example.org/a?b=1#c"),
        ("post/1", "https://example.org/blog/post/1"),
        ("//cdn.example.net/x", "https://cdn.example.net/x"),
        ("#note", "https://example.org/blog/feed.xml#note"),
        ("www.example.net/page", "http://www.example.net/page"),
        ("  https://example.org/a\nb ", "https://example.org/ab"),
        ("https://münchen.example/ä?ö", "https://xn--mnchen-3ya.example/%C3%A4?%C3%B6"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://secret@example.org/a", "https://example.org/a"),
        ("http://[2001:DB8::1]/a[1]", "http://[2001:db8::1]/a%5B1%5D"),
        ("https://example.org/a|b?c=[1]^#d#e", "https://example.org/a%7Cb?c=%5B1%5D%5E#d%23e"),
    ],
)
def test_an_address_becomes_absolute_and_a_uri(url: str, expected: str) -> None:
    assert clean(url, BASE) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "javascript:alert(1)",
        "JaVa\tScript:alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:a@example.org",
        "tag:example.org,2024:1",
        "urn:uuid:0",
        "https://",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://example.org/\ud800",
        f"https://example.org/{'a' * LONGEST}",
        f"https://example.org/{'ä' * (LONGEST // 4)}",
    ],
)
def test_an_unusable_address_becomes_nothing(url: str) -> None:
    assert clean(url, BASE) == ""


@pytest.mark.parametrize("base", ["", "feed.xml", "file:///srv/feeds/a.xml", "javascript:0"])
def test_a_relative_address_without_a_usable_base_becomes_nothing(base: str) -> None:
    assert clean("/a", base) == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.example/a?utm_source=rss&utm_medium=feed", "https://e.example/a"),
        ("https://e.example/a?b=2&UTM_Campaign=x&a=1&fbclid=y", "https://e.example/a?b=2&a=1"),
        ("https://e.example/a?b=%7e+%2F&gclid=1&c", "https://e.example/a?b=%7e+%2F&c"),
        ("https://e.example/a?b=1&amp;utm_source=rss", "https://e.example/a?b=1"),
        ("https://e.example/a#xtor=RSS-1", "https://e.example/a"),
        ("https://e.example/a#utm_source=rss&utm_medium=x", "https://e.example/a"),
        ("https://e.example/a?PHPSESSID=1f&b=1", "https://e.example/a?b=1"),
        ("https://e.example/a;jsessionid=1F.node1?b=1", "https://e.example/a?b=1"),
        ("https://e.example/a;JSESSIONID=1F/b;v=1", "https://e.example/a/b;v=1"),
        ("https://e.example/?q=a;jsessionid=1", "https://e.example/?q=a;jsessionid=1"),
        ("https://e;jsessionid=1.example/a;v=1", "https://e;jsessionid=1.example/a;v=1"),
        ("https://e.example/a#ref=rss", "https://e.example/a"),
        ("https://e.example/a#section&utm_source=rss", "https://e.example/a#section&utm_source=rss"),
        ("https://e.example/a?source=rss----1f2---4", "https://e.example/a"),
        ("https://e.example/a?source=archive&ref=42", "https://e.example/a?source=archive&ref=42"),
        ("https://youtu.be/x?si=abc&t=5", "https://youtu.be/x?t=5"),
        ("https://e.example/x?si=abc&t=5", "https://e.example/x?si=abc&t=5"),
        ("https://www.theguardian.com/a?CMP=share", "https://www.theguardian.com/a"),
        ("https://e.example/a?&b=", "https://e.example/a?&b="),
        ("https://e.example/a?matomo=1&pk_id=3", "https://e.example/a?matomo=1&pk_id=3"),
    ],
)
def test_only_tracking_is_removed(url: str, expected: str) -> None:
    assert clean(url) == expected


def test_redirect_pages_are_skipped_however_deep() -> None:
    inner = "https://www.google.com/url?rct=j&url=https://site.example/a%3Fx%3D1%26utm_source%3Dq&ct=ga"
    assert clean(inner) == "https://site.example/a?x=1"
    assert clean(f"https://www.google.com/url?q={inner.replace('&', '%26')}") == "https://site.example/a?x=1"
    assert clean("https://www.google.com/url?q=javascript:0") == "https://www.google.com/url?q=javascript:0"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.example.org/a/", "https://example.org/a"),
        ("https://example.org/index.html", "https://example.org"),
        ("https://example.org/a/index.php?b=1", "https://example.org/a/?b=1"),
        ("https://example.org/a?b=1&c=2", "https://example.org/a?c=2&b=1&utm_source=x"),
        ("https://example.org/%7ea/%e4", "https://example.org/~a/%E4"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/a#:~:text=words", "https://example.org/a"),
        ("https://m.example.org/2024/a-long-slug", "https://example.org/2024/a-long-slug"),
        ("https://amp.example.org/2024/a-long-slug", "https://www.example.org/2024/a-long-slug/amp/"),
        ("https://example.org/2024/a-long-slug?amp=1", "https://example.org/2024/a-long-slug"),
    ],
)
def test_addresses_of_one_page_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "https://example.net/a"),
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/log#v1.2", "https://example.org/log#v1.3"),
        ("https://example.org/#!/news/1", "https://example.org/#!/news/2"),
        ("https://example.org/#/news/1", "https://example.org/#/news/2"),
        ("https://m.example.org/1", "https://example.org/1"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://www.org/a", "https://org/a"),
        ("https://example.org/a?b=%26c", "https://example.org/a?b=&c"),
    ],
)
def test_addresses_of_different_pages_have_different_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_what_has_no_address_has_no_key() -> None:
    assert key("") == key("javascript:0") == key("/a") == ""


def test_a_person_may_have_a_mail_address() -> None:
    assert contact("mailto:a.b+c@example.org?subject=x&bcc=y") == "mailto:a.b+c@example.org"
    assert contact("/about", BASE) == "https://example.org/about"
    assert contact("mailto:javascript:0") == contact("javascript:0") == ""
    assert mailbox(" a@example.org ") == "a@example.org"
    assert mailbox("a@b") == mailbox("a b@example.org") == mailbox(f"{'a' * 300}@example.org") == ""


def test_the_host_tells_sites_apart() -> None:
    assert host("https://www.example.org/a") == host("http://example.org") == "example.org"


def test_no_secret_stays_in_an_address() -> None:
    redact = json.loads(shared("hostile/vectors/redact.json").read_text("utf-8"))
    for url, secret in redact["urls"].items():
        if secret and f"{secret}@" in url:
            assert secret not in clean(url)
