"""Addresses in published documents: valid, absolute, and without secrets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.publish.addresses import host, identifier, public, uri
from shared import shared


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org/",
        "https://user:secret@example.org:8443/a%20b;c=d?e=f&g=%5B1%5D#h/i?j",
        "https://[2001:db8::1]:8080/x",
        "http://xn--mnchen-3ya.example/",
    ],
)
def test_a_valid_address_stays_as_it_is(url: str) -> None:
    assert uri(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/?a[0]=1|2", "https://example.org/?a%5B0%5D=1%7C2"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/é", "https://example.org/%C3%A9"),
        ('https://example.org/"<>`{}^\\', "https://example.org/%22%3C%3E%60%7B%7D%5E%5C"),
        ("https://example.org/#a#b", "https://example.org/#a%23b"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
    ],
)
def test_what_a_uri_cannot_hold_is_encoded(url: str, expected: str) -> None:
    assert uri(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/a",
        "/a",
        "//example.org/a",
        "https://",
        "https:///a",
        "https:example.org",
        "https://exa mple.org/",
        "https://exa<mple.org/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "feed:https://example.org/",
        " https://example.org/",
    ],
)
def test_what_is_no_address_of_the_web_is_none(url: str) -> None:
    assert uri(url) == ""


@given(st.text().map(lambda text: f"https://example.org/{text}"))
def test_an_address_is_ascii_and_encoded_once(url: str) -> None:
    once = uri(url.encode("utf-8", "replace").decode())
    assert once.startswith("https://example.org/")
    assert once.isascii()
    assert uri(once) == once


def test_secrets_are_not_for_the_public() -> None:
    vectors = json.loads((shared("hostile/vectors") / "redact.json").read_text())["urls"]
    for url, secret in vectors.items():
        assert secret is None or secret not in public(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:secret@example.org/feed?page=1", "https://example.org/feed?page=1"),
        ("https://example.org/feed?page=1#top", "https://example.org/feed?page=1#top"),
        ("https://example.org?mail=a@b", "https://example.org?mail=a@b"),
        ("https://example.org/feed?access_token=secret", ""),
        ("https://example.org/feed?page=1&APIKEY=secret", ""),
        ("file:///home/me/feed.xml", ""),
    ],
)
def test_public_address_of_a_source(url: str, expected: str) -> None:
    assert public(url) == expected


@pytest.mark.parametrize(
    "text",
    [
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "urn:isbn:0451450523",
        "tag:example.org,2004:feed",
        "https://example.org/feed",
        "at://did:plc:abc/app.bsky.feed.post/1",
    ],
)
def test_identifiers(text: str) -> None:
    assert identifier(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "urn:uuid:1225",
        "tag:Example Org,2004:feed",
        "urn:example:a/b",
        "https://example.org/a b",
        "https://example.org/a[1]",
        "https://example.org/é",
        "12345",
        "",
    ],
)
def test_what_identifies_nothing(text: str) -> None:
    assert identifier(text) == ""


def test_hosts() -> None:
    assert host("https://www.example.org:8000/feed") == "example.org"
    assert host("file:///tmp/feed.xml") == ""
