"""Content codings: undone where they are honest, refused where they are not."""

from __future__ import annotations

import gzip
import time
import zlib

import pytest

from feedhub.errors import FetchError
from feedhub.fetch.coding import decode, peek

FEED = b"<rss>" + bytes(range(32, 127)) * 300 + b"</rss>"
LIMIT = 1 << 20


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
        ("utf-8", b"\xef\xbb\xbf" + FEED),
        ("", gzip.compress(FEED, mtime=0)),
        ("gzip", gzip.compress(gzip.compress(FEED, mtime=0), mtime=0)),
        ("gzip", gzip.compress(FEED[:100], mtime=0) + gzip.compress(FEED[100:], mtime=0)),
        ("gzip", gzip.compress(FEED, mtime=0) + b"\0" * 512),
    ],
    ids=["plain", "plain deflate", "plain br", "charset", "unlabelled", "twice", "two members", "padding"],
)
def test_what_servers_do_in_spite_of_their_header(coding: str, body: bytes) -> None:
    assert decode(body, coding, LIMIT).removeprefix(b"\xef\xbb\xbf") == FEED


@pytest.mark.parametrize("coding", ["gzip", "deflate", "", "gzip, identity"])
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
        ("gzip, gzip, gzip", gzip.compress(FEED, mtime=0)),
        (", ".join(["gzip"] * 60), gzip.compress(FEED, mtime=0)),
    ],
)
def test_damaged_cut_and_unknown_codings(coding: str, body: bytes) -> None:
    with pytest.raises(FetchError) as caught:
        decode(body, coding, LIMIT)
    assert caught.value.code == "encoding"


def test_a_body_is_never_truncated_to_the_limit() -> None:
    assert decode(gzip.compress(FEED, mtime=0), "gzip", len(FEED)) == FEED
    for coding, body in (("gzip", gzip.compress(FEED, mtime=0)), ("deflate", zlib.compress(FEED))):
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


def test_a_long_chain_of_members_is_bounded() -> None:
    start = time.process_time()
    with pytest.raises(FetchError, match="members"):
        decode(gzip.compress(b"", mtime=0) * 500_000, "gzip", LIMIT)
    assert time.process_time() - start < 2


def test_the_start_of_a_broken_body_can_be_looked_at() -> None:
    assert peek(b"<title>") == b"<title>"
    assert gzip.compress(FEED, mtime=0).startswith(b"\x1f\x8b")
    assert FEED.startswith(peek(gzip.compress(FEED, mtime=0)[:-20])[:20])
    assert peek(b"\x1f\x8bnonsense") == b""
    bomb = gzip.compress(b"a" * (1 << 20), mtime=0)
    assert len(peek(bomb)) <= len(bomb)
