"""What pages are made of and dressed in: feedhub's own templates and style sheets, and what a theme puts over them."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

from msgspec import Struct

from feedhub.model import Document
from feedhub.publish.html import places
from feedhub.publish.stamps import NEVER

__all__ = ["FEED_STYLE", "PLAIN", "TEMPLATE", "TYPES", "Theme", "builtin", "dressing", "fingerprint", "version"]

TYPES = {
    ".css": "text/css",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""The suffixes of files that pages may be dressed in, with their media types."""
TEMPLATE = ".html"
"""The suffix of templates."""


FEED_STYLE = places.LOOK + "feed.css"
"""The style sheet in which browsers show feeds."""


class Theme(Struct, frozen=True, kw_only=True):
    """A theme as it was read: ``templates`` and ``files`` by name, without folders; ``folder`` is for messages."""

    folder: str = ""
    templates: dict[str, str] = {}
    files: dict[str, bytes] = {}


PLAIN = Theme()
"""The theme that changes nothing."""


@cache
def builtin() -> dict[str, str]:
    """Return feedhub's own templates, style sheets and pictures by name."""
    from importlib.resources import files  # noqa: PLC0415 - slow to load, and most runs set no page

    folder = files(__package__).joinpath("templates")
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if not file.name.startswith("_")}


def dressing(theme: Theme) -> list[Document]:
    """Return the files that pages are dressed in: a theme's own, and those of feedhub that it does not replace."""
    own = {name: text.encode() for name, text in builtin().items() if not name.endswith(TEMPLATE)}
    return [
        Document(path=places.LOOK + name, media_type=TYPES["." + name.rpartition(".")[2]], body=body, modified=NEVER)
        for name, body in sorted((own | theme.files).items())
    ]


def version(theme: Theme) -> str:
    """Return what changes with the dressing, for its addresses: browsers keep a style sheet for a day."""
    return _digest(*(part for document in dressing(theme) for part in (document.path.encode(), document.body)))


def fingerprint(theme: Theme) -> str:
    """Return what changes with anything that pages are made of."""
    texts = (part.encode() for pair in sorted((builtin() | theme.templates).items()) for part in pair)
    return _digest(version(theme).encode(), *texts)


def _digest(*parts: bytes) -> str:
    digest = blake2b(digest_size=4)
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()
