"""Whose turn it is: lanes by host, long ones first, each within its share."""

from __future__ import annotations

from feedhub.fetch.guard import Target, admit, gate
from feedhub.fetch.lanes import Job, Lane, Lanes
from feedhub.model import FetchSettings, Request

GATE = gate(FetchSettings())


def target(host: str) -> Target:
    return admit(f"http://{host}/", GATE)


def filled(per_host: int, **jobs: int) -> Lanes:
    """Return started lanes with so many jobs for each host."""
    lanes = Lanes(per_host)
    for name, count in jobs.items():
        lane = lanes.of(target(f"{name}.example"))
        lane.addresses = ("1.1.1.1",)
        for number in range(count):
            request = Request(source_id=f"{name}{number}", url="")
            lane.waiting.append(Job(request, target(lane.host), lane, validated_by="", timeout=20))
    lanes.start()
    return lanes


def sent(lanes: Lanes) -> list[Job]:
    """Take all jobs that may be sent now."""
    jobs = []
    while job := lanes.next_job():
        jobs.append(job)
    return jobs


def ids(jobs: list[Job]) -> list[str]:
    return [job.request.source_id for job in jobs]


def test_long_lanes_start_first_and_each_gets_its_share() -> None:
    lanes = filled(2, a=1, b=3, c=2)
    assert ids(sent(lanes)) == ["b0", "c0", "a0", "b1", "c1"]


def test_a_lane_that_has_an_open_connection_goes_on_before_others_start() -> None:
    lanes = filled(1, a=2, b=2)
    first = lanes.next_job()
    assert first
    lanes.leave(first)
    assert ids(sent(lanes)) == ["a1", "b0"]


def test_every_job_is_sent_once() -> None:
    lanes = filled(2, a=7, b=1, c=4)
    order: list[str] = []
    while jobs := sent(lanes):
        order += ids(jobs)
        for job in jobs:
            lanes.leave(job)
    assert sorted(order) == sorted(
        f"{name}{number}" for name, count in (("a", 7), ("b", 1), ("c", 4)) for number in range(count)
    )


def test_a_name_is_asked_for_once_and_an_address_never() -> None:
    lanes = Lanes(2)
    for host in ("a.example", "a.example", "1.1.1.1"):
        lane = lanes.of(target(host))
        lane.waiting.append(Job(Request(source_id=host, url=""), target(host), lane, validated_by="", timeout=20))
    lanes.start()
    assert ids(sent(lanes)) == ["1.1.1.1"]
    question = lanes.next_question()
    assert question
    assert lanes.next_question() is None
    lanes.offer(question)
    assert lanes.next_question() is None
    assert sent(lanes) == []
    question.addresses = ("1.1.1.1",)
    lanes.offer(question)
    assert ids(sent(lanes)) == ["a.example", "a.example"]


def test_time_spent_waiting_does_not_count() -> None:
    job = Job(
        Request(source_id="s", url=""), target("a.example"), Lane(target("a.example")), validated_by="", timeout=20
    )
    job.run(now=100)
    assert job.due == 120
    job.rest(now=105)
    job.run(now=1000)
    assert job.due == 1015
