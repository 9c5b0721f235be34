"""How a reader says that a document is not for it."""

from __future__ import annotations

__all__ = ["DeclinedError"]


class DeclinedError(Exception):
    """The document is not for this reader; ``reason`` is a short code, fit for counting."""

    def __init__(self, reason: str) -> None:
        """Keep the reason code."""
        self.reason = reason
        super().__init__(reason)
