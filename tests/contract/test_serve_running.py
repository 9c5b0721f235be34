"""``feedhub serve`` as its operator sees it: refreshes, signals, health and figures."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

from program import Program
from serving import Serving

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Answer, Origin

FEED = """<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
<item><guid>{n}</guid><title>Title {n}</title><link>https://a.example/{n}</link>
<pubDate>Mon, 01 Jan 2024 00:00:00 GMT</pubDate><description>text</description></item></channel></rss>"""


def offer(folder: Path, number: int) -> None:
    (folder / "a.rss").write_text(FEED.format(n=number))


def test_a_refresh_in_the_same_program_publishes_at_once_and_again(tmp_path: Path) -> None:
    offer(tmp_path, 1)
    Program(tmp_path).configure(["a.rss"])
    with Serving(tmp_path, "--refresh", "2s") as serving:
        serving.wait_for(lambda: b"Title 1" in serving.get("/all.atom").body)
        offer(tmp_path, 2)
        serving.wait_for(lambda: b"Title 2" in serving.get("/all.atom").body)
        serving.wait_for(lambda: serving.get("/healthz").status == 200)
        health = json.loads(serving.get("/healthz").body)
        assert (health["status"], health["stale_after_seconds"]) == ("ok", 6)
        twice = re.compile(rb'feedhub_refreshes_total\{status="0"\} ([2-9]|\d\d)')
        serving.wait_for(lambda: twice.search(serving.get("/metrics").body))
        figures = serving.get("/metrics").body.decode()
        assert 'feedhub_sources{health="ok"} 1' in figures
        assert re.search(r"feedhub_last_refresh_timestamp_seconds \d{10}", figures)


def test_health_tells_a_publication_that_is_not_refreshed(tmp_path: Path) -> None:
    offer(tmp_path, 1)
    program = Program(tmp_path)
    program.configure(["a.rss"])
    with Serving(tmp_path, "--stale-after", "1h") as serving:
        never = serving.get("/healthz")
        assert (never.status, json.loads(never.body)["status"]) == (503, "never-refreshed")
        assert not (tmp_path / "var").exists(), "asking how it is creates no database"
    program.run("refresh")
    with Serving(tmp_path, "--stale-after", "1h") as serving:
        assert serving.get("/healthz").status == 200
    time.sleep(2.1)
    with Serving(tmp_path, "--stale-after", "1s") as serving:
        stale = serving.get("/healthz")
        assert (stale.status, json.loads(stale.body)["status"]) == (503, "stale")


def test_a_refresh_that_cannot_work_is_told_by_health(tmp_path: Path) -> None:
    offer(tmp_path, 1)
    Program(tmp_path).configure(["a.rss"])
    with Serving(tmp_path, "--refresh", "1s") as serving:
        serving.wait_for(lambda: serving.get("/healthz").status == 200)
        (tmp_path / "config.toml").write_text("[site]\ntitel = 1\n")
        serving.wait_for(lambda: b"failing" in serving.get("/healthz").body)
        assert serving.get("/all.atom").status == 200


def test_sigterm_lets_answers_and_the_refresh_under_way_end(tmp_path: Path, origin: Origin) -> None:
    def slowly(answer: Answer) -> None:
        answer.send_response(200)
        answer.end_headers()
        origin.closing.wait(60)

    origin.handle("/slow", slowly)
    offer(tmp_path, 1)
    Program(tmp_path).configure(["a.rss", origin.url("/slow")])
    with Serving(tmp_path, "--refresh", "1h") as serving:
        origin.wait_for(1, 30)
        assert serving.get("/metrics").status == 200, "serving does not wait for a refresh"
        begun = time.monotonic()
        serving.signal(signal.SIGTERM)
        assert serving.process.wait(30) == 0
        assert time.monotonic() - begun < 15
        assert "Traceback" not in serving.told()
    # What the interrupted refresh had read before is stored, and the next one publishes it.
    origin.serve("/slow", FEED.format(n=2), content_type="application/rss+xml")
    Program(tmp_path).run("refresh")
    assert b"Title 1" in (tmp_path / "published" / "all.atom").read_bytes()


def test_sighup_reloads_the_configuration_unless_it_has_mistakes(tmp_path: Path) -> None:
    offer(tmp_path, 1)
    program = Program(tmp_path)
    program.configure(["a.rss"])
    program.run("refresh")
    with Serving(tmp_path) as serving:
        right = (tmp_path / "config.toml").read_text()
        (tmp_path / "config.toml").write_text("[output]\nfoldr = 3\n")
        serving.signal(signal.SIGHUP)
        serving.wait_for(lambda: "did you mean 'folder'" in serving.told())
        assert serving.get("/all.atom").status == 200
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "b.txt").write_text("moved")
        (tmp_path / "config.toml").write_text('[output]\nfolder = "elsewhere"\n' + right)
        serving.signal(signal.SIGHUP)
        serving.wait_for(lambda: serving.get("/b.txt").body == b"moved")
        assert serving.get("/all.atom").status == 404


def test_the_path_of_the_site_may_be_there_or_not(tmp_path: Path) -> None:
    offer(tmp_path, 1)
    program = Program(tmp_path)
    program.configure(["a.rss"], extra='[site]\nurl = "https://example.org/news/"\n')
    program.run("refresh")
    with Serving(tmp_path) as serving:
        assert serving.get("/news/all.atom").body == serving.get("/all.atom").body != b""
        assert serving.get("/new/all.atom").status == 404


def test_half_open_connections_block_nobody(tmp_path: Path) -> None:
    offer(tmp_path, 1)
    program = Program(tmp_path)
    program.configure(["a.rss"])
    program.run("refresh")
    with Serving(tmp_path) as serving:
        held = [socket.create_connection(("127.0.0.1", serving.port)) for _ in range(200)]
        try:
            for connection in held:
                connection.sendall(b"GET /all.atom HTTP/1.1\r\nX")
            begun = time.monotonic()
            assert serving.get("/all.atom").status == 200
            assert time.monotonic() - begun < 8
        finally:
            for connection in held:
                connection.close()


@pytest.mark.parametrize(("host", "reached"), [("::", ["127.0.0.1", "::1"]), ("::1", ["::1"])])
def test_ipv6_and_all_addresses(tmp_path: Path, host: str, reached: list[str]) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    offer(tmp_path, 1)
    program = Program(tmp_path)
    program.configure(["a.rss"])
    program.run("refresh")
    with Serving(tmp_path, "--host", host) as serving:
        assert f"http://[{host}]:" in serving.told()
        for address in reached:
            with socket.create_connection((address, serving.port), timeout=20) as connection:
                connection.sendall(b"GET /all.atom HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_an_address_in_use_is_an_error_that_names_it(tmp_path: Path) -> None:
    Program(tmp_path).configure(["a.rss"])
    offer(tmp_path, 1)
    with Serving(tmp_path) as serving:
        done = Program(tmp_path).run("serve", "--port", str(serving.port), status=4)
        assert "in use" in done.stderr
        assert Program(tmp_path).run("serve", "--refresh", "soon", status=2).stderr
