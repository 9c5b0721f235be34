"""Answers that no honest server gives, byte for byte: what each of them is taken for."""

from __future__ import annotations

import gzip
import threading
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest

from feedhub import Hub, load
from feedhub.fetch import fetch_all
from feedhub.model import Fetched, FetchSettings, Request
from loopback import Origin

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Answer

BODY = b'<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>One</title></item></channel></rss>'
CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
DEFLATED = zlib.compressobj(wbits=-15)
RAW_DEFLATE = DEFLATED.compress(BODY) + DEFLATED.flush()
DAMAGED = gzip.compress(BODY, mtime=0)[:-5] + b"\0\0\0\0\0"
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"


def sized(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def fetch(origin: Origin, answer: bytes) -> Fetched:
    """Return what is made of a server that answers with these bytes and hangs up."""

    def handler(connection: Answer) -> None:
        connection.wfile.write(answer)
        connection.close_connection = True

    origin.handle("/feed", handler)
    settings = FetchSettings(allow_private=("127.0.0.1",), timeout=30)
    (fetched,) = fetch_all([Request(source_id="s", url=origin.url("/feed"))], settings)
    return fetched


GOOD = {
    "hints before the answer": HINT * 20 + sized(BODY),
    "headers after the body": CHUNKED + b"Trailer: ETag\r\n\r\n" + CHUNK + b'0\r\nETag: "late"\r\nLocation: /b\r\n\r\n',
    "a length beside chunks": CHUNKED + b"Content-Length: 5\r\n\r\n" + CHUNK + b"0\r\n\r\n",
    "an answer nobody asked for": sized(BODY) + sized(b"<rss>other</rss>"),
    "HTTP/1.0 without a length": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Type: text/xml\n\n" + BODY,
    "a status without words": b"HTTP/1.1 200\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY,
    "gzip in several members": sized(gzip.compress(BODY[:40]) + gzip.compress(BODY[40:]), b"Content-Encoding: gzip"),
    "codings line by line": sized(
        gzip.compress(brotli.compress(BODY)), b"Content-Encoding: br", b"Content-Encoding: gzip"
    ),
    "zeros behind gzip": sized(gzip.compress(BODY) + bytes(512), b"Content-Encoding: gzip"),
    "raw deflate": sized(RAW_DEFLATE, b"Content-Encoding: deflate"),
    "a coding that is a charset": sized(BODY, b"Content-Encoding: utf-8"),
    "a refresh to elsewhere": sized(BODY, b"Refresh: 0; url=http://127.0.0.2/"),
}


@pytest.mark.parametrize("name", GOOD)
def test_odd_answers_that_hold_the_document(origin: Origin, name: str) -> None:
    fetched = fetch(origin, GOOD[name])
    assert (fetched.failure, fetched.body) == (None, BODY)
    assert not {"etag", "location"} & dict(fetched.headers).keys()


BAD = {
    "cut chunks": (CHUNKED + b"\r\n" + CHUNK, "truncated"),
    "a chunk longer than anything": (CHUNKED + b"\r\nFFFFFFFFFFFFFFFFFF\r\n" + BODY, "truncated"),
    "a chunk of negative length": (CHUNKED + b"\r\n-5\r\n" + BODY, "truncated"),
    "trailers without end": (CHUNKED + b"\r\n" + CHUNK + b"0\r\n" + b"X: y\r\n" * 5000 + b"\r\n", "protocol"),
    "a coding of the transfer": (CHUNKED.replace(b"chunked", b"gzip, chunked") + b"\r\n", "protocol"),
    "two lengths": (sized(BODY, b"Content-Length: 5"), "protocol"),
    "a negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + BODY, "protocol"),
    "a length beyond all numbers": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "too-large"),
    "too long a length": (sized(BODY)[:-1], "truncated"),
    "HTTP/0.9": (BODY, "protocol"),
    "a radio": (b"ICY 200 OK\r\n\r\n" + BODY, "protocol"),
    "hints for ever": (HINT * 1000 + sized(BODY), "protocol"),
    "another protocol": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + BODY, "protocol"),
    "no status": (b"HTTP/1.1 2xx OK\r\n\r\n" + BODY, "protocol"),
    "a status beyond all": (sized(BODY, status=b"999 Denied"), "protocol"),
    "a part": (sized(BODY, b"Content-Range: bytes 0-9/99", status=b"206 Partial Content"), "protocol"),
    "not modified, with a body": (sized(BODY, status=b"304 Not Modified"), "protocol"),
    "a choice": (sized(BODY, b"Location: /b", status=b"300 Multiple Choices"), "http-300"),
    "a target in a zone": (sized(b"", b"Location: http://[fe80::1%25lo]/", status=b"302 Found"), "refused"),
    "this machine in wide digits": (
        sized(b"", "Location: http://１２７.0.0.2/".encode(), status=b"302 Found"),
        "refused",
    ),
    "a header with U+0000": (sized(BODY, b"X: a\0b"), "protocol"),
    "gzip with a wrong checksum": (sized(DAMAGED, b"Content-Encoding: gzip"), "encoding"),
    "a name without end in gzip": (
        sized(b"\x1f\x8b\x08\x08" + bytes(6) + b"A" * 500_000, b"Content-Encoding: gzip"),
        "encoding",
    ),
    "brotli with a bomb in it": (sized(brotli.compress(bytes(50_000_000)), b"Content-Encoding: br"), "too-large"),
    "a coding nobody asked for": (sized(b"\x28\xb5\x2f\xfd" + bytes(99), b"Content-Encoding: zstd"), "encoding"),
    "nothing": (sized(b""), "empty"),
    "nothing, compressed": (sized(gzip.compress(b""), b"Content-Encoding: gzip"), "empty"),
    "no answer": (b"", "protocol"),
}


@pytest.mark.parametrize("name", BAD)
def test_answers_that_are_none(origin: Origin, name: str) -> None:
    answer, code = BAD[name]
    fetched = fetch(origin, answer)
    assert fetched.failure is not None
    assert (fetched.failure.code, fetched.body) == (code, b"")


def test_redirects_from_host_to_host_end(origin: Origin) -> None:
    settings = FetchSettings(allow_private=("127.0.0.1", "127.0.0.2"), timeout=30)
    with Origin("127.0.0.2") as other:
        turns = threading.Lock()
        count = [0]

        def onward(connection: Answer) -> None:
            with turns:
                count[0] += 1
                target = (origin, other)[count[0] % 2].url(f"/{count[0]}")
            connection.wfile.write(sized(b"", b"Location: " + target.encode(), status=b"301 Moved Permanently"))

        for number in range(20):
            for each in (origin, other):
                each.handle(f"/{number}", onward)
        (fetched,) = fetch_all([Request(source_id="s", url=origin.url("/0"))], settings)
    assert fetched.failure is not None
    assert fetched.failure.code == "redirect"
    assert count[0] == settings.max_redirects + 1


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (b"<!DOCTYPE html><title>Just a moment...</title><script src='/cdn-cgi/'></script>", "blocked"),
        (b"<!DOCTYPE html><title>Contact</title><form class='g-recaptcha'></form>", "not-a-feed"),
        (
            b"<!DOCTYPE html><link rel=alternate type='application/rss+xml' href='/rss'><p>Checking your browser?",
            "not-a-feed",
        ),
    ],
    ids=["wall", "form", "page with a feed"],
)
def test_a_wall_may_be_served_as_a_success(tmp_path: Path, origin: Origin, page: bytes, code: str) -> None:
    origin.serve("/feed", page, content_type="text/html")
    path = tmp_path / "config.toml"
    path.write_text(f'[fetch]\nallow_private = ["127.0.0.1"]\n[[source]]\nid = "s"\nurl = "{origin.url("/feed")}"\n')
    with Hub(load(path)) as hub:
        (result,) = hub.refresh()
    assert result.failure is not None
    assert result.failure.code == code
