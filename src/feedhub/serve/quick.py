"""Answers the commonest request of all without the usual way through h11, uvicorn and the application.

Most requests to a server of feeds ask whether a document is still the one that the reader has, and mostly it is. Such
a request is recognised by its bytes, and what has anything unusual about it is declined: then it goes the usual way,
which would have given the same answer. A test holds the two together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import h11

from feedhub.serve.conditions import coding, judge
from feedhub.serve.connections import BoundedProtocol
from feedhub.serve.files import NOT_MODIFIED, below, kept_headers
from feedhub.serve.library import INDEX

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from feedhub.serve.connections import Waiting
    from feedhub.serve.files import Files
    from feedhub.serve.library import Representation, Resource
    from feedhub.serve.status import Counts

__all__ = ["Quick", "QuickProtocol"]

# One whole GET of HTTP/1.1 and nothing after it, for a path without escapes; headers as RFC 9112 §5 has them.
HEAD = re.compile(r"GET (/[A-Za-z0-9._/-]*) HTTP/1\.1\r\n((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*\r\n)+)\r\n")
# With these, more is asked for than whether the document is still the same; or the request does not end here.
MORE = frozenset(
    {
        "content-length",
        "expect",
        "if-match",
        "if-unmodified-since",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


KEEP_ALIVE = "keep-alive"


class Quick:
    """Knows the whole answers to conditional requests for files that are in memory and have not changed."""

    def __init__(self, files: Files, counts: Counts) -> None:
        self._files = files
        self._counts = counts

    def answer(self, request: bytes) -> bytes | None:
        """Return a 304 (RFC 9110 §15.4.5) without its Date and the empty line; None where the usual way is needed."""
        found = HEAD.fullmatch(request.decode("latin-1"))
        if found is None:
            return None
        asked = _headers(found[2])
        if asked is None or "host" not in asked or asked.get("connection", KEEP_ALIVE).lower() != KEEP_ALIVE:
            return None
        path = below(found[1], self._files.prefix)[1:]
        resource = self._files.library.kept(path if path and path[-1] != "/" else path + INDEX)
        if resource is None:
            return None
        chosen = resource.coded.get(coding(asked["accept-encoding"]) if "accept-encoding" in asked else "")
        if chosen is None:
            return None
        if asked.get("if-none-match") != chosen.validators.etag and judge(asked, chosen.validators) != NOT_MODIFIED:
            return None
        self._counts.requests[NOT_MODIFIED] += 1
        return _not_modified(resource, chosen)


class QuickProtocol(BoundedProtocol):
    """uvicorn's connection, with bounds and with a look at each request before h11 gets it."""

    def __init__(
        self,
        quick: Quick,
        waiting: Waiting,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(waiting, config, server_state, app_state, _loop)
        self._quick = quick

    def data_received(self, data: bytes) -> None:
        """Answer at once what can be, if nothing else is under way on this connection."""
        conn = self.conn
        if conn.their_state is conn.our_state is h11.IDLE and not conn.trailing_data[0] and not self.flow.write_paused:
            known = self._quick.answer(data)
            if known is not None:
                headers = b"".join(b"%s: %s\r\n" % header for header in self.server_state.default_headers)
                self.transport.write(known + headers + b"\r\n")
                self.server_state.total_requests += 1
                self.heard = self.loop.time()
                self.waiting.join(self)
                if self.timeout_keep_alive_task is None:
                    self.wait(self.timeout_keep_alive)
                return
        super().data_received(data)


def _headers(lines: str) -> dict[str, str] | None:
    """Return headers by lower-case name, or None where one stands twice or asks for more than can be given here."""
    asked: dict[str, str] = {}
    for line in lines.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in asked or name in MORE:
            return None
        asked[name] = value.strip(" \t")
    return asked


def _not_modified(resource: Resource, chosen: Representation) -> bytes:
    known = resource.not_modified.get(chosen.coding)
    if known is None:
        lines = b"".join(b"%s: %s\r\n" % header for header in kept_headers(resource, chosen))
        known = resource.not_modified[chosen.coding] = b"HTTP/1.1 304 Not Modified\r\n" + lines
    return known
