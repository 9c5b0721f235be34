"""Fetches http and https through libcurl's multi interface: the loop over all requests of a run.

Redirects are followed here, hop by hop, so that each hop passes the guard and shares one deadline. Every request is
answered exactly once, whatever happens to it.
"""

from __future__ import annotations

import logging
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

import pycurl

from feedhub.errors import FetchError
from feedhub.fetch.answer import PERMANENT, REDIRECTS, SUCCESS, Head, judge, read_head
from feedhub.fetch.coding import ACCEPTED, decode
from feedhub.fetch.engine import Engine, Result
from feedhub.fetch.guard import CONTROLS, admit, follow, gate, printable, refusal
from feedhub.fetch.lanes import Job, Lanes
from feedhub.fetch.names import Names
from feedhub.fetch.transfer import Transfer, authorities
from feedhub.model import Failure, Fetched

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from feedhub.fetch.names import Lookup
    from feedhub.model import FetchSettings, Request

__all__ = ["fetch"]

log = logging.getLogger("feedhub")

ACCEPT = (
    b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    b"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
HEADERS = (b"Accept: " + ACCEPT, b"Accept-Encoding: " + ACCEPTED.encode())
HOME = "https://pypi.org/project/feedhub/"
# Longer validators are not sent: servers answer 431 to them, again and again.
MAX_VALIDATOR = 1024
# The network gets a turn at least so often (seconds), however long the consumer takes over an answer.
TURN = 0.01
# How precisely deadlines are kept (seconds).
TICK = 0.25


def fetch(requests: Iterable[Request], settings: FetchSettings) -> Generator[Fetched, None, None]:
    """Fetch http(s) requests concurrently, yielding each answer as it completes; failures are answers too.

    Closing the generator closes every connection.
    """
    crawl = Crawl(settings)
    try:
        for request in requests:
            crawl.enter(request)
        yield from crawl.answers()
    finally:
        crawl.close()


class Crawl:
    """One run over many requests."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._gate = gate(settings)
        self._user_agent = printable(settings.user_agent) or _own_name()
        self._trusted = authorities()
        self._lanes = Lanes(max(1, settings.per_host))
        self._names = Names()
        self._engine = Engine(self._names.socket, 2 * settings.connections)
        self._done: deque[Fetched] = deque()
        self._unanswered = 0
        self._running: set[Job] = set()
        self._active: dict[pycurl.Curl, Job] = {}
        self._idle: list[Transfer] = []
        self._away = 0.0
        self._checked = 0.0

    def enter(self, request: Request) -> None:
        """Queue a request, or refuse it."""
        try:
            target = admit(request.url, self._gate)
        except FetchError as error:
            self._done.append(Fetched(source_id=request.source_id, url="", failure=_failure(error)))
            return
        self._unanswered += 1
        lane = self._lanes.of(target)
        validated_by = _authority(request.answered_by or target.url)
        lane.waiting.append(Job(request, target, lane, validated_by=validated_by, timeout=self._settings.timeout))

    def answers(self) -> Generator[Fetched, None, None]:
        """Yield the answers to all requests that were entered."""
        self._lanes.start()
        while self._done or self._unanswered:
            if self._unanswered:
                self._turn()
            until = monotonic() + TURN
            while self._done:
                answer = self._done.popleft()
                left = monotonic()
                yield answer
                back = monotonic()
                self._away += back - left
                if back > until:
                    break

    def close(self) -> None:
        """End everything that is still under way."""
        for curl in self._active:
            self._engine.remove(curl)
        self._engine.close()
        self._names.close()
        for transfer in [*self._idle, *(job.transfer for job in self._active.values() if job.transfer)]:
            transfer.close()

    def _now(self) -> float:
        """Return a clock of the time given to the network: it stands still while the consumer works."""
        return monotonic() - self._away

    def _turn(self) -> None:
        """Let the network go on; wait for it only when there is nothing to yield."""
        self._look_up()
        self._send()
        for result in self._engine.wait(0 if self._done else TICK):
            self._end(self._active[result.curl], result)
        if self._names.pending:
            for lookup in self._names.collect():
                self._looked_up(lookup)
        now = self._now()
        if now > self._checked + TICK / 2:
            self._checked = now
            for job in [job for job in self._running if job.due <= now]:
                self._expire(job)

    def _look_up(self) -> None:
        """Start lookups as far as there is room for them."""
        while not self._names.busy and (lane := self._lanes.next_question()):
            self._names.ask(lane.host)
            for job in lane.waiting:
                self._run(job)

    def _looked_up(self, lookup: Lookup) -> None:
        """Let a lane go on, or fail all that is in it."""
        lane = self._lanes.named(lookup.host)
        lane.addresses = tuple(address for address in lookup.addresses if lane.exempt or not refusal(address))
        if lookup.error:
            lane.failure = Failure(stage="fetch", code="dns", detail=f"{lane.host}: {lookup.error}")
        elif not lane.addresses:
            detail = f"{lane.host}: {refusal(lookup.addresses[0])}"
            lane.failure = Failure(stage="fetch", code="refused", detail=detail)
        for job in lane.waiting:
            self._rest(job)
            if lane.failure:
                self._answer(job, failure=lane.failure)
        if lane.failure:
            lane.waiting.clear()
        self._lanes.offer(lane)

    def _send(self) -> None:
        """Start transfers as far as there is room: answers not yet taken hold memory as transfers do."""
        while len(self._active) + len(self._done) < max(1, self._settings.connections) and (
            job := self._lanes.next_job()
        ):
            transfer = self._idle.pop() if self._idle else self._transfer()
            validators = _validators(job)
            job.conditional = bool(validators)
            headers = [*HEADERS, *validators]
            if job.target.authorization:
                headers.append(b"Authorization: " + job.target.authorization.encode())
            transfer.prepare(job.target, headers, job.lane.addresses or ())
            job.transfer = transfer
            self._active[transfer.curl] = job
            self._run(job)
            self._engine.add(transfer.curl)

    def _transfer(self) -> Transfer:
        return Transfer(user_agent=self._user_agent, max_bytes=self._settings.max_bytes, trusted=self._trusted)

    def _run(self, job: Job) -> None:
        job.run(self._now())
        self._running.add(job)

    def _rest(self, job: Job) -> None:
        job.rest(self._now())
        self._running.discard(job)

    def _expire(self, job: Job) -> None:
        """Stop a job whose time is up."""
        message = f"no whole answer within {self._settings.timeout:g} seconds"
        if job.transfer:
            self._engine.remove(job.transfer.curl)
            self._end(job, Result(curl=job.transfer.curl, code=pycurl.E_OPERATION_TIMEDOUT, message=message))
        else:
            self._rest(job)
            job.lane.waiting.remove(job)
            self._answer(job, failure=Failure(stage="fetch", code="timeout", detail=f"{job.lane.host}: {message}"))

    def _end(self, job: Job, result: Result) -> None:
        """Turn the end of a transfer into an answer or the next hop, and free its place."""
        transfer = self._active.pop(result.curl).transfer
        if transfer is None:
            raise AssertionError("an active job without a transfer")
        job.transfer = None
        self._rest(job)
        self._lanes.leave(job)
        head: Head | None = None
        try:
            head = read_head(transfer.lines)
            if head and head.status in REDIRECTS:
                self._hop(job, head)
            else:
                self._answer(job, head, body=self._document(job, head, transfer, result))
        except FetchError as error:
            self._answer(job, head, failure=_failure(error))
        except Exception as error:
            log.exception("bug met while fetching source %s; please report it", job.request.source_id)
            self._answer(job, head, failure=Failure(stage="bug", code="bug", detail=printable(repr(error))))
        transfer.reset()
        self._idle.append(transfer)

    def _document(self, job: Job, head: Head | None, transfer: Transfer, result: Result) -> bytes:
        """Return the decoded body, empty for a 304; raises FetchError when there is none to be had."""
        if head is None:
            transfer.check(result)
            raise FetchError("protocol", "no HTTP answer")
        if head.status not in SUCCESS:
            judge(head, transfer.body, conditional=job.conditional)
            return b""
        transfer.check(result)
        body = decode(transfer.body, head.get("content-encoding"), self._settings.max_bytes)
        if not body:
            raise FetchError("empty", "an empty document")
        return body

    def _hop(self, job: Job, head: Head) -> None:
        """Send a redirected job on; raises FetchError when it has nowhere to go."""
        location = head.get("location")
        if not location:
            raise FetchError("redirect", f"HTTP {head.status} without a target")
        target = follow(job.target, _as_utf8(location), self._gate)
        if target.url in job.hops:
            raise FetchError("redirect", "redirected in a circle")
        if len(job.hops) > self._settings.max_redirects:
            raise FetchError("redirect", f"more than {self._settings.max_redirects} redirects")
        if job.left <= 0:
            raise FetchError("timeout", f"still being redirected after {self._settings.timeout:g} seconds")
        job.hops.add(target.url)
        job.permanent = job.permanent and head.status in PERMANENT
        if job.permanent:
            job.moved_to = target.url
        job.target = target
        job.lane = self._lanes.of(target)
        if job.lane.failure:
            self._answer(job, failure=job.lane.failure)
            return
        job.lane.waiting.append(job)
        if job.lane.resolving:
            self._run(job)
        self._lanes.offer(job.lane)

    def _answer(self, job: Job, head: Head | None = None, *, body: bytes = b"", failure: Failure | None = None) -> None:
        self._unanswered -= 1
        self._done.append(
            Fetched(
                source_id=job.request.source_id,
                url=job.target.url,
                moved_to=job.moved_to,
                status=head.status if head else 0,
                headers=head.headers if head else (),
                body=body,
                failure=failure,
            )
        )


def _own_name() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow to load, and not needed under a configured name

    return f"feedhub/{version('feedhub')} (+{HOME})"


def _validators(job: Job) -> list[bytes]:
    """Return the conditional headers to send: only to the host that gave the validators, by http or https."""
    request = job.request
    if _authority(job.target.url) != job.validated_by:
        return []
    return [*_field(b"If-None-Match: ", request.etag), *_field(b"If-Modified-Since: ", request.last_modified)]


def _field(name: bytes, value: str) -> tuple[bytes, ...]:
    """Return a header of a value as a server once sent it, or nothing for one that no server could have sent."""
    if not value or len(value) > MAX_VALIDATOR or CONTROLS.search(value):
        return ()
    try:
        return (name + value.encode("latin-1"),)
    except UnicodeEncodeError:
        return ()


def _authority(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _as_utf8(location: str) -> str:
    """Read the bytes of a Location as UTF-8 where they are; a URL should be ASCII, but is not always."""
    try:
        return location.encode("latin-1").decode()
    except UnicodeDecodeError:
        return location


def _failure(error: FetchError) -> Failure:
    return Failure(stage="fetch", code=error.code, detail=str(error))
