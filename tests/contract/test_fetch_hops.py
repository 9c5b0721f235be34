"""Redirects: followed hop by hop, each through the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub.fetch import fetch_all
from feedhub.model import Fetched, FetchSettings, Request
from loopback import Origin

if TYPE_CHECKING:
    from loopback import Answer

SETTINGS = FetchSettings(allow_private=("127.0.0.1", "localhost"), timeout=5)


def fetch(url: str, settings: FetchSettings = SETTINGS) -> Fetched:
    (fetched,) = fetch_all([Request(source_id="s", url=url)], settings)
    return fetched


def code(fetched: Fetched) -> str:
    return fetched.failure.code if fetched.failure else ""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_answering_address_is_told(origin: Origin, status: int) -> None:
    origin.serve("/feed", "<rss/>")
    origin.redirect("/old", "feed?a=1#part", status)
    fetched = fetch(origin.url("/old"))
    assert (fetched.url, fetched.status, fetched.body) == (origin.url("/feed?a=1"), 200, b"<rss/>")
    assert fetched.moved_to == (origin.url("/feed?a=1") if status in {301, 308} else "")


def test_a_move_ends_at_the_first_temporary_redirect(origin: Origin) -> None:
    origin.serve("/feed", "<rss/>")
    for start, end, status in (("/a", "/b", 301), ("/b", "/c", 308), ("/c", "/d", 302), ("/d", "/feed", 301)):
        origin.redirect(start, end, status)
    assert fetch(origin.url("/a")).moved_to == origin.url("/c")
    assert fetch(origin.url("/c")).moved_to == ""


def test_a_circle_ends_at_once(origin: Origin) -> None:
    origin.redirect("/a", "/b")
    origin.redirect("/b", "/a")
    fetched = fetch(origin.url("/a"))
    assert (code(fetched), fetched.status) == ("redirect", 302)
    assert len(origin.requests) == 2


def test_as_many_redirects_as_allowed(origin: Origin) -> None:
    for number in range(9):
        origin.redirect(f"/{number}", f"/{number + 1}")
    origin.serve("/5", "<rss/>")
    assert fetch(origin.url("/0")).status == 200
    origin.redirect("/5", "/6")
    assert code(fetch(origin.url("/0"))) == "redirect"
    assert len(origin.requests) == 12


@pytest.mark.parametrize("headers", [{}, {"Location": ""}])
def test_a_redirect_to_nowhere(origin: Origin, headers: dict[str, str]) -> None:
    origin.serve("/a", b"", status=302, headers=headers)
    assert code(fetch(origin.url("/a"))) == "redirect"


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "data:text/xml,<rss/>",
        "http://127.0.0.2/",
        "http://2130706434/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.2]/",
        "http://169.254.169.254/latest/",
        "http://127.0.0.1@127.0.0.2/",
        "http://127.0.0.1\\@127.0.0.2/",
    ],
)
def test_a_redirect_passes_the_guard(origin: Origin, location: str) -> None:
    origin.redirect("/a", location)
    fetched = fetch(origin.url("/a"))
    assert (code(fetched), fetched.url) == ("refused", origin.url("/a"))


def test_credentials_stay_within_their_origin(origin: Origin) -> None:
    with Origin() as other:
        other.serve("/feed", "<rss/>")
        other.redirect("/back", origin.url("/feed"))
        origin.serve("/feed", "<rss/>")
        origin.redirect("/near", "/feed")
        origin.redirect("/away", other.url("/feed"))
        origin.redirect("/there-and-back", other.url("/back"))
        for path in ("/near", "/away", "/there-and-back"):
            assert fetch(origin.url(path, host="user:S3cret@127.0.0.1")).status == 200
        sent = [(hit.path, "authorization" in hit.headers) for hit in origin.requests]
        assert sent == [
            ("/near", True),
            ("/feed", True),
            ("/away", True),
            ("/there-and-back", True),
            ("/feed", False),
        ]
        assert not any("authorization" in hit.headers for hit in other.requests)


def test_credentials_in_a_location_count_for_nothing(origin: Origin) -> None:
    origin.serve("/feed", "<rss/>")
    origin.redirect("/a", origin.url("/feed", host="evil:S3cret@127.0.0.1"), 301)
    fetched = fetch(origin.url("/a"))
    assert (fetched.url, fetched.moved_to) == (origin.url("/feed"), origin.url("/feed"))
    assert "authorization" not in origin.requests[1].headers


def test_the_body_of_a_redirect_is_not_read(origin: Origin) -> None:
    sent = []

    def endless(answer: Answer) -> None:
        answer.send_response(302)
        answer.send_header("Location", "/feed")
        answer.end_headers()
        for _ in range(1000):
            answer.wfile.write(b"x" * 65536)
            sent.append(1)

    origin.handle("/a", endless)
    origin.serve("/feed", "<rss/>")
    assert fetch(origin.url("/a")).status == 200
    assert len(sent) < 200


def test_a_location_in_raw_utf8_is_read_as_such(origin: Origin) -> None:
    origin.redirect("/a", "/café x".encode().decode("latin-1"))
    origin.serve("/caf%C3%A9%20x", "<rss/>")
    assert fetch(origin.url("/a")).url == origin.url("/caf%C3%A9%20x")
