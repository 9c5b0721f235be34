"""The bounds of a fetch: time, size, and how many at once; each measured at a real server."""

from __future__ import annotations

import gzip
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.fetch import fetch_all
from feedhub.model import Fetched, FetchSettings, Request
from loopback import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import Answer

MIB = 1 << 20
PRIVATE = tuple(f"127.0.0.{number}" for number in range(1, 9))


def settings(**changes: float) -> FetchSettings:
    return replace(FetchSettings(allow_private=PRIVATE, timeout=1.0), **changes)


def fetch(url: str, **changes: float) -> Fetched:
    (fetched,) = fetch_all([Request(source_id="s", url=url)], settings(**changes))
    return fetched


def code(fetched: Fetched) -> str:
    return fetched.failure.code if fetched.failure else ""


def silent(answer: Answer) -> None:
    answer.server.origin.closing.wait(30)


def drip(head: bytes) -> Callable[[Answer], None]:
    """Return a handler that sends a byte every 50 ms after ``head``, for as long as anybody listens."""

    def handler(answer: Answer) -> None:
        answer.wfile.write(head)
        while not answer.server.origin.closing.wait(0.05):
            answer.wfile.write(b"x")

    return handler


@pytest.mark.parametrize(
    "handler",
    [
        silent,
        drip(b"HTTP/1.1 2"),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        drip(b"HTTP/1.1 200 OK\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
    ],
    ids=["silence", "status line", "header", "body", "body with length"],
)
def test_one_deadline_for_the_whole_request(origin: Origin, handler: Callable[[Answer], None]) -> None:
    origin.handle("/feed", handler)
    start = time.monotonic()
    assert code(fetch(origin.url("/feed"))) == "timeout"
    assert 0.9 < time.monotonic() - start < 6


def test_all_hops_share_the_deadline(origin: Origin) -> None:
    for number in range(6):
        origin.serve(f"/{number}", b"", status=302, headers={"Location": f"/{number + 1}"}, delay=0.4)
    start = time.monotonic()
    assert code(fetch(origin.url("/0"))) == "timeout"
    assert time.monotonic() - start < 6
    assert len(origin.requests) < 5


def test_waiting_for_a_turn_does_not_count(origin: Origin) -> None:
    origin.serve("/feed", "<rss/>", delay=0.4)
    requests = [Request(source_id=str(number), url=origin.url(f"/feed?{number}")) for number in range(8)]
    assert [code(fetched) for fetched in fetch_all(requests, settings(per_host=1, timeout=2.8))] == [""] * 8


def test_a_slow_consumer_does_not_make_servers_look_slow(origin: Origin) -> None:
    origin.serve("/now", "<rss/>")
    origin.serve("/soon", b"<rss>" + b"x" * MIB + b"</rss>", delay=0.3)
    requests = [Request(source_id=path, url=origin.url(path)) for path in ("/now", "/soon")]
    codes = {}
    for fetched in fetch_all(requests, settings(timeout=2.5)):
        codes[fetched.source_id] = code(fetched)
        time.sleep(3)
    assert codes == {"/now": "", "/soon": ""}


def test_a_size_at_the_limit_passes_and_one_byte_more_fails(origin: Origin) -> None:
    for size in (MIB, MIB + 1):
        origin.serve(f"/{size}", b"<" * size)
        origin.serve(f"/{size}.gz", gzip.compress(b"<" * size), headers={"Content-Encoding": "gzip"})
    assert len(fetch(origin.url(f"/{MIB}"), max_bytes=MIB).body) == MIB
    for path in (f"/{MIB + 1}", f"/{MIB + 1}.gz"):
        fetched = fetch(origin.url(path), max_bytes=MIB)
        assert (code(fetched), fetched.body) == ("too-large", b"")


def test_an_endless_body_ends_at_the_limit(origin: Origin) -> None:
    sent = []

    def counting(answer: Answer) -> None:
        answer.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            answer.wfile.write(b"<item/>" * 9000)
            sent.append(1)

    origin.handle("/feed", counting)
    assert code(fetch(origin.url("/feed"), max_bytes=MIB, timeout=20)) == "too-large"
    assert len(sent) * 63_000 < 30 * MIB


def test_a_promise_of_too_much_is_not_waited_for(origin: Origin) -> None:
    origin.handle("/feed", drip(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n"))
    start = time.monotonic()
    assert code(fetch(origin.url("/feed"), timeout=20)) == "too-large"
    assert time.monotonic() - start < 6


def test_a_bomb_is_too_large(origin: Origin) -> None:
    origin.serve("/feed", gzip.compress(b"a" * (100 * MIB)), headers={"Content-Encoding": "gzip"})
    assert code(fetch(origin.url("/feed"))) == "too-large"


@pytest.mark.parametrize("line", [b"X: y\r\n", b"X: " + b"y" * 65_000 + b"\r\n"])
def test_endless_headers_end(origin: Origin, line: bytes) -> None:
    def endless(answer: Answer) -> None:
        answer.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            answer.wfile.write(line)

    origin.handle("/feed", endless)
    assert code(fetch(origin.url("/feed"), timeout=20)) == "protocol"


def test_endless_interim_answers_end(origin: Origin) -> None:
    def endless(answer: Answer) -> None:
        while True:
            answer.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    origin.handle("/feed", endless)
    assert code(fetch(origin.url("/feed"))) in {"protocol", "timeout"}


def test_no_host_gets_more_than_its_share() -> None:
    with ExitStack() as stack:
        origins = [stack.enter_context(Origin(address)) for address in PRIVATE[:4]]
        requests = []
        for origin in origins:
            origin.serve("/feed", "<rss/>", delay=0.05)
            requests += [Request(source_id=f"{origin.address} {n}", url=origin.url(f"/feed?{n}")) for n in range(10)]
        answers = list(fetch_all(requests, settings(per_host=3, connections=64, timeout=20)))
        assert len({fetched.source_id for fetched in answers if not fetched.failure}) == 40
        # A busy machine may not come to answer all three at once everywhere, but never more.
        assert max(origin.tally.most for origin in origins) == 3


def test_no_more_connections_than_allowed_in_all() -> None:
    together, most, lock = [0], [0], threading.Lock()

    def counting(answer: Answer) -> None:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        time.sleep(0.05)
        with lock:
            together[0] -= 1
        answer.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")

    with ExitStack() as stack:
        requests = []
        for address in PRIVATE:
            origin = stack.enter_context(Origin(address))
            origin.handle("/feed", counting)
            requests += [Request(source_id=f"{address} {n}", url=origin.url(f"/feed?{n}")) for n in range(5)]
        answers = list(fetch_all(requests, settings(per_host=5, connections=6, timeout=20)))
    assert [code(fetched) for fetched in answers] == [""] * 40
    assert 4 <= most[0] <= 6


def test_closing_early_ends_everything(origin: Origin) -> None:
    gone = threading.Event()

    def waiting(answer: Answer) -> None:
        answer.connection.settimeout(5)
        if answer.connection.recv(1) == b"":
            gone.set()

    origin.serve("/now", "<rss/>")
    origin.handle("/never", waiting)
    requests = [Request(source_id=path, url=origin.url(path)) for path in ("/now", "/never")]
    answers = fetch_all(requests, settings(timeout=20))
    assert next(answers).source_id == "/now"
    origin.wait_for(2)
    answers.close()
    assert gone.wait(5)
    assert list(answers) == []


def endless(answer: Answer) -> None:
    answer.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        answer.wfile.write(b"<item/>" * 9000)


def hanging_up(answer: Answer) -> None:
    answer.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>")
    answer.close_connection = True


def garbage(answer: Answer) -> None:
    answer.wfile.write(b"\x00\xff" * 1000)


POISONS: dict[str, Callable[[Answer], None]] = {
    "silent": silent,
    "dripping": drip(b"HTTP/1.1 200 OK\r\n\r\n"),
    "endless": endless,
    "hanging up": hanging_up,
    "garbage": garbage,
}


def test_poison_delays_nobody() -> None:
    with ExitStack() as stack:
        requests, good = [], stack.enter_context(Origin(PRIVATE[0]))
        for number in range(100):
            good.serve(f"/{number}", "<rss/>", delay=0.02)
            requests.append(Request(source_id=f"good {number}", url=good.url(f"/{number}")))
        for address, (name, handler) in zip(PRIVATE[1:], POISONS.items(), strict=False):
            poison = stack.enter_context(Origin(address))
            poison.handle("/feed", handler)
            requests += [Request(source_id=f"{name} {number}", url=poison.url("/feed")) for number in range(2)]
        start = time.monotonic()
        answers = {fetched.source_id: fetched for fetched in fetch_all(requests, settings(timeout=3, max_bytes=MIB))}
        took = time.monotonic() - start
    assert len(answers) == 110
    assert all((not fetched.failure) == name.startswith("good") for name, fetched in answers.items())
    assert {name.rpartition(" ")[0]: code(fetched) for name, fetched in answers.items() if fetched.failure} == {
        "silent": "timeout",
        "dripping": "timeout",
        "endless": "too-large",
        "hanging up": "truncated",
        "garbage": "protocol",
    }
    # The good ones take one second, and four poisons one after the other would take twelve.
    assert took < 10
