from __future__ import annotations

import pytest

from feedhub.serve.conditions import UNSATISFIABLE, Validators, coding, judge, part, wants_delta

NOW = Validators(etag='"now"', last_modified="Tue, 02 Jan 2024 10:00:00 GMT")
EARLIER, LATER = "Mon, 01 Jan 2024 10:00:00 GMT", "Wed, 03 Jan 2024 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"if-none-match": '"now"'}, 304),
        ({"if-none-match": 'W/"now"'}, 304),
        ({"if-none-match": '"a, b", W/"c" , "now"'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"then"'}, 200),
        ({"if-none-match": "now"}, 200),
        ({"if-modified-since": NOW.last_modified}, 304),
        ({"if-modified-since": LATER}, 304),
        ({"if-modified-since": EARLIER}, 200),
        ({"if-modified-since": "Tuesday, 02-Jan-24 10:00:00 GMT"}, 304),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-modified-since": "Mon, 99 Jan 2024 10:00:00 GMT"}, 200),
        ({"if-none-match": '"then"', "if-modified-since": LATER}, 200),
        ({"if-none-match": '"now"', "if-modified-since": EARLIER}, 304),
        ({"if-match": '"now"'}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": 'W/"now"'}, 412),
        ({"if-match": '"then"', "if-none-match": '"now"'}, 412),
        ({"if-match": '"now"', "if-none-match": '"now"'}, 304),
        ({"if-match": '"now"', "if-unmodified-since": EARLIER}, 200),
        ({"if-unmodified-since": EARLIER}, 412),
        ({"if-unmodified-since": LATER}, 200),
        ({"if-unmodified-since": "never"}, 200),
    ],
)
def test_conditions_count_in_the_order_of_rfc_9110(headers: dict[str, str], status: int) -> None:
    assert judge(headers, NOW) == status


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("bytes=0-9", (0, 9)),
        ("bytes=90-", (90, 99)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-500", (0, 99)),
        ("Bytes=3-3", (3, 3)),
        ("bytes=100-", UNSATISFIABLE),
        ("bytes=-0", UNSATISFIABLE),
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-9", None),
        ("", None),
    ],
)
def test_one_range_of_bytes_is_understood(value: str, span: tuple[int, int] | None) -> None:
    assert part({"range": value}, NOW, 100) == span


@pytest.mark.parametrize(
    ("condition", "span"),
    [('"now"', (0, 9)), (NOW.last_modified, (0, 9)), ('"then"', None), ('W/"now"', None), (EARLIER, None)],
)
def test_a_range_of_another_version_is_ignored(condition: str, span: tuple[int, int] | None) -> None:
    assert part({"range": "bytes=0-9", "if-range": condition}, NOW, 100) == span


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0.000, identity", ""),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity, gzip;q=0.5", ""),
        ("deflate", ""),
        ("", ""),
        ("gzip;q=nonsense", ""),
    ],
)
def test_the_content_coding_is_the_best_that_is_accepted(accepted: str, chosen: str) -> None:
    assert coding(accepted) == chosen


def test_deltas_are_for_those_who_ask_for_them() -> None:
    assert wants_delta("feed")
    assert wants_delta("diffe, FEED;q=0.5")
    assert not wants_delta("feed;q=0")
    assert not wants_delta("feeds, vcdiff")
    assert not wants_delta("")
