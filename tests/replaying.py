"""Responses as sources might give them in the course of time, and their crawl without a network; for tests only."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from feedhub import load
from feedhub.crawl import Crawl
from feedhub.model import Failure, Fetched, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from feedhub.config import Config
    from feedhub.crawl import Crawled
    from feedhub.store import Store

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RSS = "<rss version='2.0'><channel><title>{title}</title><link>https://a.example/</link>{items}</channel></rss>"
ITEM = """<item>{guid}<title>Title of {number}, {version}</title><link>https://a.example/{number}</link>
<description>Text of {number} in its version {version}.</description></item>"""


def document(entries: Sequence[tuple[int, int]], *, guid: str = "g{number}", title: str = "A feed") -> bytes:
    """Return an RSS document of entries (number, version); ``guid`` may hold {number} and, where "", is left out."""
    items = [
        ITEM.format(
            guid=f"<guid isPermaLink='false'>{guid.format(number=number)}</guid>" if guid else "",
            number=number,
            version=version,
        )
        for number, version in entries
    ]
    return RSS.format(title=title, items="".join(items)).encode()


def configured(folder: Path, extra: str = "keep_raw = true") -> Config:
    """Return a configuration that keeps responses."""
    path = folder / "config.toml"
    path.write_text(f"[store]\n{extra}\n")
    return load(path)


class Life:
    """Sources that answer one after the other, with what they say stored as the hub stores it."""

    def __init__(self, config: Config, store: Store, *, raw_bytes: int = 10**9) -> None:
        self.config = config
        self.store = store
        self.raw_bytes = raw_bytes
        self.now = START

    def answer(
        self,
        body: bytes = b"",
        *,
        source_id: str = "s",
        asked: str = "",
        after: timedelta = HOUR,
        **more: Any,  # noqa: ANN401 - fields of Fetched, each of its own type
    ) -> Crawled:
        """Let a source, which is configured to be ``asked`` there, answer some time ``after`` what came before."""
        self.now += after
        url = f"https://{source_id}.example/feed"
        answer = {"url": url, "status": 200, "headers": (("content-type", "application/rss+xml"),), "body": body}
        crawl = Crawl(self.config, self.store, self.now)
        with closing(crawl.readers):
            fetched = Fetched(source_id=source_id, **answer | more)
            crawled = crawl.crawled(Source(id=source_id, url=asked or url), fetched)
        self.store.apply([crawled.update], raw_bytes=self.raw_bytes)
        return crawled

    def fail(self, **more: Any) -> Crawled:  # noqa: ANN401 - as `answer`
        """Let a source be out of reach."""
        return self.answer(failure=Failure(stage="fetch", code="timeout"), status=0, **more)


def facts(store: Store) -> dict[str, object]:
    """Return every fact of a store: states, entries under all their keys with their texts and revisions, responses."""
    told: dict[str, object] = {"states": store.states(), "raw": list(store.raw())}
    for source_id in store.states():
        known = store.known(source_id)
        ids = sorted((source_id, key) for key in {entry.key for entry in known.values()})
        told[source_id] = known, store.entries(ids), [store.revisions(*id_) for id_ in ids]
    return told
