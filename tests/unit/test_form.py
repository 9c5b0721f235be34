from __future__ import annotations

import pytest

from feedhub.model import Enclosure, Entry, Reason, Rule, Source, Text
from feedhub.model.media import Media
from feedhub.stories.explain import describe
from feedhub.stories.tags import Subject, compile_rule

SOURCE = Source(id="desk", url="https://desk.example/feed", language="de")


def match(kind: str, entry: Entry, *values: str) -> tuple[Reason, ...] | None:
    return compile_rule(Rule(kind=kind, values=values)).match(Subject(entry, SOURCE))


def body(words: int, *, field: str = "content") -> Entry:
    text = Text(value=f"<p>{'word ' * words}</p>", type="text/html")
    return Entry(**{field: text})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (("10.. words",), "10 words"),
        (("..10 words",), "10 words"),
        (("10..10 words",), "10 words"),
        (("..3 words", "9 .. 11 words"), "10 words"),
        (("40.. characters",), "49 characters"),
        (("11.. words",), None),
        (("..48 characters",), None),
    ],
)
def test_a_length_is_a_range_with_both_ends(values: tuple[str, ...], found: str | None) -> None:
    expected = (Reason(rule="length", field="content", found=found),) if found else None
    assert match("length", body(10), *values) == expected


def test_the_summary_counts_where_there_is_no_content() -> None:
    assert match("length", body(3, field="summary"), "3..3 words") == (
        Reason(rule="length", field="summary", found="3 words"),
    )
    assert match("length", Entry(title=Text(value="only a title")), "..0 words") is not None
    assert match("length", Entry(), "1.. characters") is None


@pytest.mark.parametrize("value", ["long", "..", ".. words", "3 words", "5..3 words", "1.. lines", "-1..2 words"])
def test_what_is_no_length_is_named(value: str) -> None:
    with pytest.raises(ValueError, match=r"range"):
        compile_rule(Rule(kind="length", values=(value,)))


@pytest.mark.parametrize(
    ("kind", "entry", "field"),
    [
        ("audio", Entry(enclosures=(Enclosure(url="https://a.example/1", type="audio/mpeg"),)), "enclosure"),
        ("audio", Entry(enclosures=(Enclosure(url="https://a.example/1.MP3?x=1"),)), "enclosure"),
        ("audio", Entry(media=(Media(url="https://a.example/1", medium="audio"),)), "media"),
        ("image", Entry(image="https://a.example/1"), "image"),
        ("image", Entry(thumbnails=(Media(url="https://a.example/1"),)), "thumbnail"),
        ("image", Entry(content=Text(value='<p><img src="x"></p>', type="text/html")), "content"),
        ("video", Entry(media=(Media(url="https://a.example/1", type="video/mp4"),)), "media"),
        ("video", Entry(summary=Text(value="<video src='x'></video>", type="text/html")), "summary"),
    ],
)
def test_what_an_entry_carries(kind: str, entry: Entry, field: str) -> None:
    found = match("has", entry, kind.upper())
    assert found
    assert (found[0].rule, found[0].field) == ("has", field)
    assert field in describe(found[0])
    for other in {"audio", "image", "video"} - {kind}:
        assert match("has", entry, other) is None


def test_a_text_that_only_speaks_of_elements_carries_nothing() -> None:
    assert match("has", Entry(content=Text(value="how to write <img> tags")), "image") is None


def test_what_no_entry_can_carry_is_named() -> None:
    with pytest.raises(ValueError, match="'audio', 'image', 'video'"):
        compile_rule(Rule(kind="has", values=("podcast",)))


def test_the_language_of_the_source_counts_where_the_entry_says_none() -> None:
    assert match("language", Entry(), "de") == (Reason(rule="language", field="language", found="de"),)
    assert match("language", Entry(language="fr"), "de") is None
