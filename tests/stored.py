"""Records as the other rooms give them to the store, and the databases that the store's contract is tested on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feedhub.model import Entry, Known, Member, Reason, SourceState, StoredEntry, Tag, Text, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)

# Another database is one more row: what makes the address of a new, empty one.
DATABASES: dict[str, Callable[[Path], str]] = {"sqlite": lambda folder: f"sqlite:///{folder / 'feedhub.db'}"}


def stored(source_id: str, key: str, *, minute: int = 0, text: str = "text", link: str = "") -> StoredEntry:
    """Return an entry first seen ``minute`` minutes after noon; its hashes and its body say ``text``."""
    seen = NOON + timedelta(minutes=minute)
    return StoredEntry(
        source_id=source_id,
        key=key,
        first_seen=seen,
        published=seen - timedelta(hours=1),
        updated=seen - timedelta(minutes=30),
        fingerprint=f"f-{text}",
        significant=f"s-{text}",
        entry=Entry(
            id=f"urn:{key}",
            title=Text(value=f"Title of {key}"),
            link=link or f"https://{source_id}.example.org/{key}",
            content=Text(value=f"<p>{text}</p>", type="text/html"),
        ),
    )


def update(source_id: str, *, new: Sequence[StoredEntry] = (), changed: Sequence[StoredEntry] = ()) -> Update:
    """Return an update of a source that answered."""
    state = SourceState(source_id=source_id, etag='"e"', status=200, fetched_at=NOON)
    return Update(state=state, new=tuple(new), changed=tuple(changed))


def known_of(of: StoredEntry) -> Known:
    """Return what a plan is told of an entry once it is stored."""
    entry = of.entry or Entry()
    return Known(
        key=of.key,
        first_seen=of.first_seen,
        published=of.published,
        updated=of.updated,
        fingerprint=of.fingerprint,
        significant=of.significant,
        link=entry.link,
        title=entry.title.value,
    )


def member(of: StoredEntry, *tags: str, removed: bool = False) -> Member:
    """Return the member that an entry becomes when it is signed with ``tags``, and when it is ``removed`` later."""
    entry = of.entry or Entry()
    return Member(
        source_id=of.source_id,
        key=of.key,
        entry_id=entry.id,
        title="" if removed else entry.title.value,
        link=entry.link,
        first_seen=of.first_seen,
        published=of.published,
        updated=of.updated,
        url_key=f"url of {of.key}",
        text_key=f"text of {of.significant}",
        removed=removed,
        tags=tuple(Tag(name=tag, reasons=(Reason(rule="words", field="title", found=tag),)) for tag in tags),
        editions=("all", *tags),
    )
