"""The guard at the door of the fast path: bytes to a tree, for documents that expat reads as feedparser's own judge.

Everything unusual is declined here: encodings but the named ones, entities, great depth, prefixes with two meanings.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple, cast
from xml.parsers import expat

from lxml import etree

from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_names import Names
from feedhub.parse.fast_texts import may_hold_c1

if TYPE_CHECKING:
    from feedhub.parse.fast_walk import Element

__all__ = ["Tree", "as_utf8", "tree"]

DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>"
"""What feedparser puts in the place of the document's own XML declaration once it has decoded it."""

_XML_MEDIA = frozenset({"application/xml", "application/xml-dtd", "application/xml-external-parsed-entity"})
_XML_TEXT_MEDIA = frozenset({"text/xml", "text/xml-external-parsed-entity"})

_OTHER_FAMILIES = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\0", b"<\0", b"\x4c\x6f\xa7\x94")
_DECLARED = re.compile(rb"encoding=['\"]([A-Za-z0-9._-]{1,40})['\"]")
_DOCTYPE = re.compile(rb"^\s*<!DOCTYPE[^<>\[\]]*>", re.MULTILINE)
_ROOT = re.compile(rb"<\w")

# Codecs that map ASCII to itself, one byte at a time or, in UTF-8 and GB 18030, with a plain decoder of the library.
_CODECS = frozenset(
    {"utf-8", "ascii", "gb18030", "gbk", "big5", "euc_jp", "euc_kr", "shift_jis", "koi8-r", "koi8-u"}
    | {f"iso8859-{part}" for part in (*range(1, 12), 13, 14, 15, 16)}
    | {f"cp125{page}" for page in range(9)}
)

_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)


class Tree(NamedTuple):
    """A document: ``names`` maps tags to feedparser's names, ``c1`` says whether texts can hold U+0080 to U+009F."""

    root: Element
    names: Names
    c1: bool


def tree(body: bytes, content_type: str) -> Tree:
    """Return the document as a tree, or decline it."""
    data = as_utf8(body, content_type)
    start = _ROOT.search(data)
    if start is None:
        raise DeclinedError("no-root")
    head = data[: start.start()]
    if b"<!" in head:
        data = _without_doctype(head) + data[len(head) :]
    names = _judged(data)
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise DeclinedError("libxml2") from error
    return Tree(cast("Element", root), names, may_hold_c1(data))


def _without_doctype(head: bytes) -> bytes:
    """Return what stands before the root without a plain DOCTYPE, which feedparser removes as well."""
    rest, found = _DOCTYPE.subn(b"", head, count=1)
    if b"<!ENTITY" in rest or b"<!DOCTYPE" in rest or (found and (b"<!--" in rest or b"netscape" in head.lower())):
        raise DeclinedError("doctype")
    return rest


def as_utf8(body: bytes, content_type: str) -> bytes:
    """Return the document in UTF-8, decoded as feedparser would.

    Where the XML declaration says another encoding, feedparser's own takes its place, as it does there.
    """
    if body.startswith(_OTHER_FAMILIES):
        raise DeclinedError("encoding")
    marked = body.startswith(codecs.BOM_UTF8)
    data = body[3:] if marked else body
    end = data.find(b">") + 1 if data.startswith(b"<?xml") else 0
    declared = _declared(data, end)
    encoding = _encoding(data, declared, content_type, marked=marked)
    if encoding == "utf-8" and declared in {"", "utf-8"}:
        return data  # expat, which reads it, refuses whatever is not UTF-8
    if encoding == "utf-8":
        return DECLARATION + data[end:] if end else DECLARATION + b"\n" + data
    try:
        text = data[end:].decode(encoding).encode()
    except UnicodeError as error:
        raise DeclinedError("encoding") from error
    return DECLARATION + text if end else DECLARATION + b"\n" + text


def _encoding(data: bytes, declared: str, content_type: str, *, marked: bool) -> str:
    """Return the codec feedparser would end up with (RFC 3023 and what it does when that fails)."""
    stated, charset = _media(content_type)
    us_ascii = False
    if stated in _XML_MEDIA or (stated.startswith("application/") and stated.endswith("+xml")):
        first = charset or declared or "utf-8"
    elif stated.startswith("text/"):
        first = charset or "us-ascii"
        us_ascii = first == "us-ascii"
    else:
        first = declared or "utf-8"
    if us_ascii and not data.isascii():
        # US-ASCII fails; then feedparser tries the declared encoding, and the one a byte-order mark shows.
        first = declared or ("utf-8" if marked else "")
    return _codec(first)


def _codec(name: str) -> str:
    if name.lower() == "gb2312":
        name = "gb18030"
    try:
        codec = codecs.lookup(name).name if name.isascii() and name.isprintable() else ""
    except LookupError:
        codec = ""
    if codec not in _CODECS:
        raise DeclinedError("encoding")
    return codec


def _media(content_type: str) -> tuple[str, str]:
    """Return media type and charset the way feedparser reads the header."""
    media, *parameters = content_type.split(";")
    charset = ""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip().strip("\"'")
    return media.strip(), charset


def _declared(data: bytes, end: int) -> str:
    """Return the encoding in the XML declaration; declines where feedparser's reading of the first line differs."""
    line_end = data.find(b"\n")
    line = data if line_end < 0 else data[:line_end]
    if not line.startswith(b"<?") or b"encoding=" not in line:
        return ""
    found = _DECLARED.search(line, 0, end)
    if found is None or line.find(b"encoding=", found.end()) >= 0 or not end or data[end - 2 : end] != b"?>":
        raise DeclinedError("encoding")
    return found[1].decode().lower()


def _judged(data: bytes) -> Names:
    """Let expat judge the document; return what its namespace declarations make of its names."""
    declared: list[tuple[str | None, str]] = []
    at_root = 0
    parser = expat.ParserCreate("utf-8", " ")

    def declare(prefix: str | None, uri: str) -> None:
        declared.append((prefix, uri))
        if not uri or (at_root and uri == "http://www.w3.org/1999/xlink"):
            raise DeclinedError("odd-namespace")

    def root(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal at_root
        at_root = len(declared)
        parser.StartElementHandler = None

    def doctype(*_: object) -> None:
        raise DeclinedError("doctype")

    parser.StartNamespaceDeclHandler = declare
    parser.StartElementHandler = root
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as error:
        raise DeclinedError("not-well-formed") from error
    return Names(declared, at_root)
