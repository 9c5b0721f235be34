"""The contract of the fast path: what it accepts, it reads as feedparser does."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from feedhub.errors import ParseError
from feedhub.parse import DeclinedError, differences, fast, tolerant
from parse_mutations import mutate, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parse_mutations import Element

URL = "https://feeds.example.org/some/feed.xml"
MEDIA = "application/xml"
_URLS = (URL, URL, "http://example.org", "file:///srv/feed.xml", "")
_MEDIA = (
    *(MEDIA, MEDIA, "application/rss+xml; charset=utf-8", "text/xml", "text/html; charset=UTF-8", ""),
    *("text/xml; charset=iso-8859-1", "application/atom+xml; charset=windows-1252"),
)


class Outcome(NamedTuple):
    """What came of one document: accepted or declined for a reason, and the fields that differ."""

    name: str
    reason: str
    differences: tuple[str, ...]
    body: bytes

    @property
    def accepted(self) -> bool:
        return not self.reason


def outcome(name: str, body: bytes, url: str = URL, content_type: str = MEDIA) -> Outcome:
    """Read a document on both ways."""
    try:
        found = fast.read(body, url=url, content_type=content_type)
    except DeclinedError as error:
        return Outcome(name, error.reason, (), body)
    try:
        expected = tolerant.read(body, url=url, content_type=content_type)
    except ParseError as error:
        return Outcome(name, "", (f"feedparser says {error.code}",), body)
    return Outcome(name, "", differences(found, expected), body)


def declined(body: bytes) -> str:
    """Return why the fast path declines a document, empty when it does not."""
    try:
        fast.read(body, url=URL, content_type=MEDIA)
    except DeclinedError as error:
        return error.reason
    return ""


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Go through the documents of a corpus."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".tsv", ".json"}:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def seeds(folder: Path) -> list[Element]:
    """Return the feeds of a corpus, trimmed, to make mutations of."""
    found = (trimmed(body) for _, body in documents(folder))
    return [root for root in found if root is not None]


def mutations(roots: list[Element], seed: str, count: int) -> Iterator[Outcome]:
    """Read ``count`` mutations on both ways; a name such as ``seed:17`` makes the same document again."""
    for at in range(count):
        name = f"{seed}:{at}"
        rng = random.Random(name)  # noqa: S311 - tests need chance that can be repeated, not secrets
        body = mutate(rng.choice(roots), rng)
        yield outcome(name, body, rng.choice(_URLS), rng.choice(_MEDIA))
