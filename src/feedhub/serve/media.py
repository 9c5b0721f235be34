"""Which files are served, and as what: a name with any other suffix does not exist for the outside."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from feedhub.publish import formats

__all__ = ["Kind", "kinds"]

# How long a client may use what it has without asking (seconds). What decorates pages hardly ever changes. Feeds and
# pages are asked for each time, for a 304 costs next to nothing: readers that go by the lifetime would miss news else.
LASTING = 86_400


class Kind(Struct, frozen=True, kw_only=True):
    """What files with one suffix are: media type with parameters, seconds of freshness, and how they are handled."""

    content_type: str
    max_age: int = 0
    compress: bool = True
    is_feed: bool = False
    is_page: bool = False


@cache
def kinds() -> dict[str, Kind]:
    """Return what is served, by suffix: documents of all formats, and what pages are made of."""
    feeds = {form.suffix: Kind(content_type=_typed(form.media_type), is_feed=True) for form in formats().values()}
    return _OTHERS | feeds


def _typed(media_type: str) -> str:
    """Return a media type with its charset, where it has such a parameter (JSON has none, RFC 8259 §11)."""
    return media_type if media_type.endswith("json") else f"{media_type}; charset=utf-8"


_OTHERS = {
    ".html": Kind(content_type="text/html; charset=utf-8", is_page=True),
    ".opml": Kind(content_type="text/x-opml; charset=utf-8"),
    ".xml": Kind(content_type="application/xml; charset=utf-8"),
    ".txt": Kind(content_type="text/plain; charset=utf-8"),
    ".css": Kind(content_type="text/css; charset=utf-8", max_age=LASTING),
    ".js": Kind(content_type="text/javascript; charset=utf-8", max_age=LASTING),
    ".svg": Kind(content_type="image/svg+xml", max_age=LASTING),
    ".webmanifest": Kind(content_type="application/manifest+json", max_age=LASTING),
    ".ico": Kind(content_type="image/vnd.microsoft.icon", max_age=LASTING, compress=False),
    ".png": Kind(content_type="image/png", max_age=LASTING, compress=False),
    ".jpg": Kind(content_type="image/jpeg", max_age=LASTING, compress=False),
    ".webp": Kind(content_type="image/webp", max_age=LASTING, compress=False),
    ".woff2": Kind(content_type="font/woff2", max_age=LASTING, compress=False),
}
