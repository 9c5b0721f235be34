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
from msgspec.structs import replace

from feedhub import __version__
from feedhub.errors import FetchError
from feedhub.fetch.answer import PERMANENT, REDIRECTS, SUCCESS, Head, judge, read_head
from feedhub.fetch.coding import ACCEPTED, decode
from feedhub.fetch.engine import Engine, Result
from feedhub.fetch.guard import CONTROLS, admit, follow, gate, printable, refusal
from feedhub.fetch.keys import Keys
from feedhub.fetch.lanes import Job, Lanes
from feedhub.fetch.names import Names
from feedhub.fetch.pool import Pool
from feedhub.fetch.transfer import Transfer, authorities, authorization
from feedhub.model import Failure, Fetched

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from feedhub.fetch.lanes import Lane
    from feedhub.fetch.names import Lookup
    from feedhub.model import FetchSettings, Request

__all__ = ["fetch"]

log = logging.getLogger("feedhub")

ACCEPT = (
    b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    b"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
HEADERS = (b"Accept: " + ACCEPT, b"Accept-Encoding: " + ACCEPTED.encode())
OWN_NAME = f"feedhub/{__version__} (+https://pypi.org/project/feedhub/)"
# Longer validators are not sent: servers answer 431 to them, again and again.
MAX_VALIDATOR = 1024
# The network gets a turn at least so often (seconds), however long the consumer takes over an answer.
TURN = 0.01
# Answers are not made faster than they are taken beyond so many bytes of them.
MAX_UNTAKEN = 16 * 1024 * 1024
# What a server that wants to be left alone says of it.
ADVICE = frozenset({"date", "retry-after"})
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
        self._user_agent = printable(settings.user_agent) or OWN_NAME
        self._trusted = authorities()
        self._keys = Keys(settings)
        self._lanes = Lanes(max(1, settings.per_host), settings.pace)
        self._names = Names()
        self._engine = Engine(self._names.socket, 2 * settings.connections)
        self._pool = Pool()
        self._ended: deque[tuple[Job, Transfer, Result]] = deque()
        self._done: deque[Fetched] = deque()
        self._untaken = 0
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
            if request.authorization_env:
                target = replace(target, authorization=authorization(request.authorization_env))
        except FetchError as error:
            self._done.append(Fetched(source_id=request.source_id, url="", failure=_failure(error)))
            return
        self._unanswered += 1
        validated_by = _place(request.answered_by or target.url)
        host, lane = self._lanes.host(target), self._lanes.lane(self._keys.of(target), target)
        self._lanes.enter(Job(request, target, host, lane, validated_by=validated_by, timeout=self._settings.timeout))

    def answers(self) -> Generator[Fetched, None, None]:
        """Yield the answers to all requests that were entered."""
        self._lanes.start()
        while self._done or self._unanswered:
            if self._unanswered:
                self._turn()
            until = monotonic() + TURN
            while self._done:
                answer = self._done.popleft()
                self._untaken -= len(answer.body)
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
        under_way = (job.transfer for job in self._active.values() if job.transfer)
        for transfer in [*self._idle, *under_way, *(transfer for _, transfer, _ in self._ended)]:
            transfer.close()

    def _now(self) -> float:
        """Return a clock of the time given to the network: it stands still while the consumer works."""
        return monotonic() - self._away

    def _turn(self) -> None:
        """Let the network go on; wait for it only when there is nothing to yield."""
        self._look_up()
        self._send()
        for result in self._engine.wait(0 if self._done or self._ended else self._patience()):
            self._end(self._active[result.curl], result)
        while self._ended and self._untaken < MAX_UNTAKEN:
            self._judge(*self._ended.popleft())
        if self._pool.waiting:
            self._resume()
        if self._names.pending:
            for lookup in self._names.collect():
                self._looked_up(lookup)
        now = self._now()
        if now > self._checked + TICK / 2:
            self._checked = now
            for job in [job for job in self._running if job.due <= now]:
                self._expire(job)

    def _patience(self) -> float:
        """Return how long to wait for the network at most, in seconds."""
        return max(0.0, min(TICK, self._lanes.opens_at() - monotonic())) if self._has_room() else TICK

    def _look_up(self) -> None:
        """Start lookups as far as there is room for them."""
        while not self._names.busy and (host := self._lanes.next_question()):
            self._names.ask(host.name)
            for job in host.waiting:
                self._run(job)

    def _looked_up(self, lookup: Lookup) -> None:
        """Let the jobs of a host go on, or fail them all."""
        host = self._lanes.named(lookup.host)
        host.addresses = tuple(address for address in lookup.addresses if host.exempt or not refusal(address))
        if lookup.error:
            host.failure = Failure(stage="fetch", code="dns", detail=f"{host.name}: {lookup.error}")
        elif not host.addresses:
            detail = f"{host.name}: {refusal(lookup.addresses[0])}"
            host.failure = Failure(stage="fetch", code="refused", detail=detail)
        for job in host.waiting:
            self._rest(job)
        self._drop(host.waiting)
        self._lanes.release(host)

    def _drop(self, waiting: deque[Job]) -> None:
        """Answer those waiting jobs that cannot be sent any more."""
        for job in list(waiting):
            if failure := job.host.failure or job.lane.closed:
                waiting.remove(job)
                self._answer(job, failure=failure, headers=job.lane.advice)

    def _close_lane(self, lane: Lane, head: Head) -> None:
        """Let a server be that has asked for fewer requests (429, RFC 6585 §4)."""
        detail = f"{lane.key} is paused: it answered another request with HTTP {head.status}"
        lane.closed = Failure(stage="fetch", code="rate-limited", detail=detail)
        lane.advice = tuple(header for header in head.headers if header[0] in ADVICE)
        self._drop(lane.waiting)

    def _has_room(self) -> bool:
        """Tell whether another transfer may start: answers not yet taken hold memory as transfers do."""
        return len(self._active) + len(self._ended) + len(self._done) < max(1, self._settings.connections)

    def _send(self) -> None:
        """Start transfers as far as there is room."""
        while self._has_room() and (job := self._lanes.next_job(monotonic())):
            transfer = self._idle.pop() if self._idle else self._transfer()
            validators = _validators(job)
            job.conditional = bool(validators)
            headers = [*HEADERS, *validators]
            if job.target.authorization:
                headers.append(b"Authorization: " + job.target.authorization.encode())
            transfer.prepare(job.target, headers, job.host.addresses or ())
            job.transfer = transfer
            self._active[transfer.curl] = job
            self._run(job)
            self._engine.add(transfer.curl)

    def _transfer(self) -> Transfer:
        return Transfer(
            user_agent=self._user_agent, max_bytes=self._settings.max_bytes, trusted=self._trusted, pool=self._pool
        )

    def _resume(self) -> None:
        """Let paused transfers go on where there is memory again; until then their time stands still."""
        waiting = [transfer for transfer in self._pool.waiting if transfer.curl in self._active]
        for transfer in waiting:
            self._rest(self._active[transfer.curl])
        if self._pool.has_room:
            self._pool.waiting = []
            for transfer in waiting:
                self._run(self._active[transfer.curl])
                transfer.curl.pause(pycurl.PAUSE_CONT)

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
            job.host.waiting.remove(job)
            self._answer(job, failure=Failure(stage="fetch", code="timeout", detail=f"{job.host.name}: {message}"))

    def _end(self, job: Job, result: Result) -> None:
        """Free the place of a transfer that has ended."""
        transfer = self._active.pop(result.curl).transfer
        if transfer is None:
            raise AssertionError("an active job without a transfer")
        job.transfer = None
        self._rest(job)
        self._lanes.leave(job)
        self._ended.append((job, transfer, result))

    def _judge(self, job: Job, transfer: Transfer, result: Result) -> None:
        """Turn the end of a transfer into an answer or the next hop."""
        head: Head | None = None
        try:
            head = read_head(transfer.lines)
            if head and head.status in REDIRECTS:
                self._hop(job, head)
            else:
                self._answer(job, head, body=self._document(job, head, transfer, result))
        except FetchError as error:
            if head and error.code == "rate-limited":
                self._close_lane(job.lane, head)
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
        body = decode(transfer.body, head.listed("content-encoding"), self._settings.max_bytes)
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
        job.host = self._lanes.host(target)
        job.lane = self._lanes.lane(self._keys.of(target), target)
        if failure := job.host.failure or job.lane.closed:
            self._answer(job, failure=failure, headers=job.lane.advice)
            return
        self._lanes.enter_late(job)
        if job.host.asked and job.host.addresses is None:
            self._run(job)

    def _answer(
        self,
        job: Job,
        head: Head | None = None,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        failure: Failure | None = None,
    ) -> None:
        self._unanswered -= 1
        self._untaken += len(body)
        self._done.append(
            Fetched(
                source_id=job.request.source_id,
                url=job.target.url,
                moved_to=job.moved_to,
                status=head.status if head else 0,
                headers=head.headers if head else headers,
                body=body,
                failure=failure,
            )
        )


def _validators(job: Job) -> list[bytes]:
    """Return the conditional headers to send: only to the address that gave the validators, by http or https.

    Another page of the same host would answer 304 to a date as well, and be taken for the feed without a look at it.
    """
    request = job.request
    if _place(job.target.url) != job.validated_by:
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


def _place(url: str) -> str:
    return url.partition("://")[2]


def _as_utf8(location: str) -> str:
    """Read the bytes of a Location as UTF-8 where they are; a URL should be ASCII, but is not always."""
    try:
        return location.encode("latin-1").decode()
    except UnicodeDecodeError:
        return location


def _failure(error: FetchError) -> Failure:
    return Failure(stage="fetch", code=error.code, detail=str(error))
