"""What every format says about an edition itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from feedhub.model import Edition
from feedhub.normalize.text import xml_safe
from feedhub.publish import SUBSCRIPTION, languages, path
from feedhub.publish.addresses import uri
from feedhub.publish.stamps import newest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.model import Item, Part, Site
    from feedhub.publish import Format

__all__ = ["GENERATOR", "Head", "head"]

GENERATOR = "feedhub"
"""The program's name, without a version: an upgrade alone must not change a document."""


class Head(Struct, frozen=True, kw_only=True):
    """An edition's own facts, fit for every format: ``url`` is its address, ``home`` the site's.

    ``here`` is the document's own address: that of the edition, but for an archive (RFC 5005 §4). ``previous`` is that
    of the archive before it, "" for none. ``language`` is "" where it is unknown. ``updated`` is the newest change of a
    story it holds. ``hubs`` tell subscribers when it changes. ``edition`` says how entries are to be shown.
    """

    edition: Edition
    title: str
    description: str
    author: str
    email: str
    url: str
    here: str
    is_archive: bool
    previous: str
    home: str
    language: str
    updated: datetime
    hubs: tuple[str, ...]

    @property
    def chain(self) -> tuple[tuple[str, str], ...]:
        """The relations by which the documents of an edition are found (RFC 5005 §4), with their addresses."""
        current = (("current", self.url),) if self.is_archive else ()
        return (*current, ("prev-archive", self.previous)) if self.previous else current


def head(edition: Edition, site: Site, items: Sequence[Item], form: Format, part: Part = SUBSCRIPTION) -> Head:
    """Return what to say of ``edition`` at the top of its document ``part`` in the format ``form``."""
    title = xml_safe(edition.title).strip() or edition.slug
    home = uri(site.url) or site.url
    query = f"?{edition.query}" if edition.query else ""
    # What nobody can know of, what is made on demand and what never changes, no hub is told of.
    is_announced = not (edition.private or edition.query or part.archive)
    return Head(
        email=site.email,
        edition=edition,
        title=title,
        description=xml_safe(edition.description).strip() or xml_safe(site.description).strip() or title,
        author=xml_safe(site.author).strip() or xml_safe(site.title).strip() or title,
        url=home + quote(edition.slug + form.suffix) + query,
        here=home + quote(path(edition, form, part.archive)) + query,
        is_archive=bool(part.archive),
        previous=home + quote(path(edition, form, part.previous)) if part.previous else "",
        home=home,
        language=languages.known(site.language),
        updated=newest(items, part.deleted),
        hubs=site.hubs if is_announced else (),
    )
