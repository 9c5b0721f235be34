"""Encodings that XML documents declare and cannot be in."""

from __future__ import annotations

import re

__all__ = ["narrowed"]

_WIDE = re.compile(
    rb"(?:\xef\xbb\xbf)?<\?xml[^>]{1,80}?\bencoding\s*=\s*[\"']((?:utf-?(?:16|32)|ucs-?[24])(?:le|be)?)[\"']",
    re.IGNORECASE,
)


def narrowed(body: bytes) -> tuple[bytes, str]:
    """Return a document, declared as UTF-8 in place of an encoding that it cannot be in, and that one, "" for none.

    What can be read byte by byte is in no encoding of two or four bytes to a character, whatever it says: some
    libraries declare the encoding of the strings that they wrote to, and not that of the file.
    """
    found = _WIDE.match(body)
    if found is None:
        return body, ""
    return body[: found.start(1)] + b"utf-8" + body[found.end(1) :], found[1].decode()
