"""Plain text: what XML can carry, single lines fit for titles and names, language tags, and word tokens."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from html import unescape
from itertools import pairwise

from feedhub.normalize.latin import latin_spaced, latin_words

__all__ = ["block", "label", "language", "line", "spaced", "tokens", "xml_safe"]

# What may not stay: what XML 1.0 §2.2 forbids (C0 controls, surrogates, U+FFFE and U+FFFF) and what it discourages and
# validators warn about (C1 controls, all other noncharacters).
_PLANE_ENDS = "".join(f"{chr((plane << 16) + 0xFFFE)}{chr((plane << 16) + 0xFFFF)}" for plane in range(1, 17))
_UNSAFE = re.compile(f"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff{_PLANE_ENDS}]")

# The bytes of UTF-8 of which only such characters are made: beside ASCII those that begin with neither C2 (C1 controls,
# among others), nor ED (surrogates), EF or F0 to F4 (noncharacters).
_SURE = {*b"\t\n\r", *range(0x20, 0x7F), *range(0x80, 0xF0)} - {0xC2, 0xED, 0xEF}
_UNSURE_BLANKED = bytes(byte if byte in _SURE else 0x20 for byte in range(256))

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LONGEST_TAG = 100  # with white space around it
_LANGUAGE = re.compile(r"([a-z]{2,3})((?:-[a-z0-9]{2,8}){0,5})", re.IGNORECASE)

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EMBEDDINGS, _OVERRIDES, _ISOLATES = "\u202a\u202b", "\u202d\u202e", "\u2066\u2067\u2068"
_POP_EMBEDDING, _POP_ISOLATE = "\u202c", "\u2069"

# Characters within words that readers do not see or writers may leave out: soft hyphens, joiners, variation selectors,
# accents that did not compose, and the vowel points of Hebrew and Arabic.
_UNWRITTEN = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200c\u200d\u2060\u20d0-\u20ff\ufe00-\ufe0f"
    "\ufe20-\ufe2f\ufeff]+"
)
# ``\w`` knows letters and digits but not the vowel signs of Indic scripts, Tibetan, Syriac, Thaana and N'Ko.
_SIGNS = "\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3\u0900-\u0963\u0966-\u096f\u0971-\u0def\u0f18\u0f19\u0f35-\u0fbc"
# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, Chinese, Japanese.
_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1780-\u17d3"
    "\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WESTERN = "0-9a-z\u00aa\u00b5\u00ba\u00df-\u00f6\u00f8-\u02af"
_ALL_WESTERN = re.compile("[\t\n\r -\u00ac\u00ae-\u02af\u2010-\u2027\u2030-\u203e\u20ac]*+")
_POSSESSIVE = re.compile("['\u2019\u02bc]s(?<=\\w..)(?!\\w)")


def xml_safe(text: str) -> str:
    """Return ``text`` without the characters that XML 1.0 cannot carry (§2.2) or that no text should hold.

    Dropped: C0 controls but tab and newlines, lone surrogates, noncharacters. C1 controls only ever come from
    Windows-1252 text that was declared as Latin-1, so they become the characters they were meant to be.
    """
    # Most texts are made of these bytes alone, and looking them up takes a third of the time that the pattern does.
    encoded = text.encode("utf-8", "surrogatepass")
    if encoded.translate(_UNSURE_BLANKED) == encoded or _safe().fullmatch(text):
        return text
    return _UNSAFE.sub(_replacement, text)


@cache
def _safe() -> re.Pattern[str]:
    """Return a pattern of all the characters that may stay; compiled by the first text that asks for it, in 2 ms."""
    planes = "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 17))
    return re.compile(f"[\t\n\r -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd{planes}]*+")


def _replacement(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in {0x0B, 0x0C}:  # vertical tab and form feed: they separate words
        return " "
    return bytes((code,)).decode("cp1252", "ignore") if 0x80 <= code <= 0x9F else ""  # noqa: PLR2004 (the C1 range)


def block(text: str) -> str:
    """Return plain text of several lines, newlines as XML parsers give them (XML 1.0 §2.11), ends trimmed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return xml_safe(text).strip()


def line(text: str, longest: int) -> str:
    """Return plain text as one line of at most ``longest`` characters, an ellipsis for what was cut off.

    White space is folded. Overriding the direction of text has no honest use in a line, so such controls are removed;
    other directional controls stay if they are closed within it, so that they cannot reach what is written after it.
    """
    # Printable means no control, no directional character and no white space but the plain one.
    if not text or (len(text) <= longest and text.isprintable() and text[0] != " " != text[-1] and "  " not in text):
        return text
    # Nothing of the rest can show; cutting first bounds the work that a title of megabytes makes.
    text = xml_safe(text[: longest * 64]).replace("\ufeff", "")
    if _BIDI.search(text):
        text = _settle_direction(text)
    text = " ".join(text.split())
    if len(text) > longest and _BIDI.search(text):  # what closes them would be cut off
        text = " ".join(_BIDI.sub("", text).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def label(text: str, longest: int) -> str:
    """Return a name, term or the like as a `line`, with character references resolved.

    Feeds escape these twice as often as not, and no person or category is called ``R&amp;D``.
    """
    if "&" not in text:
        return line(text, longest)
    text = line(text, longest * 8)
    while (plain := line(_ENTITY.sub(_resolved, text), longest)) != text:
        text = plain
    return text


def _resolved(found: re.Match[str]) -> str:
    return unescape(found[0])


def _settle_direction(text: str) -> str:
    kept: list[str] = []
    awaited: list[str] = []  # what closes each control that is open; nothing for an override, which was removed
    for char in text:
        if char in _OVERRIDES:
            awaited.append("")
        elif char in _EMBEDDINGS or char in _ISOLATES:
            awaited.append(_POP_EMBEDDING if char in _EMBEDDINGS else _POP_ISOLATE)
            kept.append(char)
        elif char == _POP_EMBEDDING and awaited and not awaited[-1]:
            awaited.pop()
        elif char not in (_POP_EMBEDDING, _POP_ISOLATE):
            kept.append(char)
        elif awaited and awaited[-1] == char:
            kept.append(awaited.pop())
    return "".join(kept) + "".join(reversed(awaited))


def language(tag: str) -> str:
    """Return a language tag shaped as BCP 47 asks (``en``, ``pt-BR``, ``zh-Hant-TW``), or ``""`` if it is not one."""
    return _language(tag) if 0 < len(tag) <= _LONGEST_TAG else ""


@lru_cache(maxsize=256)
def _language(tag: str) -> str:
    found = _LANGUAGE.fullmatch(tag.strip().replace("_", "-"))
    if found is None or found[1].lower() in {"und", "zxx", "mul", "mis"}:
        return ""
    return found[1].lower() + "".join(map(_subtag, found[2].split("-")[1:]))


def _subtag(part: str) -> str:
    # RFC 5646 §2.1.1: regions in capitals, scripts capitalised, the rest in lower case.
    if part.isalpha() and len(part) in (2, 4):
        return f"-{part.upper() if len(part) == 2 else part.capitalize()}"  # noqa: PLR2004 (ISO 3166 length)
    return f"-{part.lower()}"


def _words(letters: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of words made of ``letters``: for text without the names that end in a sign, and with them."""
    word = f"[{letters}]++(?:[.,](?<=[0-9].)[0-9]++)*"
    return re.compile(word), re.compile(rf"c\+\+|[cf]#(?!\w)|{word}")


_ASCII_WORDS, _WESTERN_WORDS = _words("0-9a-z"), _words(_WESTERN)


@cache
def _words_of_all_scripts() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return _words(f"\\w{_SIGNS}{_UNSPACED}")  # takes a millisecond to compile, and most programs never need it


@cache
def _runs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of a character of a script without spaces, and of a run of such or of other characters."""
    return re.compile(f"[{_UNSPACED}]"), re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")


def tokens(text: str) -> list[str]:
    """Return the words of ``text`` in order, in the form in which words are compared.

    Compatibility forms and letter case are folded (NFKC, Unicode case folding). Whatever is neither letter nor digit
    separates words, apostrophes of every shape too, so that *dell'Isis* has the word *isis*; an English possessive *'s*
    is left out. Decimals stay whole, and so do ``c++``, ``c#`` and ``f#``. Scripts that put no spaces between words
    come as overlapping pairs of characters, so that any two or more of them are found wherever they stand.
    """
    known = latin_words(text)
    return _tokens(text) if known is None else known


def spaced(text: str) -> str:
    """Return the `tokens` of ``text`` with one space or more before and after each, or the empty string.

    So one substring search finds a whole word. What `xml_safe` drops is left out.
    """
    known = latin_spaced(text)
    if known is not None:
        return known
    words = _tokens(xml_safe(text))
    return f" {' '.join(words)} " if words else ""


def _tokens(text: str) -> list[str]:
    if text.isascii():
        text = text.lower()
        words, spaced = _ASCII_WORDS, True
    else:
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        words, spaced = _WESTERN_WORDS, True
        if not _ALL_WESTERN.fullmatch(text):
            text = _UNWRITTEN.sub("", text).replace("_", " ")
            words, spaced = _words_of_all_scripts(), not _runs()[0].search(text)
    if "'s" in text or "\u2019s" in text or "\u02bcs" in text:
        text = _POSSESSIVE.sub(" ", text)
    found = words["+" in text or "#" in text].findall(text)
    return found if spaced else [token for run in found for token in _split(run)]


def _split(run: str) -> list[str]:
    """Return a run of letters as words: what has no spaces between words as pairs, the rest as it is."""
    unspaced, pieces = _runs()
    parts: list[str] = []
    for piece in pieces.findall(run):
        parts += map("".join, pairwise(piece)) if len(piece) > 1 and unspaced.match(piece) else (piece,)
    return parts
