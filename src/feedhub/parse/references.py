"""References to what is no character, such as an emoji written as the two halves it has in UTF-16, and to nothing."""

from __future__ import annotations

import re
from html.entities import name2codepoint

__all__ = ["escaped", "mended"]

_REFERENCES = re.compile(rb"(?:&#(?:[0-9]+|[xX][0-9a-fA-F]+);?)+")
_CODE = re.compile(rb"([xX]?)0*([0-9a-fA-F]+)")
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
_LARGEST = 0x10FFFF
_REPLACEMENT = 0xFFFD
_MOST_DIGITS = 7


def mended(body: bytes) -> bytes:
    """Return a document with halves that belong together as the character they mean, and others as U+FFFD.

    XML forbids such references (XML 1.0 §4.1), and feedparser stumbles over them. The encoding has to be one that holds
    ASCII as it is.
    """
    return _REFERENCES.sub(_mended, body)


def _mended(found: re.Match[bytes]) -> bytes:
    codes: list[int] = []
    for is_hexadecimal, digits in _CODE.findall(found[0]):
        code = int(digits, 16 if is_hexadecimal else 10) if len(digits) <= _MOST_DIGITS else _REPLACEMENT
        if codes and codes[-1] in _HIGH and code in _LOW:
            code = 0x10000 + (codes.pop() - _HIGH.start) * len(_LOW) + code - _LOW.start
        codes.append(code)
    return b"".join(b"&#%d;" % (code if _is_character(code) else _REPLACEMENT) for code in codes)


def _is_character(code: int) -> bool:
    return code <= _LARGEST and code not in _HIGH and code not in _LOW


_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#[xX][0-9a-fA-F]+);)(?:([A-Za-z][A-Za-z0-9]*);)?")
_VALUE = re.compile(rb"=\s*(?:\"[^\"<>]*<[^\"]*\"|'[^'<>]*<[^']*')")


def escaped(body: bytes) -> bytes:
    """Return a document with the ampersands escaped that begin no reference, and with ``<`` escaped in attributes.

    References by the names of HTML become those characters. The encoding has to be one that holds ASCII as it is.
    """
    return _VALUE.sub(lambda found: found[0].replace(b"<", b"&lt;"), _AMPERSAND.sub(_escaped, body))


def _escaped(found: re.Match[bytes]) -> bytes:
    name = (found[1] or b"").decode()
    return b"&#%d;" % name2codepoint[name] if name in name2codepoint else b"&amp;" + found[0][1:]
