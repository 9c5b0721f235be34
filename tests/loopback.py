"""A real HTTP origin on loopback. For tests only: it trusts its caller, keeps everything and bounds nothing."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A request as the origin saw it: ``path`` with its query, header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What stands at a path, with the validators it is answered with ("" for none)."""

    body: bytes
    status: int
    headers: Mapping[str, str]
    etag: str
    last_modified: str
    delay: float

    def unchanged_for(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the client's copy is fresh (RFC 9110 §13.2.2: an entity tag outranks a date)."""
        if "if-none-match" in headers:
            sent = {tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")}
            return bool(self.etag) and (self.etag.removeprefix("W/") in sent or "*" in sent)
        if "if-modified-since" in headers and self.last_modified:
            return parsedate_to_datetime(headers["if-modified-since"]) >= parsedate_to_datetime(self.last_modified)
        return False


@dataclass
class Tally:
    """How many requests are being answered now, and the most there ever were at once."""

    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def leave(self) -> None:
        with self.lock:
            self.now -= 1


class Answer(BaseHTTPRequestHandler):
    """One connection; raw handlers get this object and write to its ``wfile`` what they like."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def answer(self) -> None:
        origin = self.server.origin
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        origin.requests.append(Hit(method=self.command, path=self.path, headers=headers, body=body))
        origin.tally.enter()
        try:
            handler = origin.find(self.path)
            if handler is None:
                self.send_page(Page(body=b"nothing here", status=404, headers={}, etag="", last_modified="", delay=0))
            elif isinstance(handler, Page):
                origin.closing.wait(handler.delay)
                self.send_page(handler)
            else:
                handler(self)
        finally:
            origin.tally.leave()

    do_GET = do_HEAD = do_POST = answer  # noqa: N815 - http.server looks methods up by these names

    def send_page(self, page: Page) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        fresh = page.status == 200 and page.unchanged_for(headers)
        self.send_response(304 if fresh else page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if page.etag:
            self.send_header("ETag", page.etag)
        if page.last_modified:
            self.send_header("Last-Modified", page.last_modified)
        if fresh:
            self.end_headers()
            return
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: `Origin.requests` is the log."""


class Server(ThreadingHTTPServer):
    """The listening socket; remembers its connections so that closing it ends them all."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: str, origin: Origin) -> None:
        self.origin = origin
        self.open: set[socket] = set()
        self.lock = threading.Lock()
        super().__init__((address, 0), Answer)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in socketserver
        with self.lock:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as in socketserver
        with self.lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 - as in socketserver
        # A client that goes away in the middle is what many tests are about; anything else is a broken test.
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.origin.errors.append(error)

    def hang_up(self) -> None:
        with self.lock:
            for connection in self.open:
                with suppress(OSError):
                    connection.shutdown(SHUT_RDWR)


class Origin:
    """An HTTP/1.1 server on a free port of a loopback address, running from ``__enter__`` to ``__exit__``.

    ``requests`` lists every request in order of arrival, ``tally.most`` is the most requests answered at once, and
    ``closing`` is set when the origin ends: raw handlers that wait should wait on it. Leaving the context raises the
    first error a raw handler raised, other than a broken connection.
    """

    def __init__(self, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.requests: list[Hit] = []
        self.errors: list[BaseException] = []
        self.tally = Tally()
        self.closing = threading.Event()
        self.pages: dict[str, Page | Callable[[Answer], None]] = {}
        self.server = Server(address, self)
        self.scheme = "https" if tls else "http"
        if tls:
            # The handshake belongs to the connection's thread: a client that refuses must not stop the others.
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = int(self.server.server_address[1])
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.hang_up()
        self.server.server_close()
        self.thread.join()
        if self.errors and exception[0] is None:
            raise self.errors[0]

    def url(self, path: str, host: str = "") -> str:
        """Return the address of a path, by another name for this machine if ``host`` is given."""
        return f"{self.scheme}://{host or self.address}:{self.port}{path}"

    def serve(  # noqa: PLR0913 - each is one property of a page
        self,
        path: str,
        body: bytes | str,
        *,
        content_type: str = "application/xml",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        etag: bool = True,
        dated: bool = True,
        delay: float = 0,
    ) -> None:
        """Put a page at a path, or replace the one there (its Last-Modified advances by an hour).

        ``delay`` is in seconds. ETag and Last-Modified are answered with 304 when the client has them; ``etag`` and
        ``dated`` turn each off.
        """
        raw = body.encode() if isinstance(body, str) else body
        before = self.pages.get(path)
        moment = EPOCH
        if isinstance(before, Page) and before.last_modified:
            moment = parsedate_to_datetime(before.last_modified) + timedelta(hours=1)
        self.pages[path] = Page(
            body=raw,
            status=status,
            headers={"Content-Type": content_type, **(headers or {})},
            etag=f'"{hashlib.sha256(raw).hexdigest()[:16]}"' if etag else "",
            last_modified=format_datetime(moment, usegmt=True) if dated else "",
            delay=delay,
        )

    def handle(self, path: str, function: Callable[[Answer], None]) -> None:
        """Let a function answer a path: it gets the `Answer` and writes status, headers and body itself."""
        self.pages[path] = function

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        """Answer a path with a redirect."""
        self.serve(path, b"", status=status, headers={"Location": location}, etag=False, dated=False)

    def find(self, path: str) -> Page | Callable[[Answer], None] | None:
        """Find what stands at a request target: as it is, or without its query."""
        return self.pages.get(path) or self.pages.get(path.partition("?")[0])

    def wait_for(self, count: int, seconds: float = 5) -> None:
        """Wait until that many requests have arrived, or fail."""
        end = time.monotonic() + seconds
        while len(self.requests) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.requests)} requests, expected {count}")
            time.sleep(0.005)
