"""Looks host names up in threads of its own.

libcurl's threaded resolver has twenty threads that a name server which never answers holds for ten seconds and more;
a dozen dead names then time the living ones out. Here a lookup waits without its deadline running, each host is
looked up once in a run, and closing does not wait for threads that are stuck.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread

from msgspec import Struct

__all__ = ["Lookup", "Names"]

MAX_THREADS = 64


class Lookup(Struct, frozen=True, kw_only=True):
    """The addresses of a host in the order to try them, or why there are none."""

    host: str
    addresses: tuple[str, ...] = ()
    error: str = ""


class Names:
    """Resolves host names; `socket` becomes readable when there are answers to `collect`."""

    def __init__(self) -> None:
        self.socket, self._bell = socket.socketpair()
        self.socket.settimeout(0)
        self._bell.settimeout(0)
        self._questions: SimpleQueue[str] = SimpleQueue()
        self._answers: SimpleQueue[Lookup] = SimpleQueue()
        self._threads = 0
        self._closing = Lock()
        self._closed = False
        self.pending = 0

    @property
    def busy(self) -> bool:
        """Whether another question would wait for a thread."""
        return self.pending >= MAX_THREADS

    def ask(self, host: str) -> None:
        """Start looking a host up."""
        self.pending += 1
        if self._threads < self.pending:
            self._threads += 1
            Thread(target=self._work, name="feedhub-names", daemon=True).start()
        self._questions.put(host)

    def collect(self) -> list[Lookup]:
        """Return the answers that have come since the last call."""
        with suppress(BlockingIOError):
            self.socket.recv(4096)
        found = []
        while not self._answers.empty():
            found.append(self._answers.get())
        self.pending -= len(found)
        return found

    def close(self) -> None:
        """Let the threads end, each when its lookup does."""
        for _ in range(self._threads):
            self._questions.put("")
        with self._closing:
            self._closed = True
            self.socket.close()
            self._bell.close()

    def _work(self) -> None:
        while host := self._questions.get():
            self._answers.put(_look_up(host))
            # Held, so that a descriptor which close() gives back is not written to by its next owner's name.
            with self._closing, suppress(BlockingIOError):
                if not self._closed:
                    self._bell.send(b"\0")


def _look_up(host: str) -> Lookup:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Lookup(host=host, error=getattr(error, "strerror", None) or "not a host name")
    return Lookup(host=host, addresses=tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))
