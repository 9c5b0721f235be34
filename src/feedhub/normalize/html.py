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
from feedhub.normalize.markup import DEEPEST, balance, depth, without_unseen
from feedhub.normalize.orderly import restored, rewritten
from feedhub.normalize.policy import ATTRIBUTES, DROPPED, FORMATTING, GAPS, INLINE, REFERRING, RENAMED, TAGS
from feedhub.normalize.references import mended
from feedhub.normalize.tags import REL
from feedhub.normalize.text import block, xml_safe

__all__ = ["cut", "parsed", "sanitise", "to_text", "unmarked", "without_tags"]

LONGEST = 1_000_000
"""The longest fragment, in characters, that is kept."""

MOST_REFERENCES = 100_000
"""Of a fragment with more character references (``&amp;``) only the words are kept; they take a parser very long."""

_ROOM = 10_000  # for the end tags that a cut fragment gets
_LONGEST_REFERENCE = 40
_ROUNDS = 6
_SLACK = 20  # by how much a parser's repeating of formatting can deepen a fragment, and more
_FEW_TAGS = 40
_MANY_TAGS = 500

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(DROPPED),
    attributes={name: set(kept) for name, kept in ATTRIBUTES.items()},
    url_schemes={"http", "https", "mailto"},
    link_rel=REL,
)

# The name as the HTML Standard's tokenizer reads it (§13.2.5.8).
_START_TAG = re.compile(r"<([A-Za-z][^ \t\n\f\r/>]*+)")
_FORMATTING_AS_WRITTEN = FORMATTING | {name.upper() for name in FORMATTING}
_LONG_DATA = re.compile(r"""data:[^"'\s<>]{1000,}""", re.IGNORECASE)

# What the sanitiser writes is regular: attributes are quoted, and "<", ">" and '"' within them are escaped.
_OLD_TAG = re.compile(rf"(</?)({'|'.join(RENAMED)})(?=[ >])")
_REFERRING_TAG = re.compile(rf"<({'|'.join(sorted(REFERRING))})((?: [a-z-]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_SHORT = 500
_SHOWING = re.compile(r"<(?:img|audio|video|hr|source)[ >]|(?:\A|>)[^\s<&]")
_SHOWING_AT_ONCE = re.compile(r"(?:<[^<>]*+>)*+[^\s<&]")

# The beginnings of elements that are opened or dropped before anything else.
_EMBEDDED = "|".join(sorted(DROPPED | {"iframe", "math", "noscript"}))
_FIRSTS = "".join(sorted({name[0] for name in _EMBEDDED.split("|")}))
_EMBEDDED_NAME = re.compile(rf"<(?=[{_FIRSTS}{_FIRSTS.upper()}])((?i:{_EMBEDDED}))(?=[\s/>])")
_UNSEEN = re.compile(rf"<(?:[!?]|{'|'.join(sorted(DROPPED))})", re.IGNORECASE)
_INLINE = "|".join(sorted(INLINE))
# Names are nearly always in lower case, and comparing them without regard to case takes twice as long.
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}|(?=[a-z]*[A-Z])(?i:{_INLINE}))(?=[\s/>])[^>]*+>")
_BLOCK_TAG = re.compile(r"</?[A-Za-z][^>]*+>")
# A tag as `sanitise` writes it.
_KEPT_TAG = re.compile(r"</?([a-z][a-z0-9]*+)(?: [^<>]*+)?+>")


def sanitise(value: str, base_url: str = "") -> str:
    """Return a fragment of HTML that is safe to publish, with absolute addresses resolved against ``base_url``.

    The result is stable, well-formed for XML (as escaped text) and at most `LONGEST` characters long; it is empty when
    nothing would show.
    """
    if "<" not in value and "&" not in value and ">" not in value:
        return block(value[:LONGEST])
    value = _cut(value)
    if len(value) > MOST_REFERENCES and value.count("&") > MOST_REFERENCES:
        return _words(value)
    for _ in range(_ROUNDS):
        before = value
        value, settled = _once(before, base_url)
        if settled or value == before:
            return value if _shows(value) else ""
        value = _cut(value)
    return _words(value)


def _words(value: str) -> str:
    return _cut(escape(to_text(value), quote=False)).rstrip()


def _once(value: str, base_url: str) -> tuple[str, bool]:
    """Sanitise once; say whether a second time is sure to change nothing."""
    result = rewritten(value, base_url)
    if result is None:
        for mend in (partial(_opened, base_url=base_url), _bounded):
            if result is None and (better := mend(value)) != value:
                value = better
                result = rewritten(value, base_url)
    if result is None:
        return parsed(value, base_url), False
    return result, len(result) <= LONGEST


def _opened(value: str, base_url: str) -> str:
    """Return the fragment without what no result holds, and with what frames show instead of them."""
    if "display:" in value:
        value = without_hidden_images(value)
    names = {name.lower() for name in _EMBEDDED_NAME.findall(value)}
    return open_embedded(without_unseen(value, names), names, base_url)


def _bounded(value: str) -> str:
    """Return the fragment put in order if parsing it as it is could take long."""
    names = _START_TAG.findall(value)
    return balance(value) if _could_explode(names, len(value)) and depth(value) > DEEPEST - _SLACK else value


def parsed(value: str, base_url: str) -> str:
    """Return what the sanitiser makes of the fragment; it takes very long for some that `sanitise` bounds before."""
    try:
        result = _CLEANER.clean(value)
    except UnicodeEncodeError:  # lone surrogates
        result = _CLEANER.clean(xml_safe(value))
    if "\r" in result:
        result = result.replace("\r\n", "\n").replace("\r", "\n")
    # A parser takes a byte order mark at the beginning for its own; nowhere else is it any use.
    result = xml_safe(result).replace("\ufeff", "")
    result = _OLD_TAG.sub(lambda tag: tag[1] + RENAMED[tag[2]], result)
    return restored(_REFERRING_TAG.sub(partial(_mended, base_url=base_url), result))


def _mended(tag: re.Match[str], base_url: str) -> str:
    if tag[1] == "a" and (' href="https://' in tag[2] or ' href="http://' in tag[2]):
        return tag[0]
    return mended(tag[1], dict(_ATTRIBUTE.findall(tag[2])), base_url)


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


def _shows(result: str) -> bool:
    if len(result) > _SHORT or _SHOWING_AT_ONCE.match(result):
        return True
    return _SHOWING.search(result) is not None or to_text(result) != ""


def to_text(value: str) -> str:
    """Return the words of a fragment of HTML on one line.

    Tags of blocks separate words, those within text do not; comments, scripts, styles and the like are left out and
    character references resolved. A ``<`` that begins no tag is kept, so ``a < b`` stays what it says.
    """
    return " ".join(without_tags(value).split())


def without_tags(value: str) -> str:
    """Return what `to_text` does, with white space as it comes: enough for whoever takes the words apart."""
    return xml_safe(unmarked(value))


def unmarked(value: str) -> str:
    """Return what `without_tags` does, and characters that XML cannot carry where there are any."""
    if "<" in value:
        plain = _without_kept_tags(value)
        value = _without_any_tags(value) if plain is None else plain
    return unescape(value) if "&" in value else value


def _without_kept_tags(value: str) -> str | None:
    """Return what `_without_any_tags` does of a fragment whose tags are all as `sanitise` writes them, else None."""
    pieces = _KEPT_TAG.split(value)
    try:
        pieces[1::2] = map(GAPS.__getitem__, pieces[1::2])
    except KeyError:
        return None
    plain = "".join(pieces)
    return None if "<" in plain else plain


def _without_any_tags(value: str) -> str:
    if _UNSEEN.search(value):
        value = without_unseen(value, DROPPED)
    # Every tag ends before the last ">", so no search for the end of one runs in vain to the end of the text.
    end = value.rfind(">") + 1
    head = value[:end]
    return _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", head)) + value[end:]
