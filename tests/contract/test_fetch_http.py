"""Fetching over a real server: what is asked, and what is made of honest answers."""

from __future__ import annotations

import gzip
import subprocess
import sys
from typing import TYPE_CHECKING

import brotli
import pytest
from msgspec.structs import replace

from feedhub.fetch import fetch_all
from feedhub.model import Fetched, FetchSettings, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loopback import Answer, Origin

SETTINGS = FetchSettings(allow_private=("127.0.0.1", "localhost"), timeout=5)


def fetch(url: str, settings: FetchSettings = SETTINGS) -> Fetched:
    (fetched,) = fetch_all([Request(source_id="s", url=url)], settings)
    return fetched


def fetch_again(url: str, *, etag: str = "", last_modified: str = "", answered_by: str = "") -> Fetched:
    request = Request(source_id="s", url=url, etag=etag, last_modified=last_modified, answered_by=answered_by)
    (fetched,) = fetch_all([request], SETTINGS)
    return fetched


def validators(fetched: Fetched) -> dict[str, str]:
    headers = dict(fetched.headers)
    return {"etag": headers.get("etag", ""), "last_modified": headers.get("last-modified", "")}


def test_a_document_comes_whole_with_its_headers(origin: Origin) -> None:
    body = bytes(range(256)) * 5000
    origin.serve("/feed", body, content_type="application/rss+xml; charset=utf-8")
    fetched = fetch(origin.url("/feed"))
    assert (fetched.source_id, fetched.status, fetched.failure) == ("s", 200, None)
    assert (fetched.url, fetched.moved_to) == (origin.url("/feed"), "")
    assert fetched.body == body
    assert dict(fetched.headers)["content-type"] == "application/rss+xml; charset=utf-8"


def test_the_request_says_who_asks_and_for_what_and_nothing_else(origin: Origin) -> None:
    origin.serve("/feed", "<rss/>")
    fetch(origin.url("/feed"))
    (hit,) = origin.requests
    assert sorted(hit.headers) == ["accept", "accept-encoding", "host", "user-agent"]
    assert hit.headers["user-agent"].startswith("feedhub/")
    assert "application/atom+xml" in hit.headers["accept"]


@pytest.mark.parametrize(
    ("configured", "sent"),
    [
        ("planet/1 (+https://planet.example/)", "planet/1 (+https://planet.example/)"),
        ("planet/1\r\nX-Evil: 1", "planet/1\\r\\nX-Evil: 1"),
        ("planète/1", "plan\\xe8te/1"),
    ],
)
def test_a_configured_user_agent_is_one_header(origin: Origin, configured: str, sent: str) -> None:
    origin.serve("/feed", "<rss/>")
    assert fetch(origin.url("/feed"), replace(SETTINGS, user_agent=configured)).status == 200
    (hit,) = origin.requests
    assert hit.headers["user-agent"] == sent
    assert "x-evil" not in hit.headers


TWICE = """
import sys
from feedhub.fetch import fetch_all
from feedhub.model import FetchSettings, Request

settings = FetchSettings(allow_private=("127.0.0.1",), per_host=1)
requests = [Request(source_id=number, url=sys.argv[1]) for number in "12"]
print([fetched.status for fetched in fetch_all(requests, settings)])
"""


def test_no_cookie_netrc_or_proxy_of_the_environment_is_used(origin: Origin, tmp_path: Path) -> None:
    origin.serve("/feed", "<rss/>", headers={"Set-Cookie": "a=b; Path=/"})
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-c", TWICE, origin.url("/feed")],
        env={**proxies, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[200, 200]\n"
    assert len(origin.requests) == 2
    for hit in origin.requests:
        assert not hit.headers.keys() & {"cookie", "authorization", "referer", "proxy-connection"}


@pytest.mark.parametrize("kept", ["etag", "last_modified"])
def test_either_validator_brings_304(origin: Origin, kept: str) -> None:
    origin.serve("/feed", "<rss/>")
    first = fetch(origin.url("/feed"))
    again = fetch_again(origin.url("/feed"), **{kept: validators(first)[kept]})
    assert (again.status, again.body, again.failure) == (304, b"", None)
    origin.serve("/feed", "<rss>new</rss>")
    assert fetch_again(origin.url("/feed"), **validators(first)).body == b"<rss>new</rss>"


@pytest.mark.parametrize("etag", ['"a, b\\"c;=="', 'W/"x"', "unquoted", '"caf\xe9"'])
def test_validators_go_back_byte_for_byte(origin: Origin, etag: str) -> None:
    origin.serve("/feed", "<rss/>", etag=False, dated=False, headers={"ETag": etag, "Last-Modified": "yesterday, 8"})
    first = fetch(origin.url("/feed"))
    fetch_again(origin.url("/feed"), **validators(first))
    sent = origin.requests[1].headers
    assert sent["if-none-match"] == etag
    assert sent["if-modified-since"] == "yesterday, 8"


@pytest.mark.parametrize("etag", ['"' + "x" * 2000 + '"', '"a"\r\nX-Evil: 1', '"€"', '"a\x00"'])
def test_a_validator_that_cannot_be_sent_safely_is_left_out(origin: Origin, etag: str) -> None:
    origin.serve("/feed", "<rss/>")
    assert fetch_again(origin.url("/feed"), etag=etag).status == 200
    assert not origin.requests[0].headers.keys() & {"if-none-match", "x-evil"}


def test_validators_go_only_to_the_host_that_gave_them(origin: Origin) -> None:
    origin.serve("/feed", "<rss/>")
    origin.redirect("/moved", origin.url("/feed", host="localhost"))
    first = fetch(origin.url("/moved"))
    assert first.url == origin.url("/feed", host="localhost")
    again = fetch_again(origin.url("/moved"), answered_by=first.url, **validators(first))
    assert again.status == 304
    assert ["if-none-match" in hit.headers for hit in origin.requests[2:]] == [False, True]
    wrong = fetch_again(origin.url("/moved"), **validators(first))
    assert wrong.status == 200
    assert ["if-none-match" in hit.headers for hit in origin.requests[4:]] == [True, False]


def test_validators_of_a_feed_say_nothing_of_the_page_it_now_redirects_to(origin: Origin) -> None:
    origin.serve("/feed", "<rss/>")
    first = fetch(origin.url("/feed"))
    origin.serve("/parked", "<html>for sale</html>", content_type="text/html")
    origin.redirect("/feed", "/parked", status=301)
    again = fetch_again(origin.url("/feed"), answered_by=first.url, last_modified=validators(first)["last_modified"])
    assert (again.status, again.body, again.moved_to) == (200, b"<html>for sale</html>", origin.url("/parked"))


def test_304_to_a_request_without_condition_is_no_answer(origin: Origin) -> None:
    origin.serve("/feed", b"", status=304)
    fetched = fetch(origin.url("/feed"))
    assert fetched.failure
    assert (fetched.status, fetched.failure.code) == (304, "protocol")


@pytest.mark.parametrize(("coding", "compress"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_a_compressed_document_is_decompressed(origin: Origin, coding: str, compress: Callable[[bytes], bytes]) -> None:
    body = b"<rss>" + b"some text " * 10_000 + b"</rss>"
    origin.serve("/feed", compress(body), headers={"Content-Encoding": coding})
    assert fetch(origin.url("/feed")).body == body
    assert coding in origin.requests[0].headers["accept-encoding"].split(", ")
    origin.serve("/cut", compress(body)[:-9], headers={"Content-Encoding": coding})
    cut = fetch(origin.url("/cut"))
    assert cut.failure
    assert (cut.failure.code, cut.body) == ("encoding", b"")


@pytest.mark.parametrize(
    ("status", "code"), [(401, "http-401"), (404, "http-404"), (410, "gone"), (429, "rate-limited"), (503, "http-503")]
)
def test_a_failure_keeps_status_and_headers_but_no_body(origin: Origin, status: int, code: str) -> None:
    origin.serve("/feed", "<rss>a feed</rss>", status=status, headers={"Retry-After": "120"})
    fetched = fetch(origin.url("/feed"))
    assert fetched.failure
    assert (fetched.failure.stage, fetched.failure.code, fetched.status) == ("fetch", code, status)
    assert dict(fetched.headers)["retry-after"] == "120"
    assert fetched.body == b""


@pytest.mark.parametrize(("coding", "compress"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_a_challenge_page_is_told_from_a_plain_403(
    origin: Origin, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    page = compress(b"<html><title>Just a moment...</title>" + b"<p>wait</p>" * 50_000)
    origin.serve("/wall", page, status=403, headers={"Content-Encoding": coding})
    origin.serve("/plain", "<h1>Forbidden</h1>", status=403)
    wall, plain = fetch(origin.url("/wall")).failure, fetch(origin.url("/plain")).failure
    assert wall
    assert plain
    assert (wall.code, plain.code) == ("blocked", "http-403")


def test_an_empty_document_is_a_failure(origin: Origin) -> None:
    origin.serve("/feed", b"")
    failure = fetch(origin.url("/feed")).failure
    assert failure
    assert failure.code == "empty"


def test_credentials_of_the_url_are_sent_and_never_shown(origin: Origin) -> None:
    def locked(answer: Answer) -> None:
        known = answer.headers["Authorization"] == "Basic dXNlcjpTM2NyZXQ="
        answer.send_response(200 if known else 401)
        answer.send_header("Content-Length", "6")
        answer.end_headers()
        answer.wfile.write(b"<rss/>")

    origin.handle("/feed", locked)
    good = fetch(origin.url("/feed", host="user:S3cret@127.0.0.1"))
    assert (good.status, good.url) == (200, origin.url("/feed"))
    bad = fetch(origin.url("/feed", host="user:S3cretX@127.0.0.1"))
    assert bad.status == 401
    assert "S3cret" not in repr(good) + repr(bad)


def test_one_connection_serves_many_requests(origin: Origin) -> None:
    ports = set()

    def noting(answer: Answer) -> None:
        ports.add(answer.client_address[1])
        answer.send_response(200)
        answer.send_header("Content-Length", "6")
        answer.end_headers()
        answer.wfile.write(b"<rss/>")

    origin.handle("/feed", noting)
    requests = [Request(source_id=str(number), url=origin.url(f"/feed?{number}")) for number in range(20)]
    settings = FetchSettings(allow_private=("127.0.0.1",), per_host=1)
    assert sorted(int(fetched.source_id) for fetched in fetch_all(requests, settings)) == list(range(20))
    assert len(ports) == 1
