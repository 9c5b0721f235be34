"""JSON Feed 1.1 (https://jsonfeed.org/version/1.1).

What the format has no word for stands in each item's ``_feedhub``: ``source`` is the feed the item comes from, and
``also`` names the other outlets of the story, each with the title and address of its own entry. ``event`` has the id of
the event that the story is about, and its other stories. ``reasons`` say why an entry is in the story, or a story is in
the event: the ``rule``, the ``words`` it went by, and the ``score`` that was held against the ``threshold``.
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

    from feedhub.model import Edition, Enclosure, Item, Part, Person, Reason, Site
    from feedhub.publish.origins import Outlet, Telling
    from feedhub.publish.shown import Shown

__all__ = ["write"]


def write(edition: Edition, site: Site, items: Sequence[Item], part: Part) -> bytes:
    """Return ``items`` as a JSON Feed."""
    top = head(edition, site, items, FORMATS["json"], part)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": top.title,
        "home_page_url": top.home,
        "feed_url": top.url,
        "next_url": top.previous,
        "description": top.description,
        "language": top.language,
        "authors": [{"name": top.author}],
        "hubs": [{"type": "WebSub", "url": hub} for hub in top.hubs],
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
        "_feedhub": _stated(
            {
                "source": _outlet(told.outlet),
                "also": [_telling(telling) for telling in told.also],
                "event": _event(told) if told.event else None,
            }
        ),
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
    return _stated(
        {
            "id": telling.id,
            "source": _outlet(telling.outlet),
            "title": telling.title,
            "url": telling.url,
            "reasons": [_reason(reason) for reason in telling.why],
        }
    )


def _event(told: Shown) -> dict[str, Any]:
    return _stated(
        {
            "id": told.event,
            "reasons": [_reason(reason) for reason in told.linked],
            "stories": [_telling(telling) for telling in told.related],
        }
    )


def _reason(reason: Reason) -> dict[str, Any]:
    """Return what of a reason is for everybody: the entries it names go by keys that are nobody else's business."""
    return _stated(
        {
            "rule": reason.rule,
            "words": reason.words,
            "score": round(reason.score, 3),
            "threshold": round(reason.threshold, 3),
        }
    )


def _stated(values: dict[str, Any], *needed: str) -> dict[str, Any]:
    """Return ``values`` without those that say nothing; the ``needed`` stay."""
    return {name: value for name, value in values.items() if value or name in needed}
