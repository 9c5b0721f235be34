"""The fast path's tables against feedparser's: a new release with another element or namespace shows here first."""

from __future__ import annotations

import pytest
from feedparser.mixin import _FeedParserMixin
from feedparser.sanitizer import _HTMLSanitizer

from feedhub.parse import DeclinedError
from feedhub.parse.fast_grammar import SPECIAL
from feedhub.parse.fast_names import KNOWN, Names
from feedhub.parse.fast_texts import _HTML

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
RSS1 = "http://purl.org/rss/1.0/"


def test_every_namespace_has_feedparsers_prefix() -> None:
    theirs = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items() if uri}
    assert theirs == KNOWN


def test_every_element_feedparser_treats_specially_is_special() -> None:
    methods = [name for name in dir(_FeedParserMixin) if name.startswith(("_start_", "_end_"))]
    theirs = {name.split("_", 2)[2].lower() for name in methods}
    assert len(theirs) > 100
    assert theirs <= SPECIAL


def test_every_key_feedparser_renames_is_special() -> None:
    renamed = _FeedParserMixin.__init__.__globals__["FeedParserDict"].keymap
    assert set(renamed) - {"channel"} <= SPECIAL | {"channel"}


def test_what_counts_as_html_counts_for_feedparser() -> None:
    assert not _HTML - set(_HTMLSanitizer.acceptable_elements)


@pytest.mark.parametrize(
    ("declared", "tag", "name"),
    [
        ([], "pubDate", "pubdate"),
        ([(None, ATOM)], f"{ATOM} Title", "title"),
        ([("x", DC)], f"{DC} creator", "dc_creator"),
        ([("dc", DC.upper())], f"{DC.upper()} creator", "dc_creator"),
        ([("q", "http://q.example/")], "http://q.example/ Thing", "q_thing"),
        ([(None, "http://q.example/")], "http://q.example/ thing", "thing"),
        ([("a", "http://q.example/"), ("b", "http://q.example/")], "http://q.example/ thing", "a_thing"),
        ([(None, "http://q.example/"), ("b", "http://q.example/")], "http://q.example/ thing", "b_thing"),
        ([("u", "http://backend.userland.com/rss2")], "http://backend.userland.com/rss2 item", "item"),
    ],
)
def test_names(declared: list[tuple[str | None, str]], tag: str, name: str) -> None:
    assert Names(declared, len(declared))[tag] == name


@pytest.mark.parametrize(
    "declared",
    [
        [("x", DC), ("x", ATOM)],
        [("dc", "http://q.example/"), ("x", DC)],
        [("X", DC), ("x", ATOM)],
        [("rdf", "http://q.example/")],
    ],
)
def test_a_prefix_with_two_meanings_is_declined(declared: list[tuple[str | None, str]]) -> None:
    with pytest.raises(DeclinedError, match="rebound-prefix"):
        Names(declared, len(declared))


@pytest.mark.parametrize(
    ("declared", "at_root", "version"),
    [
        ([("atom", ATOM), (None, RSS1)], 2, "atom10"),
        ([(None, RSS1), ("atom", ATOM)], 2, "rss10"),
        ([("dc", DC), (None, ATOM)], 1, ""),
        ([(None, "http://my.netscape.com/rdf/simple/0.9/")], 1, "rss090"),
    ],
)
def test_the_first_telling_namespace_of_the_root_announces_the_dialect(
    declared: list[tuple[str | None, str]], at_root: int, version: str
) -> None:
    assert Names(declared, at_root).version == version
