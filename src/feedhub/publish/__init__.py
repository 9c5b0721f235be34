"""Editions and stories to documents: each format is one file, and a table says which there are.

Everything here is a pure function of its arguments, so the same stories and configuration give the same bytes.
"""

from __future__ import annotations

from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from feedhub.model import Document, Part
from feedhub.publish.selection import select
from feedhub.publish.stamps import newest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.model import Edition, Item, Site

__all__ = ["FORMATS", "SUBSCRIPTION", "Format", "Write", "document", "formats", "path", "select"]

SUBSCRIPTION = Part()
"""The document of an edition to subscribe to, where there is no archive."""


class Write(Protocol):
    """Writes one format."""

    def __call__(self, edition: Edition, site: Site, items: Sequence[Item], part: Part) -> bytes:
        """Return the document ``part`` of ``edition``, published by ``site``, that holds ``items`` in their order."""


class Format(Struct, frozen=True, kw_only=True):
    """An output format: documents are named slug + ``suffix`` and served as ``media_type``."""

    suffix: str
    media_type: str
    write: Write


def _when_used(where: str) -> Write:
    """Return the writer ``module:function``; its module (and feedgen with lxml) is loaded by the first document."""

    def write(edition: Edition, site: Site, items: Sequence[Item], part: Part) -> bytes:
        writer: Write = resolve_name(where)
        return writer(edition, site, items, part)

    return write


FORMATS: dict[str, Format] = {
    "atom": Format(suffix=".atom", media_type="application/atom+xml", write=_when_used("feedhub.publish.atom:write")),
    "rss": Format(suffix=".rss", media_type="application/rss+xml", write=_when_used("feedhub.publish.rss:write")),
    "json": Format(
        suffix=".json", media_type="application/feed+json", write=_when_used("feedhub.publish.jsonfeed:write")
    ),
}
"""The formats that come with feedhub. Packages add a `Format` through the entry-point group ``feedhub.formats``."""


@cache
def formats() -> dict[str, Format]:
    """Return all formats by name, those of installed packages included; nobody replaces one of `FORMATS`."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to load, and few use formats of other packages

    added: dict[str, Format] = {point.name: point.load() for point in entry_points(group="feedhub.formats")}
    return added | FORMATS


def document(
    format_name: str, edition: Edition, site: Site, items: Sequence[Item], part: Part = SUBSCRIPTION
) -> Document:
    """Return ``items`` as a document of ``edition`` in the named format; KeyError for a format nobody knows."""
    form = FORMATS.get(format_name) or formats()[format_name]
    body = form.write(edition, site, items, part)
    return Document(
        path=path(edition, form, part.archive),
        media_type=form.media_type,
        body=body,
        modified=newest(items, part.deleted),
    )


def path(edition: Edition, form: Format, archive: int = 0) -> str:
    """Return the path of an edition's document or archive; no slug has two dashes in a row, so they never meet."""
    return f"{edition.slug}--archive-{archive}{form.suffix}" if archive else edition.slug + form.suffix
