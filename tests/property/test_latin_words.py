"""The tables for western texts answer as the patterns for all texts do."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedhub.normalize.html import sanitise, unmarked
from feedhub.normalize.latin import latin_spaced, latin_words
from feedhub.normalize.text import _tokens, tokens

WESTERN = "".join(bytes((number,)).decode("cp1252", "ignore") for number in range(256))
TEXTS = st.one_of(
    st.text(st.sampled_from(WESTERN)),
    st.text(st.sampled_from("aAcCfFsS059.,'’_+# éÉß™²ªŒ…\x00\xad")),
    st.lists(st.sampled_from(["1,000.5", "it's", "dell’Isis", "3.5b", "c++", "F#", "_", "’s", "½", " "])).map("".join),
)
TAGS = ["<p>", "</p>", "<br>", "<b>", "</b>", '<a href="/x" title="a > b – c">', "</a>", "&amp;", "&eacute;", "<"]


@given(TEXTS)
@example("it's_ it’S1 's x's's 1's1")
@example("1.5b,2.0.1c3,4..5 6,,7 8.½ ²,³ 9.ª")
def test_latin_words_are_the_tokens(text: str) -> None:
    assert latin_words(text) in (None, _tokens(text))


@given(TEXTS)
def test_spaced_words_are_the_words_between_spaces(text: str) -> None:
    words, spaced = latin_words(text), latin_spaced(text)
    assert (None if spaced is None else spaced.split()) == words
    assert not spaced or spaced[0] == " " == spaced[-1]
    assert words != [] or spaced == ""


@given(st.lists(st.one_of(TEXTS, st.sampled_from(TAGS))).map("".join))
@example('AT&amp;T&nbsp;&lt;b&gt; a &amp;amp; <a href="https://x.example/?a=1&amp;b=’2" rel="noopener">c</a>++')
def test_words_of_markup_are_those_of_its_text(fragment: str) -> None:
    written = sanitise(fragment)
    known = latin_spaced(written, is_markup=True)
    assert known is None or known.split() == tokens(unmarked(written))


@pytest.mark.parametrize("other", ["a < b", "a > b", "x >p< y", "<p", "p>", "<x>y</x>", "<a\thref>", "&eacute;", "<P>"])
def test_markup_that_the_sanitiser_does_not_write_is_left_to_others(other: str) -> None:
    assert latin_spaced(other, is_markup=True) is None


def test_other_scripts_are_left_to_the_patterns() -> None:
    assert [latin_words(text) for text in ("Ελλάδα", "日本", "½", "µm", "zero\u200bwidth", "C# rocks")] == [None] * 6


def test_common_western_texts_are_known() -> None:
    assert latin_words("“Größe”—the EU’s €1,000.50 café™…") == ["grösse", "the", "eu", "1,000.50", "cafétm"]
