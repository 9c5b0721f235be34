from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from feedhub.box import Box
from feedhub.errors import ParseError
from feedhub.parse import read, read_feed, tolerant

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://example.org/feed"
ODD = b"<rss version='2.0'><channel><title>An & ampersand</title><item><title>One</title></item></channel></rss>"
PLAIN = b"<rss version='2.0'><channel><title>Plain</title><item><title>One</title></item></channel></rss>"


def rss(inside: bytes) -> bytes:
    return b"<rss version='2.0'><channel><title>Hostile & odd</title><item>" + inside + b"</item></channel></rss>"


# Each makes feedparser search for an email address in a way that takes the square of its length.
SLOW = rss(b"<author>" + b"a" * 400_000 + b"</author>")
LARGE = rss(b"<description>" + b"words " * 8_000_000 + b"</description>")


def cpu_seconds(box: Box) -> float:
    """Return the CPU seconds that the worker has used."""
    assert box.worker is not None
    fields = Path(f"/proc/{box.worker.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def box() -> Iterator[Box]:
    with Box(seconds=1.0, megabytes=512) as running:
        yield running


def test_the_box_answers_as_the_reader_inside_it(box: Box) -> None:
    inside = tolerant.read(ODD, url=URL, content_type="application/xml")
    assert box.read(ODD, url=URL, content_type="application/xml") == inside
    assert inside.problems[0].code == "not-well-formed"


def test_one_worker_serves_many_documents_and_none_is_started_for_nothing(box: Box) -> None:
    assert read(PLAIN, url=URL, tolerant=box.read).reader == "fast"
    assert box.started == 0
    for _ in range(3):
        assert read(ODD, url=URL, tolerant=box.read).reader == "tolerant"
    assert box.started == 1


def test_a_document_that_takes_too_long_costs_only_itself(box: Box) -> None:
    before = time.thread_time()
    with pytest.raises(ParseError, match="CPU time") as caught:
        read_feed(SLOW, url=URL, tolerant=box.read)
    assert caught.value.code == "too-complex"
    assert time.thread_time() - before < 1
    assert read_feed(ODD, url=URL, tolerant=box.read).entries[0].title.value == "One"
    assert box.started == 2


def test_a_document_that_takes_too_much_memory_costs_only_itself() -> None:
    with Box(seconds=60.0, megabytes=256) as box:
        with pytest.raises(ParseError) as caught:
            box.read(LARGE, url=URL)
        assert caught.value.code == "too-complex"
        assert box.read(ODD, url=URL).entries


def test_each_document_has_all_the_time() -> None:
    long = ODD.replace(b"One", b"<b>One</b> " * 1_000)
    with Box(seconds=0.25) as box:
        used = 0.0
        while used < 0.75:  # together they take several times the limit, each alone a fraction of it
            assert box.read(long, url=URL).entries
            used = cpu_seconds(box)
        assert box.started == 1


def test_what_the_reader_refuses_the_box_refuses(box: Box) -> None:
    with pytest.raises(ParseError) as caught:
        box.read(b"<html><body>no feed</body></html>", url=URL)
    assert caught.value.code == "not-a-feed"
    assert box.started == 1


def test_a_worker_killed_between_documents_is_replaced(box: Box) -> None:
    box.read(ODD, url=URL)
    assert box.worker is not None
    os.kill(box.worker.pid, signal.SIGKILL)
    box.worker.wait()
    assert box.read(ODD, url=URL).entries
    assert box.started == 2


def test_a_worker_that_does_not_answer_is_given_up() -> None:
    with Box(seconds=60.0) as box:
        box.read(ODD, url=URL)
        assert box.worker is not None
        box.patience = 0.5
        os.kill(box.worker.pid, signal.SIGSTOP)
        with pytest.raises(ParseError) as caught:
            box.read(ODD, url=URL)
        assert caught.value.code == "too-complex"
        assert box.worker is None


def test_closing_ends_the_worker(box: Box) -> None:
    box.read(ODD, url=URL)
    worker = box.worker
    assert worker is not None
    box.close()
    assert worker.returncode == 0
    box.close()
