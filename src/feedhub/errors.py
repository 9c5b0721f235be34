"""The errors feedhub raises on purpose, each with the stage it belongs to.

Anything else that comes out of feedhub is a bug and is reported as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedhub.model import Mistake

__all__ = ["AlreadyRunningError", "ConfigError", "FeedhubError", "FetchError", "ParseError", "StoreError"]


class FeedhubError(Exception):
    """Base of all deliberate errors.

    ``stage`` names the part of the data flow that failed: config, fetch, parse, store or run.
    """

    stage = "run"


class ConfigError(FeedhubError):
    """The configuration is wrong; ``mistakes`` holds every mistake found, not only the first."""

    stage = "config"

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(f"{m.file}: {m.key}: {m.message}" for m in mistakes))


class FetchError(FeedhubError):
    """A source could not be fetched; ``code`` is the reason code recorded for it."""

    stage = "fetch"

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class ParseError(FeedhubError):
    """A document could not be read as a feed; ``code`` is the reason code recorded for its source."""

    stage = "parse"

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class StoreError(FeedhubError):
    """The database cannot be used: unreadable, newer than this program, or not feedhub's."""

    stage = "store"


class AlreadyRunningError(FeedhubError):
    """Another feedhub process holds this store's lock."""
