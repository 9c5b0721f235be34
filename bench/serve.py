"""What an answer 304 costs `feedhub serve`, beside nginx, in one run: requests a second, and processor time a request.

Run ``python bench/serve.py [SECONDS [CONNECTIONS]]``, on Linux, with wrk and nginx installed. Server and wrk get one
core each where there are two. The rows: feedhub alone, nginx with docs/nginx.conf before it, and nginx alone over the
same files. Readers ask as most do, with the ETag they know and `Accept-Encoding: gzip`.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
FEEDHUB = Path(sys.executable).with_name("feedhub")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") or "nginx"
TICKS = os.sysconf("SC_CLK_TCK")
NOT_MODIFIED = 304
ITEM = """<item><guid>{n}</guid><title>Title {n}</title><link>https://a.example/{n}</link>
<pubDate>Mon, 01 Jan 2024 {n:02}:00:00 GMT</pubDate><description>text of {n}</description></item>"""
FEED = """<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
{items}</channel></rss>"""
CONFIG = """
[[source]]
url = "a.rss"
[[edition]]
slug = "all"
title = "Everything"
"""
MAIN = """daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{}}
http {{
access_log off;
client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
{servers}
}}
"""
STATIC = "server {{ listen 127.0.0.1:{port}; root {folder}; }}"


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[int]:
    """Run a server on the first core until it is no longer needed, and give its process id once it answers."""
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        for _ in range(200):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def used(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def etag(port: int) -> str:
    """Return the entity tag that a server gives; the second answer comes from memory, if it keeps any."""
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/all.atom", headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        response.read()
        connection.close()
    return response.headers["ETag"]


def measure(name: str, port: int, pid: int, seconds: int, connections: int) -> tuple[str, float, float]:
    """Return a row: requests a second, and microseconds of processor time of the server a request."""
    known = etag(port)
    cores = sorted(os.sched_getaffinity(0))
    before = used(pid)
    headers = ["-H", f"If-None-Match: {known}", "-H", "Accept-Encoding: gzip"]
    url = f"http://127.0.0.1:{port}/all.atom"
    wrk = ["taskset", "-c", str(cores[-1]), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *headers, url]
    told = subprocess.run(wrk, check=True, capture_output=True, text=True).stdout
    found = re.search(r"(\d+) requests in", told)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", told)
    # wrk counts 4xx and 5xx there, and the bytes that came tell 304s from whole documents.
    if not found or not rate or "Non-2xx" in told:
        raise RuntimeError(told)
    return name, float(rate[1]), (used(pid) - before) * 1e6 / int(found[1])


def main() -> None:
    """Measure, and print a table."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 32  # noqa: PLR2004 - the second argument
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.rss").write_text(FEED.format(items="".join(ITEM.format(n=n) for n in range(20))))
        (folder / "config.toml").write_text(CONFIG)
        subprocess.run([FEEDHUB, "refresh"], cwd=folder, check=True)
        ports = {name: free_port() for name in ("feedhub serve", "nginx before it", "nginx alone")}
        sample = (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8")
        sample = sample.replace("/var/cache/nginx/feedhub", f"{folder}/cache")
        sample = sample.replace("127.0.0.1:8000", f"127.0.0.1:{ports['feedhub serve']}")
        sample = sample.replace("listen 80;", f"listen 127.0.0.1:{ports['nginx before it']};")
        static = STATIC.format(port=ports["nginx alone"], folder=folder / "published")
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, servers=f"{sample}\n{static}"), encoding="utf-8")
        nginx = [NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
        serve = [str(FEEDHUB), "serve", "--port", str(ports["feedhub serve"])]
        with (
            running(serve, ports["feedhub serve"], folder) as feedhub_pid,
            running(nginx, ports["nginx alone"], folder) as nginx_pid,
        ):
            pids = {name: feedhub_pid if name == "feedhub serve" else nginx_pid for name in ports}
            rows = [measure(name, ports[name], pids[name], seconds, connections) for name in ports]
    *_, (_, best_rate, best_cost) = rows
    for name, rate, cost in rows:
        ratios = f"{rate / best_rate:.2f} of nginx alone, {best_cost / cost:.2f} by processor time"
        print(f"{name:16} {rate:9.0f} requests/s {cost:7.1f} CPU-us each   {ratios}")


if __name__ == "__main__":
    main()
