"""JSON Feed 1.1 (https://jsonfeed.org/version/1.1).

What the format has no word for stands in each item's ``_feedhub``: ``source`` is the feed the item comes from, and
``also`` names the other outlets of the story, each with the title and address of its own entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from feedhub.publish import FORMATS
from feedhub.publish.head import head
from feedhub.publish.shown import shown
from feedhub.publish.stamps import rfc3339
from feedhub.publish.texts import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.model import Edition, Enclosure, Item, Person, Site
    from feedhub.publish.origins import Outlet, Telling
    from feedhub.publish.shown import Shown

__all__ = ["write"]


def write(edition: Edition, site: Site, items: Sequence[Item]) -> bytes:
    """Return ``items`` as a JSON Feed."""
    top = head(edition, site, items, FORMATS["json"])
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": top.title,
        "home_page_url": top.home,
        "feed_url": top.url,
        "description": top.description,
        "language": top.language,
        "authors": [{"name": top.author}],
        "items": [_item(shown(item, site, top)) for item in items],
    }
    return msgspec.json.format(msgspec.json.encode(_stated(feed, "items"))) + b"\n"


def _item(told: Shown) -> dict[str, Any]:
    text = told.content or told.summary
    kind = "content_html" if text is not None and text.type != "text/plain" else "content_text"
    item = {
        "id": told.id,
        "url": told.link,
        "title": told.headline,
        kind: text.value if text is not None else "",
        "summary": plain(told.summary) if told.content is not None and told.summary is not None else "",
        "image": told.pictures[0].url if told.pictures else "",
        "date_published": rfc3339(told.published),
        "date_modified": rfc3339(told.updated),
        "authors": [_author(author) for author in told.authors],
        "tags": told.tags,
        "language": told.language,
        "attachments": [_attachment(file) for file in told.files],
        "_feedhub": _stated({"source": _outlet(told.outlet), "also": [_telling(telling) for telling in told.also]}),
    }
    return _stated(item, kind)


def _author(author: Person) -> dict[str, str]:
    return _stated({"name": author.name, "url": author.url})


def _attachment(file: Enclosure) -> dict[str, Any]:
    attachment = {
        "url": file.url,
        "mime_type": file.type,
        "title": file.title,
        "size_in_bytes": file.length,
        "duration_in_seconds": file.duration,
    }
    return {name: value for name, value in attachment.items() if value is not None and value != ""}


def _outlet(outlet: Outlet) -> dict[str, str]:
    return _stated({"title": outlet.title, "home_page_url": outlet.link, "feed_url": outlet.feed_url})


def _telling(telling: Telling) -> dict[str, Any]:
    return _stated({"source": _outlet(telling.outlet), "title": telling.title, "url": telling.url})


def _stated(values: dict[str, Any], *needed: str) -> dict[str, Any]:
    """Return ``values`` without those that say nothing; the ``needed`` stay."""
    return {name: value for name, value in values.items() if value or name in needed}
