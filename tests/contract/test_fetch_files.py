"""``file:`` URLs: regular files, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.fetch import fetch_all
from feedhub.model import Fetched, FetchSettings, Request

if TYPE_CHECKING:
    from pathlib import Path


def fetch(url: str, **settings: int) -> Fetched:
    (fetched,) = fetch_all([Request(source_id="s", url=url)], replace(FetchSettings(), **settings))
    return fetched


def code(url: str, **settings: int) -> str:
    fetched = fetch(url, **settings)
    assert not fetched.body
    return fetched.failure.code if fetched.failure else ""


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a b#é?%41.rss"
    path.write_bytes(bytes(range(256)) * 10_000)
    fetched = fetch(path.as_uri())
    assert (fetched.url, fetched.status, fetched.failure) == (path.as_uri(), 200, None)
    assert fetched.body == path.read_bytes()
    assert fetched.headers == (("content-type", "application/rss+xml"),)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.xml", "application/xml"), ("a.ATOM", "application/atom+xml"), ("a.json", "application/json"), ("a", "")],
)
def test_the_media_type_is_the_suffix_s(tmp_path: Path, name: str, media_type: str) -> None:
    (tmp_path / name).write_text("<rss/>")
    assert dict(fetch((tmp_path / name).as_uri()).headers).get("content-type", "") == media_type


def test_a_host_must_be_this_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("<rss/>")
    assert fetch(f"file://localhost{tmp_path}/a").status == 200
    assert fetch(f"file:{tmp_path}/a").status == 200
    assert code(f"file://good.example{tmp_path}/a") == "refused"


def test_only_regular_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert code((tmp_path / "fifo").as_uri()) == "refused"
    assert code(tmp_path.as_uri()) == "refused"
    assert code("file:///dev/zero") == "refused"
    assert code("file:///dev/tty") in {"refused", "unreadable"}


@pytest.mark.parametrize("url", ["file:a.xml", "file://", "file:///%00", "file:///a?b", "file:///a#b", "file://[::1"])
def test_odd_urls_are_refused(url: str) -> None:
    assert code(url) == "refused"


def test_size_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"x" * 1000)
    assert len(fetch(path.as_uri(), max_bytes=1000).body) == 1000
    assert code(path.as_uri(), max_bytes=999) == "too-large"


def test_what_is_not_there_or_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert code((tmp_path / "none").as_uri()) == "not-found"
    assert code((tmp_path / "loop").as_uri()) == "unreadable"
    assert code((tmp_path / "empty").as_uri()) == "empty"
