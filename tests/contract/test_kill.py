"""``feedhub refresh`` killed at any moment leaves whole documents, and the next run makes up for it."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from feedhub.publish.html.theme import FEED_STYLE, builtin
from program import Program, tree

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

SOURCES, ENTRIES, KILLS = 12, 20, 15
EDITION = '[[edition]]\nslug = "more/some"\ntitle = "Some"\nlimit = 10\n'
FEEDS = {f"{slug}.{suffix}" for slug in ("all", "more/some") for suffix in ("atom", "rss", "json")}
NAMES = FEEDS | {"sources.opml", FEED_STYLE}


def feed(source: int, version: int) -> str:
    """Return a feed whose older entries are edited, and which has one more, with each version."""
    items = "".join(
        f"<item><guid>{source}-{number}</guid><title>entry {source}-{number}</title>"
        f"<link>https://example.org/{source}/{number}</link>"
        f"<description>said {version - number % 3}</description></item>"
        for number in range(ENTRIES + version)
    )
    return f"<rss version='2.0'><channel><title>source {source}</title><link>https://example.org/</link>{items}</channel></rss>"


def serve(origin: Origin, version: int) -> None:
    for source in range(SOURCES):
        origin.serve(f"/{source}", feed(source, version), delay=0.02)


def check_whole(folder: Path) -> None:
    """Check that every file below ``folder`` is a whole document, but for hidden ones, which nobody is served."""
    for path, (data, _) in tree(folder).items():
        if path.rpartition("/")[2].startswith("."):
            continue
        if path.endswith(".json"):
            assert json.loads(data)["items"], path
        elif path == FEED_STYLE:
            assert data.decode() == builtin()["feed.css"]
        else:
            assert path.endswith((".atom", ".rss", ".opml"))
            ET.fromstring(data)  # noqa: S314 - written by feedhub


def titles(data: bytes) -> set[str]:
    return {item["title"] for item in json.loads(data)["items"]}


def test_killed_at_any_moment(tmp_path: Path, origin: Origin) -> None:
    program = Program(tmp_path)
    program.configure([origin.url(f"/{source}") for source in range(SOURCES)], extra=EDITION)
    serve(origin, 0)
    start = time.monotonic()
    program.run("refresh", "--force")
    whole_run = time.monotonic() - start
    for version in range(1, KILLS + 1):
        serve(origin, version)
        process = program.start("refresh", "--force")
        time.sleep(random.uniform(0, whole_run))  # noqa: S311 - any moment will do
        process.send_signal(signal.SIGKILL)
        process.wait()
        check_whole(tmp_path / "published")
        with closing(sqlite3.connect(tmp_path / "var" / "feedhub.sqlite")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    program.run("refresh", "--force")
    check_whole(tmp_path / "published")
    published = program.published()
    assert published.keys() == NAMES
    expected = {f"entry {source}-{number}" for source in range(SOURCES) for number in range(ENTRIES + KILLS)}
    assert titles(published["all.json"][0]) == expected
    program.run("refresh", "--force")
    assert program.published() == published, "nothing is left to do"


def test_killed_in_the_very_first_run(tmp_path: Path, origin: Origin) -> None:
    program = Program(tmp_path)
    program.configure([origin.url(f"/{source}") for source in range(SOURCES)])
    serve(origin, 0)
    for number in range(4):
        process = program.start("refresh")
        time.sleep(0.2 + 0.2 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (tmp_path / "published").exists():
            check_whole(tmp_path / "published")
    program.run("refresh")
    assert len(titles(program.published()["all.json"][0])) == SOURCES * ENTRIES
