"""The shipped configuration of nginx, with a real nginx before a real ``feedhub serve``."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from program import Program
from serving import Serving
from shared import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEED = """<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
{items}</channel></rss>"""
ITEM = """<item><guid>{n}</guid><title>Title {n}</title><link>https://a.example/{n}</link>
<pubDate>Mon, 01 Jan 2024 {n:02}:00:00 GMT</pubDate><description>text of {n}</description></item>"""

MAIN = """daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{}}
http {{
access_log off;
client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
{sample}
}}
"""


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[int]:
    """Run nginx with the shipped configuration, changed where it says so, and give its port."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not program:
        pytest.skip("nginx is not installed")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    sample = (ROOT / "docs" / "nginx.conf").read_text()
    for ours, theirs in (
        ("/var/cache/nginx/feedhub", f"{folder}/cache"),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
    ):
        assert ours in sample
        sample = sample.replace(ours, theirs)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, sample=sample))
    running = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")])
    try:
        end = time.monotonic() + 10
        while not _listens(port):
            assert running.poll() is None, (folder / "nginx.log").read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def publish(folder: Path, count: int) -> None:
    (folder / "a.rss").write_text(FEED.format(items="".join(ITEM.format(n=n) for n in range(count))))
    Program(folder).run("refresh")


def test_through_nginx_readers_get_what_feedhub_serves(tmp_path: Path) -> None:
    (tmp_path / "a.rss").touch()
    # Entries that differ in a number only would be one event, and each would change with every other.
    Program(tmp_path).configure(["a.rss"], extra="[stories]\nevents = false\nnear_duplicates = false\n")
    publish(tmp_path, 5)
    with Serving(tmp_path) as serving, nginx(tmp_path, serving.port) as port:
        direct = serving.port
        plain, packed = serving.get("/all.atom"), serving.get("/all.atom", Accept_Encoding="gzip")
        serving.port = port
        for _ in range(2):
            through = serving.get("/all.atom")
            assert (through.status, through.body) == (200, plain.body)
            assert through.headers["etag"] == plain.headers["etag"]
            assert through.headers["content-type"] == plain.headers["content-type"]
            coded = serving.get("/all.atom", Accept_Encoding="gzip")
            assert coded.headers["etag"] == packed.headers["etag"]
            assert gzip.decompress(coded.body) == plain.body
            assert serving.get("/all.atom", If_None_Match=plain.headers["etag"]).status == 304
            dated = serving.get("/all.atom", If_Modified_Since=plain.headers["last-modified"])
            assert dated.status == 304
            assert serving.get("/all.atom", Range="bytes=5-9").body == plain.body[5:10]
        assert serving.get("/healthz").status == serving.get("/metrics").status == 404
        assert serving.get("/websub/nobody", method="POST", body=b"x" * 100_000).status == 410
        publish(tmp_path, 6)
        newer = serving.get("/all.atom", A_IM="feed", If_None_Match=plain.headers["etag"])
        assert newer.status == 226
        assert (b"Title 5" in newer.body, b"Title 4" in newer.body) == (True, False)
        serving.port = direct
        current = serving.get("/all.atom").headers["etag"]
        serving.port = port
        serving.wait_for(lambda: serving.get("/all.atom").headers["etag"] == current)
