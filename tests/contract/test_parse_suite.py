"""What feedparser's own suite expects, through ``read_feed``, as far as it concerns what Feed and Entry hold."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

import feedparser

from feedhub.errors import ParseError
from feedhub.parse import read_feed
from parse_suite import Case, cases, concerns_what_is_held, meets, view
from shared import shared

LEAST_MET = 0.99

_ONE_ALTERNATE = "of several alternates, Feed and Entry hold the one that is their link, without its type"
_BLANK_LANGUAGE = "an empty xml:lang reads as unsaid: a text without a language of its own has that of its feed"
EXCEPTIONS = {
    "wellformed/atom/entry_link_multiple.xml": _ONE_ALTERNATE,
    "wellformed/atom/feed_link_multiple.xml": _ONE_ALTERNATE,
    "wellformed/atom10/entry_link_multiple.xml": _ONE_ALTERNATE,
    "wellformed/atom10/feed_link_multiple.xml": _ONE_ALTERNATE,
    "wellformed/rss/item_enclosure_url.xml": "enclosures are held apart from links: which came first is not kept",
    "wellformed/geo/gml_point_3d.xml": "a Place is a point on the ground, without an altitude",
    "wellformed/lang/entry_content_xml_lang_blank.xml": _BLANK_LANGUAGE,
    "wellformed/lang/entry_content_xml_lang_blank_2.xml": _BLANK_LANGUAGE,
    "wellformed/lang/entry_summary_xml_lang_blank.xml": _BLANK_LANGUAGE,
    "wellformed/lang/entry_title_xml_lang_blank.xml": _BLANK_LANGUAGE,
    "wellformed/lang/feed_tagline_xml_lang_blank.xml": _BLANK_LANGUAGE,
    "wellformed/lang/feed_title_xml_lang_blank.xml": _BLANK_LANGUAGE,
    "encoding/bozo_http_text_plain.xml": "a feed served as text/plain is read without a complaint",
}


def without_html_stages(case: Case) -> dict[str, Any]:
    headers = {"content-type": case.content_type, "content-location": case.url}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found: dict[str, Any] = feedparser.parse(
            BytesIO(case.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    return found


def through_feedhub(case: Case) -> dict[str, Any]:
    try:
        return view(read_feed(case.body, url=case.url, content_type=case.content_type), case.url)
    except ParseError:
        return {"bozo": True}  # refusing a document says more than finding it odd


def test_feedparsers_expectations() -> None:
    root = shared("corpora/feedparser-6.0.14/tests")
    met, missed = 0, set()
    for case in cases(root):
        # Expectations about sanitised HTML are not met by feedparser itself here; that is what `normalize` is for.
        if not concerns_what_is_held(case.expectation) or not meets(case.expectation, without_html_stages(case)):
            continue
        if meets(case.expectation, through_feedhub(case)):
            met += 1
        else:
            missed.add(case.path.relative_to(root).as_posix())
    assert missed == set(EXCEPTIONS)
    assert met >= LEAST_MET * (met + len(missed))
    assert met > 1200, "the suite is much larger than that"
