"""TLS: verified always, against the system's authorities or those of ``SSL_CERT_FILE``; HTTP/2 where it is offered."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import pytest

from feedhub.errors import FetchError
from feedhub.fetch import fetch_all
from feedhub.fetch.calls import post
from feedhub.model import Failure, Fetched, FetchSettings, Request
from loopback import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = FetchSettings(allow_private=("127.0.0.1", "localhost"), timeout=5)
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  log_format line '$connection $server_protocol'; access_log {folder}/log line;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{ return 200 "<rss/>"; }}
  }}
}}
"""


class Identity(NamedTuple):
    certificate: Path
    key: Path


def identity(folder: Path, name: str, *names: str) -> Identity:
    """Make a self-signed certificate for some names, or skip the test where that cannot be done."""
    made = Identity(folder / f"{name}.pem", folder / f"{name}.key")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", str(made.key), "-out", str(made.certificate), "-subj", f"/CN={name}", "-days", "2"]
    command += ["-addext", "subjectAltName=" + ",".join(names)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl here to make certificates with")
    return made


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    folder = tmp_path / "clés"
    folder.mkdir()
    return identity(folder, "own", "IP:127.0.0.1")


@pytest.fixture
def secure(own: Identity) -> Iterator[Origin]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    with Origin(tls=context) as origin:
        origin.serve("/feed", "<rss/>")
        yield origin


def fetch(url: str) -> Fetched:
    (fetched,) = fetch_all([Request(source_id="s", url=url)], SETTINGS)
    return fetched


def code(failure: Failure | None) -> str:
    return failure.code if failure else ""


def test_a_certificate_must_be_trusted(secure: Origin, own: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert code(fetch(secure.url("/feed")).failure) == "tls"
    monkeypatch.setenv("SSL_CERT_FILE", str(own.certificate))
    assert fetch(secure.url("/feed")).status == 200
    assert len(secure.requests) == 1


def test_a_certificate_must_name_the_host(secure: Origin, own: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own.certificate))
    assert code(fetch(secure.url("/feed", host="localhost")).failure) == "tls"
    assert secure.requests == []


def test_a_server_without_tls_is_a_failure_of_tls(origin: Origin) -> None:
    assert code(fetch(origin.url("/feed").replace("http:", "https:")).failure) == "tls"


def test_what_is_posted_never_leaves_tls(
    origin: Origin, secure: Origin, own: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own.certificate))
    secure.redirect("/hub", origin.url("/hub"), status=307)
    with pytest.raises(FetchError) as caught:
        post(secure.url("/hub"), {"hub.secret": "S3cret"}, SETTINGS, named_by=secure.url("/feed"))
    assert caught.value.code == "refused"
    assert origin.requests == []


def test_missing_authorities_trust_nobody(secure: Origin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert code(fetch(secure.url("/feed")).failure) == "tls"


def test_validators_survive_an_upgrade_to_tls_and_credentials_do_not(
    origin: Origin, secure: Origin, own: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own.certificate))
    origin.redirect("/feed", secure.url("/feed"))
    url = origin.url("/feed", host="user:S3cret@127.0.0.1")
    first = fetch(url)
    request = Request(
        source_id="s", url=url, etag=dict(first.headers)["etag"], answered_by=f"http://127.0.0.1:{secure.port}/feed"
    )
    (again,) = fetch_all([request], SETTINGS)
    assert again.status == 304
    assert not any("authorization" in hit.headers for hit in secure.requests)


def test_http2_sends_all_requests_over_one_connection(
    own: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (program := shutil.which("nginx")):
        pytest.skip("no nginx here to speak HTTP/2 with")
    monkeypatch.setenv("SSL_CERT_FILE", str(own.certificate))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "conf").write_text(NGINX.format(folder=tmp_path, port=port, certificate=own.certificate, key=own.key))
    server = subprocess.Popen([program, "-c", str(tmp_path / "conf"), "-e", str(tmp_path / "error.log")])
    try:
        wait_for(port)
        requests = [Request(source_id=str(n), url=f"https://127.0.0.1:{port}/{n}") for n in range(30)]
        assert {fetched.status for fetched in fetch_all(requests, SETTINGS)} == {200}
    finally:
        server.terminate()
        server.wait()
    served = (tmp_path / "log").read_text().splitlines()
    assert len(served) == 30
    assert len(set(served)) == 1
    assert served[0].endswith(" HTTP/2.0")


def wait_for(port: int) -> None:
    """Wait until something listens, or fail."""
    end = time.monotonic() + 5
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def test_a_plain_request_waits_for_no_handshake_on_its_port() -> None:
    begun, over = threading.Event(), threading.Event()

    def answer(connection: socket.socket, port: int) -> None:
        with connection:
            path = connection.recv(65536).partition(b" HTTP/")[0]
            if path == b"GET /feed":
                connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\n<rss/>")
            elif path in {b"GET /secure", b"GET /plain"}:
                if path == b"GET /plain":
                    begun.wait(30)
                place = f"{'http' if path == b'GET /plain' else 'https'}://127.0.0.1:{port}/feed"
                head = "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\n"
                connection.sendall(f"{head}Location: {place}\r\n\r\n".encode())
            else:
                begun.set()
                over.wait(30)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def listen() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(listening.accept()[0], port), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        settings = FetchSettings(allow_private=("127.0.0.1",), timeout=10, per_host=4)
        requests = [Request(source_id=name, url=f"http://127.0.0.1:{port}/{name}") for name in ("secure", "plain")]
        codes = {}
        for fetched in fetch_all(requests, settings):
            codes[fetched.source_id] = code(fetched.failure)
            over.set()
        listening.shutdown(socket.SHUT_RDWR)
    assert codes["plain"] == ""
    assert codes["secure"] != ""
