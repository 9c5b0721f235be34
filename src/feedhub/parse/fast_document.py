"""The guard at the door of the fast path: bytes to a tree, for documents that expat reads as feedparser's own judge.

Everything unusual is declined here: encodings but the named ones, entities, great depth, prefixes with two meanings.
"""

from __future__ import annotations

import codecs
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple, cast
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

from feedhub.model import Problem
from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_late import LATE, NOT_WELL_FORMED, loosen, rewritten
from feedhub.parse.fast_names import Names
from feedhub.parse.fast_texts import may_need_repair

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from xml.etree.ElementTree import Element as Built

    from feedhub.parse.fast_walk import Element

__all__ = ["Tree", "as_utf8", "tree"]

DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>"
"""What feedparser puts in the place of the document's own XML declaration once it has decoded it."""

_XML_MEDIA = frozenset({"application/xml", "application/xml-dtd", "application/xml-external-parsed-entity"})
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

# A document that says it is in one of these can only be shown not to be.
_WIDE_CODECS = frozenset({"utf-16", "utf-32"})
_CODECS |= _WIDE_CODECS
_WIDE_NAMES = frozenset(
    {
        *("u16", "utf-16", "utf16", "utf_16", "u32", "utf-32", "utf32", "utf_32", "iso-10646-ucs-2", "iso-10646-ucs-4"),
        *("csucs4", "csunicode", "ucs-2", "ucs-4"),
    }
)
# Bytes given to expat at once, and the elements that may be open after them.
_PIECE, _MAX_OPEN = 512 * 1024, 256
_DETECTOR = bool(find_spec("chardet") or find_spec("cchardet"))
"""Whether feedparser finds a library here that guesses encodings, and asks it before it tries UTF-8."""


class Tree(NamedTuple):
    """A document: ``names`` maps tags to feedparser's names, ``repairs`` says whether texts may need repair.

    ``problems`` are those of its encoding; ``dialect`` is what its DOCTYPE says, whatever the root element says.
    """

    root: Element
    names: Names
    repairs: bool
    problems: tuple[Problem, ...]
    dialect: str = ""


def tree(body: bytes, content_type: str, special: AbstractSet[str]) -> Tree:
    """Return the document as a tree, or decline it; ``special`` are the names of elements that mean anything."""
    data, problems = as_utf8(body, content_type)
    declaration = LATE.match(data)
    late = rewritten(data, declaration.end(), special) if declaration else None
    if late:
        data, problems = late.data, (NOT_WELL_FORMED,)
    start = _ROOT.search(data)
    if start is None:
        raise DeclinedError("no-root")
    head = data[: start.start()]
    dialect = ""
    if b"<!" in head:
        rest, dialect = _without_doctype(head)
        data = rest + data[len(head) :]
    root, declared, names = _judged(data)
    if late:
        loosen(root, late, declared, names, special)
    return Tree(root, names, may_need_repair(data), problems, dialect)


def _without_doctype(head: bytes) -> tuple[bytes, str]:
    """Return what stands before the root without a plain DOCTYPE, which feedparser removes as well, and its dialect."""
    found = _DOCTYPE.search(head)
    rest = head[: found.start()] + head[found.end() :] if found else head
    if b"<!ENTITY" in rest or b"<!DOCTYPE" in rest or (found and not found[0].isascii()):
        raise DeclinedError("doctype")
    return rest, "rss091n" if found and b"netscape" in found[0].lower() else ""


def as_utf8(body: bytes, content_type: str) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the document in UTF-8, decoded as feedparser would, and what is odd about that.

    Where the XML declaration says another encoding, feedparser's own takes its place, as it does there.
    """
    if body.startswith(_OTHER_FAMILIES):
        raise DeclinedError("encoding")
    marked = body.startswith(codecs.BOM_UTF8)
    data = body[3:] if marked else body
    end = data.find(b">") + 1 if data.startswith(b"<?xml") else 0
    said = declared = _declared(data, end)
    if marked and said not in {"", "utf-8"}:
        declared = _declared_behind_mark(data, said)
    stated = _stated(content_type, declared, is_ascii=data.isascii())
    is_plain = said == "utf-8" or (not said and b"encoding" not in data[:end])
    if stated.lower() == "utf-8" and is_plain:
        return data, ()  # expat, which reads it, refuses whatever is not UTF-8
    name, text = _decoded(data, end, (stated, _wide(declared), "utf-8" if marked else ""))
    data = DECLARATION + text if end else DECLARATION + b"\n" + text
    if stated in {name, "us-ascii"}:
        # text/xml without a charset once meant US-ASCII; RFC 7303 dropped that, and nobody is wrong to send UTF-8.
        return data, ()
    return data, (Problem(code="encoding", detail=f"document declared as {stated}, but parsed as {name}"),)


def _stated(content_type: str, declared: str, *, is_ascii: bool) -> str:
    """Return the encoding that the document is said to be in (RFC 3023)."""
    media, charset = _media(content_type)
    if media in _XML_MEDIA or (media.startswith("application/") and media.endswith("+xml")):
        return _wide(charset or declared or "utf-8")
    if media.startswith("text/"):
        return _wide(charset or ("utf-8" if is_ascii and declared in {"", "utf-8"} else "us-ascii"))
    return _wide(declared or "utf-8")


def _wide(name: str) -> str:
    return "gb18030" if name.lower() == "gb2312" else name


def _decoded(data: bytes, end: int, names: Iterable[str]) -> tuple[str, bytes]:
    """Return the first encoding that fits, and in UTF-8 what follows a declaration of ``end`` bytes."""
    if not data[:end].isascii():
        raise DeclinedError("encoding")  # whoever judges the rest does not see the declaration
    for name in dict.fromkeys(names):
        try:
            codec = codecs.lookup(name).name if name.isascii() and name.isprintable() else ""
        except LookupError:
            continue
        if codec == "utf-8":
            return name, data[end:]
        if codec not in _CODECS:
            raise DeclinedError("encoding")
        try:
            text = data.decode(codec)
        except UnicodeError:
            continue
        if codec in _WIDE_CODECS:
            raise DeclinedError("encoding")
        return name, text[end:].encode()
    if _DETECTOR:
        raise DeclinedError("encoding")
    return "utf-8", data[end:]


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
    if not line.startswith(b"<?") or b"encoding=" not in line or b"?>" not in line:
        return ""
    found = _DECLARED.search(line, 0, end)
    if found is None or line.find(b"encoding=", found.end()) >= 0 or not end or data[end - 2 : end] != b"?>":
        raise DeclinedError("encoding")
    return found[1].decode().lower()


def _declared_behind_mark(data: bytes, declared: str) -> str:
    """Return what counts of another encoding declared behind the mark of UTF-8: nothing, when the document is none."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return ""
    return "utf-8" if declared in _WIDE_NAMES else declared


def _judged(data: bytes) -> tuple[Element, dict[str | None, str], Names]:
    """Let expat judge the document; return its root, what this declares, and what all declarations make of names."""
    declared: list[tuple[str | None, str]] = []
    at_root = 0
    top: Built | None = None
    builder = TreeBuilder()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True

    def declare(prefix: str | None, uri: str) -> None:
        declared.append((prefix, uri))
        if not uri or (at_root and uri == "http://www.w3.org/1999/xlink"):
            raise DeclinedError("odd-namespace")

    def root(name: str, attributes: dict[str, str]) -> None:
        nonlocal at_root, top
        at_root = len(declared)
        top = builder.start(name, attributes)
        parser.StartElementHandler = builder.start  # no function of ours is called for each element

    def doctype(*_: object) -> None:
        raise DeclinedError("doctype")

    parser.StartNamespaceDeclHandler = declare
    parser.StartElementHandler = root
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        for begin in range(0, len(data), _PIECE):
            if top is not None:
                _decline_depth(top)
            # Behind any piece but the last, expat counts the lines of it, for messages that nobody reads.
            end = begin + _PIECE
            parser.Parse(data[begin:end], end >= len(data))
    except expat.ExpatError as error:
        raise DeclinedError("not-well-formed") from error
    return cast("Element", builder.close()), dict(declared[:at_root]), Names(declared, at_root)


def _decline_depth(top: Built) -> None:
    """Decline a document in which too many elements are open: the tree of a million would fill the memory."""
    last, depth = top, 0
    while len(last):
        last, depth = last[-1], depth + 1
        if depth > _MAX_OPEN:
            raise DeclinedError("depth")
