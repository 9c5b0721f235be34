"""What is sanitised without a parser equals what the parser's sanitiser makes of it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.normalize.embeds import without_hidden_images
from feedhub.normalize.html import parsed, sanitise
from feedhub.normalize.orderly import rewritten
from feedhub.normalize.policy import TAGS, VOID
from shared import shared

BASE = "https://example.org/feed/"
TEXTS = [
    *(
        "x",
        " ",
        "\n",
        "\t",
        "\r\n",
        "é",
        "\xa0",
        "\x85",
        "\ufeff",
        "\u200b",
        "\0",
        "\x01",
        "a & b",
        "AT&T",
        " > ",
        "<3",
        "< ",
    ),
    *(
        "&amp;",
        "&lt;b&gt;",
        "&quot;",
        "&#39;",
        "&#x2019;",
        "&nbsp;",
        "&#160;",
        "&#10;",
        "&#0;",
        "&hellip;",
        "&foo;",
        "&#xFEFF;",
    ),
    *("&copy", "&notit;", "&nvlt;", "<!-- c -->", "<!--x--", "<!-- a <b> -->", "<?php ?>", "</br>", "</p>", "</img>"),
]
ATTRIBUTES = [
    *(
        "",
        ' class="x"',
        " lang=en",
        ' DIR="rtl"',
        ' title="a &amp; b &quot;"',
        " title='it\"s'",
        ' title="\n\xa0x"',
        "/",
    ),
    *(
        ' href="https://e.example/a?b=1&c=2"',
        ' href="#x:1"',
        ' href="../r"',
        ' href="javascript:x"',
        ' href=" http://x.y"',
    ),
    *(
        ' href="mailto:a@b.c?subject=RE: d"',
        ' HREF="HTTP://A.b/"',
        ' href="http://1.2.3.4.5/"',
        ' href="https://xn--/"',
    ),
    *(' href="data:x" href="http://c.d"', ' href="&#106;avascript:x"', ' href="x:y"', ' href="//h/p"', ' href="a b"'),
    *(' src="https://e.example/i.png"', " src=x", ' src="data:image/gif;base64,AA"', ' data-src="/l.png"', " alt=''"),
    *(' lang="&#xFEFF;"', " class='a\"b'", ' data-x="1" alt="a" width=2', ' title="\'" id="\'"', " href='\"'"),
    *(' width="1" height="1"', ' style="display: none"', ' poster="p.png"', " controls", ' start="3"', ' id="a>b"'),
]
LISTS = {
    "ul": ["li"],
    "ol": ["li"],
    "dl": ["dt", "dd"],
    "table": ["caption", "thead", "tbody", "tr"],
    "tr": ["td", "th"],
}
LISTS |= {"thead": ["tr"], "tbody": ["tr"], "ruby": ["rb", "rt"]}
OTHERS = ["font", "big", "picture", "canvas", "link", "meta", "label", "bdo", "button", "nobr", "svg", "x-y"]
NAMES = [name for name in sorted(TAGS) if name not in {"li", "dd", "dt", "tbody", "tr", "td", "th"}] + OTHERS

texts = st.sampled_from(TEXTS)
attributes = st.lists(st.sampled_from(ATTRIBUTES), max_size=2).map("".join)
seldom = st.integers(0, 15).map(lambda number: number == 0)


@st.composite
def elements(draw: st.DrawFn, name: str, inner: st.SearchStrategy[str]) -> str:
    """Return an element, its end tag seldom missing, mostly with what belongs into it."""
    start = f"<{name.upper() if draw(seldom) else name}{draw(attributes)}>"
    if name in VOID:
        return start
    if name in LISTS and not draw(seldom):
        children = st.sampled_from(LISTS[name]).flatmap(lambda child: elements(child, inner))
        held = "".join(draw(st.lists(children, max_size=3)))
    else:
        held = draw(inner)
    return start + held + ("" if draw(seldom) else f"</{name}>")


fragments = st.recursive(
    texts,
    lambda inner: st.lists(texts | st.sampled_from(NAMES).flatmap(lambda name: elements(name, inner)), max_size=4).map(
        "".join
    ),
    max_leaves=12,
)


def same(html: str) -> bool:
    """Check that the two ways agree; say whether there were two."""
    found = rewritten(html, BASE)
    if found is None:
        return False
    assert found == parsed(without_hidden_images(html), BASE)
    assert sanitise(found) in {found, ""}
    return True


@settings(deadline=None, max_examples=400)
@given(fragments)
def test_both_ways_agree(html: str) -> None:
    same(html)


@pytest.mark.parametrize("cut", ["<a", "</a", "x &<b", "<p>x</p", "<b>x<b", "<ul><li"])
def test_what_is_cut_off_is_no_tag_even_where_such_tags_are_known(cut: str) -> None:
    for html in ("<a>x</a>", "<b>x</b>", "<b><b>x</b></b>", "<p>x</p>", "<ul><li>x</li></ul>", cut, cut):
        same(html)


@pytest.mark.parametrize(
    "cut", ["&mdash", "&amp", "&amp lt;", "&#8230", "&amp&lt;", "&mdash<b>;</b>", "&&amp;;", "&MDASH;"]
)
def test_a_reference_is_judged_by_its_end_even_where_it_is_known(cut: str) -> None:
    assert same("<p>&mdash;&amp;&lt;&#8230;</p>")
    for html in (cut, f"<p>{cut}</p>", f"x &amp; {cut} &mdash; y"):
        same(html)


@pytest.mark.parametrize("tag", ['<a class="x" title="y" href="{}">', '<img width="9" src="{}" alt="">'])
def test_a_tag_is_judged_by_its_values_even_where_one_like_it_is_known(tag: str) -> None:
    assert same(tag.format("https://e.example/a"))
    for address in ("javascript:x", "data:text/html,x", "&#106;avascript:x", "\tjavascript:x", 'x" onclick="y', "x:y"):
        html = tag.format(address)
        same(html)
        assert not re.search("javascript|data:|onclick|x:y", sanitise(html))


def test_both_ways_agree_on_vectors() -> None:
    vectors = [
        json.loads(row)["input"] for row in shared("hostile/vectors/xss_all.jsonl").read_text("utf-8").splitlines()
    ]
    assert sum(map(same, vectors)) > 100
