"""What hubs delivered and no refresh has read yet: one file each, beside the store.

The process that receives deliveries must answer at once, and the one that reads them may be another; what lies here
survives both. Files are named by the time they came, so they are read in order.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from feedhub.model import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Inbox"]

MAX_FILES, MAX_BYTES = 1000, 256 * 1024 * 1024
_PREFIX, _SUFFIX = ".new-", ".delivery"


class Inbox:
    """The deliveries in ``folder``, which is made when the first one comes: so many, and of so many bytes in all."""

    def __init__(self, folder: Path, *, max_files: int = MAX_FILES, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self._max_files, self._max_bytes = max_files, max_bytes

    def put(self, delivery: Delivery) -> bool:
        """Keep a delivery, or return False where too many wait already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        waiting = self._waiting()
        if len(waiting) >= self._max_files or sum(size for _, size in waiting) + len(delivery.body) > self._max_bytes:
            return False
        name = f"{time.time_ns():020d}-{os.urandom(4).hex()}"
        new = self.folder / f"{_PREFIX}{name}"
        with new.open("xb") as file:
            file.write(msgspec.msgpack.encode(delivery))
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.folder / f"{name}{_SUFFIX}")
        return True

    def deliveries(self) -> Iterator[Delivery]:
        """Yield the deliveries, oldest first; each is gone once the next one is asked for."""
        for path, _ in self._waiting():
            with suppress(msgspec.DecodeError, FileNotFoundError):
                yield msgspec.msgpack.decode(path.read_bytes(), type=Delivery)
            path.unlink(missing_ok=True)

    def _waiting(self) -> list[tuple[Path, int]]:
        paths = sorted(self.folder.glob(f"*{_SUFFIX}")) if self.folder.is_dir() else []
        return [(path, path.stat().st_size) for path in paths]
