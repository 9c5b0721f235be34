"""The order of requests: one lane for each host, so that no host gets more than its share at once. Pure."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedhub.fetch.guard import Target
    from feedhub.fetch.transfer import Transfer
    from feedhub.model import Failure, Request

__all__ = ["Job", "Lane", "Lanes"]


class Job:
    """A request under way.

    ``left`` is what remains of its time in seconds; while its clock runs, ``due`` is when that will be used up. Time
    spent waiting for a turn is not the server's fault and does not count. ``validated_by`` is the host and port that
    gave the request's validators.
    """

    __slots__ = (
        "conditional",
        "due",
        "hops",
        "lane",
        "left",
        "moved_to",
        "permanent",
        "request",
        "target",
        "transfer",
        "validated_by",
    )

    def __init__(self, request: Request, target: Target, lane: Lane, *, validated_by: str, timeout: float) -> None:
        self.request = request
        self.target = target
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
        """Stop the clock."""
        self.left = self.due - now
        self.due = inf


class Lane:
    """The jobs of one host: those ``waiting`` and how many are ``active``.

    ``addresses`` is None until the host has been looked up, and empty for a host that is an address. ``failure`` is
    why the host cannot be asked at all.
    """

    __slots__ = ("active", "addresses", "asked", "exempt", "failure", "host", "queued", "waiting")

    def __init__(self, target: Target) -> None:
        self.host = target.host
        self.exempt = target.exempt
        self.addresses: tuple[str, ...] | None = () if target.literal else None
        self.failure: Failure | None = None
        self.asked = False
        self.active = 0
        self.queued = False
        self.waiting: deque[Job] = deque()

    @property
    def resolving(self) -> bool:
        """Whether the host is being looked up."""
        return self.asked and self.addresses is None


class Lanes:
    """All lanes: those whose host must be looked up first, and those ready to send."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._lanes: dict[str, Lane] = {}
        self._unasked: deque[Lane] = deque()
        self._ready: deque[Lane] = deque()
        self._warm: deque[Lane] = deque()

    def of(self, target: Target) -> Lane:
        """Return a target's lane."""
        lane = self._lanes.get(target.host)
        if lane is None:
            lane = self._lanes[target.host] = Lane(target)
        return lane

    def named(self, host: str) -> Lane:
        """Return the lane of a host that has one."""
        return self._lanes[host]

    def start(self) -> None:
        """Queue all lanes, the longest first: they take longest however many connections there are."""
        for lane in sorted(self._lanes.values(), key=lambda lane: len(lane.waiting), reverse=True):
            self.offer(lane)

    def offer(self, lane: Lane) -> None:
        """Queue a lane if there is something to do for its host."""
        if lane.queued or not lane.waiting or lane.resolving:
            return
        lane.queued = True
        (self._unasked if lane.addresses is None else self._ready).append(lane)

    def next_question(self) -> Lane | None:
        """Take the next lane whose host must be looked up."""
        if not self._unasked:
            return None
        lane = self._unasked.popleft()
        lane.queued = False
        lane.asked = True
        return lane

    def next_job(self) -> Job | None:
        """Take the next job to send; one more of its lane is active from now on.

        A lane that has just had an answer comes first, while its connection is open; other lanes take turns.
        """
        while self._warm or self._ready:
            if self._warm:
                lane = self._warm.popleft()
            else:
                lane = self._ready.popleft()
                lane.queued = False
            if lane.waiting and lane.active < self._per_host:
                job = lane.waiting.popleft()
                lane.active += 1
                self.offer(lane)
                return job
        return None

    def leave(self, job: Job) -> None:
        """Give the place of a job that was sent to the next one of its lane."""
        job.lane.active -= 1
        if job.lane.waiting:
            self._warm.append(job.lane)
