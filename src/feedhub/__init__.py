"""feedhub turns many source feeds into a few good ones.

>>> from feedhub import Hub, load
>>> with Hub(load("config.toml")) as hub:  # doctest: +SKIP
...     for result in hub.refresh():
...         print(result.source_id, result.outcome)
...     hub.publish()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedhub.announce import Announced
    from feedhub.config import Config, load
    from feedhub.crawl import SourceResult
    from feedhub.errors import AlreadyRunningError, ConfigError, FeedhubError, FetchError, ParseError, StoreError
    from feedhub.hub import Hub, Publication, Rebuilt, SourceHealth
    from feedhub.model import Entry, Feed, Source, Story
    from feedhub.parse import read_feed

__all__ = [
    "AlreadyRunningError",
    "Announced",
    "Config",
    "ConfigError",
    "Entry",
    "Feed",
    "FeedhubError",
    "FetchError",
    "Hub",
    "ParseError",
    "Publication",
    "Rebuilt",
    "Source",
    "SourceHealth",
    "SourceResult",
    "StoreError",
    "Story",
    "load",
    "read_feed",
]

__version__ = "0.1.0"

_ROOMS = {
    "Announced": "announce",
    "Config": "config",
    "load": "config",
    "Hub": "hub",
    "Publication": "hub",
    "Rebuilt": "hub",
    "SourceHealth": "hub",
    "SourceResult": "crawl",
    "Entry": "model",
    "Feed": "model",
    "Source": "model",
    "Story": "model",
    "read_feed": "parse",
}


def __getattr__(name: str) -> object:
    """Load a public name from its room when it is first used: `import feedhub` alone loads no library."""
    if name not in __all__:
        raise AttributeError(f"module 'feedhub' has no attribute {name!r}")
    return getattr(import_module(f"feedhub.{_ROOMS.get(name, 'errors')}"), name)
