"""What may be a feed, and why one might think so."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct

from feedhub.parse.addresses import join, undisguised

__all__ = ["Candidate", "absolute"]

LONGEST = 2048
_BLANK = re.compile(r"[\t\n\r]+")
_COMMENTS_URL = re.compile(
    r"comments?(?:/(?:feed|default|rss|atom)|\.(?:xml|rss|atom))|[?&/]feed[=/]comments", re.IGNORECASE
)
_COMMENTS_TITLE = re.compile(
    r"\bcomments?\b|kommentar|commentaire|comentario|comentário|\bcommenti\b|reacties|komment|комментари|コメント|评论",
    re.IGNORECASE,
)


class Candidate(Struct, frozen=True, kw_only=True):
    """An address that may be a feed's, and ``why``; ``is_named`` tells whether the page itself names it."""

    url: str
    title: str = ""
    why: str = ""
    is_named: bool = False

    @property
    def is_about_comments(self) -> bool:
        """Whether it seems to hold what readers say, and not what the site says."""
        return bool(_COMMENTS_URL.search(self.url) or _COMMENTS_TITLE.search(self.title))


def absolute(base: str, reference: str) -> str:
    """Return the http(s) address that ``reference`` means on a page at ``base``, without a fragment; "" for none.

    ``feed:`` addresses are http ones in disguise.
    """
    reference = undisguised(_BLANK.sub("", reference.strip()))
    found = join(base, reference).partition("#")[0].replace(" ", "%20")
    try:
        parts = urlsplit(found)
        known = parts.scheme in {"http", "https"} and parts.hostname and len(found) <= LONGEST
    except ValueError:
        return ""
    return found if known and found.isprintable() else ""
