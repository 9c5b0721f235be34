"""Drives libcurl's multi interface by its socket events: one wait over all transfers, however many there are.

Not `CurlMulti.select`, which cannot see file descriptors above 1,023, nor anything beside libcurl's own.
"""

from __future__ import annotations

from math import inf
from select import POLLIN, POLLOUT, poll
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pycurl
from msgspec import Struct

if TYPE_CHECKING:
    from socket import socket

__all__ = ["Engine", "Result"]

# From so many transfers on, so many seconds are spent on gathering events.
MANY, GATHERING = 16, 0.008
EVENTS = {pycurl.POLL_IN: POLLIN, pycurl.POLL_OUT: POLLOUT, pycurl.POLL_INOUT: POLLIN | POLLOUT}


class Result(Struct, frozen=True, kw_only=True):
    """How a transfer ended: libcurl's error code (0 for none) and message."""

    curl: pycurl.Curl
    code: int = 0
    message: str = ""


class Engine:
    """A `CurlMulti` waited for with poll(2); `watched` is one more socket that ends a wait when it becomes readable."""

    def __init__(self, watched: socket, kept_connections: int) -> None:
        self._poll = poll()
        self._watched = watched.fileno()
        self._poll.register(self._watched, POLLIN)
        self._alarm = inf
        self._running = 0
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
        self._multi.setopt(pycurl.M_MAXCONNECTS, kept_connections)

    def add(self, curl: pycurl.Curl) -> None:
        """Start a transfer."""
        self._running += 1
        self._multi.add_handle(curl)

    def remove(self, curl: pycurl.Curl) -> None:
        """End a transfer that has not ended by itself; its connection is closed."""
        self._running -= 1
        self._multi.remove_handle(curl)

    def wait(self, seconds: float) -> list[Result]:
        """Let the transfers go on, waiting at most so long for something to happen; return those that ended."""
        running = self._running
        # With many transfers there is always another one about to have news: taking several at once costs half.
        if seconds and running >= MANY and self._alarm > monotonic() + GATHERING:
            sleep(GATHERING)
        now = monotonic()
        for descriptor, mask in self._poll.poll(1000 * max(0.0, min(seconds, self._alarm - now))):
            if descriptor != self._watched:
                # Whatever else there is to tell (an error, a hang-up), reading or writing will tell it.
                bits = (mask & ~POLLOUT and pycurl.CSELECT_IN) | (mask & ~POLLIN and pycurl.CSELECT_OUT)
                running = self._multi.socket_action(descriptor, bits)[1]
        if self._alarm <= monotonic():
            self._alarm = inf
            running = self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)[1]
        return self._ended() if running < self._running else []

    def close(self) -> None:
        """Close all connections."""
        self._multi.close()

    def _ended(self) -> list[Result]:
        ended: list[Result] = []
        more = 1
        while more:
            more, good, bad = self._multi.info_read()
            ended += (Result(curl=curl) for curl in good)
            ended += (Result(curl=curl, code=code, message=message) for curl, code, message in bad)
        for result in ended:
            self.remove(result.curl)
        return ended

    def _on_socket(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        if what == pycurl.POLL_REMOVE:
            self._poll.unregister(descriptor)
        else:
            self._poll.register(descriptor, EVENTS[what])

    def _on_timer(self, milliseconds: int) -> None:
        self._alarm = inf if milliseconds < 0 else monotonic() + milliseconds / 1000
