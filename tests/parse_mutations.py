"""Structured mutations of feeds: small changes that keep most documents well-formed and make their meaning doubtful."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_XML = "http://www.w3.org/XML/1998/namespace"
_XHTML = "http://www.w3.org/1999/xhtml"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_GEORSS = "http://www.georss.org/georss"
_PODCAST = "https://podcastindex.org/namespace/1.0"


def _words(text: str) -> list[str]:
    return text.split()


_LOCALS = _words(
    "title link description summary content subtitle tagline guid id pubDate published updated modified lastBuildDate"
    " author managingEditor webMaster name email uri url category keywords tags enclosure source comments image"
    " textInput language copyright rights generator docs ttl cloud skipHours hour item entry channel feed rss icon"
    " logo contributor issued created expirationDate items width height where abstract body fullitem info where"
    " date links authors published_parsed href unknown rating newLocation"
)
_NAMESPACED = [
    *[(_DC, name) for name in _words("creator date subject title description language publisher rights contributor")],
    *[(_MEDIA, name) for name in _words("content thumbnail group title description credit category keywords text")],
    *[
        (_ITUNES, name)
        for name in _words("author summary subtitle image category keywords duration owner name explicit")
    ],
    *[(_ITUNES, name) for name in _words("title season episode episodeType block email link")],
    *[(_ATOM, name) for name in _words("link title id updated published author contributor source rights summary")],
    *[(_PODCAST, name) for name in _words("person transcript chapters")],
    (_CONTENT, "encoded"),
    (_XHTML, "body"),
    (_XHTML, "div"),
    (_RDF, "Seq"),
    (_GEORSS, "point"),
    (_GEORSS, "line"),
    ("http://unknown.example/ns", "title"),
    ("http://unknown.example/ns", "thing"),
    ("http://www.w3.org/2003/01/geo/wgs84_pos#", "lat"),
    ("http://purl.org/dc/terms/", "modified"),
    ("http://web.resource.org/cc/", "license"),
    ("http://backend.userland.com/creativeCommonsRssModule", "license"),
    ("http://podlove.org/simple-chapters", "chapter"),
]
_TEXTS = (
    "",
    " ",
    "plain words",
    "5 < 6 & 7 > 2",
    "<b>bold</b> text",
    "<b>bold & <unknown>text</unknown></b>",
    "&amp;lt;b&amp;gt; &copy; &nosuch; &#8217;",
    "AT&T; &eacute;",
    "&T; <br/>",
    "</script> &amp;",
    "caf\u00e9 na\u00efve",
    "caf\u00c3\u00a9 twice encoded",
    "\u0091quoted\u0092 \u0080 \u0085",
    "\u00c2\u0093odd\u00c2\u0094",
    "\u4f60\u597d, \u4e16\u754c",
    "\u00a0 padded \u2003",
    "Mon, 06 Sep 2010 00:01:00 +0000",
    "Mon, 06 Sep 2010 00:01:00 EST",
    "6 Sep 2010 0:1:00 GMT",
    "06 Sep 10 00:01 -0730",
    "Mon, 36 Sep 2010 00:01:00 +0000",
    "2010-09-06T00:01:00Z",
    "2010-09-06T00:01:00.5+05:30",
    "2010-09-06T00:01:00+0545",
    "2010-09-06 00:01:00",
    "2010-09-06",
    "2010-13-06T00:01:00Z",
    "2010",
    "yesterday",
    "http://example.net/a?b=1&c=2",
    "http://example.net/a?b=1&amp;c=2&copy;=3",
    "HTTP://Example.NET:80/x/../y",
    "http:///three/slashes",
    "/rooted/path",
    "relative/path?q#f",
    "?only=query",
    "#fragment",
    "//host.example/path",
    "mailto:joe@example.org",
    "tag:example.org,2010:1",
    "javascript:alert(1)",
    "http://[bad/",
    "http://example.net/a b",
    "http://example.net/trailing?",
    "joe@example.org (Joe Doe)",
    "Joe Doe <joe@example.org>",
    "Joe (joe@mail.example.museum) Doe",
    "joe@example.org?subject=x",
    "a@b @ c@d.org",
    "one, two,, three ",
    "12:34:56",
    "90",
    "45.5 -110.25",
    "45.5, nan",
    "yes",
    "true",
)
_ATTRIBUTES = _words(
    "type rel href url uri isPermaLink ispermalink domain scheme term label length title hreflang version mode src lang"
    " base text start medium width filesize duration role img TYPE Href xmlnsx"
)
_VALUES = _words(
    "text html xhtml text/html text/plain application/xhtml+xml TEXT image/png escaped base64 xml self alternate"
    " enclosure hub license Alternate true false http://example.net/z /z z en en-US en_US fr 2.0 0.91 12 audio/mpeg"
    " application/rss+xml 00:01:02 nonsense"
)


def mutate(root: Element, rng: random.Random) -> bytes:
    """Return the document after one to four changes, most of them in its structure, some in its bytes."""
    root = copy.deepcopy(root)
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        rng.choice(_CHANGES)(root, rng)
    data = etree.tostring(root, encoding=rng.choice(("utf-8", "utf-8", "utf-8", "us-ascii")), xml_declaration=True)
    return rng.choice(_DAMAGES)(data, rng) if rng.random() < 0.25 else data


def trimmed(data: bytes, entries: int = 3, length: int = 240) -> Element | None:
    """Return a feed as a tree with few entries and short texts, ``None`` for one that is not well-formed."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
    for item in list(root.iter("{*}item", "{*}entry"))[entries:]:
        parent = item.getparent()
        if parent is not None:
            parent.remove(item)
    for element in root.iter(etree.Element):
        if element.text and len(element.text) > length:
            element.text = element.text[:length]
        for child in list(element)[60:]:
            element.remove(child)
    return root


def _elements(root: Element) -> list[Element]:
    return list(root.iter(etree.Element))


def _any(root: Element, rng: random.Random) -> Element:
    """Choose an element, the upper ones more often."""
    found = _elements(root)
    return found[min(rng.randrange(len(found)), rng.randrange(len(found)))]


def _new_tag(rng: random.Random, like: Element) -> str:
    if rng.random() < 0.5:
        namespace = etree.QName(like).namespace if rng.random() < 0.8 else None
        name = rng.choice(_LOCALS)
        return f"{{{namespace}}}{name}" if namespace else name
    return "{{{}}}{}".format(*rng.choice(_NAMESPACED))


def _drop(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _double(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    parent = element.getparent()
    if parent is not None:
        parent.insert(rng.randint(0, len(parent)), copy.deepcopy(element))


def _move(root: Element, rng: random.Random) -> None:
    element, target = _any(root, rng), _any(root, rng)
    if element is not root and target is not element and element not in target.iterancestors():
        target.insert(rng.randint(0, len(target)), element)


def _shuffle(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    children = list(element)
    rng.shuffle(children)
    element[:] = children


def _rename(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    element.tag = _new_tag(rng, element)


def _recase(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    name = etree.QName(element)
    local = rng.choice((name.localname.upper(), name.localname.lower(), name.localname.title()))
    element.tag = f"{{{name.namespace}}}{local}" if name.namespace else local


def _insert(root: Element, rng: random.Random) -> None:
    parent = _any(root, rng)
    child = etree.Element(_new_tag(rng, parent))
    child.text = rng.choice(_TEXTS)
    for _ in range(rng.choice((0, 0, 1, 2))):
        child.set(rng.choice(_ATTRIBUTES), rng.choice(_VALUES))
    if rng.random() < 0.2:
        etree.SubElement(child, _new_tag(rng, parent)).text = rng.choice(_TEXTS)
    parent.insert(rng.randint(0, len(parent)), child)


def _insert_in_entry(root: Element, rng: random.Random) -> None:
    entries = list(root.iter("{*}item", "{*}entry"))
    if entries:
        _insert(rng.choice(entries), rng)


def _retext(root: Element, rng: random.Random) -> None:
    leaves = [element for element in _elements(root) if not len(element)] or [root]
    element = rng.choice(leaves)
    element.text = rng.choice(_TEXTS)


def _tail(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    if element is not root:
        element.tail = rng.choice(_TEXTS)


def _attribute(root: Element, rng: random.Random) -> None:
    _any(root, rng).set(rng.choice(_ATTRIBUTES), rng.choice((*_VALUES, *_TEXTS)))


def _re_attribute(root: Element, rng: random.Random) -> None:
    holders = [element for element in _elements(root) if element.attrib]
    if holders:
        element = rng.choice(holders)
        name = rng.choice(list(element.attrib))
        if rng.random() < 0.3:
            del element.attrib[name]
        else:
            element.set(name, rng.choice((*_VALUES, *_TEXTS)))


def _foreign_attribute(root: Element, rng: random.Random) -> None:
    name = rng.choice((*_ATTRIBUTES, "about", "resource"))
    namespace = rng.choice(("http://unknown.example/ns", _ATOM, _DC, _RDF, _XHTML))
    _any(root, rng).set(f"{{{namespace}}}{name}", rng.choice((*_VALUES, *_TEXTS)))


def _xml_attribute(root: Element, rng: random.Random) -> None:
    values = ("en", "fr", "", "en_GB", "http://base.example/dir/", "sub/", "/", "javascript:x", "https://base.example")
    _any(root, rng).set(f"{{{_XML}}}{rng.choice(('base', 'lang'))}", rng.choice(values))


def _comment(root: Element, rng: random.Random) -> None:
    parent = _any(root, rng)
    note = etree.Comment(" note ") if rng.random() < 0.6 else etree.ProcessingInstruction("note", "well")
    note.tail = rng.choice(_TEXTS)
    parent.insert(rng.randint(0, len(parent)), note)


def _wrap(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    parent = element.getparent()
    if parent is not None:
        at = parent.index(element)
        wrapper = etree.Element(_new_tag(rng, element))
        parent.insert(at, wrapper)
        wrapper.append(element)


def _markup(root: Element, rng: random.Random) -> None:
    element = _any(root, rng)
    namespace = rng.choice((_XHTML, etree.QName(element).namespace, None))
    tags = [f"{{{namespace}}}{name}" if namespace else name for name in ("div", "p", "b", "br", "svg", "img", "source")]
    inner = etree.SubElement(element, rng.choice(tags))
    inner.text, inner.tail = rng.choice(_TEXTS), rng.choice(_TEXTS)
    inner.set(rng.choice(("class", "href", "REL", "title")), rng.choice(_TEXTS))
    etree.SubElement(inner, rng.choice(tags)).text = rng.choice(_TEXTS)
    if rng.random() < 0.7:
        element.set("type", "xhtml")


_CHANGES: tuple[Callable[[Element, random.Random], None], ...] = (
    _drop,
    _double,
    _move,
    _shuffle,
    _rename,
    _rename,
    _recase,
    _insert,
    _insert_in_entry,
    _insert_in_entry,
    _insert_in_entry,
    _retext,
    _retext,
    _retext,
    _tail,
    _attribute,
    _re_attribute,
    _foreign_attribute,
    _xml_attribute,
    _comment,
    _wrap,
    _markup,
)


def _cut(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randint(1, 40) :]


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _byte(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _prepend(data: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"\xef\xbb\xbf", b"\n", b" ", b"<!-- note -->", b"\xff\xfe", b"x")) + data


def _late(data: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"\n", b" \r\n", b"<!-- note -->\n")) + rng.choice((data, _reference(data, rng)))


def _declare(data: bytes, rng: random.Random) -> bytes:
    names = (
        b"utf-8",
        b"UTF-8",
        b"utf8",
        b"iso-8859-1",
        b"windows-1252",
        b"us-ascii",
        b"utf-16",
        b"gb2312",
        b"nonsense",
    )
    end = data.find(b"?>") + 2
    declarations = (b"", b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='" + rng.choice(names) + b"'?>")
    return rng.choice(declarations) + data[end:]


def _doctype(data: bytes, rng: random.Random) -> bytes:
    end = data.find(b"?>") + 2
    types = (
        b"\n<!DOCTYPE feed>\n",
        b"<!DOCTYPE html>",
        b'\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/x.dtd">\n',
        b'\n<!DOCTYPE feed [<!ENTITY hello "world">]>\n',
        b"\n<!-- <!DOCTYPE html> -->\n",
        b"<?xml-stylesheet href='x.css'?>",
        b"\n<!-- a <b> comment -->\n<!DOCTYPE feed>\n",
    )
    return data[:end] + rng.choice(types) + data[end:]


def _reference(data: bytes, rng: random.Random) -> bytes:
    at = data.find(b">", rng.randrange(len(data))) + 1
    texts = (
        b"&#150;",
        b"&#x85;",
        b"&nbsp;",
        b"&hello;",
        b"&#0;",
        b"&quot;",
        b"&amp;quot;",
        b"&#38;",
        b"&#39;",
        b"&amp;#39;",
        b"<![CDATA[ <b>&amp;</b> ]]>",
        b"<![CDATA[ &quot; &#39; <br/> > ]]>",
        b"]]>",
        b"\x00",
        b"\r\n",
    )
    return data[:at] + rng.choice(texts) + data[at:]


def _prefix(data: bytes, rng: random.Random) -> bytes:
    old, new = rng.sample((b"dc", b"media", b"atom", b"itunes", b"content", b"x", b"ns0", b"geo", b"DC"), 2)
    return data.replace(b"xmlns:" + old + b"=", b"xmlns:" + new + b"=").replace(old + b":", new + b":")


def _rebind(data: bytes, rng: random.Random) -> bytes:
    end = data.find(b">", data.find(b"?>") + 2)
    prefix = rng.choice((b"", b":dc", b":media", b":atom", b":x", b":itunes", b":title", b":xlink"))
    uri = rng.choice((_ATOM, _DC, _MEDIA, _ITUNES, "http://unknown.example/other", "http://purl.org/rss/1.0/"))
    return data[:end] + b" xmlns" + prefix + b'="' + uri.encode() + b'"' + data[end:]


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _truncate,
    _byte,
    _prepend,
    _declare,
    _doctype,
    _reference,
    _reference,
    _late,
    _late,
    _prefix,
    _rebind,
)
