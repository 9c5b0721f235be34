"""Fetches one URL as a refresh would and prints one JSON object: what feedhub made of it.

    python bench/kit.py --state DIR URL

The state of the source stays in DIR from one call to the next. Private addresses are refused, except 127.0.0.1. Made
for judging feedhub against a server that misbehaves on purpose.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from feedhub import Hub, load
from feedhub.plan import NOT_MODIFIED, digest

if TYPE_CHECKING:
    from feedhub import SourceResult
    from feedhub.model import SourceState, StoredEntry

CONFIG = """
[fetch]
allow_private = ["127.0.0.1"]
[[source]]
id = "{id}"
url = {url}
"""
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


def refresh(url: str, folder: Path) -> tuple[SourceResult, SourceState, list[StoredEntry]]:
    """Refresh one source; return what that gave, what is known of the source, and all that is stored of it."""
    source_id = f"s{digest(url.encode())}"
    path = folder / "config.toml"
    path.write_text(CONFIG.format(id=source_id, url=json.dumps(url)))
    with Hub(load(path)) as hub:
        (result,) = hub.refresh(force=True)
        stored = [entry for entry in hub.store.unsigned("kit") if entry.source_id == source_id]
        return result, hub.states()[source_id], stored


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


def seconds_to_wait(state: SourceState) -> float | None:
    """Return how long the source is left alone: as long as the server asked for, or else as feedhub decided."""
    for reason in state.because:
        if reason.rule.startswith("retry-after"):
            return float(reason.found.removesuffix("s"))
    if state.due is None or state.fetched_at is None:
        return None
    return (state.due - state.fetched_at).total_seconds()


def report(url: str, folder: Path) -> dict[str, object]:
    """Return the object to print."""
    result, state, stored = refresh(url, folder)
    failure = state.failure
    entries = [shown(entry) for entry in stored[:2000]]
    shown_state = msgspec.to_builtins(replace(state, url="", source_id=""))
    return {
        "outcome": "error" if failure else "not_modified" if state.status == NOT_MODIFIED else "ok",
        "error_class": class_of(failure.code) if failure else None,
        "error": f"{failure.code}: {failure.detail}" if failure else None,
        "http_status": state.status,
        "n_entries": len(stored),
        "new": result.new,
        "updated": result.changed,
        "entries": entries,
        "feed_links": [state.link] if state.link else [],
        "permanent_url": state.move.target if state.move and state.move.same else None,
        "stored_url": state.moved_to or url,
        "retry_after_s": seconds_to_wait(state),
        "state": "gone" if failure and failure.code == "gone" else "active",
        "texts": strings([entries, shown_state]),
    }


def main() -> None:
    """Print what became of the URL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("url")
    arguments = parser.parse_args()
    print(json.dumps(report(arguments.url, arguments.state)))


if __name__ == "__main__":
    main()
