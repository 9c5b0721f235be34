"""Which feeds a page may have: from its address and its HTML to an ordered list of candidates. Pure.

Nothing here knows whether a candidate is a feed; whoever asks for them fetches them and finds out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedhub.discover import page as pages
from feedhub.discover.candidate import Candidate, absolute
from feedhub.discover.sites import by_address, by_software

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedhub.model import Link

__all__ = ["Candidate", "advertised", "candidates", "guesses"]

MAX_CANDIDATES = 16
MAX_GUESSES = 12
_BESIDE = ("feed", "feed.xml", "rss.xml", "atom.xml", "index.xml")
_AT_ROOT = ("/feed", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed.json", "/rss")


def advertised(html: bytes, url: str, content_type: str = "") -> tuple[Link, ...]:
    """Return the feeds that a page served from ``url`` names in its head, in its order, those of comments last.

    The addresses are absolute; ``content_type`` is the header as served. What is no HTML advertises nothing.
    """
    return tuple(sorted(pages.read(html, url, content_type).advertised, key=_is_about_comments))


def candidates(url: str, html: bytes = b"", content_type: str = "") -> tuple[Candidate, ...]:
    """Return what may be the feeds of the page at ``url``, the likeliest first, those of comments last.

    First what the page advertises, then what sites of this kind are known to have, what the page links to, and what the
    software has that made it. Without ``html`` the address alone decides.
    """
    url = absolute("", url)
    if not url:
        return ()
    page = pages.read(html, url, content_type)
    found = [_named(link, "the page advertises it") for link in page.advertised]
    found += by_address(url, page)
    found += [_named(link, "the page links to it") for link in page.anchors]
    found += by_software(url, page)
    return _ordered(found, but=url)[:MAX_CANDIDATES]


def guesses(url: str) -> tuple[Candidate, ...]:
    """Return the common places of feeds, to be tried where nothing else is known: beside the page, then at the root."""
    url = absolute("", url)
    path = urlsplit(url).path
    above, _, last = path.rpartition("/")
    folder = f"{above}/" if "." in last or not last else f"{path}/"
    places = _AT_ROOT if folder == "/" else (*(folder + name for name in _BESIDE), *_AT_ROOT)
    found = (Candidate(url=absolute(url, place), why="feeds are often there") for place in places)
    return _ordered(found, but=url)[:MAX_GUESSES]


def _ordered(found: Iterable[Candidate], *, but: str) -> tuple[Candidate, ...]:
    """Return each address once, in the given order except that comments come last."""
    first: dict[str, Candidate] = {}
    for candidate in found:
        if candidate.url and candidate.url.partition("#")[0] != but.partition("#")[0]:
            first.setdefault(candidate.url, candidate)
    return tuple(sorted(first.values(), key=lambda candidate: candidate.is_about_comments))


def _named(link: Link, why: str) -> Candidate:
    return Candidate(url=link.href, title=link.title, why=why, is_named=True)


def _is_about_comments(link: Link) -> bool:
    return Candidate(url=link.href, title=link.title).is_about_comments
