from __future__ import annotations

import json

import pytest
from lxml import etree

from feedhub.normalize.text import block, label, language, line, tokens, xml_safe
from shared import shared


def test_what_xml_cannot_carry_is_dropped() -> None:
    assert xml_safe("a\0\x08\x1b\x7f\ud800\udfff\ufffe\uffff\ufdd0\U0001fffe\U0010ffffb") == "ab"
    kept = "\t\n\r ä\xa0\ud7ff\ue000\ufffd😀\u2028\u202e\U0010fffd"
    assert xml_safe(kept) is kept


def test_c1_controls_are_the_windows_characters_that_were_meant() -> None:
    assert xml_safe("\x93don\x92t\x94 \x80 \x81\x85") == "“don’t” € …"


def test_each_character_is_judged_alike_alone_and_among_others() -> None:
    planes = (chr((plane << 16) + last) for plane in range(1, 17) for last in (0, 0xFFFD, 0xFFFE, 0xFFFF))
    for char in (*map(chr, range(0x10000)), *planes):
        code = ord(char)
        may_stay = char in "\t\n\r" or not (
            code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or 0xFDD0 <= code < 0xFDF0
        )
        may_stay = may_stay and code & 0xFFFE != 0xFFFE
        assert (xml_safe(char) == char, xml_safe(f"a{char}b") == f"a{char}b") == (may_stay, may_stay), hex(code)


def test_a_line_is_folded_and_bounded() -> None:
    assert line("  a\r\n\tb\u2028c\xa0 d\x0be ", 100) == "a b c d e"
    assert line("\ufeffa", 100) == "a"
    assert line("word " * 100, 12) == "word word w…"
    assert line("a" * 12, 12) == "a" * 12
    assert len(line("a" * 10_000_000, 1000)) == 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("safe \u202egpj.exe\u202c", "safe gpj.exe"),
        ("\u202dabc", "abc"),
        ("\u2067abc", "\u2067abc\u2069"),
        ("\u202babc\u202c", "\u202babc\u202c"),
        ("abc\u202c\u2069", "abc"),
        ("\u2067a\u202bb\u2069c", "\u2067a\u202bbc\u202c\u2069"),
        ("שלום \u200f(x)", "שלום \u200f(x)"),
    ],
)
def test_directions_end_with_their_line(text: str, expected: str) -> None:
    assert line(text, 100) == expected


def test_a_line_of_directions_stays_within_its_bound() -> None:
    assert line("\u2067" * 60 + "a", 100) == "a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R&amp;D", "R&D"),
        ("A &amp;amp;amp; B", "A & B"),
        ("caf&eacute; &#8211; &#x41;", "café – A"),
        ("AT&T & Q&A;", "AT&T & Q&A;"),
        ("a&copy=b", "a&copy=b"),
        ("&am\0p;", "&"),
        ("&lt;b&gt;", "<b>"),
    ],
)
def test_labels_resolve_references(text: str, expected: str) -> None:
    assert label(text, 100) == expected


def test_blocks_keep_their_lines() -> None:
    assert block(" a\r\n b\rc\n") == "a\n b\nc"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("EN-us", "en-US"),
        ("pt_BR", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-DE-1996", "de-DE-1996"),
        (" fr ", "fr"),
        ("English", ""),
        ("en, fr", ""),
        ("x-private", ""),
        ("C", ""),
        ("und", ""),
        ("", ""),
        ("en-" + "a" * 9, ""),
        ("en\0", ""),
    ],
)
def test_languages(tag: str, expected: str) -> None:
    assert language(tag) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Daesh has collapsed, it’s confirmed", "daesh has collapsed it confirmed"),
        ("Daesh's / Daesh’s / Daeshʼs", "daesh daesh daesh"),
        ("dell’Isis l'ultimo O'Brien", "dell isis l ultimo o brien"),
        ("Deir-ez-Zor #Syria @user snake_case", "deir ez zor syria user snake case"),
        ("C++, C# and F#; c#minor", "c++ c# and f# c minor"),
        ("3.5 % of 1,000; v1.2 on 10.05.2018.", "3.5 of 1,000 v1.2 on 10.05.2018"),
        ("STRASSE straße ﬁne ＡＢＣ İstanbul", "strasse strasse fine abc istanbul"),
        ("co\u00adoperate cafe\u0301", "cooperate café"),
        ("叙利亚 iPhone手机 国", "叙利 利亚 iphone 手机 国"),
        ("พรรค", "พร รร รค"),
        ("हिन्दी समाचार", "हिन्दी समाचार"),
        ("مُحَمَّد שָׁלוֹם", "محمد שלום"),
        ("한국어 뉴스", "한국어 뉴스"),
        ("ΟΔΟΣ ὁδός", "οδοσ ὁδόσ"),
        ("", ""),
        ("—…!", ""),
    ],
)
def test_tokens(text: str, expected: str) -> None:
    assert tokens(text) == expected.split()


def test_the_alphabet_does_not_change_what_words_are() -> None:
    western = tokens("It’s C++ 3.5, naïve_words")
    assert tokens("It’s C++ 3.5, naïve_words Да")[:-1] == western


def test_every_hostile_string_can_be_published() -> None:
    strings = json.loads(shared("hostile/vectors/text.json").read_text("utf-8"))["strings"]
    for text in strings:
        for safe in (xml_safe(text), line(text, 1000), label(text, 200), block(text)):
            element = etree.Element("title")
            element.text = safe
            assert etree.fromstring(etree.tostring(element)).text in (safe, None)
            assert json.loads(json.dumps(safe, ensure_ascii=False).encode()) == safe
