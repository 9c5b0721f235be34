"""The addresses at which hubs reach us: ``/websub/TOKEN`` (W3C WebSub §5.2, §5.3, §7)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from feedhub.inbox import Inbox
from feedhub.model import Delivery
from feedhub.pushes import inbox_folder
from feedhub.websub import is_signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from feedhub.model import Push
    from feedhub.serve.status import Counts
    from feedhub.serve.subscriber import Subscriber

__all__ = ["Callbacks"]

log = logging.getLogger("feedhub")

# Deliveries taken in at the same time, and how long one may take (seconds): each may hold a whole feed in memory.
AT_ONCE, LONGEST = 4, 30.0
# A challenge is given back as text that no browser takes for a page.
PLAIN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
NOT_FOUND, GONE, CODED, BUSY = 404, 410, 415, 503
# What is answered to a delivery. Nothing tells whoever guesses signatures that a guess was wrong (§8 allows that).
STATUSES = {"accepted": 202, "unsigned": 202, "too-slow": 408, "too-large": 413, "refused": BUSY}


class Callbacks:
    """Answers hubs; ``delivered`` is called when a delivery waits to be read."""

    def __init__(self, subscriber: Subscriber, counts: Counts, delivered: Callable[[], None]) -> None:
        self._subscriber = subscriber
        self._counts = counts
        self._delivered = delivered
        self._places = asyncio.Semaphore(AT_ONCE)

    async def answer(self, request: Request) -> Response:
        """Answer a GET that asks whether something was meant, or a POST that delivers."""
        token: str = request.path_params["token"]
        if request.method == "POST":
            status = await self._receive(token, request)
            return Response(status_code=status, headers=PLAIN | ({"Retry-After": "60"} if status == BUSY else {}))
        reply = await run_in_threadpool(self._subscriber.hear, token, dict(request.query_params))
        if reply is None:
            return Response(status_code=NOT_FOUND, headers=PLAIN)
        return Response(reply.body, reply.status, PLAIN, "text/plain")

    async def _receive(self, token: str, request: Request) -> int:
        """Take a delivery in and return the status to answer: 410 tells the hub to stop."""
        push = self._subscriber.find(token)
        if push is None:
            return GONE
        if request.headers.get("content-encoding", "identity") != "identity":
            return CODED
        try:
            async with asyncio.timeout(LONGEST), self._places:
                result = await self._take_in(push, request)
        except (TimeoutError, ClientDisconnect):
            result = "too-slow"
        except OSError:
            log.exception("a delivery for source %s cannot be kept", push.source_id)
            result = "refused"
        self._counts.deliveries[result] += 1
        if result == "accepted":
            self._delivered()
        return STATUSES[result]

    async def _take_in(self, push: Push, request: Request) -> str:
        """Read a delivery and keep it where a refresh finds it; return what became of it."""
        config = self._subscriber.config
        body = await _body(request, config.fetch.max_bytes)
        if body is None:
            return "too-large"
        if not is_signed(push, request.headers.get("x-hub-signature", ""), body):
            log.warning("a delivery for source %s is not signed by its hub and is ignored", push.source_id)
            return "unsigned"
        content_type = request.headers.get("content-type", "")
        delivery = Delivery(source_id=push.source_id, topic=push.topic, content_type=content_type, body=body)
        kept = await run_in_threadpool(Inbox(inbox_folder(config.store_path)).put, delivery)
        return "accepted" if kept else "refused"


async def _body(request: Request, limit: int) -> bytes | None:
    """Return the body of a request, or None as soon as it is larger than ``limit`` bytes."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and int(length[:18]) > limit:
        return None
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
    return b"".join(pieces)
