"""Where pages lie below the output folder, and how they lead to each other."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["FRONT", "LOOK", "MISSING", "SEARCH", "SOURCES", "SUBSCRIBE", "edition", "root", "story"]

FRONT, SUBSCRIBE, SOURCES = "index.html", "subscribe.html", "sources.html"
MISSING = "404.html"
"""What servers answer where there is nothing: many take a file of this name for it."""
LOOK = "look/"
"""The folder of what pages are dressed in."""
SEARCH = "search"
"""Where `feedhub serve` answers searches; no file."""


def edition(slug: str) -> str:
    """Return the path of an edition's page."""
    return f"{slug}.html"


def story(story_id: str) -> str:
    """Return the path of a story's page: made of its id alone, so that it never changes, and fit for every system.

    96 bits of a hash: nobody finds an id that has the path of somebody else's.
    """
    return f"story/{blake2b(story_id.encode(errors='surrogatepass'), digest_size=12).hexdigest()}.html"


def root(path: str) -> str:
    """Return what leads from the page at ``path`` to the output folder: pages work below any address, and as files."""
    return "../" * path.count("/")
