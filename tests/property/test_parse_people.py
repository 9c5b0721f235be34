from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import escape

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.parse import DeclinedError
from feedhub.parse.fast_texts import author_parts

PIECES = (
    *("ann", "bo.sun+x", "@", "harbour", ".example", ".org", ".1", ".museum", " ", "(", ")", "<", ">", "&lt;", "&gt;"),
    *("?subject=x", ",", "-", "]", "\u00e9", "ann@harbour.example", "(ann@harbour.example)", "()", "Ann Chor"),
)


def feedparsers(text: str) -> tuple[str, str]:
    """Ask feedparser through its front door."""
    document = f"<rss version='2.0'><channel><author>{escape(text)}</author></channel></rss>".encode()
    (found,) = feedparser.parse(BytesIO(document))["feed"]["authors"]
    return found.get("name", ""), found.get("email", "")


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_authors_are_feedparsers(text: str) -> None:
    text = text.strip()
    assert author_parts(text) == feedparsers(text)


@pytest.mark.parametrize("text", ["a" * 320 + "@harbour.example", "ann@[1.2.3.4"])
def test_authors_that_could_take_long_are_declined(text: str) -> None:
    with pytest.raises(DeclinedError, match="author"):
        author_parts(text)
