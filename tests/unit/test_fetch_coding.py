"""Content codings: undone where they are honest, refused where they are not."""

from __future__ import annotations

import gzip
import time
import zlib

import brotli
import pytest

from feedhub.errors import FetchError
from feedhub.fetch.coding import decode, peek

FEED = b"<rss>" + bytes(range(32, 127)) * 300 + b"</rss>"
LIMIT = 1 << 20
# Brotli streams of more than 64 KiB begin with "[", as a JSON text might.
LARGE = b"".join(b"<item>%d</item>" % number for number in range(30_000))


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", FEED),
        ("identity", FEED),
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("X-GZIP", gzip.compress(FEED, mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", raw_deflate(FEED)),
        ("br", brotli.compress(FEED)),
        ("br", brotli.compress(FEED, quality=0)),
        ("deflate, gzip", gzip.compress(zlib.compress(FEED), mtime=0)),
    ],
)
def test_honest_codings(coding: str, body: bytes) -> None:
    assert decode(body, coding, LIMIT) == FEED


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", FEED),
        ("deflate", FEED),
        ("br", FEED),
        ("br", b"\xef\xbb\xbf" + FEED),
        ("utf-8", b"\xef\xbb\xbf" + FEED),
        ("", gzip.compress(FEED, mtime=0)),
        ("gzip", gzip.compress(gzip.compress(FEED, mtime=0), mtime=0)),
        ("gzip", gzip.compress(FEED[:100], mtime=0) + gzip.compress(FEED[100:], mtime=0)),
        ("gzip", gzip.compress(FEED, mtime=0) + b"\0" * 512),
    ],
    ids=[
        "plain",
        "plain deflate",
        "plain br",
        "plain br with mark",
        "charset",
        "unlabelled",
        "twice",
        "two members",
        "padding",
    ],
)
def test_what_servers_do_in_spite_of_their_header(coding: str, body: bytes) -> None:
    assert decode(body, coding, LIMIT).removeprefix(b"\xef\xbb\xbf") == FEED


@pytest.mark.parametrize("body", [b'{"version": "https://jsonfeed.org/version/1.1"}', b'[{"title": "no feed"}]'])
def test_a_json_text_labelled_as_brotli_is_a_json_text(body: bytes) -> None:
    assert decode(body, "br", LIMIT) == body


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "", "gzip, identity"])
def test_an_empty_body_is_empty(coding: str) -> None:
    assert decode(b"", coding, LIMIT) == b""


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)[:-9]),
        ("gzip", gzip.compress(FEED, mtime=0)[:-4]),
        ("gzip", gzip.compress(FEED, mtime=0)[:5]),
        ("gzip", gzip.compress(FEED, mtime=0)[:-8] + b"12345678"),
        ("deflate", zlib.compress(FEED)[:-20]),
        ("deflate", raw_deflate(FEED)[:-20]),
        ("gzip", b"\x89PNG" + FEED),
        ("br", b"\x0b\x02\x80" + FEED),
        ("br", brotli.compress(FEED)[:-1]),
        ("br", brotli.compress(FEED)[:7]),
        ("br", brotli.compress(LARGE)[:-20]),
        ("zstd", b"\x28\xb5\x2f\xfd" + FEED),
        ("gzip, gzip, gzip", gzip.compress(FEED, mtime=0)),
        (", ".join(["gzip"] * 60), gzip.compress(FEED, mtime=0)),
    ],
)
def test_damaged_cut_and_unknown_codings(coding: str, body: bytes) -> None:
    with pytest.raises(FetchError) as caught:
        decode(body, coding, LIMIT)
    assert caught.value.code == "encoding"


CODED = {"gzip": gzip.compress(FEED, mtime=0), "deflate": zlib.compress(FEED), "br": brotli.compress(FEED)}


def test_a_body_is_never_truncated_to_the_limit() -> None:
    for coding, body in CODED.items():
        assert decode(body, coding, len(FEED)) == FEED
        with pytest.raises(FetchError) as caught:
            decode(body, coding, len(FEED) - 1)
        assert caught.value.code == "too-large"


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_stops_early(layers: int) -> None:
    bomb = gzip.compress(b"a" * (64 << 20), mtime=0)
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb, mtime=0)
    start = time.process_time()
    with pytest.raises(FetchError, match="bomb") as caught:
        decode(bomb, "gzip", 1 << 30)
    assert caught.value.code == "too-large"
    assert time.process_time() - start < 0.2


def test_a_large_brotli_body_is_told_from_text() -> None:
    body = brotli.compress(LARGE)
    assert body.startswith(b"[")
    assert decode(body, "br", LIMIT) == LARGE


def test_a_brotli_bomb_stops_early() -> None:
    bomb = brotli.compress(b"a" * (64 << 20), quality=5)
    start = time.process_time()
    with pytest.raises(FetchError, match="bomb") as caught:
        decode(bomb, "br", 1 << 30)
    assert caught.value.code == "too-large"
    assert time.process_time() - start < 0.2


def test_a_long_chain_of_members_is_bounded() -> None:
    start = time.process_time()
    with pytest.raises(FetchError, match="members"):
        decode(gzip.compress(b"", mtime=0) * 500_000, "gzip", LIMIT)
    assert time.process_time() - start < 2


def test_the_start_of_a_broken_body_can_be_looked_at() -> None:
    assert peek(b"<title>", "") == b"<title>"
    for coding in ("gzip", "br"):
        start = peek(CODED[coding][:-20], coding)
        assert start
        assert FEED.startswith(start)
    assert peek(b"\x1f\x8bnonsense", "gzip") == b""
    assert peek(b"<title>nonsense", "br") == b""
    bomb = gzip.compress(b"a" * (1 << 20), mtime=0)
    assert len(peek(bomb, "gzip")) <= len(bomb)
