"""Feed readers as clients, as their users run them; for tests only.

Each polls one feed and tells what it has: the entries by id, and those that are marked as unread. A reader that is not
installed has the name of what is missing in ``missing``.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

import feedparser
import requests

if TYPE_CHECKING:
    from pathlib import Path

# The library reader may live in an environment of its own, whose Python this variable names.
READER = os.environ.get("FEEDHUB_READER", sys.executable)
READER_SCRIPT = """
import json, sys
from reader import make_reader
database, url = sys.argv[1:]
reader = make_reader(database, feed_root="")
reader.add_feed(url, exist_ok=True)
reader.update_feed(url)
entries = [[entry.id, entry.title, not entry.read] for entry in reader.get_entries()]
for entry in reader.get_entries(read=False):
    reader.mark_entry_as_read(entry)
reader.close()
print(json.dumps(entries))
"""
SFEEDRC = """
sfeedpath="{folder}/feeds"
fetch() {{
    etag="{folder}/etag"
    curl -f -s -m 30 --compressed --etag-compare "$etag" --etag-save "$etag" "$2"
}}
feeds() {{
    feed "feed" "{url}"
}}
"""
NEWSBOAT = """
auto-reload no
cleanup-on-quit no
keep-articles-days 0
"""


@dataclass
class Shown:
    """What a reader shows after a poll: ``listed`` are ids and titles as they stand, ``unread`` ids, where it marks."""

    listed: list[tuple[str, str]]
    unread: set[str] | None = None


class Client(Protocol):
    """A feed reader with one feed."""

    form: ClassVar[str]
    missing: ClassVar[str]

    def __init__(self, folder: Path, url: str) -> None: ...

    def poll(self) -> Shown:
        """Ask for the feed once, tell what is there now, and mark all of it as read."""
        ...


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass
class Feedparser:
    """What a script with requests and feedparser does: it remembers entries by id."""

    folder: Path
    url: str
    etag: str = ""
    entries: dict[str, str] = field(default_factory=dict)
    form: ClassVar[str] = "atom"
    missing: ClassVar[str] = ""

    def poll(self) -> Shown:
        answer = requests.get(self.url, headers={"If-None-Match": self.etag} if self.etag else {}, timeout=30)
        new: set[str] = set()
        if answer.status_code == requests.codes.ok:
            parsed = feedparser.parse(answer.content)
            new = {entry.id for entry in parsed.entries} - self.entries.keys()
            self.entries |= {entry.id: entry.title for entry in parsed.entries}
            self.etag = answer.headers["ETag"]
        return Shown(listed=list(self.entries.items()), unread=new)


@dataclass
class Reader:
    """The library of that name (PyPI); it asks for the new entries only (RFC 3229)."""

    folder: Path
    url: str
    form: ClassVar[str] = "atom"
    missing: ClassVar[str] = (
        ""
        if subprocess.run(
            [READER, "-c", "import reader; reader.make_reader(':memory:').add_feed('http://a.example/')"],
            capture_output=True,
            check=False,
        ).returncode
        == 0
        else "the library reader (FEEDHUB_READER names a Python that has it)"
    )

    def poll(self) -> Shown:
        told = json.loads(_run(READER, "-c", READER_SCRIPT, str(self.folder / "reader.sqlite"), self.url))
        return Shown(listed=[(id_, title) for id_, title, _ in told], unread={id_ for id_, _, unread in told if unread})


@dataclass
class Newsboat:
    """A reader for terminals (Debian)."""

    folder: Path
    url: str
    form: ClassVar[str] = "rss"
    missing: ClassVar[str] = "" if shutil.which("newsboat") else "newsboat"

    def poll(self) -> Shown:
        paths = {name: self.folder / name for name in ("config", "urls", "cache.db")}
        paths["config"].write_text(NEWSBOAT)
        paths["urls"].write_text(f"{self.url}\n")
        options = ("-C", str(paths["config"]), "-u", str(paths["urls"]), "-c", str(paths["cache.db"]))
        _run("newsboat", *options, "-x", "reload")
        with closing(sqlite3.connect(paths["cache.db"])) as cache, cache:
            rows = cache.execute("SELECT guid, title, unread FROM rss_item WHERE NOT deleted").fetchall()
            cache.execute("UPDATE rss_item SET unread = 0")
        return Shown(listed=[(guid, title) for guid, title, _ in rows], unread={row[0] for row in rows if row[2]})


@dataclass
class Sfeed:
    """A reader made of shell scripts (Debian): a file of lines, one for each id, title and link it has seen."""

    folder: Path
    url: str
    form: ClassVar[str] = "atom"
    missing: ClassVar[str] = "" if shutil.which("sfeed_update") and shutil.which("curl") else "sfeed or curl"

    def poll(self) -> Shown:
        rc = self.folder / "sfeedrc"
        rc.write_text(SFEEDRC.format(folder=self.folder, url=self.url))
        (self.folder / "feeds").mkdir(exist_ok=True)
        (self.folder / "etag").touch()
        _run("sfeed_update", str(rc))
        lines = (self.folder / "feeds" / "feed").read_text().splitlines()
        return Shown(listed=[(line.split("\t")[5], line.split("\t")[1]) for line in lines])


CLIENTS: dict[str, type[Client]] = {"feedparser": Feedparser, "reader": Reader, "newsboat": Newsboat, "sfeed": Sfeed}
