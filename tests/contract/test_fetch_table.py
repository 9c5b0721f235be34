"""The table of fetchers: who fetches what, and what becomes of a fetcher's own mistakes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from feedhub.fetch import FETCHERS, fetch_all
from feedhub.model import Fetched, FetchSettings, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from loopback import Origin

SETTINGS = FetchSettings(allow_private=("127.0.0.1",), timeout=5)


def half_hearted(requests: Iterable[Request], settings: FetchSettings) -> Iterator[Fetched]:
    """Answer the first request only; a fetcher made for these tests."""
    for request in requests:
        yield Fetched(source_id=request.source_id, url=request.url, status=200, body=str(settings.max_bytes).encode())
        return


def broken(requests: Iterable[Request], settings: FetchSettings) -> Iterator[Fetched]:
    """Answer the first request and then fail; a fetcher made for these tests."""
    yield from half_hearted(requests, settings)
    raise ZeroDivisionError


def codes(answers: Iterable[Fetched]) -> dict[str, str]:
    return {
        fetched.source_id: f"{fetched.failure.stage} {fetched.failure.code}" if fetched.failure else ""
        for fetched in answers
    }


def test_every_request_is_answered_by_its_scheme(origin: Origin, tmp_path: Path) -> None:
    origin.serve("/feed", "<rss/>")
    (tmp_path / "feed.xml").write_text("<rss/>")
    urls = {
        "web": origin.url("/feed"),
        "upper": origin.url("/feed").replace("http", "HTTP"),
        "file": (tmp_path / "feed.xml").as_uri(),
        "strange": "gopher://good.example/",
        "none": "good.example/feed",
        "empty": "",
    }
    answers = codes(fetch_all([Request(source_id=name, url=url) for name, url in urls.items()], SETTINGS))
    refused = dict.fromkeys(("strange", "none", "empty"), "fetch refused")
    assert answers == dict.fromkeys(("web", "upper", "file"), "") | refused


@pytest.mark.parametrize("name", ["half_hearted", "broken"])
def test_a_fetcher_s_mistake_is_a_bug_of_the_sources_it_left(
    name: str, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FETCHERS, "test", f"{__name__}:{name}")
    origin.serve("/feed", "<rss/>")
    urls = {"first": "test://a", "second": "test://b", "web": origin.url("/feed")}
    answers = codes(fetch_all([Request(source_id=name, url=url) for name, url in urls.items()], SETTINGS))
    assert answers == {"first": "", "second": "bug bug", "web": ""}


def test_a_row_of_another_package(tmp_path: Path) -> None:
    (tmp_path / "hole.py").write_text(
        "from feedhub.model import Fetched\n"
        "def fetch(requests, settings):\n"
        "    for request in requests:\n"
        "        yield Fetched(source_id=request.source_id, url=request.url, status=200, body=b'dug')\n"
    )
    info = tmp_path / "hole-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hole\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[feedhub.fetchers]\nhole = hole:fetch\n")
    program = (
        "from feedhub.fetch import fetch_all; from feedhub.model import *;"
        "print([f.body for f in fetch_all([Request(source_id='s', url='hole://x')], FetchSettings())])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[b'dug']\n"


def test_files_are_fetched_without_loading_libcurl(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text("<rss/>")
    program = (
        "import sys; from feedhub.fetch import fetch_all; from feedhub.model import *;"
        "print([f.status for f in fetch_all([Request(source_id='s', url=sys.argv[1])], FetchSettings())]);"
        "print('pycurl' in sys.modules)"
    )
    url = (tmp_path / "feed.xml").as_uri()
    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=True)
    assert done.stdout == "[200]\nFalse\n"
