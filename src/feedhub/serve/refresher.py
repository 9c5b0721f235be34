"""Refreshes on a timer, each time in a process of its own.

So serving never waits for a crawl, memory goes back when it ends, and a bug in it ends nothing else. The store's lock
keeps it apart from a refresh that cron or a person started.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path

    from feedhub.serve.status import Counts

__all__ = ["Refresher"]

log = logging.getLogger("feedhub")

ALREADY_RUNNING = 3
# How long a refresh may take to store what it has and leave (seconds), before it is killed.
GRACE = 15.0
# Deliveries of hubs are worked off at once, but a busy hub gets at most half of a processor core.
LEAST_PAUSE = 1.0


class Refresher:
    """Runs ``feedhub refresh`` every ``interval``, and sooner when asked to; ``after`` is called at each end."""

    def __init__(self, config: Path, interval: timedelta, counts: Counts, after: Callable[[], None]) -> None:
        self._command = (sys.executable, "-m", "feedhub", "refresh", "--config", str(config))
        self._interval = interval.total_seconds()
        self._counts = counts
        self._after = after
        self._wanted = asyncio.Event()

    def soon(self) -> None:
        """Ask for a refresh before its time."""
        self._wanted.set()

    async def run(self) -> None:
        """Refresh until cancelled; then the one under way is asked to end, and waited for."""
        while True:
            begun = time.monotonic()
            self._wanted.clear()
            await self._refresh()
            took = time.monotonic() - begun
            await asyncio.sleep(min(max(took, LEAST_PAUSE), self._interval))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), max(begun + self._interval - time.monotonic(), 0))

    async def _refresh(self) -> None:
        counts = self._counts
        begun = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(*self._command, stdin=asyncio.subprocess.DEVNULL)
        except OSError:
            log.exception("no refresh could be started")
            return
        counts.refreshing = True
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        finally:
            counts.refreshing = False
        counts.refreshes[status] += 1
        counts.refresh_seconds = time.monotonic() - begun
        if status == ALREADY_RUNNING:
            # Whoever holds the lock does the work; this is no failure, and the next turn comes.
            return
        counts.last_status = status
        self._after()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask a refresh to store what it has and leave, as Ctrl-C does; kill it when it takes too long."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        log.warning("the refresh under way did not end within %g seconds and was killed", GRACE)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
