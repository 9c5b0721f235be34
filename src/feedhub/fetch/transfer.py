"""One libcurl easy handle with its buffers, used for one request after another.

What libcurl must not do stands here: no redirects, cookies, netrc or proxies of its own, nothing but HTTP(S), no
unverified TLS. A proxy from the environment is ignored on purpose: behind one, nobody could check the address that is
really connected to.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pycurl

from feedhub.errors import FetchError
from feedhub.fetch.answer import SUCCESS, final_status
from feedhub.fetch.guard import printable, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.fetch.engine import Result
    from feedhub.fetch.guard import Target
    from feedhub.fetch.pool import Pool

__all__ = ["Transfer", "authorities", "authorization"]

# Of an answer that is no document, so much is read: enough to tell a challenge page, and to keep the connection.
MAX_OTHER_BODY = 64 * 1024

# libcurl's error codes; the others mean that the server does not speak HTTP properly.
CODES = {
    pycurl.E_URL_MALFORMAT: "refused",
    pycurl.E_COULDNT_RESOLVE_HOST: "dns",
    pycurl.E_COULDNT_CONNECT: "connect",
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_FILESIZE_EXCEEDED: "too-large",
    pycurl.E_PARTIAL_FILE: "truncated",
    pycurl.E_SSL_CONNECT_ERROR: "tls",
    pycurl.E_SSL_CERTPROBLEM: "tls",
    pycurl.E_SSL_CIPHER: "tls",
    pycurl.E_PEER_FAILED_VERIFICATION: "tls",
    pycurl.E_SSL_CACERT_BADFILE: "tls",
    pycurl.E_SSL_INVALIDCERTSTATUS: "tls",
}

# Where systems keep the certificates they trust. Wheels of pycurl carry a libcurl that knows only the last of them.
AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
)


def authorities() -> str:
    """Return the file of trusted certificates: the one ``SSL_CERT_FILE`` names, or the system's, or ""."""
    named = os.environ.get("SSL_CERT_FILE", "")
    return named or next((path for path in AUTHORITIES if Path(path).is_file()), "")


def authorization(name: str) -> str:
    """Return the credentials in the environment variable ``name``; FetchError where there are none to be sent."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise FetchError("refused", f"the environment variable {name} with the credentials is not set")
    if not value.isascii() or not value.isprintable():
        raise FetchError("refused", f"the environment variable {name} holds what no header can hold")
    return value


class Transfer:
    """An easy handle; after its end ``lines`` holds the raw header lines and ``body`` gives the raw body.

    ``size`` counts the bytes of the body; it is paused where ``pool`` has none left for it.
    """

    __slots__ = ("_chunks", "_exempt", "_max_bytes", "_pool", "_refused", "_room", "_sockets", "curl", "lines", "size")

    def __init__(self, *, user_agent: str, max_bytes: int, trusted: str, pool: Pool) -> None:
        self.lines: list[bytes] = []
        self.size = 0
        self._pool = pool
        self._chunks: list[bytes] = []
        self._sockets: list[socket.socket] = []
        self._room = 0
        self._exempt = False
        self._refused = ""
        self._max_bytes = max_bytes
        self.curl = pycurl.Curl()
        option = self.curl.setopt
        option(pycurl.NOSIGNAL, 1)
        option(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        option(pycurl.FOLLOWLOCATION, 0)
        option(pycurl.NETRC, pycurl.NETRC_IGNORED)
        option(pycurl.PROXY, "")
        option(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS)
        option(pycurl.SSL_VERIFYPEER, 1)
        option(pycurl.SSL_VERIFYHOST, 2)
        option(pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2)
        if trusted:
            option(pycurl.CAINFO, os.fsencode(trusted))
        # Names are looked up by us, once in a run; libcurl need not ask itself whether it has forgotten them.
        option(pycurl.DNS_CACHE_TIMEOUT, -1)
        option(pycurl.USERAGENT, user_agent.encode("ascii", "backslashreplace"))
        option(pycurl.MAXFILESIZE_LARGE, max_bytes)
        option(pycurl.HEADERFUNCTION, self.lines.append)
        option(pycurl.WRITEFUNCTION, self._write)
        option(pycurl.OPENSOCKETFUNCTION, self._open)

    def prepare(self, target: Target, headers: Sequence[bytes], addresses: Sequence[str]) -> None:
        """Set the next request up; ``addresses`` are the host's, none for a host that is an address."""
        self.reset()
        self._exempt = target.exempt
        self.curl.setopt(pycurl.URL, target.url)
        # To wait for a connection under way pays where HTTP/2 may share it. Without TLS nothing can, and libcurl would
        # wait for a handshake on the same port all the same.
        self.curl.setopt(pycurl.PIPEWAIT, target.url.startswith("https:"))
        self.curl.setopt(pycurl.HTTPHEADER, headers)
        if addresses:
            listed = ",".join(f"[{address}]" if ":" in address else address for address in addresses)
            self.curl.setopt(pycurl.RESOLVE, [f"{target.host}:{target.port}:{listed}"])

    def reset(self) -> None:
        """Drop what the last request left."""
        self.lines.clear()
        self._chunks.clear()
        for held in self._sockets:
            held.close()
        self._sockets.clear()
        self._pool.release(self)
        self.size = 0
        self._refused = ""

    def close(self) -> None:
        """Free the handle."""
        self.reset()
        self.curl.close()

    @property
    def body(self) -> bytes:
        """The body as it was sent, with its content coding."""
        return b"".join(self._chunks)

    def check(self, result: Result) -> None:
        """Return when the transfer went well; raise FetchError with the reason code when it did not."""
        if self.size > self._room:
            raise FetchError("too-large", f"more than {self._room} bytes")
        if not result.code:
            return
        if result.code == pycurl.E_COULDNT_CONNECT and self._refused and not self._sockets:
            raise FetchError("refused", self._refused)
        code = CODES.get(result.code, "protocol")
        if result.code == pycurl.E_RECV_ERROR:
            code = "truncated" if self.lines else "connect"
        raise FetchError(code, printable(result.message) or f"libcurl error {result.code}")

    def _write(self, data: bytes) -> int | None:
        """Take a piece of the body, or ask for it again later, or make libcurl end the transfer."""
        if not self.size:
            self._room = self._max_bytes if final_status(self.lines) in SUCCESS else MAX_OTHER_BODY
        if not self._pool.take(self, len(data)):
            return int(pycurl.WRITEFUNC_PAUSE)
        self.size += len(data)
        if self.size > self._room:
            return 0
        self._chunks.append(data)
        return None

    def _open(self, _purpose: int, address: tuple[int, int, int, tuple[str, int]]) -> socket.socket | int:
        """Make the socket for a connection, or refuse its address.

        libcurl works on a duplicate, so the one made here is kept only to be closed.
        """
        family, kind, protocol, (host, *_) = address
        if not self._exempt and (reason := refusal(host)):
            self._refused = reason
            return int(pycurl.SOCKET_BAD)
        try:
            made = socket.socket(family, kind, protocol)
        except OSError:
            # An exception would be printed by pycurl; libcurl turns a bad socket into an error of its own.
            return int(pycurl.SOCKET_BAD)
        self._sockets.append(made)
        return made
