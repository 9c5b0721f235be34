"""An entry as the folds read it: in plain text, under whose name it was published, and when it came."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedhub.normalize.html import without_tags
from feedhub.stories.telling import Telling

if TYPE_CHECKING:
    from feedhub.model import Entry, StoredEntry

__all__ = ["telling"]

# Characters of markup that are read: many more than there are in the words that folds look at.
MAX_MARKUP = 60_000
LATEST = (1 << 32) - 1


def telling(number: int, stored: StoredEntry) -> Telling:
    """Return entry ``number``, one not removed, as folds read it: as it was when it came.

    It came when it was published, unless it says that this was after it was seen: what a source told over weeks came
    over weeks, though it was first asked today.
    """
    entry = stored.entry
    if entry is None:
        raise ValueError(f"{stored.source_id} {stored.key} was removed by retention and cannot be read again")
    arrived = int(min(stored.published, stored.first_seen).timestamp())
    return Telling(
        number=number,
        source_id=stored.source_id,
        key=stored.key,
        arrived=max(0, min(arrived, LATEST)),
        title=entry.title.value,
        text=_text(entry),
        language=entry.language,
        publisher=_publisher(entry) or stored.source_id,
    )


def _text(entry: Entry) -> str:
    text = entry.content if entry.content.value else entry.summary
    return text.value[:MAX_MARKUP] if text.type == "text/plain" else without_tags(text.value[:MAX_MARKUP])


def _publisher(entry: Entry) -> str:
    """Return the host that the entry is read at: one for all feeds of a publisher, and the original's in a digest."""
    return (urlsplit(entry.link).hostname or "").removeprefix("www.")
