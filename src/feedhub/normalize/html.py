"""HTML: made safe and fit for readers, and turned into plain text.

What `sanitise` keeps stands in `feedhub.normalize.policy`: the elements of text, lists, tables, figures and media; no
styles, classes, ids, scripts, forms, frames, SVG or MathML. Its own decisions:

- ``srcset`` goes, for the sanitiser does not judge its addresses; ``src`` is the fallback that HTML asks for. A lazily
  loaded image gets its ``data-src`` as ``src``.
- Frames become links to what they show, and ``noscript`` is opened: to a feed reader both are the content.
- Images of 1x1 pixel, hidden ones and those without a source go; they count readers or show nothing.
- Audio and video get controls, and load nothing before they are played.
- Links get ``rel="noopener noreferrer"``; http, https and mailto are the only schemes.

The result is stable: sanitising it again changes nothing, so no later parser can see another tree than was judged here.
The work is bounded: what could make a parser build much more than was written is put in order first (see
`feedhub.normalize.markup`), and longer fragments than `LONGEST` are cut.
"""

from __future__ import annotations

import re
from functools import partial
from html import escape, unescape

import nh3

from feedhub.normalize.embeds import open_embedded, without_hidden_images
from feedhub.normalize.markup import DEEPEST, balance, depth, start_tag, without_unseen
from feedhub.normalize.policy import ATTRIBUTES, DROPPED, FORMATTING, INLINE, PLAIN, REFERRING, RENAMED, TABLES, TAGS
from feedhub.normalize.text import block, xml_safe
from feedhub.normalize.urls import clean

__all__ = ["cut", "sanitise", "to_text"]

LONGEST = 1_000_000
"""The longest fragment, in characters, that is kept."""

MOST_REFERENCES = 100_000
"""Of a fragment with more character references (``&amp;``) only the words are kept; they take a parser very long."""

_ROOM = 10_000  # for the end tags that a cut fragment gets
_LONGEST_REFERENCE = 40
_ROUNDS = 5
_SLACK = 20  # by how much a parser's repeating of formatting can deepen a fragment, and more
_FEW_TAGS = 40
_MANY_TAGS = 500

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(DROPPED),
    attributes={name: set(kept) for name, kept in ATTRIBUTES.items()},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)

_MARKUP = re.compile("[<>&]")
# The name as the HTML Standard's tokenizer reads it (§13.2.5.8).
_START_TAG = re.compile(r"<([A-Za-z][^ \t\n\f\r/>]*+)")
_PLAIN_AS_WRITTEN = PLAIN | {name.upper() for name in PLAIN}
_COMMON_AS_WRITTEN = _PLAIN_AS_WRITTEN - {"audio", "source", "video", "AUDIO", "SOURCE", "VIDEO"}
_FORMATTING_AS_WRITTEN = FORMATTING | {name.upper() for name in FORMATTING}
_PLAIN_OR_TABLES = PLAIN | TABLES
_PARTS = "tbody|thead|tfoot|tr|td|th|caption|colgroup|col"
# Anything but the parts of a table where only they may stand; a parser moves it before the table.
_MISPLACED = re.compile(
    rf"<(?:(?:table|tbody|thead|tfoot|tr|colgroup|col)|/(?:{_PARTS}))(?=[\s/>])[^<>]*+(?:<|>[^<]*+<(?!/?(?:table|{_PARTS})[\s/>]))",
    re.IGNORECASE,
)
_LONG_DATA = re.compile(r"""data:[^"'\s<>]{1000,}""", re.IGNORECASE)

# What the sanitiser writes is regular: attributes are quoted, and "<", ">" and '"' within them are escaped.
_OLD_TAG = re.compile(rf"(</?)({'|'.join(RENAMED)})(?=[ >])")
_REFERRING_TAG = re.compile(rf"<({'|'.join(sorted(REFERRING))})((?: [a-z-]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_SIGNS_OF_ODD_IMAGES = (' data-src="', '="1"', '="0"', '="1px"', '="0px"')
_ABSOLUTE = re.compile(r"https?://[^/\\]")
_PRE = re.compile(r"(<pre(?: [^>]*)?>)(?=\n)")
_LINK = re.compile(r"<(/?)a(?=[ >])")
_HEADING = re.compile(r"<(/?)h[1-6](?=[ >])")
_SHORT = 500
_SHOWING = re.compile(r"<(?:img|audio|video|hr|source)[ >]")

_UNSEEN = re.compile(rf"<(?:[!?]|{'|'.join(sorted(DROPPED))})", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{'|'.join(sorted(INLINE))})(?=[\s/>])[^>]*+>", re.IGNORECASE)
_BLOCK_TAG = re.compile(r"</?[A-Za-z][^>]*+>")


def sanitise(value: str, base_url: str = "") -> str:
    """Return a fragment of HTML that is safe to publish, with absolute addresses resolved against ``base_url``.

    The result is stable, well-formed for XML (as escaped text) and at most `LONGEST` characters long; it is empty when
    nothing would show.
    """
    if not _MARKUP.search(value):
        return block(value[:LONGEST])
    value = _cut(value)
    if value.count("&") > MOST_REFERENCES:
        return _words(value)
    result, settled = _pass(value, base_url)
    for _ in range(_ROUNDS):
        if settled:
            return result if _shows(result) else ""
        before = _cut(result)
        result, _ = _pass(before, base_url)
        settled = result == before
    return _words(result)


def _words(value: str) -> str:
    return _cut(escape(to_text(value), quote=False)).rstrip()


def _pass(value: str, base_url: str) -> tuple[str, bool]:
    """Sanitise once; say whether a second time is sure to change nothing."""
    value, names, orderly = _prepared(value, base_url)
    try:
        result = _CLEANER.clean(value)
    except UnicodeEncodeError:  # lone surrogates
        result = _CLEANER.clean(xml_safe(value))
    result = _finished(result, base_url, common=_COMMON_AS_WRITTEN.issuperset(names))
    return result, orderly and len(result) <= LONGEST and not _nests_alike(result) and _is_shallow(result)


def _prepared(value: str, base_url: str) -> tuple[str, list[str], bool]:
    """Return what to parse, the names of its start tags, and whether its elements will stand where they are written."""
    if "display:" in value:
        value = without_hidden_images(value)
    names = _START_TAG.findall(value)
    orderly = _PLAIN_AS_WRITTEN.issuperset(names)
    if not orderly:
        names = [name.lower() for name in names]
        value = open_embedded(without_unseen(value, names), base_url)
        names = [name.lower() for name in _START_TAG.findall(value)]
        orderly = _PLAIN_OR_TABLES.issuperset(names) and not ("table" in names and _MISPLACED.search(value))
    if _could_explode(names, len(value)):
        value = without_unseen(value, names)
        deep = depth(value)
        if deep > DEEPEST - _SLACK:
            return balance(value), names, False
        orderly = orderly and deep <= DEEPEST - 2 * _SLACK
    return value, names, orderly


def _cut(value: str) -> str:
    if len(value) > LONGEST:
        value = _LONG_DATA.sub("", value)  # images written out in the text, never kept; the words come after them
    return value if len(value) <= LONGEST else cut(value, LONGEST - _ROOM)


def cut(value: str, longest: int) -> str:
    """Return the beginning of a fragment of HTML, cut off neither in a tag nor in a character reference."""
    value = value[:longest]
    if (tag := value.rfind("<")) > value.rfind(">"):
        value = value[:tag]
    if (reference := value.rfind("&", max(0, len(value) - _LONGEST_REFERENCE))) > value.rfind(";"):
        value = value[:reference]
    return value


def _could_explode(names: list[str], size: int) -> bool:
    """Say whether parsing could take much longer than ``size`` warrants, given the names of all start tags."""
    if len(names) <= _FEW_TAGS:
        return False
    if len(names) > _MANY_TAGS:
        return True
    return sum(map(_FORMATTING_AS_WRITTEN.__contains__, names)) * len(names) > 2 * size


def _is_shallow(result: str) -> bool:
    """Say whether ``result`` is sure not to be put in order before it is parsed again."""
    tags = result.count("<")  # at least one for each start tag, two if it is formatting
    if tags <= _FEW_TAGS or (tags <= _MANY_TAGS and tags * tags <= 4 * len(result)):
        return True
    if not _could_explode(_START_TAG.findall(result), len(result)):
        return True
    return depth(result) <= DEEPEST - _SLACK


def _nests_alike(result: str) -> bool:
    """Say whether a link is within a link, or a heading in a heading.

    A parser ends the outer one where the inner begins, but overlooks it behind formatting or many blocks; in what it
    made of that it would see it the next time.
    """
    alternating = (_HEADING.findall(result), _LINK.findall(result))  # a slash for each end tag
    return any(any(tags[::2]) or not all(tags[1::2]) for tags in alternating)


def _finished(result: str, base_url: str, *, common: bool) -> str:
    if "\r" in result:
        result = result.replace("\r\n", "\n").replace("\r", "\n")
    # A parser takes a byte order mark at the beginning for its own; nowhere else is it any use.
    result = xml_safe(result).replace("\ufeff", "")
    if not common:
        result = _OLD_TAG.sub(lambda tag: tag[1] + RENAMED[tag[2]], result)
    if not common or _needs_mending(result):
        result = _REFERRING_TAG.sub(partial(_mended, base_url=base_url), result)
    if "<pre" in result:
        # A parser drops the first newline of "pre", the writer does not put it back.
        result = _PRE.sub("\\1\n", result)
    return result.strip()


def _needs_mending(result: str) -> bool:
    """Say whether a link or image might have an address that is not absolute, or be an image that should go.

    Counting in the whole text may err towards yes, where text looks like an attribute, never towards no.
    """
    if _has_relative(result, ' href="') or _has_relative(result, ' src="'):
        return True
    if "<img" not in result:
        return False
    return result.count("<img") > result.count(' src="') or any(sign in result for sign in _SIGNS_OF_ODD_IMAGES)


def _has_relative(result: str, attribute: str) -> bool:
    found = result.count(attribute)
    if not found:
        return False
    found -= result.count(f"{attribute}https://")
    return found > 0 and found != result.count(f"{attribute}http://")


def _mended(tag: re.Match[str], base_url: str) -> str:
    name = tag[1]
    if name == "a" and (' href="https://' in tag[2] or ' href="http://' in tag[2]):
        return tag[0]
    attributes: dict[str, str] = {}
    for attribute, value in _ATTRIBUTE.findall(tag[2]):
        if attribute == "data-src":
            if source := _absolute(value, base_url):
                attributes["src"] = source
        elif attribute not in {"href", "src", "poster"} or (attribute == "href" and value.startswith("mailto:")):
            attributes[attribute] = value
        elif address := _absolute(value, base_url):
            attributes.setdefault(attribute, address)
    if name in {"img", "source"} and ("src" not in attributes or _is_tiny(attributes)):
        return ""
    if name in {"audio", "video"}:
        attributes |= {"controls": "", "preload": "none"}
    return start_tag(name, attributes)


def _absolute(address: str, base_url: str) -> str:
    if _ABSOLUTE.match(address):
        return address
    return clean(unescape(address), base_url).replace("&", "&amp;")


def _is_tiny(attributes: dict[str, str]) -> bool:
    sides = {attributes.get(side, "").removesuffix("px") for side in ("width", "height")}
    return "0" in sides or sides == {"1"}


def _shows(result: str) -> bool:
    return len(result) > _SHORT or _SHOWING.search(result) is not None or to_text(result) != ""


def to_text(value: str) -> str:
    """Return the words of a fragment of HTML on one line.

    Tags of blocks separate words, those within text do not; comments, scripts, styles and the like are left out and
    character references resolved. A ``<`` that begins no tag is kept, so ``a < b`` stays what it says.
    """
    if "<" in value:
        if _UNSEEN.search(value):
            value = without_unseen(value, DROPPED)
        # Every tag ends before the last ">", so no search for the end of one runs in vain to the end of the text.
        end = value.rfind(">") + 1
        head = value[:end]
        value = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", head)) + value[end:]
    if "&" in value:
        value = unescape(value)
    return " ".join(xml_safe(value).split())
