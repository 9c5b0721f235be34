"""Drives Chromium through its own driver (W3C WebDriver, https://www.w3.org/TR/webdriver2/); for tests only."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Self

import pytest
import requests

if TYPE_CHECKING:
    from pathlib import Path

# In seconds: a browser on a busy machine takes its time.
PATIENCE = 120
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]


class Browser:
    """A headless Chromium from ``__enter__`` to ``__exit__``; the calling test is skipped where there is none."""

    def __enter__(self) -> Self:
        driver = shutil.which("chromedriver")
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if not driver or not chromium:
            pytest.skip("no chromium with chromedriver (Debian: chromium-driver)")
        self.process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            self.url = f"http://127.0.0.1:{self._port()}/session"
            options = {"binary": chromium, "args": ARGUMENTS}
            asked = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            session = self._post("", {"capabilities": {"alwaysMatch": asked}})
            self.url += f"/{session['sessionId']}"
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        requests.delete(self.url, timeout=PATIENCE)
        self._end()

    def open(self, url: str, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Show a page in a window of a size, for somebody who prefers a colour scheme."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", features=features)
        self._post("/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - what scripts return
        """Run the body of a function in the page, and return what it returns, or what its promise comes to."""
        return self._post("/execute/sync", {"script": script, "args": arguments})

    def text(self, selector: str) -> list[str]:
        """Return the visible texts of all elements that a selector finds."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map(each => each.innerText)", selector
        )
        return found

    def type(self, keys: str) -> None:
        """Press keys; special ones are those of WebDriver's table (§17.4.2)."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def shot(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        answer = requests.get(f"{self.url}/screenshot", timeout=PATIENCE)
        path.write_bytes(base64.b64decode(answer.json()["value"]))

    def complaints(self) -> list[str]:
        """Return what the browser has written to its console since it was last asked, without missing icons."""
        logged = self._post("/se/log", {"type": "browser"})
        return [each["message"] for each in logged if "/favicon.ico" not in each["message"]]

    def command(self, name: str, **parameters: object) -> Any:  # noqa: ANN401 - as the browser answers
        """Send a command of the DevTools protocol."""
        return self._post("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def _post(self, path: str, body: dict[str, object]) -> Any:  # noqa: ANN401 - as the driver answers
        answer = requests.post(self.url + path, json=body, timeout=PATIENCE)
        value = answer.json()["value"]
        assert answer.ok, value
        return value

    def _port(self) -> int:
        assert self.process.stdout
        for line in self.process.stdout:
            if found := re.search(rb"started successfully on port (\d+)", line):
                return int(found[1])
        raise AssertionError("chromedriver did not start")

    def _end(self) -> None:
        self.process.terminate()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
