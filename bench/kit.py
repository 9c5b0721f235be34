"""Fetches one URL as a refresh would and prints one JSON object: what feedhub made of it.

    python bench/kit.py --state DIR URL

The state of the source stays in DIR from one call to the next. Private addresses are refused, except 127.0.0.1. Made
for judging feedhub against a server that misbehaves on purpose.
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from feedhub import plan
from feedhub.errors import ParseError
from feedhub.fetch import fetch_all
from feedhub.model import Failure, Fetched, FetchSettings, Source, SourceState, StoredEntry, Update
from feedhub.parse import read_feed
from feedhub.store import open_store

SETTINGS = FetchSettings(allow_private=("127.0.0.1",))
NOT_MODIFIED = 304
# The classes of failure by reason code; ``http-404`` and its like are http_status.
CLASSES = {
    "blocked": "http_status",
    "connect": "connection",
    "dns": "dns",
    "empty": "not_a_feed",
    "encoding": "decode",
    "gone": "http_status",
    "malformed": "parse",
    "not-a-feed": "not_a_feed",
    "protocol": "protocol",
    "rate-limited": "http_status",
    "redirect": "redirect",
    "refused": "refused",
    "timeout": "timeout",
    "too-large": "too_large",
    "truncated": "truncated",
}


def refresh(source: Source, folder: Path) -> tuple[Fetched, Update, list[StoredEntry]]:
    """Refresh one source and return what was fetched, what it changed, and all that is stored of it."""
    now = datetime.now(UTC).replace(microsecond=0)
    with closing(open_store(str(folder / "store.sqlite"))) as store:
        state = store.states().get(source.id) or SourceState(source_id=source.id)
        (fetched,) = fetch_all([plan.request(source, state)], SETTINGS)
        if fetched.failure:
            update = plan.failed(source, state, fetched, fetched.failure, now)
        elif fetched.status == NOT_MODIFIED or plan.digest(fetched.body) == state.body_hash:
            update = plan.unchanged(source, state, fetched, now)
        else:
            try:
                content_type = dict(fetched.headers).get("content-type", "")
                feed = read_feed(fetched.body, url=fetched.url, content_type=content_type)
                update = plan.read(source, state, store.known(source.id), fetched=fetched, feed=feed, now=now)
            except ParseError as error:
                failure = Failure(stage="parse", code=error.code, detail=str(error))
                update = plan.failed(source, state, fetched, failure, now)
        store.apply([update])
        return fetched, update, [stored for stored in store.unsigned("kit") if stored.source_id == source.id]


def shown(stored: StoredEntry) -> dict[str, object]:
    """Return what a reader would see of an entry."""
    entry = stored.entry
    if entry is None:
        raise AssertionError("an unsigned entry has its text")
    html = [text.value for text in (entry.summary, entry.content) if text.type != "text/plain"]
    links = [enclosure.url for enclosure in entry.enclosures] + [link.href for link in entry.links]
    return {
        "id": entry.id or stored.key,
        "title": entry.title.value,
        "title_type": entry.title.type,
        "link": entry.link,
        "links": [*links, *(author.url for author in entry.authors if author.url)],
        "html": html,
        "published": stored.published.timestamp(),
        "updated": stored.updated.timestamp(),
    }


def strings(value: object) -> list[str]:
    """Return every string within a JSON value."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def class_of(code: str) -> str:
    """Return the class of failure that a reason code belongs to, or the code itself."""
    return "http_status" if code.startswith("http-") else CLASSES.get(code, code)


def result(source: Source, folder: Path) -> dict[str, object]:
    """Return the object to print."""
    fetched, update, stored = refresh(source, folder)
    state, failure = update.state, update.state.failure
    entries = [shown(entry) for entry in stored[:2000]]
    shown_state = msgspec.to_builtins(replace(state, url="", source_id=""))
    return {
        "outcome": "error" if failure else "not_modified" if fetched.status == NOT_MODIFIED else "ok",
        "error_class": class_of(failure.code) if failure else None,
        "error": f"{failure.code}: {failure.detail}" if failure else None,
        "http_status": fetched.status,
        "n_entries": len(stored),
        "new": len(update.new),
        "updated": len(update.changed),
        "entries": entries,
        "feed_links": [state.link] if state.link else [],
        "permanent_url": fetched.moved_to if fetched.moved_to and not failure else None,
        "stored_url": None,
        "state": "gone" if failure and failure.code == "gone" else "active",
        "texts": strings([entries, shown_state]),
    }


def main() -> None:
    """Print what became of the URL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("url")
    arguments = parser.parse_args()
    print(json.dumps(result(Source(id=plan.digest(arguments.url.encode()), url=arguments.url), arguments.state)))


if __name__ == "__main__":
    main()
