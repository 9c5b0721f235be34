"""Attached files, pictures and links: what of them can be published, in valid terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model.media import Media
from feedhub.publish import languages
from feedhub.publish.addresses import uri
from feedhub.publish.texts import name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedhub.model import Enclosure, Entry, Link

__all__ = ["UNKNOWN", "files", "fit_for_rss", "links", "media", "pictures"]

UNKNOWN = "application/octet-stream"

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
# RSS readers ask for a host with a dot and a path, as podcast directories do.
_PUBLIC_HOST = re.compile(r"(?i)https?://(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::[0-9]+)?/")
# The system's own table (the standard library's mimetypes) differs from machine to machine.
_BY_SUFFIX = {
    "aac": "audio/aac",
    "avif": "image/avif",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "torrent": "application/x-bittorrent",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "zip": "application/zip",
}


# Relations that say the same in another feed; those to a feed's own parts ("self", "edit", "next") do not.
_RELATIONS = frozenset({"license", "payment", "related", "replies", "via"})
_MEDIUMS = frozenset({"audio", "document", "executable", "image", "video"})


def files(entry: Entry) -> tuple[Enclosure, ...]:
    """Return the enclosures of ``entry`` that have an address; a missing media type is told by the suffix.

    One that is not known at all is said to be just bytes, since readers take a file without a type for a page.
    """
    found = []
    for enclosure in entry.enclosures:
        url = uri(enclosure.url)
        if url:
            stated = _media_type(enclosure.type) or _by_suffix(url) or UNKNOWN
            found.append(replace(enclosure, url=url, type=stated, title=name(enclosure.title)))
    return tuple(found)


def media(entry: Entry) -> tuple[Media, ...]:
    """Return what to name as ``media:content``: the entry's own, and its files of known duration."""
    timed = [
        Media(url=file.url, type=file.type, length=file.length, duration=file.duration)
        for file in entry.enclosures
        if file.duration
    ]
    return tuple(_valid(each) for each in _first_by_url((*entry.media, *timed)))


def pictures(entry: Entry) -> tuple[Media, ...]:
    """Return what to name as ``media:thumbnail``: the entry's image first, then its thumbnails."""
    known = {thumbnail.url: thumbnail for thumbnail in entry.thumbnails}
    image = known.get(entry.image) or Media(url=entry.image)
    return tuple(_valid(each) for each in _first_by_url((image, *entry.thumbnails)))


def links(entry: Entry) -> tuple[Link, ...]:
    """Return the links of ``entry`` that mean the same in another feed; its comments are one of them."""
    kept = {}
    for link in entry.links:
        href = uri(link.href)
        if href and link.rel in _RELATIONS:
            kept[link.rel, href] = replace(
                link,
                href=href,
                type=_media_type(link.type),
                title=name(link.title),
                language=languages.known(link.language),
            )
    return tuple(kept.values())


def fit_for_rss(found: Sequence[Enclosure]) -> Enclosure | None:
    """Return the file to enclose in an RSS item, which has room for one: the first recording, else the first file."""
    fit = [file for file in found if _PUBLIC_HOST.match(file.url)]
    recordings = (file for file in fit if file.type.startswith(("audio/", "video/")))
    return next(recordings, fit[0] if fit else None)


def _media_type(text: str) -> str:
    return text if _MEDIA_TYPE.fullmatch(text) else ""


def _first_by_url(found: Iterable[Media]) -> Iterable[Media]:
    by_url: dict[str, Media] = {}
    for each in found:
        url = uri(each.url)
        if url:
            by_url.setdefault(url, replace(each, url=url))
    return by_url.values()


def _valid(each: Media) -> Media:
    medium = each.medium if each.medium in _MEDIUMS else ""
    return replace(each, type=_media_type(each.type), medium=medium)


def _by_suffix(url: str) -> str:
    path = url.partition("#")[0].partition("?")[0]
    return _BY_SUFFIX.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "")
