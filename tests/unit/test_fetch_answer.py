"""Response heads and what a status means for a feed."""

from __future__ import annotations

import gzip

import pytest

from feedhub.errors import FetchError
from feedhub.fetch.answer import Head, final_status, judge, read_head


def lines(text: str) -> list[bytes]:
    return [line.encode("latin-1") + b"\r\n" for line in text.split("\n")]


def test_the_last_whole_head_counts() -> None:
    head = read_head(
        lines('HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/2 200\nETag:  "a" \nX: caf\xe9\nEtag: b\n\nTrailer: z')
    )
    assert head == Head(status=200, headers=(("etag", '"a"'), ("x", "caf\xe9"), ("etag", "b")))
    assert head.get("etag") == '"a"'
    assert head.get("absent") == ""


def test_a_folded_header_is_one_header() -> None:
    head = read_head(lines("HTTP/1.1 200 OK\nX: a\n  b\n\tc\n"))
    assert head is not None
    assert head.headers == (("x", "a b c"),)


@pytest.mark.parametrize("text", ["", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\nX: y", "HTTP/1.1 100 Continue\n", "X: y\n"])
def test_a_head_that_is_not_whole_is_none(text: str) -> None:
    assert read_head(lines(text) if text else []) is None


def test_a_head_is_bounded() -> None:
    with pytest.raises(FetchError) as caught:
        read_head(lines("HTTP/1.1 200 OK\n" + "X: y\n" * 300))
    assert caught.value.code == "protocol"
    with pytest.raises(FetchError):
        read_head(lines("HTTP/1.1 200 OK\nX: " + "y" * 70_000 + "\n"))


def test_the_status_is_known_before_the_head_is_read() -> None:
    assert final_status(lines("HTTP/1.1 103 Early Hints\n\nHTTP/1.1 404 Not Found\nX: y")) == 404
    assert final_status(lines("HTTP/1.1 100 Continue\n")) == 0
    assert final_status([]) == 0


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (204, "empty"),
        (205, "empty"),
        (206, "protocol"),
        (201, "http-201"),
        (300, "http-300"),
        (401, "http-401"),
        (404, "http-404"),
        (410, "gone"),
        (429, "rate-limited"),
        (500, "http-500"),
        (503, "http-503"),
        (999, "protocol"),
        (0, "protocol"),
    ],
)
def test_reason_codes_by_status(status: int, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        judge(Head(status=status, headers=()), b"", conditional=True)
    assert caught.value.code == code


def test_304_answers_only_a_condition() -> None:
    head = Head(status=304, headers=())
    judge(head, b"", conditional=True)
    with pytest.raises(FetchError) as caught:
        judge(head, b"", conditional=False)
    assert caught.value.code == "protocol"


@pytest.mark.parametrize("status", [200, 203, 226])
def test_success(status: int) -> None:
    judge(Head(status=status, headers=()), b"", conditional=False)


@pytest.mark.parametrize(
    ("status", "header", "body", "code"),
    [
        (403, "server", b"<h1>Forbidden</h1>", "http-403"),
        (403, "server", b"<title>Just a moment...</title>", "blocked"),
        (503, "server", gzip.compress(b"<p>Checking your browser</p>", mtime=0), "blocked"),
        (403, "cf-mitigated", b"", "blocked"),
        (202, "sg-captcha", b'<meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/">', "blocked"),
        (403, "x-vercel-mitigated", b"<title>Vercel Security Checkpoint</title>", "blocked"),
        (403, "server", b'<script id="anubis_challenge" type="application/json">{}</script>', "blocked"),
        (403, "server", b"<title>One moment, please...</title>", "blocked"),
        (429, "cf-mitigated", b"", "rate-limited"),
        (410, "server", b"<title>Just a moment...</title>", "gone"),
    ],
)
def test_a_challenge_is_told_from_a_refusal(status: int, header: str, body: bytes, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        judge(Head(status=status, headers=((header, "x"),)), body, conditional=False)
    assert caught.value.code == code
