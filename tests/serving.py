"""Runs ``feedhub serve`` as a user would and talks HTTP to it; for tests only."""

from __future__ import annotations

import http.client
import re
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from program import PROGRAM

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Serving:
    """``feedhub serve`` over the configuration in a folder, from ``__enter__`` to ``__exit__``."""

    def __init__(self, folder: Path, *arguments: str, port: int = 0) -> None:
        self.folder = folder
        self.log = folder / "serve.log"
        self.arguments = (str(PROGRAM), "serve", "--port", str(port), *arguments)
        self.port = 0

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.arguments, cwd=self.folder, stdout=log, stderr=log)
        self.wait_for(lambda: "serving" in self.told() or self.process.poll() is not None)
        found = re.search(r" at http://\S*:(\d+)/", self.told())
        assert found, self.told()
        self.port = int(found[1])
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def told(self) -> str:
        """Return what it has written to standard error."""
        return self.log.read_text()

    def get(self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Send a request; underscores in header names stand for dashes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(status=response.status, headers=told, body=response.read())
        finally:
            connection.close()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def wait_for(self, condition: Callable[[], object], seconds: float = 30) -> None:
        """Wait until a condition holds, or fail with what it has told."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.told()
            time.sleep(0.02)
