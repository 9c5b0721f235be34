"""A crowd of large bodies is fetched whole, and never held all at once; measured in a process of its own."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loopback import Origin

if TYPE_CHECKING:
    from loopback import Answer

MIB = 1 << 20
BODY = b"<rss>" + b"0123456789abcdef" * (14 * MIB // 16)
CROWD = 20
MOST = 64 + 16 + 6 * 14
SCRIPT = """
import json, sys
from pathlib import Path
from urllib.parse import urlsplit
from feedhub.fetch import fetch_all
from feedhub.model import FetchSettings, Request

def peak():
    # Not getrusage: its figure is inherited from whoever started the process.
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

urls = json.loads(sys.argv[1])
hosts = tuple({urlsplit(url).hostname for url in urls})
settings = FetchSettings(allow_private=hosts, timeout=float(sys.argv[2]), user_agent="test", per_host=50)
before = peak()
answers = []
for fetched in fetch_all([Request(source_id=url, url=url) for url in urls], settings):
    answers.append([fetched.source_id, fetched.failure.code if fetched.failure else "", len(fetched.body)])
print(json.dumps([answers, peak() - before]))
"""


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to measure with")


def measured(urls: list[str], timeout: float) -> tuple[dict[str, tuple[str, int]], int]:
    """Fetch in another process; return code and size by URL, and how many MiB more that process came to hold."""
    command = [sys.executable, "-c", SCRIPT, json.dumps(urls), str(timeout)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answers, grown = json.loads(done.stdout)
    return {url: (code, size) for url, code, size in answers}, grown


def test_many_large_bodies_take_turns(origin: Origin) -> None:
    origin.serve("/large", BODY)
    urls = [origin.url(f"/large?{number}") for number in range(CROWD)]
    answers, grown = measured(urls, 20)
    assert answers == dict.fromkeys(urls, ("", len(BODY)))
    assert grown < MOST


def test_many_bodies_that_grow_when_decompressed_take_turns(origin: Origin) -> None:
    text = b"".join(b"<item>%d</item>" % number for number in range(14 * MIB // 20))
    origin.serve("/large", gzip.compress(text, 1), headers={"Content-Encoding": "gzip"})
    urls = [origin.url(f"/large?{number}") for number in range(CROWD)]
    answers, grown = measured(urls, 20)
    assert answers == dict.fromkeys(urls, ("", len(text)))
    assert grown < MOST


def test_endless_bodies_that_had_to_wait_end_at_the_limit(origin: Origin) -> None:
    def endless(answer: Answer) -> None:
        answer.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            answer.wfile.write(BODY[:65536])

    origin.handle("/endless", endless)
    urls = [origin.url(f"/endless?{number}") for number in range(30)]
    answers, grown = measured(urls, 20)
    assert answers == dict.fromkeys(urls, ("too-large", 0))
    assert grown < MOST


def test_large_bodies_that_stall_do_not_stop_small_ones() -> None:
    def stalling(answer: Answer) -> None:
        answer.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 15000000\r\n\r\n" + BODY[:-MIB])
        answer.server.origin.closing.wait(30)

    with ExitStack() as stack:
        bad, good = stack.enter_context(Origin("127.0.0.2")), stack.enter_context(Origin("127.0.0.1"))
        bad.handle("/large", stalling)
        good.serve("/small", "<rss/>", delay=0.5)
        poison = [bad.url(f"/large?{number}") for number in range(10)]
        healthy = [good.url(f"/small?{number}") for number in range(20)]
        answers, _ = measured([*poison, *healthy], 3)
    assert [answers[url] for url in healthy] == [("", 6)] * 20
    assert {answers[url][0] for url in poison} == {"timeout"}
