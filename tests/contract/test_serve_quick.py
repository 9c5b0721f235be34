"""The quick way of answering says exactly what the usual way says, and declines whatever is unusual."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest
import uvicorn
from uvicorn.server import ServerState

from feedhub.serve.connections import Waiting
from feedhub.serve.files import Files
from feedhub.serve.library import Library
from feedhub.serve.quick import Quick, QuickProtocol
from feedhub.serve.status import Counts
from program import Program
from serving import Serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEED = """<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
<item><guid>1</guid><title>Title</title><link>https://a.example/1</link>
<pubDate>Mon, 01 Jan 2024 00:00:00 GMT</pubDate><description>text</description></item></channel></rss>"""
# Sent twice, this makes the quick way decline, and means nothing to anybody.
USUAL = "X-A: 1\r\nX-A: 2\r\n"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "a.rss").write_text(FEED)
    Program(folder).configure(["a.rss"])
    Program(folder).run("refresh")
    (folder / "published" / "index.html").write_text("<!doctype html><title>x</title>")
    with Serving(folder) as running:
        yield running


def exchange(serving: Serving, *requests: bytes) -> tuple[bytes, dict[str, str]]:
    """Send requests on one connection, and return the last status line and its headers but the date."""
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as connection:
        head, body = b"", b""
        for request in requests:
            connection.sendall(request)
            data = body[int(length[1]) :] if (length := re.search(rb"content-length: (\d+)", head)) and body else b""
            while b"\r\n\r\n" not in data:
                received = connection.recv(65536)
                assert received, data
                data += received
            head, _, body = data.partition(b"\r\n\r\n")
            expected = re.search(rb"content-length: (\d+)", head)
            while expected and b" 304 " not in head and len(body) < int(expected[1]):
                body += connection.recv(65536)
        status, *lines = head.split(b"\r\n")
        headers = dict(line.decode("latin-1").split(": ", 1) for line in lines)
        assert headers.pop("date")
        return status, headers


def asked(path: str, *lines: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: a.example", *lines, "", "")).encode("latin-1")


@pytest.mark.parametrize("path", ["/all.atom", "/all.json", "/sources.opml", "/index.html", "/"])
@pytest.mark.parametrize("coding", ["", "gzip", "br, gzip", "gzip;q=0", "*;q=0.5"])
def test_both_ways_give_the_same_answer(serving: Serving, path: str, coding: str) -> None:
    accepted = (f"Accept-Encoding: {coding}",) if coding else ()
    _, known = exchange(serving, asked(path, *accepted))
    tag, date = known["etag"], known["last-modified"]
    for lines in (
        (f"If-None-Match: {tag}",),
        (f"if-none-match:   W/{tag}  ",),
        (f'If-None-Match: "other", {tag}',),
        ("If-None-Match: *",),
        ('If-None-Match: "other"',),
        ('If-None-Match: "other"', f"If-Modified-Since: {date}"),
        (f"If-Modified-Since: {date}",),
        ("If-Modified-Since: Mon, 01 Jan 1990 00:00:00 GMT",),
        ("If-Modified-Since: garbage",),
        (f"If-None-Match: {tag}", "Connection: keep-alive"),
        (f"If-None-Match: {tag}", "A-IM: feed"),
        (f"If-None-Match: {tag}", "Range: bytes=0-3"),
        (f"If-None-Match: {tag}", 'If-Match: "other"'),
    ):
        quick = exchange(serving, asked(path, *accepted, *lines))
        usual = exchange(serving, asked(path, *accepted, *lines, *USUAL.split("\r\n")[:-1]))
        assert quick == usual, lines


def test_both_ways_share_one_connection(serving: Serving) -> None:
    _, known = exchange(serving, asked("/all.atom"))
    same = asked("/all.atom", f"If-None-Match: {known['etag']}")
    status, headers = exchange(serving, same, asked("/all.atom"), same, same, asked("/none.atom"), same)
    assert (status, headers["etag"]) == (b"HTTP/1.1 304 Not Modified", known["etag"])


def test_two_requests_in_one_packet_are_answered_in_order(serving: Serving) -> None:
    _, known = exchange(serving, asked("/all.atom"))
    same = asked("/all.atom", f"If-None-Match: {known['etag']}")
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as connection:
        connection.sendall(same + asked("/none.atom") + same)
        told = b""
        while told.count(b"HTTP/1.1") < 3:
            told += connection.recv(65536)
    assert re.findall(rb"HTTP/1.1 (\d+)", told) == [b"304", b"404", b"304"]


def test_what_it_answers_is_counted(serving: Serving) -> None:
    def counted() -> int:
        found = re.search(rb'requests_total\{status="304"\} (\d+)', serving.get("/metrics").body)
        return int(found[1]) if found else 0

    _, known = exchange(serving, asked("/all.atom"))
    before = counted()
    same = asked("/all.atom", f"If-None-Match: {known['etag']}")
    exchange(serving, same, same)
    assert counted() == before + 2


class Alone:
    """The quick way alone over one file in memory."""

    def __init__(self, folder: Path, prefix: str = "/") -> None:
        (folder / "all.txt").write_text("text")
        library = Library(folder)
        self.tag = library.read("all.txt").plain.validators.etag
        self.quick = Quick(Files(library, prefix), Counts())

    def ask(self, text: str) -> bytes | None:
        return self.quick.answer(text.format(tag=self.tag).encode("latin-1"))


@pytest.mark.parametrize(
    "request_",
    [
        "HEAD /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET /all.txt HTTP/1.0\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\nContent-Length: 1\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match : {tag}\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n folded\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\nIf-None-Match: {tag}\r\n\r\n",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\nmore",
        "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n",
        "GET /all.txt?x HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET /%61ll.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET /./all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET //all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        "GET http://a/all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n",
        'GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: "other"\r\n\r\n',
    ],
)
def test_what_is_unusual_or_no_304_is_declined(tmp_path: Path, request_: str) -> None:
    files = Alone(tmp_path)
    assert files.ask("GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n")
    assert files.ask(request_) is None


def test_a_file_that_changed_or_went_is_declined(tmp_path: Path) -> None:
    files = Alone(tmp_path)
    same = "GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n"
    assert files.ask(same)
    (tmp_path / "all.txt").unlink()
    resource = files.quick._files.library._kept["all.txt"]  # noqa: SLF001 - as if some time had passed
    resource.looked = 0.0
    assert files.ask(same) is None


def test_the_path_of_the_site_counts_and_does_not(tmp_path: Path) -> None:
    files = Alone(tmp_path, prefix="/news/")
    for path in ("/all.txt", "/news/all.txt"):
        assert files.ask(f"GET {path} HTTP/1.1\r\nHost: a\r\nIf-None-Match: {{tag}}\r\n\r\n")


def test_whoever_says_nothing_or_little_is_shown_out(tmp_path: Path) -> None:
    files = Alone(tmp_path)
    whole = b"GET /all.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + files.tag.encode() + b"\r\n\r\n"

    async def app(scope: object, receive: object, send: object) -> None:
        raise NotImplementedError

    async def lasted(port: int, *pieces: bytes) -> float:
        """Send pieces, a tenth of a second apart, and return for how long the connection lasted."""
        begun = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        end = asyncio.create_task(reader.read())
        for piece in pieces:
            if not end.done():
                writer.write(piece)
                await asyncio.wait({end}, timeout=0.1)
        with suppress(ConnectionError):
            await asyncio.wait_for(end, 30)
        writer.close()
        return time.monotonic() - begun

    async def run() -> list[float]:
        config = uvicorn.Config(app, timeout_keep_alive=1, log_config=None, lifespan="off")
        config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        made = partial(QuickProtocol, files.quick, Waiting(100), config, state, {})
        server = await loop.create_server(made, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.gather(
                lasted(port),
                lasted(port, b"GET / HT"),
                lasted(port, *(b"GET /all.txt HTTP/1.1\r\n", *[b"X-A: b\r\n"] * 40)),
                lasted(port, *[whole] * 20),
            )

    *silent, busy = asyncio.run(run())
    assert all(0.9 < seconds < 15 for seconds in silent), silent
    assert busy > 2.5, "who asks goes on"
