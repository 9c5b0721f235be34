"""Puts the parts of `feedhub serve` together and runs them until a signal ends them."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from feedhub.config import load
from feedhub.errors import ConfigError
from feedhub.notices import hidden
from feedhub.publish.html.theme import PLAIN, dressing
from feedhub.serve.callbacks import Callbacks
from feedhub.serve.connections import Waiting, capacity
from feedhub.serve.desk import Desk
from feedhub.serve.files import Files, Topics
from feedhub.serve.library import Library, Resource, suffix
from feedhub.serve.media import kinds
from feedhub.serve.queries import Queries
from feedhub.serve.quick import Quick, QuickProtocol
from feedhub.serve.refresher import Refresher
from feedhub.serve.status import Counts, Status, as_json, metrics
from feedhub.serve.subscriber import Subscriber

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import FrameType

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from feedhub.config import Config

__all__ = ["Options", "run"]

log = logging.getLogger("feedhub")

# How long answers under way may take once the end was asked for, and how long idle connections are kept (seconds).
LAST_ANSWERS, KEEP_ALIVE = 10, 30
# No file, and as old as it may be.
UNDATED = (0, 0, 0)
NOT_STORED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class Options(Struct, frozen=True, kw_only=True):
    """How to serve: ``refresh`` is the time between refreshes, None for none from here."""

    host: str
    port: int
    refresh: timedelta | None
    stale_after: timedelta


class Server:
    """The running program: its parts, and the configuration they share."""

    def __init__(self, config: Config, options: Options, announce: Callable[[], None]) -> None:
        self.config = config
        self.options = options
        self.announce = announce
        self.counts = Counts()
        self.status = Status(config, options.stale_after, self.counts)
        self.files = Files(Library(config.output), urlsplit(config.site.url).path, _announced(config))
        self.files.dressing = _dressing(config)
        self.desk = Desk(config)
        self.subscriber = Subscriber(config)
        self.callbacks = Callbacks(self.subscriber, self.counts, self._refresh_soon)
        self.refresher: Refresher | None = None

    def app(self) -> ASGIApp:
        """Return the application: what the program says of itself, and all else from the output folder."""
        routes = [
            Route("/healthz", self._healthz),
            Route("/metrics", self._metrics),
            Route("/websub/{token}", self.callbacks.answer, methods=["GET", "POST"]),
            Mount("/", Queries(self.desk, self.files)),
        ]
        return _counted(Starlette(routes=routes, lifespan=self._lifespan), self.counts)

    def reload(self) -> None:
        """Read the configuration again; one with mistakes changes nothing."""
        try:
            config = load(self.config.path)
        except ConfigError as error:
            log.error("the configuration was not reloaded, it has mistakes:\n%s", error)  # noqa: TRY400 - no bug, no trace
            return
        announced = _announced(config)
        if config.output != self.config.output or announced != self.files.announced:
            self.files.announced = announced
            self.files.library = Library(config.output)
        self.files.prefix = urlsplit(config.site.url).path
        self.files.dressing = _dressing(config)
        self.config = self.status.config = self.subscriber.config = self.desk.config = config
        self._refreshed()
        log.warning("the configuration was reloaded")
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        if self.refresher:
            self.refresher.soon()

    def _refreshed(self) -> None:
        self.status.forget()
        self.subscriber.soon()

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        del app
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        self.subscriber.start()
        tasks = []
        if self.options.refresh:
            self.refresher = Refresher(self.config.path, self.options.refresh, self.counts, self._refreshed)
            tasks.append(asyncio.create_task(self.refresher.run()))
        self.announce()
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGHUP)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.desk.close()

    async def _healthz(self, request: Request) -> Response:
        del request
        health = await self.status.health()
        status = 200 if health.status == "ok" else 503
        return Response(as_json(health), status, NOT_STORED, "application/json")

    async def _metrics(self, request: Request) -> Response:
        del request
        body = metrics(self.counts, await self.status.facts(), self.subscriber.counts())
        return Response(body, 200, NOT_STORED, PROMETHEUS)


def run(config: Config, options: Options, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``announce`` is told the address once everything is ready.

    SIGHUP reloads the configuration. Raises OSError where the address cannot be had.
    """
    room = capacity()
    with _listening(options, room.backlog) as listening:
        host, port = listening.getsockname()[:2]
        address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
        parts = Server(config, options, lambda: announce(address))
        quick = Quick(parts.files, parts.counts)
        server = uvicorn.Server(
            uvicorn.Config(
                parts.app(),
                http=cast("type[asyncio.Protocol]", partial(QuickProtocol, quick, Waiting(room.connections))),
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                backlog=room.backlog,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=LAST_ANSWERS,
            )
        )

        def end(number: int, frame: FrameType | None) -> None:
            del frame
            # A reload before there is anything to reload is no reason to end.
            server.should_exit = number != signal.SIGHUP

        # These count before uvicorn listens to signals, and when it raises once more the one that ended it.
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, end)
        server.run(sockets=[listening])


def _listening(options: Options, backlog: int) -> socket.socket:
    """Return a socket that listens at the address asked for; ``::`` is IPv4, too, where the system can do both."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    both = options.host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((options.host, options.port), family=family, backlog=backlog, dualstack_ipv6=both)


def _dressing(config: Config) -> dict[str, Resource]:
    """Return what the search page is dressed in, where that is not among the published files."""
    if config.pages:
        return {}
    return {each.path: Resource(each.path, kinds()[suffix(each.path)], UNDATED, each.body) for each in dressing(PLAIN)}


def _announced(config: Config) -> Topics:
    private = hidden((*config.editions, *config.tag_editions))
    return Topics(base=config.site.url, hubs=config.site.hubs, private=private)


def _counted(app: ASGIApp, counts: Counts) -> ASGIApp:
    """Count the answers of an application, and the bytes it sends."""

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                counts.requests[message["status"]] += 1
            else:
                counts.sent += len(message.get("body", b""))
            await send(message)

        await app(scope, receive, sent)

    return counted
