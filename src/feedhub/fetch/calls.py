"""Single calls to strangers' servers, through requests and behind the same guard as the crawl.

requests is used below its sessions: so nothing is redirected but by `post`, hop by hop (a session reads the whole body
of a redirect to look for the next address), there are no cookies, no netrc and no proxies. A call runs in a thread of
its own, because neither the name lookup nor a server that sends a byte now and then can be bounded from within; when
the time is up, the connection is shut and the thread with it.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import requests
from msgspec import Struct
from msgspec.structs import replace
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from feedhub.errors import FetchError
from feedhub.fetch.guard import admit, follow, gate, printable, refusal
from feedhub.fetch.transfer import authorities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest
    from urllib3.connectionpool import ConnectionPool

    from feedhub.fetch.guard import Target
    from feedhub.model import FetchSettings

__all__ = ["Answer", "post", "send"]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Of an answer, so much is read: enough to say what was wrong.
MAX_ANSWER = 4096
# Redirects after which a form is sent again as it is (RFC 9110 §15.4.8, §15.4.9), and how many in a row.
REPEATING = frozenset({307, 308})
MAX_REDIRECTS = 3


class Answer(Struct, frozen=True, kw_only=True):
    """The status of an answer, the start of its body as printable text, and where it redirects to, "" for nowhere."""

    status: int
    text: str
    location: str = ""


def post(url: str, fields: Mapping[str, str], settings: FetchSettings, *, named_by: str) -> Answer:
    """Send form fields by POST and return the answer; see `send`.

    A hub may have moved (WebSub §5.2): its redirects are followed, few, within the same time, and never away from TLS,
    as the fields may hold a secret.
    """
    body = urlencode(fields).encode()
    end = monotonic() + settings.timeout
    answer = send(url, body, FORM, settings, named_by=named_by)
    for _ in range(MAX_REDIRECTS):
        if answer.status not in REPEATING or not answer.location:
            break
        allowed = gate(settings)
        source = admit(url, allowed)
        target = follow(source, answer.location, allowed)
        if source.url.startswith("https:") and not target.url.startswith("https:"):
            raise FetchError("refused", f"redirected: {target.host} is not to be reached by https")
        left = replace(settings, timeout=max(end - monotonic(), 0.001))
        url, named_by = target.url, url
        answer = send(url, body, FORM, left, named_by=named_by)
    return answer


def send(url: str, body: bytes, headers: Mapping[str, str], settings: FetchSettings, *, named_by: str) -> Answer:
    """Send ``body`` by POST and return the answer, whatever its status; a redirect is an answer like any other.

    ``named_by`` is the URL of whoever named ``url``: only from a host that may be private does a URL of a private host
    count. Raises FetchError with a reason code (refused, dns, connect, timeout, tls, protocol) when there is no answer
    within ``settings.timeout`` seconds.
    """
    allowed = gate(settings)
    target = admit(url, allowed)
    if target.exempt and not admit(named_by, allowed).exempt:
        raise FetchError("refused", f"{target.host} may only be reached by a URL that names it")
    agent = {"User-Agent": printable(settings.user_agent).encode("ascii", "replace")} if settings.user_agent else {}
    request = requests.Request("POST", target.url, headers={**headers, **agent}, data=body).prepare()
    return _Call(target, request, settings.timeout).answer()


class _Call:
    """One call, with its connection and its end."""

    def __init__(self, target: Target, request: PreparedRequest, timeout: float) -> None:
        self.is_secure = target.url.startswith("https:")
        self._target = target
        self._request = request
        self._timeout = timeout
        self._deadline = monotonic() + timeout
        self._lock = Lock()
        self._over = False
        self._socket: socket.socket | None = None
        self._done = Event()
        self._answer: Answer | FetchError | None = None

    def answer(self) -> Answer:
        """Make the call and wait for its answer; raises FetchError."""
        Thread(target=self._work, name="feedhub-call", daemon=True).start()
        self._done.wait(self._timeout)
        with self._lock:
            self._over = True
            # What comes out once the connection is shut is the shutting's doing, and no answer.
            outcome = self._answer or self._late()
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()
        if isinstance(outcome, Answer):
            return outcome
        raise outcome

    def connect(self) -> socket.socket:
        """Connect to the first address of the host that may be connected to and answers; raises FetchError."""
        host, port = self._target.host, self._target.port
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchError("dns", f"{host}: {printable(str(error))}") from None
        trouble = FetchError("dns", f"{host}: has no address")
        for family, kind, protocol, _, address in found:
            reason = "" if self._target.exempt else refusal(str(address[0]))
            if reason:
                trouble = FetchError("refused", f"{host}: {reason}")
                continue
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(max(self._deadline - monotonic(), 0.001))
                self._watch(made)
                made.connect(address)
            except OSError as failure:
                made.close()
                trouble = FetchError("connect", f"{host}: {printable(failure.strerror or str(failure))}")
            else:
                return made
        raise trouble

    def _watch(self, made: socket.socket) -> None:
        """Keep a second handle on a connection: TLS takes the first one over."""
        with self._lock:
            if self._over:
                raise self._late()
            if self._socket is not None:
                self._socket.close()
            self._socket = socket.socket(fileno=os.dup(made.fileno()))

    def _work(self) -> None:
        try:
            self._answer = self._send()
        except FetchError as error:
            self._answer = error
        except requests.exceptions.SSLError as error:
            self._answer = FetchError("tls", printable(str(error)))
        except (requests.exceptions.Timeout, TimeoutError, ReadTimeoutError):
            self._answer = self._late()
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            self._answer = FetchError("protocol", printable(f"{self._target.host}: {type(error).__name__}"))
        finally:
            self._done.set()

    def _send(self) -> Answer:
        adapter = _Adapter(self)
        try:
            left = max(self._deadline - monotonic(), 0.001)
            body = b""
            # What an answer says beside its status only explains it: a server may break off there.
            response = adapter.send(self._request, stream=True, timeout=left, verify=authorities() or True)
            with response, suppress(ProtocolError):
                body = response.raw.read(MAX_ANSWER, decode_content=False)
            text = printable(body.decode("utf-8", "replace").strip())
            return Answer(status=response.status_code, text=text, location=response.headers.get("location", ""))
        finally:
            adapter.close()

    def _late(self) -> FetchError:
        return FetchError("timeout", f"{self._target.host}: no whole answer within {self._timeout:g} seconds")


class _Adapter(HTTPAdapter):
    """Connects only as its call allows."""

    def __init__(self, call: _Call) -> None:
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return call.connect()

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return call.connect()

        self._kind: type[HTTPConnection] = Secure if call.is_secure else Plain
        super().__init__(pool_connections=1, pool_maxsize=1)

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,  # noqa: FBT001 - as in requests
        proxies: Mapping[str, str] | None = None,
        cert: str | tuple[str, str] | None = None,
    ) -> ConnectionPool:
        """Return a pool whose connections are checked."""
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, HTTPConnectionPool):
            pool.ConnectionCls = self._kind
        return pool
