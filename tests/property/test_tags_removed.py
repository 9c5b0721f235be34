"""Tags as the sanitiser writes them are removed in one pass, and just as any others are."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from feedhub.normalize.html import _without_any_tags, _without_kept_tags, sanitise

TAGS = [
    "p",
    "/p",
    "b",
    "/b",
    'a href="/x"',
    "/a",
    "br",
    "br /",
    "br/",
    "span",
    "li",
    "P",
    "h2",
    "styled",
    "script",
    "!--",
    "x",
]
PIECES = st.one_of(
    st.sampled_from(["text", " ", "\n", "<", ">", "&lt;", "<b", "é"]), st.sampled_from(TAGS).map("<{}>".format)
)
FRAGMENTS = st.lists(PIECES, max_size=10).map("".join)


@given(FRAGMENTS)
@example("<p x<b>y>z")
@example("<<b>p>x")
def test_one_pass_removes_what_two_do(value: str) -> None:
    assert _without_kept_tags(value) in (None, _without_any_tags(value))


def test_what_the_sanitiser_writes_takes_one_pass() -> None:
    value = sanitise('<p>One<br>two <a href="https://example.org/">th<b>r</b>ee</a></p><ul><li>four</li></ul>', "")
    assert _without_kept_tags(value) == " One two three   four  "
