"""Undoes content codings (RFC 9110 §8.4) within a size bound. Pure.

Done here and not by libcurl because libcurl takes a compressed body that was cut short for a whole one. Another coding
is one row here and one word in ``ACCEPTED``.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import brotli

from feedhub.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ACCEPTED", "CODINGS", "decode", "peek"]

ACCEPTED = "gzip, br"
GZIP_MAGIC = b"\x1f\x8b"
UTF8_MARK = b"\xef\xbb\xbf"
# Servers compress twice by mistake; nobody does it three times in good faith.
MAX_LAYERS = 2
# A gzip file may be a chain of members (RFC 1952 §2.2).
MAX_MEMBERS = 64
STEP = 1 << 20
# Text compresses 3 to 50 times; only bytes made to hurt reach this.
MAX_RATIO = 250
DEFLATE_WINDOW, GZIP_WINDOW = zlib.MAX_WBITS, zlib.MAX_WBITS | 16


def decode(body: bytes, content_encoding: str, limit: int) -> bytes:
    """Return the body without its codings.

    What servers do in spite of their header is taken as meant: a plain body labelled as compressed stays as it is,
    and gzip without a label is undone. Raises FetchError ``encoding`` for a damaged, cut or unknown coding and
    ``too-large`` for more than ``limit`` bytes or a compression bomb.
    """
    names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    if len(names) > MAX_LAYERS:
        raise FetchError("encoding", f"{len(names)} content codings")
    for name in reversed(names):
        if name in CODINGS:
            body = CODINGS[name](body, limit)
        elif not _is_text(body):
            raise FetchError("encoding", "a content coding that was not asked for")
    for _ in range(MAX_LAYERS):
        if body.startswith(GZIP_MAGIC):
            body = _gunzip(body, limit)
    return body


def peek(body: bytes, content_encoding: str) -> bytes:
    """Return the start of a body that may be compressed, cut or damaged, at most a few times as long as the body."""
    try:
        if body.startswith(GZIP_MAGIC):
            return zlib.decompressobj(GZIP_WINDOW).decompress(body, len(body))
        if content_encoding.strip().lower() == "br":
            body = brotli.Decompressor().process(body, output_buffer_limit=len(body))
    except (zlib.error, brotli.error):
        return b""
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    if not body.startswith(GZIP_MAGIC):
        return _plain(body)
    whole = b""
    for _ in range(MAX_MEMBERS):
        member, body = _inflate(body, GZIP_WINDOW, limit - len(whole))
        whole += member
        # Anything else after a member is padding or rubbish, which gzip(1) ignores too.
        if not body.startswith(GZIP_MAGIC):
            return whole
    raise FetchError("encoding", f"more than {MAX_MEMBERS} gzip members")


def _undeflate(body: bytes, limit: int) -> bytes:
    """Undo ``deflate``: zlib data by the RFC, but raw deflate data from some servers."""
    if _is_text(body):
        return body
    try:
        return _inflate(body, DEFLATE_WINDOW, limit)[0]
    except FetchError as error:
        if error.code != "encoding":
            raise
        return _inflate(body, -DEFLATE_WINDOW, limit)[0]


def _unbrotli(body: bytes, limit: int) -> bytes:
    """Undo ``br`` (RFC 7932), which has no magic number: a plain body is known by failing to be compressed."""
    try:
        return _decompress(body, limit)
    except FetchError as error:
        # Large compressed bodies may begin with ``[`` too, but not with many such characters.
        if error.code == "encoding" and _is_text(body) and body.removeprefix(UTF8_MARK)[:16].isascii():
            return body
        raise


def _decompress(body: bytes, limit: int) -> bytes:
    """Return what a whole brotli stream holds."""
    engine = brotli.Decompressor()
    pieces: list[bytes] = []
    size, rest = 0, body
    while not engine.is_finished():
        try:
            piece = engine.process(rest, output_buffer_limit=STEP)
        except brotli.error:
            raise FetchError("encoding", "damaged compressed data") from None
        rest = b""
        if not piece and not engine.is_finished() and engine.can_accept_more_data():
            raise FetchError("encoding", "compressed data cut short")
        pieces.append(piece)
        size = _grown(size, piece, len(body), limit)
    return b"".join(pieces)


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    """Return the decompressed bytes and what follows the compressed ones."""
    engine = zlib.decompressobj(window)
    pieces: list[bytes] = []
    size, rest = 0, body
    while not engine.eof:
        try:
            piece = engine.decompress(rest, STEP)
        except zlib.error:
            raise FetchError("encoding", "damaged compressed data") from None
        rest = engine.unconsumed_tail
        if not piece and not rest and not engine.eof:
            raise FetchError("encoding", "compressed data cut short")
        pieces.append(piece)
        size = _grown(size, piece, len(body) - len(rest), limit)
    return (pieces[0] if len(pieces) == 1 else b"".join(pieces)), engine.unused_data


def _grown(size: int, piece: bytes, consumed: int, limit: int) -> int:
    """Return the size with another piece; raise FetchError when it is more than honest data would give."""
    size += len(piece)
    if size > limit:
        raise FetchError("too-large", f"more than {limit} bytes when decompressed")
    if size > STEP and size > MAX_RATIO * consumed:
        raise FetchError("too-large", f"a compression bomb: more than {MAX_RATIO} times its size")
    return size


def _plain(body: bytes) -> bytes:
    if not _is_text(body):
        raise FetchError("encoding", "not compressed as its header says")
    return body


def _is_text(body: bytes) -> bool:
    """Tell whether a body starts like XML, HTML or JSON in any encoding (or is empty): compressed data does not."""
    return body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] in {b"", b"<", b"{", b"["}


CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "br": _unbrotli,
    "deflate": _undeflate,
    "gzip": _gunzip,
    "identity": lambda body, _limit: body,
    "x-gzip": _gunzip,
}
