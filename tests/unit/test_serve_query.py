"""What the part of an address after "?" asks for."""

from __future__ import annotations

import pytest

from feedhub.serve.query import Query, QueryError, read_query

SOURCES = ("herald", "gazette")


def test_parameters_are_read_and_written_in_one_order() -> None:
    text = "limit=7&language=PT-br&tag=b&tag=a&source=herald&q=two++words&tag=a&q=%22a+phrase%22"
    query = read_query(text, SOURCES)
    assert query == Query(
        words='two words "a phrase"', tags=("a", "b"), sources=("herald",), languages=("pt-br",), limit=7
    )
    assert query.encoded() == "q=two+words+%22a+phrase%22&tag=a&tag=b&source=herald&language=pt-br&limit=7"
    assert read_query(query.encoded(), SOURCES) == query


@pytest.mark.parametrize("text", ["", "q=", "tag=&source=+&limit=50", "&&"])
def test_what_asks_for_nothing_asks_for_everything(text: str) -> None:
    assert read_query(text, SOURCES) == Query()
    assert Query().encoded() == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x=1", "the choices are q, tag, source, language, limit"),
        ("Q=1", "unknown parameter"),
        ("source=none", "the choices are gazette, herald"),
        ("limit=0", "from 1 to 200"),
        ("limit=201", "from 1 to 200"),
        ("limit=1e9", "from 1 to 200"),
        ("limit=%D9%A3", "from 1 to 200"),
        ("limit=" + "9" * 100, "from 1 to 200"),
        ("q=" + "a" * 201, "longer than 200"),
        ("&".join(["tag=a"] * 21), "more than 20 parameters"),
        ("q=" + "+".join("a" * 21), "more than 20 words"),
        ("tag=" + "%20" * 2000, "longer than 4000"),
        ("q=%ff", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_without_repeating_it(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        read_query(text, SOURCES)


def test_of_many_sources_only_some_are_named() -> None:
    with pytest.raises(QueryError, match=r"the choices are s00, .*s19, …$"):
        read_query("source=x", [f"s{number:02}" for number in range(30)])
