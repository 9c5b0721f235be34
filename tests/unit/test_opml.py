"""Subscription lists as other readers really write them."""

from __future__ import annotations

import pytest

from feedhub.errors import ParseError
from feedhub.model import Site
from feedhub.model.subscription import Subscription
from feedhub.parse.opml import MAX_BYTES, Outlines, read
from feedhub.publish.opml import export

SITE = Site(title="Mine", url="http://localhost/")


def outlines(inner: str) -> Outlines:
    return read(f"<opml version='1.0'><head/><body>{inner}</body></opml>".encode())


def only(inner: str) -> Subscription:
    (found,) = outlines(inner).subscriptions
    return found


def test_a_subscription_with_everything() -> None:
    outline = """<outline type="rss" text="The Herald" title="The Herald" xmlUrl="https://a.example/rss"
        htmlUrl="https://a.example/" language="en-us" description="d" category="/News/World, daily"/>"""
    assert only(outline) == Subscription(
        url="https://a.example/rss",
        title="The Herald",
        link="https://a.example/",
        language="en-us",
        tags=("News/World", "daily"),
    )


def test_what_is_not_escaped_is_read_as_it_is_meant() -> None:
    outline = """<outline text='Caf&eacute; & Bar &amp; Grill &#8211; &c; &' description="<b>new</b>, x < y"
        xmlUrl="https://a.example/rss?a=1&b=2&lt=3"/>"""
    found = only(outline)
    assert found.title == "Caf\u00e9 & Bar & Grill \u2013 &c; &"
    assert found.url == "https://a.example/rss?a=1&b=2&lt=3"


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ("", "windows-1252"),
        ('<?xml version="1.0"?>', "windows-1252"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "windows-1252"),
        ('<?xml version="1.0" encoding="koi8-r"?>', "koi8-r"),
        ('<?xml version="1.0" encoding="iso-8859-2"?>', "iso-8859-2"),
    ],
)
@pytest.mark.parametrize("title", ["{} &amp; Co", "{} & Co"])
def test_a_list_may_be_in_another_encoding_than_it_says(declaration: str, encoding: str, title: str) -> None:
    title = title.format("вид" if encoding == "koi8-r" else "Käse")
    listed = f'{declaration}<opml><body><outline text="{title}" xmlUrl="https://a.example/rss"/></body></opml>'
    (found,) = read(listed.encode(encoding)).subscriptions
    assert found.title == title.replace("&amp;", "&")


def test_a_list_in_single_bytes_is_in_no_wide_encoding() -> None:
    listed = '<?xml version="1.0" encoding="utf-16"?><opml><body><outline text="Käse" xmlUrl="http://a.example/"/></body></opml>'
    assert [found.title for found in read(listed.encode()).subscriptions] == ["Käse"]


def test_nothing_is_escaped_in_wide_characters() -> None:
    body = "\ufeff<opml><body><outline text='a & b'/></body></opml>".encode("utf-16-le")
    with pytest.raises(ParseError, match="not XML"):
        read(body)


@pytest.mark.parametrize(
    "outline",
    [
        '<outline xmlUrl="http://a.example/"/>',
        '<outline url="http://a.example/" type="rss"/>',
        '<outline xmlurl=" http://a.example/ "/>',
        '<OUTLINE XMLURL="http://a.example/"/>',
        '<outline xmlUrl="feed://a.example/" text="http://a.example/"/>',
        '<outline xmlUrl="feed:http://a.example/" htmlUrl="javascript:alert(1)" language="English!"/>',
    ],
)
def test_odd_spellings(outline: str) -> None:
    assert only(outline) == Subscription(url="http://a.example/")


def test_folders_become_tags_nested_ones_with_slashes() -> None:
    found = outlines(
        """<outline text="News"><outline title="World "><outline xmlUrl="http://a/"/></outline>
        <outline xmlUrl="http://b/"/><outline><outline xmlUrl="http://c/"/></outline></outline><outline xmlUrl="http://d/"/>"""
    )
    assert {each.url: each.tags for each in found.subscriptions} == {
        "http://a/": ("News/World",),
        "http://b/": ("News",),
        "http://c/": ("News",),
        "http://d/": (),
    }


def test_an_address_in_several_folders_is_one_subscription_with_the_tags_of_all() -> None:
    found = outlines(
        '<outline text="a"><outline xmlUrl="http://x/"/></outline><outline text="b"><outline xmlUrl="http://x/"/></outline>'
    )
    assert (found.subscriptions, found.repeated) == ((Subscription(url="http://x/", tags=("a", "b")),), 1)


def test_outlines_that_are_no_feeds_are_told() -> None:
    found = outlines(
        '<outline type="link" text="Home" url="http://a/"/><outline type="include" url="http://b/x.opml"/>'
    )
    assert found == Outlines(subscriptions=(), left_out=("Home", "http://b/x.opml"))


def test_space_before_the_declaration_and_a_plain_document_type_do_no_harm() -> None:
    body = b'\n <?xml version="1.0"?><!DOCTYPE opml SYSTEM "http://127.0.0.1:9/opml.dtd"><opml><body/></opml>'
    assert read(body) == Outlines(subscriptions=())


ATTRIBUTES = " ".join(f"a{number}='1'" for number in range(100_000))
LAUGHS = "".join(f"<!ENTITY a{at + 1} '{f'&a{at};' * 20}'>" for at in range(8))


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("", "malformed", "empty"),
        ("<opml><body>\n<outline text='a & 'b'/></body></opml>", "malformed", "line 2"),
        ("<opml><body>", "malformed", "line 1"),
        ("<html><body/></html>", "not-opml", "<html>"),
        ("<!DOCTYPE opml [<!ENTITY e 'x'>]><opml><body><outline text='&e;'/></body></opml>", "too-complex", "entities"),
        ("<!DOCTYPE opml [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><opml>&e;</opml>", "too-complex", "entities"),
        (f"<!DOCTYPE opml [<!ENTITY a0 '{'x' * 1000}'>{LAUGHS}]><opml a='&a8;'/>", "malformed", "amplification"),
        (f"<opml><body>{'<outline>' * 40}{'</outline>' * 40}</body></opml>", "too-complex", "32 deep"),
        (f"<opml><body>{'<outline>' * 400}{'</outline>' * 400}</body></opml>", "malformed", "depth"),
        (f"<opml><body>{'<outline/>' * 100_001}</body></opml>", "too-complex", "outlines"),
        (f"<opml><body><outline {ATTRIBUTES}/></body></opml>", "too-complex", "attributes"),
        ("<opml/>" + " " * MAX_BYTES, "too-complex", "bytes"),
        (
            "<opml xmlns:f='urn:feedhub:opml'><outline xmlUrl='http://a/' f:enabled='true' f:tags='x'/></opml>",
            "malformed",
            "JSON",
        ),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_cannot_be_read_says_why_and_where(body: str, code: str, words: str) -> None:
    with pytest.raises(ParseError, match=words) as caught:
        read(body.encode())
    assert caught.value.code == code


def test_an_export_has_folders_and_names_for_other_readers() -> None:
    written = export(
        SITE,
        [Subscription(url="http://a/", tags=("News/World", "x")), Subscription(url="http://b/", title="B")],
        {"http://a/": "The A"},
    ).decode()
    assert read(written.replace("urn:feedhub:opml", "urn:other").encode()).subscriptions == (
        Subscription(url="http://a/", title="The A", tags=("News/World", "News World", "x")),
        Subscription(url="http://b/", title="B"),
    )


def test_nothing_to_export_is_still_a_list() -> None:
    assert read(export(SITE, [], {})) == Outlines(subscriptions=())
