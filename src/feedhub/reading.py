"""Reads fetched documents: the fast parser here, the tolerant one in its box, and both where they are compared."""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.errors import ParseError
from feedhub.fetch.answer import is_wall
from feedhub.model import Feed
from feedhub.parse import differences, read
from feedhub.plan import digest

if TYPE_CHECKING:
    from feedhub.box import Box
    from feedhub.model import Fetched, ParseSettings

__all__ = ["Document", "Readers"]

log = logging.getLogger("feedhub")

# How much of a page is searched for the feed it names, in bytes.
MAX_HEAD = 256 * 1024
# By its start a page is known for one.
MAX_START, _PAGE = 1024, re.compile(rb"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)


class Document(Struct, frozen=True, kw_only=True):
    """A feed, the reader that read it, why earlier ones declined, and where a shadow check found a difference."""

    feed: Feed
    reader: str
    declined: tuple[str, ...]
    differences: tuple[str, ...] = ()


class Readers:
    """The readers of one refresh; close them, and the process that the tolerant one may have started ends."""

    def __init__(self, settings: ParseSettings) -> None:
        self.settings = settings
        self._box: Box | None = None

    @property
    def box(self) -> Box:
        """The tolerant reader."""
        if self._box is None:
            from feedhub.box import Box  # noqa: PLC0415 - most runs can do without it

            self._box = Box(seconds=self.settings.seconds, megabytes=self.settings.megabytes)
        return self._box

    def close(self) -> None:
        """End the box."""
        if self._box is not None:
            self._box.close()

    def read(self, fetched: Fetched, *, seconds: float | None = None) -> Document:
        """Read a fetched document; ParseError says why nobody can, and where a page says that its feed is.

        ``seconds`` of CPU time are allowed to the tolerant reader, or as many as the settings say.
        """
        content_type = dict(fetched.headers).get("content-type", "")
        tolerant = partial(self._boxed, seconds=seconds)
        try:
            reading = read(fetched.body, url=fetched.url, content_type=content_type, tolerant=tolerant)
        except ParseError as error:
            if error.code != "not-a-feed":
                raise
            if feed := _advertised(fetched, content_type):
                raise ParseError(error.code, f"{error}; the page advertises {feed}") from error
            if is_wall(fetched.body):
                raise ParseError("blocked", f"HTTP {fetched.status} with a challenge for humans") from error
            if _PAGE.search(fetched.body[:MAX_START]):
                place = f" at {fetched.moved_to}, where permanent redirects lead" if fetched.moved_to else ""
                raise ParseError(error.code, f"a web page (HTML) in the place of a feed{place}") from error
            raise
        if reading.reader == "tolerant" and not reading.feed.entries:
            for problem in reading.feed.problems:
                if problem.code in {"cut-short", "not-well-formed"}:
                    # As an empty feed it would count as a success, and nobody would see that it is broken.
                    raise ParseError("malformed", f"it breaks before any entry: {problem.detail}")
        found: tuple[str, ...] = ()
        if reading.reader == "fast" and self._is_shadowed(fetched):
            found = self._compare(reading.feed, fetched, content_type, seconds)
        return Document(
            feed=reading.feed,
            reader=reading.reader,
            declined=tuple(f"{reader}: {reason}" for reader, reason in reading.declined),
            differences=found,
        )

    def _is_shadowed(self, fetched: Fetched) -> bool:
        """Choose a share of documents by their bytes, so that a run can be repeated."""
        shadow = self.settings.shadow
        return shadow > 0 and int(digest(fetched.body)[:8], 16) < shadow * 0x1_0000_0000

    def _boxed(self, body: bytes, *, url: str, content_type: str, seconds: float | None) -> Feed:
        return self.box.read(body, url=url, content_type=content_type, seconds=seconds)

    def _compare(self, feed: Feed, fetched: Fetched, content_type: str, seconds: float | None) -> tuple[str, ...]:
        try:
            other = self.box.read(fetched.body, url=fetched.url, content_type=content_type, seconds=seconds)
        except ParseError as error:
            log.warning("shadow check of %s impossible: %s", fetched.source_id, error)
            return ()
        found = differences(feed, other)
        for field in found:
            log.warning("shadow check of %s: the parsers differ in %s", fetched.source_id, field)
        return found


def _advertised(fetched: Fetched, content_type: str) -> str:
    """Return the first feed that a page names in its head, "" for none."""
    from feedhub.discover import advertised  # noqa: PLC0415 - only a page in a feed's place needs lxml

    links = advertised(fetched.body[:MAX_HEAD], fetched.url, content_type)
    return next((link.href for link in links if link.href != fetched.url), "")
