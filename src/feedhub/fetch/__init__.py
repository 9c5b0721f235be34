"""The doors to bytes: one fetcher for each URL scheme.

A fetcher is a function of requests and settings that yields one `Fetched` for each request, in any order, and puts
what goes wrong into it. Rows name theirs as ``module:function``, so that no library is loaded before it is needed.
Other packages add rows by entry points of the group ``feedhub.fetchers``, named by the scheme.
"""

from __future__ import annotations

import logging
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Protocol, cast

from feedhub.model import Failure, Fetched

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from feedhub.model import FetchSettings, Request

__all__ = ["FETCHERS", "Fetcher", "fetch_all"]

log = logging.getLogger("feedhub")

FETCHERS = {
    "file": "feedhub.fetch.files:fetch",
    "http": "feedhub.fetch.http:fetch",
    "https": "feedhub.fetch.http:fetch",
}


class Fetcher(Protocol):
    """What a row names."""

    def __call__(self, requests: Iterable[Request], settings: FetchSettings) -> Iterable[Fetched]:
        """Yield one answer for each request, within the bounds of the settings."""


def fetch_all(requests: Iterable[Request], settings: FetchSettings) -> Generator[Fetched, None, None]:
    """Fetch all requests and yield exactly one answer for each, as they complete.

    No source's failure is raised: it stands in its answer, with stage ``fetch`` and a reason code (those of the network
    in `feedhub.fetch.answer`), or with stage ``bug`` when a fetcher itself went wrong. Closing the generator early ends
    everything under way.
    """
    by_row: dict[str, list[Request]] = {}
    for request in requests:
        scheme = request.url.partition(":")[0].lower()
        by_row.setdefault(FETCHERS.get(scheme) or _row_elsewhere(scheme), []).append(request)
    for row, asked in by_row.items():
        if row:
            yield from _fetch(row, asked, settings)
        else:
            failure = Failure(stage="fetch", code="refused", detail="nothing fetches URLs of this scheme")
            yield from (Fetched(source_id=request.source_id, url="", failure=failure) for request in asked)


def _fetch(row: str, requests: list[Request], settings: FetchSettings) -> Generator[Fetched, None, None]:
    """Yield a row's answers; requests it leaves unanswered are answered as its bug."""
    left = {request.source_id: request for request in requests}
    detail = f"{row} gave no answer"
    try:
        fetcher = cast("Fetcher", resolve_name(row))
        for fetched in fetcher(requests, settings):
            left.pop(fetched.source_id, None)
            yield fetched
    except Exception as error:
        log.exception("bug met in the fetcher %s; please report it", row)
        detail = f"{row}: {type(error).__name__}"
    failure = Failure(stage="bug", code="bug", detail=detail)
    yield from (Fetched(source_id=source_id, url="", failure=failure) for source_id in left)


def _row_elsewhere(scheme: str) -> str:
    """Return the row of another package for a scheme, or ""."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to load, and hardly ever needed

    return next((point.value for point in entry_points(group="feedhub.fetchers", name=scheme)), "")
