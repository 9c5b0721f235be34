"""Twenty poisonous sources among two hundred good ones: the good ones all finish, and nobody waits for long."""

from __future__ import annotations

import gzip
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedhub import Hub, load
from loopback import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loopback import Answer

MIB = 1 << 20
DEADLINE = 3
GOOD, HOSTS = 200, 4
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
ITEM = "<item><guid>{0}</guid><title>entry {0}</title><link>https://example.org/{0}</link></item>"


def feed(name: str, entries: int = 5) -> str:
    items = "".join(ITEM.format(f"{name}-{number}") for number in range(entries))
    return f"<rss version='2.0'><channel><title>{name}</title><link>https://example.org/</link>{items}</channel></rss>"


def silent(answer: Answer) -> None:
    answer.server.origin.closing.wait(60)


def drip(head: bytes) -> Callable[[Answer], None]:
    def handler(answer: Answer) -> None:
        answer.wfile.write(head)
        while not answer.server.origin.closing.wait(0.1):
            answer.wfile.write(b"a")

    return handler


def endless(piece: bytes) -> Callable[[Answer], None]:
    def handler(answer: Answer) -> None:
        answer.wfile.write(HEAD + b"\r\n")
        while True:
            answer.wfile.write(piece)

    return handler


def raw(*pieces: bytes) -> Callable[[Answer], None]:
    def handler(answer: Answer) -> None:
        answer.close_connection = True
        answer.wfile.write(b"".join(pieces))

    return handler


def page(body: bytes, head: bytes = b"") -> Callable[[Answer], None]:
    return raw(HEAD, head, b"Content-Length: %d\r\n\r\n" % len(body), body)


def around(answer: Answer) -> None:
    """Redirect to another path each time."""
    location = f"{answer.path}x".encode()
    answer.wfile.write(b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")


DEEP = b"<rss version='2.0'><channel><item><description>" + b"<b>" * 200_000
LAUGHS = b"".join(b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
POISONS: dict[str, tuple[Callable[[Answer], None], set[str]]] = {
    "silent": (silent, {"timeout"}),
    "silent-after-the-head": (drip(HEAD), {"timeout"}),
    "dripping-head": (drip(HEAD + b"X-Slow: "), {"timeout"}),
    "dripping-body": (drip(HEAD + b"\r\n<rss>"), {"timeout"}),
    "dripping-chunks": (drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n"), {"timeout", "protocol", "truncated"}),
    "endless-body": (endless(b"<item/>" * 9000), {"too-large"}),
    "endless-text": (endless(b"a" * 65536), {"too-large"}),
    "promise-of-too-much": (raw(HEAD, b"Content-Length: 99999999999\r\n\r\n<rss>"), {"too-large"}),
    "cut-short": (raw(HEAD, b"Content-Length: 1000\r\n\r\n<rss>"), {"truncated"}),
    "hanging-up": (raw(), {"connect", "protocol", "truncated"}),
    "garbage": (raw(b"\x00\xff" * 5000), {"protocol"}),
    "bomb": (page(gzip.compress(b"a" * (64 * MIB)), b"Content-Encoding: gzip\r\n"), {"too-large"}),
    "cut-gzip": (page(gzip.compress(feed("x").encode())[:-9], b"Content-Encoding: gzip\r\n"), {"encoding"}),
    "around-and-around": (around, {"redirect", "timeout"}),
    "limited": (raw(b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n"), {"rate-limited"}),
    "broken": (raw(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), {"http-500"}),
    "page": (page(b"<!doctype html><html><title>Hello</title><p>nothing here</html>"), {"not-a-feed"}),
    "binary": (page(bytes(range(256)) * 500), {"not-a-feed", "malformed"}),
    "deep": (page(DEEP), {"", "malformed", "too-complex", "not-a-feed"}),
    "laughs": (
        page(b"<!DOCTYPE rss [<!ENTITY l0 'ha'>" + LAUGHS + b"]><rss><channel><title>&l11;</title></channel></rss>"),
        {"", "malformed", "too-complex", "not-a-feed"},
    ),
}


def configure(folder: Path, sources: dict[str, str]) -> None:
    hosts = sorted({urlsplit(url).hostname or "" for url in sources.values()})
    tables = "".join(f'[[source]]\nid = "{name}"\nurl = "{url}"\n' for name, url in sources.items())
    (folder / "config.toml").write_text(
        f'[fetch]\ntimeout = "{DEADLINE}s"\nmax_bytes = {4 * MIB}\nallow_private = {hosts}\n'
        f'[parse]\nseconds = 1.0\n{tables}[[edition]]\nslug = "all"\ntitle = "Everything"\nlimit = 10000\n'
    )


def test_poison_delays_nobody(tmp_path: Path) -> None:
    assert len(POISONS) == 20
    sources: dict[str, str] = {}
    with ExitStack() as stack:
        good = [stack.enter_context(Origin(f"127.0.0.{number}")) for number in range(1, HOSTS + 1)]
        for number in range(GOOD):
            origin = good[number % HOSTS]
            origin.serve(f"/{number}", feed(f"good{number}"), delay=0.01)
            sources[f"good{number}"] = origin.url(f"/{number}")
        # Each poison has a server of its own, as in life; sources come in the order of their names.
        for number, (name, (handler, _)) in enumerate(POISONS.items()):
            origin = stack.enter_context(Origin(f"127.0.1.{number}"))
            origin.handle("/feed", handler)
            origin.pages |= {f"/feed{'x' * hop}": handler for hop in range(1, 9)}
            sources[name] = origin.url("/feed")
        configure(tmp_path, sources)
        with Hub(load(tmp_path / "config.toml")) as hub:
            start = time.monotonic()
            results = {result.source_id: result for result in hub.refresh()}
            took = time.monotonic() - start
            hub.publish()
    assert results.keys() == sources.keys()
    healthy = {name: result for name, result in results.items() if name.startswith("good")}
    assert {(result.outcome, result.new) for result in healthy.values()} == {("changed", 5)}
    codes = {name: result.failure.code if result.failure else "" for name, result in results.items()}
    wrong = {name: codes[name] for name, (_, allowed) in POISONS.items() if codes[name] not in allowed}
    assert wrong == {}
    assert took < DEADLINE + 10
    assert (tmp_path / "published" / "all.atom").read_text().count("<entry>") >= GOOD * 5
