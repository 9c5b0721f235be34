from __future__ import annotations

import pytest
from feedparser.urls import _urljoin, make_safe_absolute_uri
from hypothesis import given
from hypothesis import strategies as st

from feedhub.parse.addresses import join, own_base, settle

BASES = ("http://example.org/a/feed.xml", "https://example.org", "http://example.org/a;b/c?d#e", "")
PARTS = (
    "http://",
    "https:///",
    "http://example.org/",
    "https://e.example:8080/x",
    "tag:",
    "urn:",
    "tag:///",
    "HTTP://",
    "example.org",
    "/",
    "//",
    "..",
    "a",
    "?",
    "#",
    ";",
    "x=1",
    ":",
    "@",
    " ",
    "\t",
    "\n",
    "é",
)


@given(st.sampled_from(BASES), st.lists(st.sampled_from(PARTS), max_size=7).map("".join))
def test_joining_is_feedparsers(base: str, reference: str) -> None:
    assert join(base, reference) == _urljoin(base, reference)


@pytest.mark.parametrize("base", ["http://example.org/a/feed.xml", "https://example.org"])
@pytest.mark.parametrize(
    "reference", ["sub/", "/", "https://base.example/x/", "//other.example/", "javascript:alert(1)"]
)
def test_settling_is_feedparsers(base: str, reference: str) -> None:
    assert settle(base, reference) == (make_safe_absolute_uri(base, reference) or base)


def test_a_document_settles_against_itself() -> None:
    assert own_base("http://example.org/feed?") == "http://example.org/feed"
    assert own_base("") == ""
