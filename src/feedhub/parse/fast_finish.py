"""Drafts to the records of `feedhub.model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Category, Entry, Feed, Problem, Text
from feedhub.parse import parts
from feedhub.parse.episodes import episode, skips
from feedhub.parse.fast_walk import NOTHING
from feedhub.parse.values import MAX_PARTS, too_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.parse.fast_walk import Draft, Tag, Walk

__all__ = ["bad_dates", "finished", "finished_feed"]


def finished(draft: Draft) -> Entry:
    """Return the entry that a draft has become."""
    held = draft.held
    links = draft.links
    content = draft.content or NOTHING
    entry = Entry(
        id=held.get("id", ""),
        title=_text(draft.title, draft.title_detail),
        link=draft.link or "",
        summary=_text(draft.summary, draft.summary_detail, content) if draft.summary else NOTHING,
        content=content,
        authors=parts.people(draft.authors) if draft.authors else (),
        categories=_categories(draft.tags) if draft.tags else (),
        enclosures=parts.enclosures(links, held.get("itunes_duration", "")) if links else (),
        published=draft.published,
        updated=draft.updated,
        language=held.get("language", ""),
        comments=held.get("comments", ""),
        links=parts.links(links) if links else (),
        rights=draft.rights,
    )
    # Apart, since few entries have these, and a call with more than fifteen keywords costs Python two dictionaries.
    if (
        draft.origin
        or draft.image
        or draft.media
        or draft.thumbnails
        or draft.place
        or draft.special
        or "geo_lat" in held
    ):
        return _with_rare_parts(entry, draft)
    return entry


def _with_rare_parts(entry: Entry, draft: Draft) -> Entry:
    held = draft.held
    place = draft.place
    if place is None and "geo_lat" in held:
        place = parts.place(held["geo_lat"], held.get("geo_long", ""))
    return replace(
        entry,
        origin=draft.origin,
        image=draft.image or "",
        media=parts.media(draft.media) if draft.media else (),
        thumbnails=parts.media(draft.thumbnails) if draft.thumbnails else (),
        place=place,
        episode=episode(draft.special) if draft.special else None,
    )


def finished_feed(walk: Walk) -> Feed:
    """Return the feed that a walk has gone through."""
    draft = walk.feed
    held = draft.held
    skip_hours, skip_days = skips(draft.special if walk.has_channel else ())
    return Feed(
        dialect=walk.dialect,
        id=held.get("id", ""),
        title=_text(draft.title, draft.title_detail),
        subtitle=draft.subtitle if draft.subtitle.value else _text(draft.summary or "", draft.summary_detail),
        link=draft.link or "",
        language=walk.language,
        image=draft.image or held.get("logo", ""),
        icon=held.get("icon", ""),
        authors=parts.people(draft.authors),
        updated=draft.updated or draft.published,
        links=parts.links(draft.links),
        categories=_categories(draft.tags),
        hints=parts.hints(held, skip_hours, skip_days),
        entries=tuple(walk.entries),
        problems=(*walk.problems, *too_many(walk.count), *reversed(bad_dates(draft, -1)), *walk.bad_dates),
    )


def bad_dates(draft: Draft, at: int) -> list[Problem]:
    """Return the problems of the entry at a place, or of the feed (-1), whose dates say nothing."""
    undated = dict(draft.undated)
    return [
        Problem(code="bad-date", detail=f"{name}: {said[:80]}", entry=at)
        for name, found in (("published", draft.published), ("updated", draft.updated))
        if found is None and (said := undated.get(name))
    ]


def _categories(tags: Sequence[Tag]) -> tuple[Category, ...]:
    """Return the categories that have a term or a label."""
    return tuple(
        [
            Category(term=term or "", scheme=scheme or "", label=label or "")
            for term, scheme, label in tags[:MAX_PARTS]
            if term or label
        ]
    )


def _text(value: str, detail: Text, source: Text = NOTHING) -> Text:
    """Return a text whose type feedparser keeps apart from its value; the two can come from different elements."""
    if detail.value == value:
        return detail
    if not value:
        return NOTHING
    return source if source.value == value else Text(value=value)
