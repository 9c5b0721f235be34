"""Nothing that a feed says runs in a reader, and no markup takes much longer than its length warrants."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from feedhub.normalize.html import sanitise, to_text
from feedhub.normalize.policy import ATTRIBUTES, RENAMED, TAGS, VOID
from feedhub.normalize.text import label, line, tokens
from feedhub.normalize.urls import clean, key
from shared import shared

if TYPE_CHECKING:
    from collections.abc import Callable

VECTORS = "hostile/vectors/xss_all.jsonl"
KEPT = TAGS - set(RENAMED)


class Strict(HTMLParser):
    """Fails on anything in a sanitised fragment that the policy does not name."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in KEPT
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()) | ATTRIBUTES["*"] | ({"rel"} if tag == "a" else set())
            if name in {"href", "src", "poster"}:
                assert value is not None
                assert value.startswith(
                    ("http://", "https://", "mailto:") if name == "href" else ("http://", "https://")
                )
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def vectors() -> list[str]:
    return [json.loads(row)["input"] for row in shared(VECTORS).read_text("utf-8").splitlines()]


def test_every_vector_keeps_to_the_policy_and_is_stable() -> None:
    for vector in vectors():
        result = sanitise(vector, "https://example.org/")
        parser = Strict()
        parser.feed(result)
        parser.close()
        assert parser.open == []
        assert sanitise(result) == result


def test_every_vector_is_inert_for_an_independent_judge() -> None:
    pytest.importorskip("html5lib", reason="the judge parses with html5lib")
    judge = shared("hostile/xss_check.py")
    judged = subprocess.run(
        [sys.executable, judge, "--vectors", shared(VECTORS), "--sanitizer", "feedhub.normalize.html:sanitise", "-v"],
        capture_output=True,
        text=True,
        check=True,
    )
    verdict = json.loads(judged.stdout.splitlines()[-1])
    assert (verdict["vectors"] >= 1278, verdict["dangerous"], verdict["crashes"]) == (True, 0, 0), judged.stdout


MARKUP = {
    "deep blocks": "<div>",
    "deep lists": "<ul><li>",
    "deep definitions": "<dl><dd>",
    "deep links": "<a><b><div>",
    "deep tables": "<table><tr><td>",
    "open formatting": "<p><b><i><u>x",
    "crossed formatting": "<b><p></b>",
    "formatting in rows": "<tr>x<b>",
    "cells left open": "<td><p><b><i>x",
    "tags left open": "<b ",
    "quotes left open": '<a b="<a c=\'" d=\'" ',
    "quoted ends": '<a "x>" ',
    "comments left open": "<!--",
    "declarations left open": "<![CDATA[",
    "scripts left open": "<script>",
    "svg left open": "<svg><b>",
    "frames left open": "<iframe src='",
    "hidden images left open": "<img display:",
    "many attributes": "a=1 ",
    "references": "&amp;",
    "references left open": "&a",
    "angles": "<",
    "headings": "<h1><b><h2>",
    "preformatted": "<pre>\n",
    "Kelvin signs": "<k></\u212a>",
    "nul": "\0",
    "directions": "\u202a\u2067",
    "white space": " \u2028",
}
DISTINCT = "<p>" + "".join(f"<b a={i}>" for i in range(4000)) + "<p>x" * 4000
SHAPES = {name: text * (60_000 // len(text)) for name, text in MARKUP.items()} | {
    "distinct formatting": DISTINCT,
    "rows": "<table>" + MARKUP["formatting in rows"] * 6000,
    "one tag": "<p " + " ".join(f"a{i}" for i in range(10_000)) + ">",
    "end tags": "</svg>" + "<svg>" * 10_000,
}
READERS = {
    "sanitise": lambda text: sanitise(text, "https://example.org/"),
    "to_text": to_text,
    "line": lambda text: line(text, 1000),
    "label": lambda text: label(text, 200),
    "tokens": tokens,
    "clean": lambda text: clean(f"https://example.org/?{text[:8000]}"),
    "key": lambda text: key(f"https://example.org/{text[:8000]}"),
}
# Several times what the slowest of them takes on a slow machine; a quadratic one would take minutes.
MOST_SECONDS = 2.0


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reader", READERS)
def test_time_is_in_proportion_to_length(reader: str, shape: str) -> None:
    read: Callable[[str], object] = READERS[reader]
    began = time.thread_time()
    read(SHAPES[shape])
    assert time.thread_time() - began < MOST_SECONDS


@pytest.mark.parametrize("shape", SHAPES)
def test_markup_makes_little_of_itself(shape: str) -> None:
    result = sanitise(SHAPES[shape], "https://example.org/")
    assert len(result) < 12 * len(SHAPES[shape])
    assert result.count("<") < 3 * SHAPES[shape].count("<") + 10
    assert sanitise(result) == result
