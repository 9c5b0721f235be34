"""Reads ``file:`` URLs (RFC 8089): regular files of this machine, read whole each time.

There are no validators: a modification time can stay the same over a change, and the hash of the body decides anyway.
"""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from feedhub.errors import FetchError
from feedhub.fetch.guard import printable
from feedhub.model import Failure, Fetched

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from feedhub.model import FetchSettings, Request

__all__ = ["MEDIA_TYPES", "fetch"]

MEDIA_TYPES = {
    ".atom": "application/atom+xml",
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".opml": "text/x-opml",
    ".rdf": "application/rdf+xml",
    ".rss": "application/rss+xml",
    ".xml": "application/xml",
}
STEP = 1 << 20


def fetch(requests: Iterable[Request], settings: FetchSettings) -> Generator[Fetched, None, None]:
    """Read files, yielding an answer with status 200 for each, or with a failure.

    The codes are ``refused`` (not a regular file of this machine), ``not-found``, ``too-large``, ``unreadable`` and
    ``empty``.
    """
    for request in requests:
        try:
            path = _path(request.url)
            body = _read(path, settings.max_bytes)
        except FetchError as error:
            failure = Failure(stage="fetch", code=error.code, detail=str(error))
            yield Fetched(source_id=request.source_id, url=request.url, failure=failure)
            continue
        media_type = MEDIA_TYPES.get(PurePosixPath(os.fsdecode(path)).suffix.lower(), "")
        headers = (("content-type", media_type),) if media_type else ()
        yield Fetched(source_id=request.source_id, url=request.url, status=200, headers=headers, body=body)


def _path(url: str) -> bytes:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise FetchError("refused", "not a valid URL") from None
    path = unquote_to_bytes(parts.path)
    if parts.netloc not in {"", "localhost"} or not path.startswith(b"/") or b"\0" in path:
        raise FetchError("refused", "not the URL of a file of this machine")
    if parts.query or parts.fragment:
        raise FetchError("refused", "a file has no query or fragment: write ? as %3F and # as %23")
    return path


def _read(path: bytes, limit: int) -> bytes:
    try:
        # Without O_NONBLOCK, opening a FIFO would wait for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise FetchError("not-found", "no such file") from None
    except OSError as error:
        raise FetchError("unreadable", printable(error.strerror or repr(error))) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FetchError("refused", "not a regular file")
        return _read_all(descriptor, limit)
    except OSError as error:
        raise FetchError("unreadable", printable(error.strerror or repr(error))) from None
    finally:
        os.close(descriptor)


def _read_all(descriptor: int, limit: int) -> bytes:
    pieces, size = [], 0
    while piece := os.read(descriptor, STEP):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise FetchError("too-large", f"more than {limit} bytes")
    if not size:
        raise FetchError("empty", "an empty document")
    return b"".join(pieces)
