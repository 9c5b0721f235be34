"""A WebSub hub on loopback that does what hubs do; for tests only."""

from __future__ import annotations

import hmac
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loopback import Answer, Origin


class Hub:
    """Listens at ``/hub`` of an origin, confirms every request and grants ``lease`` seconds."""

    def __init__(self, origin: Origin, lease: int = 3600) -> None:
        self.origin = origin
        self.lease = lease
        self.url = origin.url("/hub")
        self.challenge = "challenge-<b>1</b>"
        self.asked: list[dict[str, str]] = []
        self.confirmed: list[str] = []
        self.status = 202
        origin.handle("/hub", self._answer)

    def _answer(self, answer: Answer) -> None:
        body = next(hit.body for hit in reversed(self.origin.requests) if hit.path == "/hub")
        fields = dict(urllib.parse.parse_qsl(body.decode()))
        self.asked.append(fields)
        answer.send_response(self.status)
        answer.send_header("Content-Length", "0")
        answer.end_headers()
        if self.status == 202:
            threading.Thread(target=self._confirm, args=(fields,), daemon=True).start()

    def _confirm(self, fields: dict[str, str]) -> None:
        query = {"hub.mode": fields["hub.mode"], "hub.topic": fields["hub.topic"], "hub.challenge": self.challenge}
        if fields["hub.mode"] == "subscribe":
            query["hub.lease_seconds"] = str(self.lease)
        status, body = self.get(fields["hub.callback"], query)
        if (status, body) == (200, self.challenge.encode()):
            self.confirmed.append(fields["hub.mode"])

    def get(self, callback: str, query: dict[str, str]) -> tuple[int, bytes]:
        """Ask a callback something."""
        return self._send(urllib.request.Request(f"{callback}?{urllib.parse.urlencode(query)}"))  # noqa: S310 - loopback

    def deliver(
        self, callback: str, body: bytes, *, secret: str, method: str = "sha256", headers: dict[str, str] | None = None
    ) -> int:
        """Deliver a feed to a callback, signed with a secret; return the status."""
        signature = f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"
        named = {"Content-Type": "application/rss+xml", "X-Hub-Signature": signature, **(headers or {})}
        return self._send(urllib.request.Request(callback, data=body, headers=named, method="POST"))[0]  # noqa: S310

    def _send(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
