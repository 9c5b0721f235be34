"""Whatever a feed says, what is stored of it can be published, and tidying it again changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, get_args, get_origin

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import Struct, to_builtins
from msgspec.structs import fields

from feedhub.model import Entry
from feedhub.normalize import tidy
from feedhub.normalize.dates import AHEAD, EARLIEST, effective
from feedhub.normalize.html import sanitise, to_text
from feedhub.normalize.policy import TAGS
from feedhub.normalize.text import label, line, tokens, xml_safe
from feedhub.normalize.urls import clean, key

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "https://example.org/feed"

HTML = """
    & &amp; &am p; &#1; &#13; &lt; < > <b </b> <p> </p> <a_href='/x'> <h1> <h2> </h1> <table> <td> <li> <i> <pre>
    <!-- --> <script> </script> <svg> <math> <button> <img_src=a_width=1_height=1> <iframe_src=//x.example>
"""
WORDS = "a b 's ’s 1,5 c++ C# 日本 ไทย ß İ ё ½ javascript: https://e.example/ ?utm_source=x # %zz _"
ADDRESSES = """
    https:// http: // user:pw@ example.org www.e.example :80 :443 / /a index.html ? a=1 & utm_source=x b=%7e # #!/c
    [ ] | %C3 ä \\ javascript: data: mailto: a@b.example
"""
PLAIN = "e.example/ a-b.c 1.2.3.4 0x7f 256 xn--p1ai A . .. /. %2e %2E . com c.com/ y.1a w.org/url a--b -c -"
CONTROLS = " \0\r\n\x85\u202e\u2067\u2069\ufeff\ufffe\ud800\xad"
OTHERS = frozenset(("button", "select", "template", "svg", "font", "object", "x-y"))


def one_of(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word.replace("_", " ") for word in text.split()])


anything = st.text(st.characters(exclude_categories=()), max_size=5)
pieces = one_of(HTML) | one_of(WORDS) | st.sampled_from(CONTROLS)
mixed = st.lists(pieces | anything, max_size=8).map("".join)
tags = st.sampled_from(sorted(TAGS | OTHERS))
soup = st.lists(tags.map("<{}>".format) | tags.map("</{}>".format) | pieces, max_size=40).map("".join)
addresses = st.lists(one_of(ADDRESSES) | anything, max_size=8).map("".join)
types = st.sampled_from(
    ["text/plain", "text/html", "application/xhtml+xml", "text/x-markdown", "image/png", "", "html"]
)
moments = st.datetimes(timezones=st.just(UTC))


@cache
def values(kind: object, name: str) -> st.SearchStrategy[object]:
    """Return a strategy for a field by its type, so that fields added to the records are tried too."""
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0], name), max_size=2).map(tuple)
    if isinstance(kind, UnionType):
        return st.one_of(values(each, name) for each in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Struct):
        return records(kind)
    if kind is str:
        return types if name == "type" else mixed | addresses
    return {
        NoneType: st.none(),
        bool: st.booleans(),
        int: st.integers(),
        float: st.floats(),
        datetime: moments | st.datetimes(timezones=st.timezones()),
    }[kind]


def records(kind: type[Struct]) -> st.SearchStrategy[Struct]:
    every = {field.name: values(field.type, field.name) for field in fields(kind)}
    needed = {field.name: every.pop(field.name) for field in fields(kind) if field.required}
    return st.fixed_dictionaries(needed, optional=every).map(lambda given: kind(**given))


entries = records(Entry)


def strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for field, inner in value.items():
            yield from strings(inner, field)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, name)
    elif isinstance(value, str):
        yield name, value


@settings(deadline=None)
@given(entries, addresses, mixed)
def test_tidying_again_changes_nothing(entry: Entry, base_url: str, language: str) -> None:
    once = tidy(entry, base_url=base_url, language=language)
    assert tidy(once, base_url=base_url, language=language) == once
    assert tidy(once, base_url="", language=language) == once


@settings(deadline=None)
@given(entries)
def test_everything_tidied_can_be_published(entry: Entry) -> None:
    document = etree.Element("entry")
    said = list(strings(to_builtins(tidy(entry, base_url=BASE))))
    for name, text in said:
        etree.SubElement(document, "said", name=name, value=text).text = text
        if name in {"link", "url", "href", "image", "comments", "feed_url", "chapters_url"}:
            assert text.startswith(("https://", "http://", "mailto:"))
            assert text.isascii()
    read = etree.fromstring(etree.tostring(document, encoding="utf-8"))
    assert [element.text or "" for element in read] == [text for _, text in said]


@settings(deadline=None)
@given(soup | mixed)
def test_sanitising_again_changes_nothing(html: str) -> None:
    once = sanitise(html, BASE)
    assert sanitise(once) == once
    assert xml_safe(once) == once
    assert xml_safe(to_text(once)) == to_text(once)


@settings(deadline=None)
@given(mixed, st.integers(min_value=2, max_value=30))
def test_lines_are_lines(text: str, longest: int) -> None:
    for one in (line(text, longest), label(text, longest)):
        assert len(one) <= longest
        assert one == " ".join(one.split()) == xml_safe(one)
    assert line(line(text, longest), longest) == line(text, longest)
    assert label(label(text, longest), longest) == label(text, longest)


@settings(deadline=None)
@given(addresses, addresses)
def test_addresses_are_stable(url: str, base: str) -> None:
    found = clean(url, base)
    assert clean(found) == found
    assert key(found) == key(f"{found}&utm_medium=x" if "?" in found and "#" not in found else found)
    assert (key(found) == "") == (found == "")


@settings(deadline=None)
@given(st.sampled_from(["http://", "https://"]), st.lists(one_of(PLAIN) | one_of(ADDRESSES), max_size=8).map("".join))
def test_plain_addresses_are_what_parsing_makes_of_them(scheme: str, rest: str) -> None:
    address = scheme + rest
    if "#" not in address:
        assert clean(address) == clean(f"{address}#rss")  # a fragment that is left out, but not without parsing


@settings(deadline=None)
@given(mixed)
def test_tokens_are_words_and_stay_so(text: str) -> None:
    words = tokens(text)
    assert all(word and " " not in word for word in words)
    assert tokens(text.upper()) == tokens(text.upper().lower()) or not text.isascii()
    if text.isascii():
        assert tokens(" ".join(words)) == words


@settings(deadline=None)
@given(
    st.builds(Entry, published=moments | st.none(), updated=moments | st.none()), moments.filter(lambda m: m > EARLIEST)
)
def test_shown_dates_are_sane(entry: Entry, seen: datetime) -> None:
    published, updated = effective(entry, seen)
    limit = min(datetime.max.replace(tzinfo=UTC) - AHEAD, seen) + AHEAD
    assert EARLIEST <= published <= updated <= limit + timedelta(seconds=1)
    assert published.microsecond == updated.microsecond == 0
    assert effective(Entry(published=published, updated=updated), seen) == (published, updated)
