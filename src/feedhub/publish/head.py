"""What every format says about an edition itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from feedhub.model import Edition
from feedhub.normalize.text import xml_safe
from feedhub.publish import languages
from feedhub.publish.addresses import uri
from feedhub.publish.stamps import newest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.model import Item, Site
    from feedhub.publish import Format

__all__ = ["GENERATOR", "Head", "head"]

GENERATOR = "feedhub"
"""The program's name, without a version: an upgrade alone must not change a document."""


class Head(Struct, frozen=True, kw_only=True):
    """An edition's own facts, fit for every format: ``url`` is the document's address, ``home`` the site's.

    ``language`` is "" where it is unknown. ``updated`` is the newest change of a story it holds. ``edition`` says how
    entries are to be shown.
    """

    edition: Edition
    title: str
    description: str
    author: str
    url: str
    home: str
    language: str
    updated: datetime


def head(edition: Edition, site: Site, items: Sequence[Item], form: Format) -> Head:
    """Return what to say of ``edition`` at the top of its document in the format ``form``."""
    title = xml_safe(edition.title).strip() or edition.slug
    home = uri(site.url) or site.url
    return Head(
        edition=edition,
        title=title,
        description=xml_safe(edition.description).strip() or xml_safe(site.description).strip() or title,
        author=xml_safe(site.author).strip() or xml_safe(site.title).strip() or title,
        url=home + quote(edition.slug + form.suffix),
        home=home,
        language=languages.known(site.language),
        updated=newest(items),
    )
