from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.parse import DeclinedError
from feedhub.parse.fast_dates import date


def feedparsers(text: str) -> datetime | None:
    """Ask feedparser through its front door."""
    document = f"<rss version='2.0'><channel><pubDate>{text}</pubDate></channel></rss>".encode()
    found = dict.get(feedparser.parse(BytesIO(document))["feed"], "published_parsed")
    try:
        return datetime.fromtimestamp(timegm(found), UTC) if found else None
    except ValueError:
        return None  # a year before the first


def test_an_empty_text_is_no_date() -> None:
    assert date("") is None


@pytest.mark.parametrize(
    "text",
    [
        *("Fri, 01 Mar 2024 10:00:00 GMT", "Fri, 01 Mar 2024 10:00:00 +0000", "Fri, 1 Mar 2024 9:5:07 -0730"),
        *("1 March 2024 10:00 EST", "sat, 02 Mar 2024 23:59:59 Z", "Friday, 01 Mar 2024 10:00:00 CET"),
        *("Fri, 01 Mar 2024 10:00:00 +0530", "01 Aug 2024 00:00:00 MEST", "Tue, 01 Oct 2024 10:00:00 PDT"),
        *("2024-03-01T10:00:00Z", "2024-03-01T10:00:00.999+05:45", "2024-03-01T10:00:00-0530", "2024-03-01"),
        *("2024-03-01 10:00:00", "2024-03-01T10:00:00", "2024-03-01T10:00:07+0545", "2024-03-01T10:00:7Z"),
    ],
)
def test_usual_dates_are_feedparsers(text: str) -> None:
    assert date(text) == feedparsers(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Fri, 31 Feb 2024 10:00:00 GMT", "2024-02-30T10:00:00Z", "yesterday", "2024", "20240301", "2024-03"),
        *("Fri, 01 Mar 2024", "Fri, 01 Mar 24 10:00:00 GMT", "Fri, 01 Mar 2024 10:00:00 GMT+1", "0000-01-01T00:00:00Z"),
        *("Mar 1 2024 10:00:00 GMT", "2024-03-01T24:00:00Z", "2024-03-01 10:00:00 -0800", "2024-03-01T10:00+01:00"),
        *("Fr, 01 M\u00e4r 2024 10:00:00 +0100", "Fri,  1 Mar 2024 10:00:00 +0000", "Sat, Dec 16 2023 02:02:33 PM"),
        *("2024-03-01T10:00:60Z", "9999-12-31T23:59:59-10:00", "Fri, 01 Mar 2024 10:00:00 CEST"),
        *("2024\ub144 03\uc6d4 01\uc77c  10:00:00", "Fri Mar  1 10:00:00 2024", "Fri, 2024/03/01 10:00:00 GMT"),
    ],
)
def test_other_dates_are_feedparsers(text: str) -> None:
    assert date(text) == feedparsers(text)


@given(
    st.lists(
        st.sampled_from(
            (
                "Fri,",
                "1",
                "01",
                "31",
                "Mar",
                "march",
                "2024",
                "24",
                "-",
                "/",
                "T",
                " ",
                "10:00",
                ":00",
                "GMT",
                "+1",
                "Z",
            )
        ),
        max_size=9,
    ).map("".join)
)
def test_odd_dates_are_feedparsers(text: str) -> None:
    assert date(text.strip()) == feedparsers(text)


def test_long_dates_are_declined() -> None:
    with pytest.raises(DeclinedError, match="date"):
        date("when the tide turns " * 5)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - the texts carry zones
    st.sampled_from(("GMT", "+0000", "-0000", "EST", "Z", "CEST", "+1345", "-0930", "y", "AT")),
    st.sampled_from(("{0:%a}, {0:%d} {0:%b} {0.year:04} {0:%H:%M:%S} {1}", "{0:%d} {0:%B} {0.year:04} {0:%H:%M} {1}")),
)
def test_made_up_dates_are_feedparsers(moment: datetime, zone: str, form: str) -> None:
    text = form.format(moment, zone)
    assert date(text) == feedparsers(text)
