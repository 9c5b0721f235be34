"""The order of requests: one lane for each rate-limit key, so that no server gets more than its share. Pure."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedhub.fetch.guard import Target
    from feedhub.fetch.transfer import Transfer
    from feedhub.model import Failure, Request

__all__ = ["Host", "Job", "Lane", "Lanes"]


class Job:
    """A request under way.

    ``left`` is what remains of its time in seconds; while its clock runs, ``due`` is when that will be used up. Time
    spent waiting for a turn is not the server's fault and does not count. ``validated_by`` is the address, without
    its scheme, that gave the request's validators.
    """

    __slots__ = (
        "conditional",
        "due",
        "hops",
        "host",
        "lane",
        "left",
        "moved_to",
        "permanent",
        "request",
        "target",
        "transfer",
        "validated_by",
    )

    def __init__(  # noqa: PLR0913 - what it asks, where, and in which queues it waits
        self, request: Request, target: Target, host: Host, lane: Lane, *, validated_by: str, timeout: float
    ) -> None:
        self.request = request
        self.target = target
        self.host = host
        self.lane = lane
        self.validated_by = validated_by
        self.left = timeout
        self.due = inf
        self.transfer: Transfer | None = None
        self.conditional = False
        self.hops = {target.url}
        self.permanent = True
        self.moved_to = ""

    def run(self, now: float) -> None:
        """Start the clock."""
        self.due = now + self.left

    def rest(self, now: float) -> None:
        """Stop the clock, if it runs."""
        if self.due < inf:
            self.left = self.due - now
            self.due = inf


class Host:
    """A host name and the jobs ``waiting`` until it has been looked up.

    ``addresses`` is None until then, and empty for a host that is an address. ``failure`` is why the host cannot be
    asked at all.
    """

    __slots__ = ("addresses", "asked", "exempt", "failure", "name", "waiting")

    def __init__(self, target: Target) -> None:
        self.name = target.host
        self.exempt = target.exempt
        self.addresses: tuple[str, ...] | None = () if target.literal else None
        self.asked = False
        self.failure: Failure | None = None
        self.waiting: deque[Job] = deque()


class Lane:
    """The jobs of one rate-limit key: those ``waiting`` to be sent and how many are ``active``.

    ``size`` counts all jobs it ever got, ``pace`` is the least time between two of its requests in seconds, and
    ``open_at`` when the next one may be sent. ``closed`` is why none may be sent any more, and ``advice`` the header
    that says when to come back.
    """

    __slots__ = ("active", "advice", "closed", "key", "open_at", "pace", "queued", "size", "waiting")

    def __init__(self, key: str, pace: float) -> None:
        self.key = key
        self.pace = pace
        self.open_at = -inf
        self.size = 0
        self.active = 0
        self.queued = False
        self.closed: Failure | None = None
        self.advice: tuple[tuple[str, str], ...] = ()
        self.waiting: deque[Job] = deque()


class Lanes:
    """All hosts and lanes: hosts to be looked up, and lanes that may send now or later."""

    def __init__(self, per_lane: int, pace: float) -> None:
        self._per_lane = per_lane
        self._pace = pace
        self._hosts: dict[str, Host] = {}
        self._lanes: dict[str, Lane] = {}
        self._unasked: deque[Host] = deque()
        self._ready: deque[Lane] = deque()
        self._warm: deque[Lane] = deque()
        self._later: list[tuple[float, int, Lane]] = []
        self._number = count()

    def host(self, target: Target) -> Host:
        """Return a target's host."""
        host = self._hosts.get(target.host)
        if host is None:
            host = self._hosts[target.host] = Host(target)
        return host

    def named(self, name: str) -> Host:
        """Return a host that is known by its name."""
        return self._hosts[name]

    def lane(self, key: str, target: Target) -> Lane:
        """Return the lane of a rate-limit key, which is that of ``target``."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(key, 0 if target.exempt else self._pace)
        return lane

    def enter(self, job: Job) -> None:
        """Let a job wait for its turn, or for its host to be looked up first; `start` begins with those that do."""
        job.lane.size += 1
        if job.host.addresses is not None:
            job.lane.waiting.append(job)
        else:
            job.host.waiting.append(job)

    def start(self) -> None:
        """Queue everything, the longest lanes first: they take longest however many connections there are."""
        waiting = [host for host in self._hosts.values() if host.waiting]
        self._unasked.extend(sorted(waiting, key=lambda host: host.waiting[0].lane.size, reverse=True))
        for lane in sorted(self._lanes.values(), key=lambda lane: lane.size, reverse=True):
            self._offer(lane)

    def enter_late(self, job: Job) -> None:
        """Let a job enter after the start, before others of its lane."""
        if job.host.addresses is not None:
            job.lane.waiting.appendleft(job)
            self._offer(job.lane)
            return
        job.host.waiting.append(job)
        if not job.host.asked and len(job.host.waiting) == 1:
            self._unasked.append(job.host)

    def release(self, host: Host) -> None:
        """Let the jobs of a host that has been looked up wait for their turns."""
        while host.waiting:
            job = host.waiting.popleft()
            job.lane.waiting.append(job)
            self._offer(job.lane)

    def next_question(self) -> Host | None:
        """Take the next host that must be looked up."""
        if not self._unasked:
            return None
        host = self._unasked.popleft()
        host.asked = True
        return host

    def next_job(self, now: float) -> Job | None:
        """Take the next job to send; one more of its lane is active from now on.

        A lane that has just had an answer comes first, while its connection is open; other lanes take turns.
        """
        while self._later and self._later[0][0] <= now:
            self._ready.append(heappop(self._later)[2])
        while self._warm or self._ready:
            if self._warm:
                lane = self._warm.popleft()
            else:
                lane = self._ready.popleft()
                lane.queued = False
            if not lane.waiting or lane.active >= self._per_lane:
                continue
            if lane.open_at > now:
                self._postpone(lane)
                continue
            lane.active += 1
            lane.open_at = now + lane.pace
            job = lane.waiting.popleft()
            self._offer(lane)
            return job
        return None

    def opens_at(self) -> float:
        """Return when the first of the lanes opens that must wait for their pace."""
        return self._later[0][0] if self._later else inf

    def leave(self, job: Job) -> None:
        """Give the place of a job that was sent to the next one of its lane."""
        job.lane.active -= 1
        if job.lane.waiting:
            self._warm.append(job.lane)

    def _offer(self, lane: Lane) -> None:
        if lane.waiting and not lane.queued:
            lane.queued = True
            self._ready.append(lane)

    def _postpone(self, lane: Lane) -> None:
        if not lane.queued:
            lane.queued = True
            heappush(self._later, (lane.open_at, next(self._number), lane))
