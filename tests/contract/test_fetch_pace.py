"""Pacing at real servers: in a network namespace with public addresses of its own, which this file starts itself in
(``python test_fetch_pace.py``, as root of a user namespace), because the operator's own hosts are not paced.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from feedhub.fetch import fetch_all
from feedhub.model import Fetched, FetchSettings, Request
from loopback import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loopback import Answer

TESTS = Path(__file__).resolve().parent.parent
ONE, OTHER = "93.184.216.34", "93.184.216.35"
ENTER = f"ip link set lo up; ip addr add {ONE}/32 dev lo; ip addr add {OTHER}/32 dev lo"
OWN = FetchSettings(allow_private=("127.0.0.1", "127.0.0.2"), timeout=5)
PACE = 0.4


def fetch(settings: FetchSettings, *urls: str) -> dict[str, Fetched]:
    requests = [Request(source_id=url, url=url) for url in urls]
    return {fetched.source_id: fetched for fetched in fetch_all(requests, settings)}


def codes(answers: dict[str, Fetched]) -> list[str]:
    return [fetched.failure.code if fetched.failure else str(fetched.status) for fetched in answers.values()]


def report() -> dict[str, object]:
    """Fetch from two public addresses, one of them with a part split off, and tell when each request came."""
    times: dict[str, list[float]] = {}

    def noting(answer: Answer) -> None:
        times.setdefault(answer.headers["Host"] + answer.path[:2], []).append(time.monotonic())
        answer.send_response(200)
        answer.send_header("Content-Length", "6")
        answer.end_headers()
        answer.wfile.write(b"<rss/>")

    with Origin(ONE) as one, Origin(OTHER) as other:
        for origin in (one, other):
            origin.handle("/a", noting)
            origin.handle("/b", noting)
        one.redirect("/c", "/a?hop")
        urls = [origin.url(f"{path}?{n}") for origin in (one, other) for path in ("/a", "/b") for n in range(3)]
        settings = FetchSettings(ports=(one.port, other.port), pace=PACE, split=(other.url("/b"),), timeout=1)
        start = time.monotonic()
        answers = fetch(settings, *urls, one.url("/c"))
        took = time.monotonic() - start
    gaps = {
        f"{'one' if key.startswith(ONE) else 'other'}{key[-2:]}": [later - earlier for earlier, later in pairwise(seen)]
        for key, seen in times.items()
    }
    both = sorted(moment for key, moments in times.items() if key.startswith(ONE) for moment in moments)
    return {
        "codes": codes(answers),
        "gaps": gaps,
        "gaps of one": [later - earlier for earlier, later in pairwise(both)],
        "took": took,
    }


@pytest.fixture(scope="module")
def seen() -> dict[str, object]:
    enter = ["unshare", "-r", "-n", "sh", "-c", ENTER + '; exec "$@"', "sh"]
    try:
        subprocess.run([*enter, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace to be had here: {error}")
    program = [sys.executable, "-W", "error", __file__]
    done = subprocess.run(
        [*enter, *program], env={"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def numbers(value: object) -> Sequence[float]:
    assert isinstance(value, list)
    return value


def test_requests_to_one_server_keep_their_distance(seen: dict[str, object]) -> None:
    assert seen["codes"] == ["200"] * 13
    gaps = numbers(seen["gaps of one"])
    assert len(gaps) == 6
    assert min(gaps) > PACE - 0.05


def test_servers_and_what_is_split_off_do_not_wait_for_each_other(seen: dict[str, object]) -> None:
    gaps = seen["gaps"]
    assert isinstance(gaps, dict)
    assert {key: len(numbers(found)) for key, found in gaps.items()} == {
        "one/a": 3,
        "one/b": 2,
        "other/a": 2,
        "other/b": 2,
    }
    assert min(gaps["other/a"]) > PACE - 0.05
    assert min(gaps["other/b"]) > PACE - 0.05
    took = seen["took"]
    assert isinstance(took, float)
    assert 6.5 * PACE < took < 13 * PACE, "the eight requests to one address, while the others went on"


def test_the_operators_own_hosts_are_not_paced(origin: Origin) -> None:
    urls = []
    for number in range(30):
        origin.serve(f"/{number}", "<rss/>")
        urls.append(origin.url(f"/{number}"))
    start = time.monotonic()
    assert codes(fetch(OWN, *urls)) == ["200"] * 30
    assert time.monotonic() - start < 12


def test_429_pauses_the_server_for_the_rest_of_the_run() -> None:
    with Origin("127.0.0.1") as limited, Origin("127.0.0.2") as free:
        limited.serve("/busy", "go away", status=429, headers={"Retry-After": "7200"})
        for origin in (limited, free):
            origin.serve("/feed", "<rss/>", delay=0.2)
        free.redirect("/away", limited.url("/feed"))
        settings = FetchSettings(allow_private=OWN.allow_private, per_host=1, timeout=5)
        waiting = [limited.url(f"/feed?{number}") for number in range(5)]
        answers = fetch(settings, limited.url("/busy"), *waiting, free.url("/feed?1"), free.url("/away"))
    assert codes(answers).count("200") == 1
    assert answers[free.url("/feed?1")].status == 200
    assert [hit.path for hit in limited.requests] == ["/busy"]
    asked, *others = [answers[url] for url in (limited.url("/busy"), *waiting, free.url("/away"))]
    assert (asked.status, asked.failure and asked.failure.detail) == (429, "HTTP 429")
    for fetched in others:
        assert fetched.failure
        assert (fetched.status, fetched.failure.code) == (0, "rate-limited")
        assert (
            fetched.failure.detail == f"127.0.0.1:{limited.port} is paused: it answered another request with HTTP 429"
        )
        assert fetched.headers[-1] == ("retry-after", "7200")
        assert [name for name, _ in fetched.headers] == ["date", "retry-after"]


def test_503_pauses_nobody_else(origin: Origin) -> None:
    origin.serve("/down", "", status=503, headers={"Retry-After": "7200"})
    origin.serve("/feed", "<rss/>")
    urls = [origin.url("/down"), *(origin.url(f"/feed?{number}") for number in range(3))]
    assert sorted(codes(fetch(OWN, *urls))) == ["200", "200", "200", "http-503"]


if __name__ == "__main__":
    json.dump(report(), sys.stdout)
