"""One run at a time: a lock that the operating system releases when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from feedhub.errors import AlreadyRunningError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["Lock"]


class Lock:
    """A context manager over an advisory lock on the file ``path`` (flock(2)); it may be entered again while held.

    Entering raises AlreadyRunningError at once where another process holds it. The file stays: it is the lock on it
    that counts, so what a killed run left behind never blocks the next one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.depth = 0
        self.file = -1

    def __enter__(self) -> None:
        """Take the lock, or raise AlreadyRunningError."""
        if self.depth == 0:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(self.file, 20).decode("ascii", "replace").strip() or "unknown"
                os.close(self.file)
                raise AlreadyRunningError(f"process {holder} is at work on this store ({self.path})") from None
            os.ftruncate(self.file, 0)
            os.write(self.file, f"{os.getpid()}\n".encode())
        self.depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock when the outermost holder leaves."""
        self.depth -= 1
        if self.depth == 0:
            os.close(self.file)
