"""Whose turn it is: lanes by rate-limit key, long ones first, each within its share and at its pace."""

from __future__ import annotations

from feedhub.fetch.guard import Target, admit, gate
from feedhub.fetch.lanes import Job, Lanes
from feedhub.model import FetchSettings, Request

GATE = gate(FetchSettings(allow_private=("own.example",)))


def target(host: str) -> Target:
    return admit(f"http://{host}/", GATE)


def job(lanes: Lanes, host: str, name: str) -> Job:
    goal = target(host)
    request = Request(source_id=name, url="")
    return Job(request, goal, lanes.host(goal), lanes.lane(host, goal), validated_by="", timeout=20)


def filled(per_lane: int, pace: float = 0, **jobs: int) -> Lanes:
    """Return started lanes with so many jobs for each host, all of which have been looked up."""
    lanes = Lanes(per_lane, pace)
    for name, count in jobs.items():
        lanes.host(target(f"{name}.example")).addresses = ("1.1.1.1",)
        for number in range(count):
            lanes.enter(job(lanes, f"{name}.example", f"{name}{number}"))
    lanes.start()
    return lanes


def sent(lanes: Lanes, now: float = 0) -> list[Job]:
    """Take all jobs that may be sent now."""
    jobs = []
    while found := lanes.next_job(now):
        jobs.append(found)
    return jobs


def ids(jobs: list[Job]) -> list[str]:
    return [found.request.source_id for found in jobs]


def test_long_lanes_start_first_and_each_gets_its_share() -> None:
    lanes = filled(2, a=1, b=3, c=2)
    assert ids(sent(lanes)) == ["b0", "c0", "a0", "b1", "c1"]


def test_a_lane_that_has_an_open_connection_goes_on_before_others_start() -> None:
    lanes = filled(1, a=2, b=2)
    first = lanes.next_job(0)
    assert first
    lanes.leave(first)
    assert ids(sent(lanes)) == ["a1", "b0"]


def test_every_job_is_sent_once() -> None:
    for pace in (0, 0.5):
        lanes = filled(2, pace, a=7, b=1, c=4)
        order: list[str] = []
        now = 0.0
        while len(order) < 12:
            jobs = sent(lanes, now)
            order += ids(jobs)
            for one in jobs:
                lanes.leave(one)
            assert pace or jobs
            now += 0.1
            assert now < 100
        assert sent(lanes, now) == []
        assert sorted(order) == sorted(
            f"{name}{number}" for name, count in (("a", 7), ("b", 1), ("c", 4)) for number in range(count)
        )


def test_requests_of_a_lane_keep_their_distance() -> None:
    lanes = filled(2, 1, a=4, b=1)
    assert lanes.opens_at() == float("inf")
    first = sent(lanes, 100)
    assert ids(first) == ["a0", "b0"]
    assert lanes.opens_at() == 101
    assert sent(lanes, 100.9) == []
    for one in first:
        lanes.leave(one)
    assert sent(lanes, 100.99) == []
    second = sent(lanes, 101)
    assert ids(second) == ["a1"]
    third = sent(lanes, 105)
    assert ids(third) == ["a2"], "time that went by unused is not saved up"
    assert sent(lanes, 107) == [], "two are active"
    lanes.leave(third[0])
    assert ids(sent(lanes, 107)) == ["a3"]


def test_the_operators_own_hosts_are_not_paced() -> None:
    assert ids(sent(filled(3, 1, own=4))) == ["own0", "own1", "own2"]


def test_a_late_job_goes_before_those_that_wait() -> None:
    lanes = filled(1, a=3)
    first = lanes.next_job(0)
    assert first
    lanes.enter_late(job(lanes, "a.example", "hop"))
    lanes.leave(first)
    assert ids(sent(lanes)) == ["hop"]


def test_a_name_is_asked_for_once_and_an_address_never() -> None:
    lanes = Lanes(2, 0)
    for host in ("a.example", "a.example", "1.1.1.1"):
        lanes.enter(job(lanes, host, host))
    lanes.start()
    assert ids(sent(lanes)) == ["1.1.1.1"]
    question = lanes.next_question()
    assert question
    assert lanes.next_question() is None
    lanes.enter_late(job(lanes, "a.example", "late"))
    assert lanes.next_question() is None
    assert sent(lanes) == []
    question.addresses = ("1.1.1.1",)
    lanes.release(question)
    assert ids(sent(lanes)) == ["a.example", "a.example"]


def test_a_host_that_only_a_hop_leads_to_is_looked_up() -> None:
    lanes = filled(2, a=1)
    assert lanes.next_question() is None
    lanes.enter_late(job(lanes, "b.example", "hop"))
    lanes.enter_late(job(lanes, "b.example", "hop"))
    question = lanes.next_question()
    assert question
    assert question.name == "b.example"
    assert lanes.next_question() is None


def test_time_spent_waiting_does_not_count() -> None:
    one = job(Lanes(1, 0), "a.example", "s")
    one.run(now=100)
    assert one.due == 120
    one.rest(now=105)
    one.run(now=1000)
    assert one.due == 1015
