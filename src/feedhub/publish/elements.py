"""The XML that feedgen has no method for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from feedhub.publish.html.places import root
from feedhub.publish.html.theme import FEED_STYLE

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from feedhub.model import Enclosure, Link
    from feedhub.model.media import Media, Place

__all__ = [
    "LANG",
    "NAMESPACES",
    "add",
    "add_file",
    "add_link",
    "add_media",
    "add_place",
    "profiled",
    "relabel",
    "styled",
]

# As lxml writes them; in text it leaves no other "<". A hit in text does no harm: both forms are the same to a parser.
_LINK_TITLE = re.compile(rb' title="[^"<]*"')

LANG = "{http://www.w3.org/XML/1998/namespace}lang"

NAMESPACES = {
    "at": "http://purl.org/atompub/tombstones/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
"""The prefixes of elements beside the format's own."""


def add(parent: Element, name: str, text: str = "", /, **attributes: str | int | None) -> Element:
    """Append an element, with the attributes that say something, and return it; ``name`` may be ``prefix:name``."""
    prefix, _, local = name.rpartition(":")
    present = {key: str(value) for key, value in attributes.items() if value or value == 0}
    if prefix:
        uri = NAMESPACES[prefix]
        element = etree.SubElement(parent, f"{{{uri}}}{local}", present, {prefix: uri})
    else:
        element = etree.SubElement(parent, local, present)
    if text:
        element.text = text
    return element


def relabel(parent: Element, name: str, text: str) -> Element:
    """Give the child ``name``, which feedgen has written, another text, and return it."""
    child = next(parent.iterchildren(name))
    child.text = text
    return child


def add_file(parent: Element, name: str, file: Enclosure) -> None:
    """Append an enclosure as the Atom link ``name`` (RFC 4287 §4.2.7)."""
    add(parent, name, rel="enclosure", href=file.url, type=file.type, length=file.length, title=file.title)


def add_link(parent: Element, name: str, link: Link) -> None:
    """Append a link as the Atom link ``name`` (RFC 4287 §4.2.7)."""
    add(parent, name, rel=link.rel, href=link.href, type=link.type, hreflang=link.language, title=link.title)


def add_media(parent: Element, media: tuple[Media, ...], pictures: tuple[Media, ...]) -> None:
    """Append the elements of Media RSS."""
    for each in media:
        add(
            parent,
            "media:content",
            url=each.url,
            fileSize=each.length or None,
            type=each.type,
            medium=each.medium,
            duration=each.duration,
            height=each.height or None,
            width=each.width or None,
        )
    for each in pictures:
        add(parent, "media:thumbnail", url=each.url, height=each.height or None, width=each.width or None)


def add_place(parent: Element, place: Place) -> None:
    """Append a point of GeoRSS Simple, as exact as ten centimetres."""
    add(parent, "georss:point", f"{place.latitude:.6f} {place.longitude:.6f}")


def profiled(body: bytes, pattern: re.Pattern[bytes] = _LINK_TITLE) -> bytes:
    """Write ``&`` and ``<`` as the RSS profile recommends for plain text, in titles of links or what ``pattern`` finds.

    To an XML parser nothing changes; for a validator it says that the text is meant to be read as it is.
    """
    return pattern.sub(_hexadecimal, body)


def styled(body: bytes, slug: str) -> bytes:
    """Add the style sheet in which browsers show the XML document ``body`` of an edition to whoever opens it.

    It is found from the document's own place, so that it is there under any address the folder is served at.
    """
    declaration, _, rest = body.partition(b"\n")
    return b'%s\n<?xml-stylesheet type="text/css" href="%s"?>\n%s' % (
        declaration,
        (root(slug) + FEED_STYLE).encode(),
        rest,
    )


def _hexadecimal(found: re.Match[bytes]) -> bytes:
    return found[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
