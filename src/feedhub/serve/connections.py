"""Bounds what clients may hold: how many connections, for how long in silence, and how much that they do not read.

uvicorn closes connections that are idle. But one that begins a request and does not end it, sends a body that nobody
reads, or does not read its answer, is never idle; and a connection that nobody can accept any more, because the process
has no file left to open, keeps asyncio busy with nothing but saying so.
"""

from __future__ import annotations

import fcntl
import resource
import sys
import termios
from typing import TYPE_CHECKING, Any

import h11
from msgspec import Struct
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle, Transport

    from uvicorn.config import Config
    from uvicorn.server import ServerState

__all__ = ["BoundedProtocol", "Capacity", "Waiting", "capacity"]

# Connections at the same time, and those that the system may hold ready for us to accept.
MAX_CONNECTIONS, BACKLOG = 2000, 2048
# Files that are opened for anything else: what is served, the store and its index, a refresh.
OTHER_FILES = 128
# Who reads less of an answer than this, in the time after which a silent connection is closed, does not read (bytes).
SLOWEST = 4096


class Capacity(Struct, frozen=True, kw_only=True):
    """How many ``connections`` there may be, and how many more may come at once (``backlog``)."""

    connections: int
    backlog: int


def capacity() -> Capacity:
    """Return what the process has files for, after it has allowed itself as many of them as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + BACKLOG + OTHER_FILES
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    backlog = min(BACKLOG, files // 4)
    return Capacity(connections=min(MAX_CONNECTIONS, max(files - backlog - OTHER_FILES, files // 4)), backlog=backlog)


class Waiting:
    """The connections on which no request is under way, at most ``most`` together with the others.

    Where there is one too many, whoever has waited longest goes.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._queue: dict[BoundedProtocol, None] = {}

    def join(self, connection: BoundedProtocol) -> None:
        """Let a connection wait behind all others."""
        self._queue.pop(connection, None)
        self._queue[connection] = None

    def stay(self, connection: BoundedProtocol) -> None:
        """Let a connection wait where it does already, or else behind all others."""
        self._queue.setdefault(connection)

    def leave(self, connection: BoundedProtocol) -> None:
        """Let a connection wait no more."""
        self._queue.pop(connection, None)

    def make_room(self) -> None:
        """Close the connection that has waited longest."""
        first = next(iter(self._queue))
        self.leave(first)
        first.transport.abort()


class BoundedProtocol(H11Protocol):
    """uvicorn's connection with bounds.

    The time for which uvicorn keeps an idle connection is here also the time that the head of a request, a body that
    nobody reads, and the next `SLOWEST` bytes of an answer may take.
    """

    def __init__(
        self,
        waiting: Waiting,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.waiting = waiting
        self.heard = 0.0
        self._half_since: float | None = None
        self._unread: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for a request, in the place of another connection if there are too many."""
        super().connection_made(transport)
        self.wait(self.timeout_keep_alive)
        self.waiting.join(self)
        if len(self.connections) > self.waiting.most:
            self.waiting.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget everything about this connection."""
        super().connection_lost(exc)
        self.waiting.leave(self)
        self._unset_keepalive_if_required()
        self._watch_no_more()

    def data_received(self, data: bytes) -> None:
        """Take in what was received, and see what is still to come."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """See whether the request was read to its end, and the answer will be."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """Watch whether a client that has much to read does so."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Stop watching a client that reads."""
        super().resume_writing()
        self._watch_no_more()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection unless it was used since the timer was set, which is cheaper than setting it anew."""
        left = self.heard + self.timeout_keep_alive - self.loop.time()
        if left > 0 and self._half_since is None:
            self.wait(left)
            return
        super().timeout_keep_alive_handler()
        self._watch()

    def wait(self, seconds: float) -> None:
        """Close the connection after this time without a request."""
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _look(self) -> None:
        """Set the bounds that fit to where the connection stands."""
        if self.transport.is_closing():
            # What is left to send may take its time, but not for ever.
            self._watch()
            return
        ours, theirs = self.conn.our_state, self.conn.their_state
        is_half = theirs is h11.IDLE and bool(self.conn.trailing_data[0])
        is_unread = ours is h11.DONE and theirs is h11.SEND_BODY
        if is_half or is_unread:
            now = self.loop.time()
            self._half_since = self._half_since or now
            self.waiting.stay(self)
            self.wait(self._half_since + self.timeout_keep_alive - now)
            return
        self._half_since = None
        if theirs is h11.IDLE:
            self.waiting.join(self)
        else:
            self.waiting.leave(self)

    def _watch(self) -> None:
        if self._unread is None and self.transport.get_write_buffer_size():
            self._unread = self.loop.call_later(self.timeout_keep_alive, self._is_read, _unread(self.transport))

    def _watch_no_more(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _is_read(self, before: int) -> None:
        """Leave a client that has read nothing to speak of since there were ``before`` bytes for it."""
        self._unread = None
        if _unread(self.transport) > before - SLOWEST:
            self.transport.abort()
        else:
            self._watch()


def _unread(transport: Transport) -> int:
    """Return how many bytes a client has not taken yet: those that wait here, and where it is known in the kernel."""
    size = transport.get_write_buffer_size()
    try:
        queued = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return size
    return size + int.from_bytes(queued, sys.byteorder)
