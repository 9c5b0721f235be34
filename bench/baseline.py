"""A feed reader as one writes it by hand in an hour: what feedhub's figures are held against.

Conditional GET with requests on 20 threads, feedparser with its defaults, every entry once in SQLite. It publishes
nothing, groups nothing and tags nothing.

    python bench/baseline.py URLS DATABASE      URLS: a file with one address per line
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import feedparser
import requests

SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (url TEXT PRIMARY KEY, etag TEXT, modified TEXT, status INTEGER, error TEXT);
CREATE TABLE IF NOT EXISTS entries (
    feed TEXT, id TEXT, link TEXT, title TEXT, author TEXT, published TEXT, summary TEXT, content TEXT,
    PRIMARY KEY (feed, id)
);
"""
THREADS = 20
TIMEOUT = 20
OK = 200

local = threading.local()


class Polled(NamedTuple):
    """What one feed gave: the row for ``feeds`` and the rows for ``entries``."""

    feed: tuple[str, str, str, int, str]
    entries: list[tuple[str, ...]]


def session() -> requests.Session:
    """Return this thread's session: connections are kept alive within a thread."""
    if not hasattr(local, "session"):
        local.session = requests.Session()
        local.session.headers["User-Agent"] = "baseline/1.0"
    return local.session


def row(url: str, entry: feedparser.FeedParserDict) -> tuple[str, ...]:
    """Turn an entry into a row; an entry without an id goes by its link, one without a link by its title."""
    title = entry.get("title", "")
    link = entry.get("link", "")
    content = entry.content[0].value if "content" in entry else ""
    published = entry.get("published") or entry.get("updated", "")
    return (
        url,
        entry.get("id") or link or title,
        link,
        title,
        entry.get("author", ""),
        published,
        entry.get("summary", ""),
        content,
    )


def poll(known: tuple[str, str, str]) -> Polled:
    """Fetch a feed if it changed since the validators were given, and parse it."""
    url, etag, modified = known
    headers = {}
    if etag:
        headers["If-None-Match"] = etag
    if modified:
        headers["If-Modified-Since"] = modified
    try:
        answer = session().get(url, headers=headers, timeout=TIMEOUT)
    except requests.RequestException as error:
        return Polled((url, etag, modified, 0, str(error)), [])
    if answer.status_code != OK:
        return Polled((url, etag, modified, answer.status_code, ""), [])
    parsed = feedparser.parse(answer.content, response_headers=answer.headers)
    feed = (url, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""), OK, "")
    return Polled(feed, [row(url, entry) for entry in parsed.entries])


def main() -> int:
    """Refresh every feed once; the exit status is 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("urls", type=Path)
    parser.add_argument("database", type=Path)
    arguments = parser.parse_args()
    database = sqlite3.connect(arguments.database)
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(SCHEMA)
    known = {url: (etag, modified) for url, etag, modified in database.execute("SELECT url, etag, modified FROM feeds")}
    urls = arguments.urls.read_text().split()
    failed = 0
    with ThreadPoolExecutor(THREADS) as pool, database:
        for polled in pool.map(poll, [(url, *known.get(url, ("", ""))) for url in urls]):
            database.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?, ?)", polled.feed)
            database.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", polled.entries)
            failed += polled.feed[3] not in {OK, requests.codes.not_modified}
    database.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
