"""Subscription lists in OPML 1.0 and 2.0 (http://opml.org/spec2.opml), as readers really export them.

Folders become tags: a feed in the folder b of the folder a is tagged ``a/b``. feedhub's own exports carry its settings
in attributes of the namespace `NAMESPACE`; where an outline has them, they are all that counts.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import msgspec
from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from feedhub.errors import ParseError
from feedhub.model.subscription import Subscription
from feedhub.parse.addresses import undisguised
from feedhub.parse.declared import narrowed
from feedhub.parse.references import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element as Element

__all__ = ["MAX_BYTES", "NAMESPACE", "Outlines", "read"]

NAMESPACE = "urn:feedhub:opml"
"""The namespace of the attributes ``id title link language enabled tags``; ``tags`` is a JSON array."""

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 32
MAX_OUTLINES = 100_000
# lxml takes quadratic time over them.
MAX_ATTRIBUTES = 256
LONGEST_URL, LONGEST_TEXT, LONGEST_TAG = 8192, 500, 64

# Outlines of these types are no subscriptions, even where they have an address (OPML 2.0, "Subscription lists").
OTHER_TYPES = frozenset({"link", "include", "page", "collection", "tabs"})
_XML_URL = ("xmlurl", "url", "feedurl")
_WIDE_MARKS = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
_MARKS = (codecs.BOM_UTF8, *_WIDE_MARKS)
_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}?\bencoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)
_decode_tags = msgspec.json.Decoder(tuple[str, ...]).decode


class Outlines(Struct, frozen=True, kw_only=True):
    """What a list holds: its subscriptions, each address once; how many stood there again, and what was no feed."""

    subscriptions: tuple[Subscription, ...]
    repeated: int = 0
    left_out: tuple[str, ...] = ()


def read(body: bytes) -> Outlines:
    """Read a subscription list.

    An address that stands in several folders gets the tags of all. Raises `ParseError` with the code ``malformed`` (the
    detail names the line), ``not-opml`` or ``too-complex``. Entities and external documents are not read.
    """
    root = _root(body)
    if _name(root) != "opml":
        raise ParseError("not-opml", f"not OPML: the root element is <{_name(root)[:40]}>, line {root.sourceline}")
    subscriptions: dict[str, Subscription] = {}
    repeated = 0
    left_out: list[str] = []
    for folders, attributes, own in _outlines(root):
        url = undisguised(next((found for name in _XML_URL if (found := attributes.get(name, "").strip())), ""))
        if attributes.get("type", "").strip().lower() in OTHER_TYPES or len(url) > LONGEST_URL:
            left_out.append(_text(attributes.get("text", "") or url))
        elif url:
            subscription = _own(url, own) if "enabled" in own else _foreign(url, folders, attributes)
            before = subscriptions.setdefault(url, subscription)
            if before is not subscription:
                repeated += 1
                subscriptions[url] = replace(before, tags=tuple(dict.fromkeys(before.tags + subscription.tags)))
    return Outlines(subscriptions=tuple(subscriptions.values()), repeated=repeated, left_out=tuple(left_out))


def _root(body: bytes) -> Element:
    if len(body) > MAX_BYTES:
        raise ParseError("too-complex", f"longer than {MAX_BYTES} bytes")
    if not body.startswith(_MARKS):
        body = body.lstrip()
    body, _ = narrowed(body)
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        better = _mended(body)
        if better is None:
            raise ParseError("malformed", f"not XML: {error.msg}") from error
        root = better
    dtd = root.getroottree().docinfo.internalDTD
    # The stubs leave the method out.
    if dtd is not None and any(dtd.iterentities()):  # type: ignore[union-attr]
        raise ParseError("too-complex", "it declares entities, which no subscription list needs")
    return root


def _parser(encoding: str | None = None) -> etree.XMLParser:
    """Return a parser that reads nothing but the document, in ``encoding`` where the document's own word is wrong."""
    return etree.XMLParser(encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _mended(body: bytes) -> Element | None:
    """Read a list that is no XML as it stands: nobody has escaped it, or it is not in the UTF-8 that it says."""
    if body.startswith(_WIDE_MARKS) or b"<!ENTITY" in body:
        return None
    try:
        return etree.fromstring(escaped(body), _parser(None if _is_as_it_says(body) else "windows-1252"))
    except etree.XMLSyntaxError:
        return None


def _is_as_it_says(body: bytes) -> bool:
    """Tell whether a body that says or implies UTF-8 is in it."""
    if _OTHER_ENCODING.match(body):
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _outlines(root: Element) -> Iterator[tuple[tuple[str, ...], Mapping[str, str], Mapping[str, str]]]:
    """Yield each outline with its folders, its attributes by names in lower case, and feedhub's own attributes."""
    waiting: list[tuple[Element, tuple[str, ...]]] = [(root, ())]
    count = 0
    while waiting:
        element, folders = waiting.pop()
        if len(folders) > MAX_DEPTH:
            raise ParseError("too-complex", f"line {element.sourceline}: outlines more than {MAX_DEPTH} deep")
        inner = folders
        if _name(element) == "outline":
            count += 1
            if count > MAX_OUTLINES:
                raise ParseError("too-complex", f"more than {MAX_OUTLINES} outlines")
            if len(element.attrib) > MAX_ATTRIBUTES:
                raise ParseError("too-complex", f"line {element.sourceline}: more than {MAX_ATTRIBUTES} attributes")
            attributes = {name.rpartition("}")[2].lower(): value for name, value in _plain(element)}
            yield folders, attributes, dict(_owned(element))
            inner = (*folders, _text(attributes.get("text", "") or attributes.get("title", "")))
        waiting += [(child, inner) for child in reversed(element) if _name(child) in {"body", "outline"}]


def _name(element: Element) -> str:
    """Return the local name in lower case; that of a comment is no element's."""
    return str(element.tag).rpartition("}")[2].lower()


def _plain(element: Element) -> Iterator[tuple[str, str]]:
    return ((str(name), str(value)) for name, value in element.items() if not str(name).startswith("{"))


def _owned(element: Element) -> Iterator[tuple[str, str]]:
    prefix = f"{{{NAMESPACE}}}"
    return ((str(name)[len(prefix) :], str(value)) for name, value in element.items() if str(name).startswith(prefix))


def _own(url: str, own: Mapping[str, str]) -> Subscription:
    """Return a subscription as feedhub exported it."""
    try:
        tags = _decode_tags(own.get("tags", "[]"))
    except msgspec.DecodeError as error:
        raise ParseError("malformed", f"the tags {own['tags'][:80]!r} are no JSON array of strings") from error
    return Subscription(
        url=url,
        id=own.get("id", ""),
        title=own.get("title", ""),
        link=own.get("link", ""),
        language=own.get("language", ""),
        tags=tags,
        enabled=own["enabled"] != "false",
    )


def _foreign(url: str, folders: tuple[str, ...], attributes: Mapping[str, str]) -> Subscription:
    title = _text(attributes.get("title", "") or attributes.get("text", ""))
    link = attributes.get("htmlurl", "").strip()
    language = attributes.get("language", "").strip()
    categories = attributes.get("category", "").split(",")
    named = ["/".join(filter(None, folders)), *(category.strip().strip("/") for category in categories)]
    return Subscription(
        url=url,
        title="" if title == url else title,
        link=link if re.match(r"(?i)https?://", link) and len(link) <= LONGEST_URL else "",
        language=language if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", language) else "",
        tags=tuple(dict.fromkeys(tag for name in named if (tag := _text(name)[:LONGEST_TAG].strip()))),
    )


def _text(value: str) -> str:
    return " ".join(value.split())[:LONGEST_TEXT]
