"""The memory that bodies under way share, so that a crowd of large ones is not held all at once.

Each transfer may hold a little in any case. Beyond that it draws on a common pool, and waits when that is empty; one
transfer at a time goes on all the same, so that there is always one that will end and give back what it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedhub.fetch.transfer import Transfer

__all__ = ["Pool"]

# Bytes a transfer may hold in any case: most feeds are smaller, and so are never made to wait.
OWN = 256 * 1024
SHARED = 64 * 1024 * 1024


class Pool:
    """Counts the bytes ``held`` by all transfers; those ``waiting`` have been paused."""

    def __init__(self) -> None:
        self.held = 0
        self.waiting: list[Transfer] = []
        self._first: Transfer | None = None

    @property
    def has_room(self) -> bool:
        """Whether transfers that wait may go on."""
        return self.held < SHARED or self._first is None

    def take(self, transfer: Transfer, size: int) -> bool:
        """Let a transfer hold so many more bytes, or note that it waits for them."""
        if self.held >= SHARED and transfer.size + size > OWN:
            self._first = self._first or transfer
            if self._first is not transfer:
                self.waiting.append(transfer)
                return False
        self.held += size
        return True

    def release(self, transfer: Transfer) -> None:
        """Take back all that a transfer holds."""
        self.held -= transfer.size
        if self._first is transfer:
            self._first = None
        if transfer in self.waiting:
            self.waiting.remove(transfer)
