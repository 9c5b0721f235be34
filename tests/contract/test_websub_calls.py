"""Calls to hubs meet the same hostile world as the crawl does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from feedhub.errors import FetchError
from feedhub.fetch.calls import post
from feedhub.model import FetchSettings

if TYPE_CHECKING:
    from loopback import Answer, Origin

LOCAL = FetchSettings(allow_private=("127.0.0.1",), timeout=15.0)
FIELDS = {"hub.mode": "subscribe", "hub.topic": "https://a.example/ä&b"}


def refused(url: str, settings: FetchSettings, *, named_by: str = "") -> str:
    with pytest.raises(FetchError) as caught:
        post(url, FIELDS, settings, named_by=named_by or url)
    return caught.value.code


def test_form_fields_are_sent_and_the_answer_told(origin: Origin) -> None:
    origin.serve("/hub", "no such \x1b topic", status=400)
    answer = post(origin.url("/hub"), FIELDS, LOCAL, named_by=origin.url("/feed"))
    assert (answer.status, answer.text) == (400, "no such \\x1b topic")
    (hit,) = origin.requests
    assert (hit.method, hit.body) == ("POST", b"hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2F%C3%A4%26b")
    assert hit.headers["content-type"] == "application/x-www-form-urlencoded"


def test_private_hosts_are_refused_unless_the_operator_named_them(origin: Origin) -> None:
    origin.serve("/hub", "")
    assert refused(origin.url("/hub"), FetchSettings(ports=(origin.port,))) == "refused"
    assert refused(origin.url("/hub"), LOCAL, named_by="https://a.example/feed") == "refused"
    by_name = FetchSettings(ports=(origin.port,), timeout=15.0)
    assert refused(origin.url("/hub", "localhost.localdomain"), by_name) in {"refused", "dns"}
    assert refused("ftp://a.example/", LOCAL) == "refused"
    assert origin.requests == []


def test_a_hub_that_moved_is_sent_the_same_form(origin: Origin) -> None:
    origin.redirect("/hub", "/moved?a=b", status=307)
    origin.redirect("/moved?a=b", origin.url("/new"), status=308)
    origin.serve("/new", "yes", status=202)
    assert post(origin.url("/hub"), FIELDS, LOCAL, named_by=origin.url("/feed")).status == 202
    assert [(hit.method, hit.path) for hit in origin.requests] == [
        ("POST", "/hub"),
        ("POST", "/moved?a=b"),
        ("POST", "/new"),
    ]
    assert len({hit.body for hit in origin.requests}) == 1


@pytest.mark.parametrize("status", [301, 302, 303])
def test_other_redirects_are_answers(origin: Origin, status: int) -> None:
    origin.redirect("/hub", "/moved", status=status)
    assert post(origin.url("/hub"), FIELDS, LOCAL, named_by=origin.url("/feed")).status == status
    assert len(origin.requests) == 1


def test_a_hub_is_not_followed_for_ever(origin: Origin) -> None:
    origin.redirect("/hub", "/hub", status=308)
    assert post(origin.url("/hub"), FIELDS, LOCAL, named_by=origin.url("/feed")).status == 308
    assert len(origin.requests) == 4


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "http://10.0.0.1/", "http://[::ffff:127.0.0.2]/", "//a.example:22/"]
)
def test_a_hub_cannot_redirect_past_the_guard(origin: Origin, place: str) -> None:
    origin.redirect("/hub", place, status=307)
    assert refused(origin.url("/hub"), LOCAL) == "refused"


def test_the_endless_body_of_a_redirect_is_not_read(origin: Origin) -> None:
    def endless(answer: Answer) -> None:
        answer.send_response(307)
        answer.send_header("Location", origin.url("/elsewhere"))
        answer.end_headers()
        while not origin.closing.is_set():
            answer.wfile.write(b"x" * 65536)

    origin.handle("/hub", endless)
    begun = time.monotonic()
    answer = post(origin.url("/hub"), FIELDS, LOCAL, named_by=origin.url("/feed"))
    assert answer.status == 404
    assert time.monotonic() - begun < 10
    assert [hit.path for hit in origin.requests] == ["/hub", "/elsewhere"]


def test_an_answer_that_breaks_off_counts_by_its_status(origin: Origin) -> None:
    def cut(answer: Answer) -> None:
        answer.send_response(202)
        answer.send_header("Transfer-Encoding", "chunked")
        answer.end_headers()
        answer.wfile.write(b"no length of a chunk\r\n")

    origin.handle("/hub", cut)
    assert post(origin.url("/hub"), FIELDS, LOCAL, named_by=origin.url("/feed")).status == 202


def test_a_header_that_drips_ends_with_the_time(origin: Origin) -> None:
    def drip(answer: Answer) -> None:
        answer.wfile.write(b"HTTP/1.1 202 Accepted\r\n")
        while not origin.closing.wait(0.2):
            answer.wfile.write(b"X-A: b\r\n"[:1])

    origin.handle("/hub", drip)
    begun = time.monotonic()
    assert refused(origin.url("/hub"), FetchSettings(allow_private=("127.0.0.1",), timeout=1.0)) == "timeout"
    assert time.monotonic() - begun < 10


def test_what_is_no_http_or_not_there_is_told_apart(origin: Origin) -> None:
    origin.handle("/hub", lambda answer: answer.wfile.write(b"hello\r\n\r\n"))
    assert refused(origin.url("/hub"), LOCAL) == "protocol"
    assert refused("http://127.0.0.1:9/hub", LOCAL) == "connect"
    assert refused("https" + origin.url("/hub")[4:], LOCAL) in {"tls", "protocol"}
