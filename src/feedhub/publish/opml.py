"""Lists of sources as OPML 2.0 (http://opml.org/spec2.opml): one for the public, and one to keep or to move with.

In the public one, a source whose address is not for the public (a local file, or a URL with a key in it) cannot be
subscribed to by others: it is listed as a link to its home page, or left out where it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from feedhub.model import Document, Source
from feedhub.normalize.text import xml_safe
from feedhub.parse.opml import NAMESPACE
from feedhub.publish import languages
from feedhub.publish.addresses import public, uri
from feedhub.publish.elements import add
from feedhub.publish.origins import SOURCES, name_of
from feedhub.publish.stamps import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element as Element

    from feedhub.model import Site
    from feedhub.model.subscription import Subscription

__all__ = ["document", "export", "write"]


def document(site: Site, sources: Iterable[Source]) -> Document:
    """Return the list of ``sources`` as a document of the site."""
    return Document(path=SOURCES, media_type="text/x-opml", body=write(site, sources), modified=NEVER)


def write(site: Site, sources: Iterable[Source]) -> bytes:
    """Return ``sources``, in their order, as an OPML subscription list for the public."""
    title = xml_safe(site.title).strip() or uri(site.url)
    opml, body = _opened(title)
    for source in sources:
        _add_public(body, source)
    return _closed(opml, body, title)


def export(site: Site, subscriptions: Iterable[Subscription], names: Mapping[str, str]) -> bytes:
    """Return everything a configuration says of its sources, as `feedhub.parse.opml.read` reads it again.

    For other readers each stands in the folder that its first tag names (``a/b``: b in a), under its title or else the
    one that ``names`` has for its URL. Addresses stand as they are, keys and passwords in them too.
    """
    title = xml_safe(site.title).strip() or uri(site.url)
    opml, body = _opened(title)
    folders: dict[tuple[str, ...], Element] = {(): body}
    for subscription in subscriptions:
        path = tuple(filter(None, (xml_safe(part).strip() for part in "".join(subscription.tags[:1]).split("/"))))
        for depth, name in enumerate(path):
            if path[: depth + 1] not in folders:
                folders[path[: depth + 1]] = add(folders[path[:depth]], "outline", text=name, title=name)
        _add_own(folders[path], subscription, names.get(subscription.url, ""))
    return _closed(opml, body, title)


def _opened(title: str) -> tuple[Element, Element]:
    """Return a new document, and its body to put outlines into."""
    opml = etree.Element("opml", version="2.0")
    add(add(opml, "head"), "title", title)
    return opml, add(opml, "body")


def _closed(opml: Element, body: Element, title: str) -> bytes:
    if not len(body):
        # The format wants an outline.
        add(body, "outline", text=title)
    etree.cleanup_namespaces(opml, top_nsmap={"feedhub": NAMESPACE})
    return etree.tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _add_public(body: Element, source: Source) -> None:
    feed, home = public(source.url), uri(source.link)
    if feed:
        _add_feed(body, source, name_of(source), feed)
    elif home:
        add(body, "outline", type="link", text=name_of(source), url=home, category=_category(source.tags))


def _add_own(parent: Element, subscription: Subscription, name: str) -> None:
    said = Source(
        id=subscription.id or subscription.url,
        url=subscription.url,
        title=subscription.title or name,
        link=subscription.link,
        language=subscription.language,
        tags=subscription.tags,
    )
    outline = _add_feed(parent, said, name_of(said), xml_safe(subscription.url))
    own = {
        "id": subscription.id,
        "title": subscription.title,
        "link": subscription.link,
        "language": subscription.language,
        "enabled": "true" if subscription.enabled else "false",
        "tags": msgspec.json.encode(subscription.tags).decode() if subscription.tags else "",
    }
    for key, value in own.items():
        if value:
            outline.set(f"{{{NAMESPACE}}}{key}", xml_safe(value))


def _add_feed(parent: Element, source: Source, name: str, url: str) -> Element:
    return add(
        parent,
        "outline",
        type="rss",
        text=name,
        title=name,
        xmlUrl=url,
        htmlUrl=uri(source.link),
        category=_category(source.tags),
        language=languages.known(source.language),
    )


def _category(tags: Iterable[str]) -> str:
    return ",".join(xml_safe(tag).replace(",", " ").replace("/", " ").strip() for tag in tags)
