"""The list of sources as OPML 2.0 (http://opml.org/spec2.opml), which other readers can import.

A source whose address is not for the public (a local file, or a URL with a key in it) cannot be subscribed to by
others: it is listed as a link to its home page, or left out where it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from feedhub.model import Document
from feedhub.normalize.text import xml_safe
from feedhub.publish import languages
from feedhub.publish.addresses import public, uri
from feedhub.publish.elements import add
from feedhub.publish.origins import SOURCES, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element as Element

    from feedhub.model import Site, Source

__all__ = ["document", "write"]


def document(site: Site, sources: Iterable[Source]) -> Document:
    """Return the list of ``sources`` as a document of the site."""
    return Document(path=SOURCES, media_type="text/x-opml", body=write(site, sources))


def write(site: Site, sources: Iterable[Source]) -> bytes:
    """Return ``sources``, in their order, as an OPML subscription list."""
    opml = etree.Element("opml", version="2.0")
    title = xml_safe(site.title).strip() or uri(site.url)
    add(add(opml, "head"), "title", title)
    body = add(opml, "body")
    for source in sources:
        _add_outline(body, source)
    if not len(body):
        # The format wants an outline.
        add(body, "outline", text=title)
    return etree.tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _add_outline(body: Element, source: Source) -> None:
    feed, home = public(source.url), uri(source.link)
    name = name_of(source)
    category = ",".join(xml_safe(tag).replace(",", " ").replace("/", " ").strip() for tag in source.tags)
    if feed:
        add(
            body,
            "outline",
            type="rss",
            text=name,
            title=name,
            xmlUrl=feed,
            htmlUrl=home,
            category=category,
            language=languages.known(source.language),
        )
    elif home:
        add(body, "outline", type="link", text=name, url=home, category=category)
