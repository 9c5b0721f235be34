"""Drives libcurl's multi interface by its socket events: one wait over all transfers, however many there are.

Not `CurlMulti.select`, which cannot see file descriptors above 1,023, nor anything beside libcurl's own.
"""

from __future__ import annotations

from math import inf
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from time import monotonic
from typing import TYPE_CHECKING

import pycurl
from msgspec import Struct

if TYPE_CHECKING:
    from socket import socket

__all__ = ["Engine", "Result"]

EVENTS = {
    pycurl.POLL_IN: EVENT_READ,
    pycurl.POLL_OUT: EVENT_WRITE,
    pycurl.POLL_INOUT: EVENT_READ | EVENT_WRITE,
}


class Result(Struct, frozen=True, kw_only=True):
    """How a transfer ended: libcurl's error code (0 for none) and message."""

    curl: pycurl.Curl
    code: int = 0
    message: str = ""


class Engine:
    """A `CurlMulti` with its selector; `watched` is one more socket that ends a wait when it becomes readable."""

    def __init__(self, watched: socket, kept_connections: int) -> None:
        self._selector = DefaultSelector()
        self._selector.register(watched, EVENT_READ)
        self._watched = watched.fileno()
        self._known: set[int] = set()
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
        now = monotonic()
        running = self._running
        for key, mask in self._selector.select(max(0.0, min(seconds, self._alarm - now))):
            if key.fd != self._watched:
                bits = (mask & EVENT_READ and pycurl.CSELECT_IN) | (mask & EVENT_WRITE and pycurl.CSELECT_OUT)
                running = self._multi.socket_action(key.fd, bits)[1]
        if self._alarm <= monotonic():
            self._alarm = inf
            running = self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)[1]
        return self._ended() if running < self._running else []

    def close(self) -> None:
        """Close all connections."""
        self._multi.close()
        self._selector.close()

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
            if descriptor in self._known:
                self._known.remove(descriptor)
                self._selector.unregister(descriptor)
        elif descriptor in self._known:
            self._selector.modify(descriptor, EVENTS[what])
        else:
            self._known.add(descriptor)
            self._selector.register(descriptor, EVENTS[what])

    def _on_timer(self, milliseconds: int) -> None:
        self._alarm = inf if milliseconds < 0 else monotonic() + milliseconds / 1000
