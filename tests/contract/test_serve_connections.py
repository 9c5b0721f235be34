"""Clients that say nothing, say it slowly, do not read or are too many get no more than their share."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest
import uvicorn
from uvicorn.server import ServerState

from feedhub.serve.connections import Waiting, capacity
from feedhub.serve.files import Files
from feedhub.serve.library import Library
from feedhub.serve.quick import Quick, QuickProtocol
from feedhub.serve.status import Counts
from program import Program
from serving import Serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

LARGE = 24 * 1024 * 1024
HEAD = b"GET /all.txt HTTP/1.1\r\nHost: a\r\n"


class Here:
    """The server's connections in this process over one folder, with a patience of so many seconds."""

    def __init__(self, folder: Path, *, most: int = 100, patience: int = 1) -> None:
        self.patience = patience
        self.files = Files(Library(folder), "/")
        self.waiting = Waiting(most)
        self.state = ServerState()
        self.port = 0

    def run(self, clients: Callable[[], Awaitable[object]]) -> None:
        """Serve until the ``clients`` are done."""

        async def running() -> None:
            config = uvicorn.Config(self.files, timeout_keep_alive=self.patience, log_config=None, lifespan="off")
            config.load()
            made = partial(QuickProtocol, Quick(self.files, Counts()), self.waiting, config, self.state, {})
            async with await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0) as server:
                self.port = server.sockets[0].getsockname()[1]
                await clients()
                await self.wait_for(lambda: not self.state.connections)

        asyncio.run(running())

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end
            await asyncio.sleep(0.05)

    def connect(self) -> socket.socket:
        """Return a connection whose client has room for next to nothing."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect(("127.0.0.1", self.port))
        return made


def unsent(here: Here) -> int:
    return sum(each.transport.get_write_buffer_size() for each in here.state.connections)


@pytest.mark.parametrize("more", [b"", b"Connection: close\r\n"])
def test_who_does_not_read_makes_us_hold_little_and_not_for_long(tmp_path: Path, more: bytes) -> None:
    (tmp_path / "all.txt").write_bytes(os.urandom(LARGE // 2).hex().encode())
    here = Here(tmp_path)

    async def clients() -> None:
        with ExitStack() as held:
            for _ in range(5):
                held.enter_context(here.connect()).sendall(HEAD + more + b"\r\n")
            await here.wait_for(lambda: unsent(here) > 0)
            assert unsent(here) < 5 * 200_000
            await here.wait_for(lambda: not here.state.connections)

    here.run(clients)


def test_what_was_answered_is_not_kept_for_who_does_not_read(tmp_path: Path) -> None:
    """Answers that are complete, and yet not sent, because many others were asked for before them."""
    (tmp_path / "all.txt").write_bytes(b"a" * 50_000)
    here = Here(tmp_path)

    async def clients() -> None:
        with here.connect() as client:
            client.settimeout(0)
            end = time.monotonic() + 30
            while not unsent(here) and time.monotonic() < end:
                with suppress(BlockingIOError):
                    client.send((HEAD + b"\r\n") * 10)
                await asyncio.sleep(0.01)
            assert unsent(here)
            await here.wait_for(lambda: not here.state.connections)

    here.run(clients)


def test_who_reads_slowly_gets_it_all(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_bytes(b"a" * LARGE)
    here = Here(tmp_path, patience=5)

    async def clients() -> None:
        with here.connect() as client:
            client.settimeout(0)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(client, HEAD + b"Connection: close\r\n\r\n")
            begun, got = time.monotonic(), 0
            while data := await loop.sock_recv(client, 1 << 20):
                got += len(data)
                # Slower than what silence is allowed for, but never silent for so long.
                if time.monotonic() - begun < 7:
                    await asyncio.sleep(0.2)
            assert got > LARGE

    here.run(clients)


def test_a_body_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    here = Here(tmp_path)

    async def clients() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(b"POST /all.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        assert b" 405 " in await reader.readline()
        end = asyncio.create_task(reader.read())
        begun = time.monotonic()
        while not end.done():
            assert time.monotonic() - begun < 30
            writer.write(b"a")
            await asyncio.wait({end}, timeout=0.1)
        writer.close()

    here.run(clients)


def test_of_too_many_the_one_that_waited_longest_goes(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_bytes(b"text")
    here = Here(tmp_path, most=3, patience=300)

    async def clients() -> None:
        def closed(client: socket.socket) -> bool:
            client.settimeout(0)
            try:
                return not client.recv(1000)
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        with ExitStack() as held:
            first, second, third = (held.enter_context(here.connect()) for _ in range(3))
            await here.wait_for(lambda: len(here.state.connections) == 3)
            first.settimeout(0)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(first, HEAD + b"\r\n")
            assert (await loop.sock_recv(first, 1000)).startswith(b"HTTP/1.1 200")
            fourth = held.enter_context(here.connect())
            await here.wait_for(lambda: closed(second))
            assert not any(closed(each) for each in (first, third, fourth))

    here.run(clients)


def test_the_process_allows_itself_the_files_it_needs(tmp_path: Path) -> None:
    """With few files allowed, too many connections neither keep others out nor fill the log."""
    (tmp_path / "a.rss").write_text("<rss version='2.0'><channel><title>t</title></channel></rss>")
    program = Program(tmp_path)
    program.configure(["a.rss"])
    program.run("refresh")
    limited = Serving(tmp_path)
    limited.arguments = ("sh", "-c", 'ulimit -n 256; exec "$@"', "sh", *limited.arguments)
    with limited as serving, ExitStack() as held:
        for _ in range(400):
            held.enter_context(socket.create_connection(("127.0.0.1", serving.port)))
        assert serving.get("/all.atom").status == 200
        assert "accept" not in serving.told()


SHOW = "from feedhub.serve.connections import *; c = capacity(); print(c.connections, c.backlog)"


@pytest.mark.parametrize("files", [64, 256, 1024])
def test_connections_and_what_comes_at_once_fit_into_the_files_allowed(files: int) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    done = subprocess.run([sys.executable, "-c", SHOW], preexec_fn=few, capture_output=True, text=True, check=True)
    connections, backlog = map(int, done.stdout.split())
    assert connections >= 8
    assert backlog >= 8
    assert connections + backlog < files


def test_capacity_asks_for_no_less_than_before() -> None:
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert capacity().connections >= 8
    after, same = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert same == hard
    assert after >= before
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))
