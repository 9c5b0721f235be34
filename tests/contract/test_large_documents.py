"""Documents of several megabytes, which expat is given in pieces."""

from __future__ import annotations

import tracemalloc
import xml.etree.ElementTree as ET

import pytest

from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_document import tree

ITEM = "<item><title>Nummer {0} – größer</title><description><![CDATA[{1}]]></description></item>\n"


def test_a_document_of_many_pieces_is_read_as_one_of_one() -> None:
    items = "".join(ITEM.format(number, "ä<p>" * number) for number in range(1200))
    body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()
    assert len(body) > 3_000_000
    found = tree(body, "application/rss+xml", frozenset()).root
    expected = ET.fromstring(body)  # noqa: S314 - made above
    assert [(each.tag, each.text, each.tail) for each in found.iter()] == [
        (each.tag, each.text, each.tail) for each in expected.iter()
    ]


def test_a_million_open_elements_are_declined_before_they_fill_the_memory() -> None:
    body = b"<rss><channel>" + b"<a>" * 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(DeclinedError, match="depth"):
            tree(body, "application/rss+xml", frozenset())
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
