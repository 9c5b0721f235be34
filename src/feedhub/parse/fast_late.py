"""Documents with white space or a comment before their XML declaration, as many programs send them.

They are not well-formed, so feedparser reads them with its loose parser. That one knows tags and references only by
their looks, and decodes references in text constructs alone. Here the texts of the tree become what it would find;
whatever else it could read differently is declined.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from feedhub.model import Problem
from feedhub.parse.declined import DeclinedError
from feedhub.parse.episodes import EPISODE_TAGS
from feedhub.parse.fast_names import known_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from feedhub.parse.fast_walk import Element

__all__ = ["LATE", "NOT_WELL_FORMED", "Rewritten", "loosen", "rewritten"]

LATE = re.compile(rb"(?:<\?xml version='1\.0' encoding='utf-8'\?>)?+(?:\s|<!--(?:[^-]|-[^-])*+-->)++<\?xml\s[^<>]*\?>")
"""How a document begins whose XML declaration comes late, as sent or with the one that feedparser puts before it."""

NOT_WELL_FORMED = Problem(code="not-well-formed", detail="XML or text declaration not at start of entity")

_XML = "http://www.w3.org/XML/1998/namespace "
_DIALECTS = frozenset(
    {"http://purl.org/rss/1.0/", "http://www.w3.org/2005/atom", "http://my.netscape.com/rdf/simple/0.9/"}
)

# What the loose parser does to a document before it reads it, in the contents of CDATA sections, too.
_DECLARATION = re.compile(r"<!(?!DOCTYPE|--|\[)", re.IGNORECASE)
_EMPTY = re.compile(r"<([^<>\s]+?)\s*/>")
_VOID = frozenset(
    {
        *("area", "base", "basefont", "br", "col", "command", "embed", "frame", "hr", "img", "input", "isindex"),
        *("keygen", "link", "meta", "param", "source", "track", "wbr"),
    }
)

_PRINTABLE = re.compile(rb"[\t\n\r -~]*\Z")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
# References by number to characters of markup, in forms it does not know and in those it knows.
_UNKNOWN_NUMBER = re.compile(r"&#(?:0+(?:38|60|62)|x0+(?:2[267]|3[cCeE]));")
_NUMBER = re.compile(r"&#(?:38|60|62|x(?:26|3[cCeE]));")
_QUOTE = re.compile(r"&(?:quot|apos|#x2[27]);")
_DECLARED = re.compile(r"""\sxmlns(?::([A-Za-z0-9_.-]+))?\s*=\s*["']([^"']*)["']""")
# Elements that mean the same with an attribute more, as which it takes the declaration of a namespace.
_INDIFFERENT = frozenset(
    {
        *("link", "content", "media_thumbnail", "media_content", "media_group", "content_encoded"),
        *("dc_creator", "dc_date", "feedburner_browserfriendly"),
    }
)
_PEOPLE = frozenset({"author", "managingeditor", "dc_author", "dc_creator", "itunes_author", "contributor"})
_UNREAD = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_READ_ALIKE = re.compile(
    r"<[A-Za-z][A-Za-z0-9_.:-]*"
    r"(?:\s+[A-Za-z_][A-Za-z0-9_.:-]*\s*=\s*(?:\"(?:[^\"&\t\n]|&amp;)*\"|'(?:[^'&\t\n]|&amp;)*'))*\s*/?>"
    r"|</[A-Za-z][A-Za-z0-9_.:-]*\s*>"
    r"|<\?[^?]*\?>"
)
# Names of attributes that mean nothing, whatever is put before them (RFC 4685 §4).
_IDLE = (" count", " updated", " when")
_CONSTRUCTS = frozenset(
    {
        *("title", "dc_title", "media_title", "description", "dc_description", "media_description", "summary", "info"),
        *("itunes_summary", "content", "content_encoded", "rights", "copyright", "dc_rights", "subtitle", "tagline"),
        *("itunes_subtitle", "feedburner_browserfriendly"),
    }
)
# Their texts are joined to a base, or kept, while references by number in them are still as written.
_AS_WRITTEN = frozenset(
    {
        *("link", "guid", "id", "comments", "url", "uri", "homepage", "logo", "icon", "media_thumbnail"),
        *("name", "email", "itunes_name", "itunes_email"),
    }
)
_OTHERS = frozenset("'\"<&")
_LOOSE = re.compile("&(?:quot|apos|#x2[fF]);")
_DECODED = {"&quot;": '"', "&apos;": "'", "&#x2f;": "/", "&#x2F;": "/"}


class Rewritten(NamedTuple):
    """A document, whether it is another now, and whether texts in it hold quotes or other markup as references."""

    data: bytes
    is_changed: bool
    has_quotes: bool
    has_numbers: bool


def rewritten(data: bytes, start: int, special: AbstractSet[str]) -> Rewritten:
    """Return what follows ``start``, the end of the declaration, as the loose parser rewrites it; declines odd tags."""
    if not _PRINTABLE.match(data, 0, start):
        raise DeclinedError("late-declaration")
    try:
        before = data[start:].decode()
    except UnicodeDecodeError as error:
        raise DeclinedError("encoding") from error
    text = _EMPTY.sub(_closed, _DECLARATION.sub("&lt;!", before)).replace("&#39;", "'").replace("&#34;", '"')
    seen = _UNREAD.sub("", text)
    if "\r" in text or _DOCTYPE.search(text) or _UNKNOWN_NUMBER.search(seen):
        raise DeclinedError("late-declaration")
    has_root = False
    for tag in _TAG.findall(seen):
        if not _READ_ALIKE.fullmatch(tag) or (has_root and "xmlns" in tag and not _may_declare(tag, special)):
            raise DeclinedError("late-declaration")
        has_root = has_root or tag[1] != "?"
    return Rewritten(
        data=text.encode(),
        is_changed=text != before,
        has_quotes=_QUOTE.search(seen) is not None,
        has_numbers=_NUMBER.search(seen) is not None,
    )


def _may_declare(tag: str, special: AbstractSet[str]) -> bool:
    """Say whether the element means the same with and without the namespaces that its tag declares."""
    prefix, _, local = tag[1:-1].split(maxsplit=1)[0].lower().rpartition(":")
    declared = {bound.lower(): known_prefix(uri) for bound, uri in _DECLARED.findall(tag)}
    if declared.get("") or (prefix and prefix not in declared):
        return False
    known = declared.get(prefix)
    meant = (prefix if known is None else known).lower()
    name = f"{meant}_{local}" if meant else local
    return name in _INDIFFERENT or name not in special


def _closed(found: re.Match[str]) -> str:
    return f"<{found[1]} />" if found[1] in _VOID else f"<{found[1]}></{found[1]}>"


def loosen(
    root: Element,
    document: Rewritten,
    declared: Mapping[str | None, str],
    names: Mapping[str, str],
    special: AbstractSet[str],
) -> None:
    """Change the texts of a tree, on whose root these namespaces are declared, to what the loose parser finds."""
    _guard_prefixes(declared)
    prefixed = tuple(f"{uri} " for prefix, uri in declared.items() if prefix and known_prefix(uri) == prefix)
    for element in root.iter():
        name = names[element.tag]
        if (element.tail and element.tail.strip()) or name == "creativecommons_license":
            raise DeclinedError("late-declaration")
        for key in dict(element.items()):
            if " " in key and not key.startswith((_XML, *prefixed)) and not key.endswith(_IDLE):
                raise DeclinedError("late-declaration")
        if name in _PEOPLE and any(child.text and names[child.tag] not in special for child in element):
            raise DeclinedError("late-declaration")  # with attributes, their text would be the author's
        if element.tag in EPISODE_TAGS:
            # What feedparser does not keep is read from the document as it came.
            if document.is_changed and not _OTHERS.isdisjoint(element.text or ""):
                raise DeclinedError("late-declaration")
        elif element.text and name in special:
            element.text = _construct(element) if name in _CONSTRUCTS else _plain(element.text, name, document)


def _guard_prefixes(declared: Mapping[str | None, str]) -> None:
    """Decline where the prefix alone, by which the loose parser goes, means something else than the namespace."""
    uris = [uri.lower() for uri in declared.values()]
    if len(set(uris)) < len(uris) or len(_DIALECTS.intersection(uris)) > 1 or known_prefix(declared.get(None, "")):
        raise DeclinedError("late-declaration")


def _construct(element: Element) -> str:
    if len(element) or element.get("type", "").lower().endswith(("xml", "xhtml")):
        raise DeclinedError("late-declaration")
    return _LOOSE.sub(lambda found: _DECODED[found[0]], element.text or "")


def _plain(text: str, name: str, document: Rewritten) -> str:
    """Return a text in which references are kept; where others of its characters were references is not known."""
    if (
        ">" in text
        or (document.has_quotes and ('"' in text or "'" in text))
        or (document.has_numbers and ("&" in text or "<" in text) and name in _AS_WRITTEN)
    ):
        raise DeclinedError("late-declaration")
    return text.replace("&", "&amp;").replace("<", "&lt;")
