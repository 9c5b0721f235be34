"""The search index over a real database: what is found, in which order, and what it costs nobody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feedhub.errors import StoreError
from feedhub.model import Entry, Text
from feedhub.normalize.text import tokens
from feedhub.store import open_store, search
from feedhub.store.search import Search, TooSlowError, Wanted, expression
from stored import NOON, member, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from feedhub.model import StoredEntry
    from feedhub.store import Store


class Shelf:
    """A store with its index; every entry is of the source ``a`` unless said otherwise, and newer than those before."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "x.db"
        self.store: Store = open_store(str(self.path))
        self.store.apply([update("a"), update("b")])
        self.search = Search(self.path)
        self.count = 0

    def add(self, text: str, *, source: str = "a", title: str = "", language: str = "") -> StoredEntry:
        made = stored(source, str(self.count), minute=self.count)
        entry = Entry(title=Text(value=title), content=Text(value=text, type="text/html"), language=language)
        made = replace(made, fingerprint=f"f{self.count}", entry=entry)
        self.count += 1
        self.store.apply([update(source, new=[made])])
        return made

    def edit(self, of: StoredEntry, text: str) -> None:
        entry = Entry(content=Text(value=text, type="text/html"))
        self.store.apply([update(of.source_id, changed=[replace(of, fingerprint=f"f-{text}", entry=entry)])])

    def find(self, words: str = "", **wanted: tuple[str, ...]) -> list[str]:
        list(self.search.update())
        return [key for _, key in self.search.find(Wanted(words=words, **wanted), 10)]

    def close(self) -> None:
        self.search.close()
        self.store.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with closing(Shelf(tmp_path)) as made:
        yield made


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("rain OR snow", ["3", "2", "1", "0"]),
        ("rain OR snow spain", ["2", "0"]),
        ("rain AND spain", ["0"]),
        ("rain -spain", ["3", "1"]),
        ("spain NOT rain", ["2"]),
        ('rain -"falls on"', ["3", "0"]),
        ("spain -ra* -snow", []),
        ("rain or snow", []),
        ("-rain", []),
        ("rain-falls", ["1"]),
        ("OR rain OR OR mainly NOT", ["3", "1", "0"]),
    ],
)
def test_alternatives_and_exclusions(shelf: Shelf, typed: str, found: list[str]) -> None:
    for text in ("rain in Spain", "rain falls on plains", "snow in Spain", "mainly rain"):
        shelf.add(text)
    assert shelf.find(typed) == found


def test_all_words_must_stand_in_title_or_text_and_the_newest_come_first(shelf: Shelf) -> None:
    shelf.add("<p>Rain in <b>Spain</b></p>")
    shelf.add("mainly", title="Rain falls in SPAIN")
    shelf.add("rain only")
    assert shelf.find("spain") == ["1", "0"]
    assert shelf.find("rain") == ["2", "1", "0"]
    assert shelf.find("Spain MAINLY") == ["1"]
    assert shelf.find("snow") == []


def test_phrases_beginnings_accents_and_scripts(shelf: Shelf) -> None:
    shelf.add("the prime minister of Côte d'Ivoire, c++ and 3.5 percent")
    shelf.add("a minister in his prime")
    shelf.add("中华人民共和国")
    shelf.add("<p>dell'Isis</p><p>e altro</p>")
    assert shelf.find('"prime minister"') == ["0"]
    assert shelf.find('"prime minister') == ["0"]
    assert shelf.find("minist*") == ["1", "0"]
    assert shelf.find('"prime mini"*') == ["0"]
    assert shelf.find("cote") == shelf.find("c++") == shelf.find("3.5") == shelf.find("percent") == ["0"]
    assert shelf.find("人民") == shelf.find("人民共和") == shelf.find("共*") == shelf.find("中") == ["2"]
    assert shelf.find("isis") == shelf.find("dell'isis") == ["3"]
    assert shelf.find("minis") == shelf.find("民人") == []


def test_a_phrase_does_not_go_from_the_title_into_the_text(shelf: Shelf) -> None:
    shelf.add("minister resigns", title="The prime")
    assert shelf.find('"prime minister"') == []
    assert shelf.find("prime minister") == ["0"]


def test_sources_languages_tags_and_editions_narrow_the_search(shelf: Shelf) -> None:
    entries = [
        shelf.add("word", language="pt-BR"),
        shelf.add("word", source="b", language="en"),
        shelf.add("word", language="ptx"),
    ]
    shelf.store.sign("signer", [member(entries[0], 'with "quotes"'), member(entries[1], "it", "with")])
    assert shelf.find("word", sources=("b",)) == shelf.find(sources=("b",)) == ["1"]
    assert shelf.find(sources=("a", "b", "none")) == ["2", "1", "0"]
    assert shelf.find("word", languages=("pt",)) == ["0"]
    assert shelf.find(languages=("PT-br", "EN")) == ["1", "0"]
    assert shelf.find(tags=('with "quotes"',)) == ["0"]
    assert shelf.find("word", tags=("with",)) == ["1"]
    assert shelf.find(tags=("quotes", "i", "")) == []
    assert shelf.find(sources=("a",), tags=("it",)) == []
    assert shelf.find(editions=("none",)) == []


def test_what_was_edited_is_found_by_its_new_words_and_where_it_stood(shelf: Shelf) -> None:
    first = shelf.add("before")
    shelf.add("other before")
    assert shelf.find("before") == ["1", "0"]
    shelf.edit(first, "after other")
    assert shelf.find("before") == ["1"]
    assert shelf.find("after") == ["0"]
    assert shelf.find("other") == ["1", "0"]


def test_what_retention_removed_is_found_no_more(shelf: Shelf) -> None:
    shelf.add("word")
    shelf.add("word")
    assert shelf.find("word") == ["1", "0"]
    assert shelf.store.retain(NOON.replace(year=2030), at_least=1) == 1
    assert [key for _, key in shelf.search.find(Wanted(words="word"), 10)] == ["1"]
    assert shelf.find("word") == ["1"]


def test_the_version_changes_with_the_store_and_with_the_index(shelf: Shelf) -> None:
    before = shelf.search.version()
    assert shelf.search.version() == before
    shelf.add("word")
    stored_version = shelf.search.version()
    assert stored_version != before
    list(shelf.search.update())
    assert shelf.search.version() != stored_version


def test_another_index_over_the_same_store_sees_what_was_indexed(shelf: Shelf) -> None:
    shelf.add("word")
    assert shelf.find("word") == ["0"]
    with closing(Search(shelf.path)) as other:
        assert list(other.update()) == []
        assert [key for _, key in other.find(Wanted(words="word"), 10)] == ["0"]


def test_the_index_is_made_anew_when_most_of_it_is_stale(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_STALE", 3)
    first = shelf.add("word")
    shelf.add("other")
    for number in range(8):
        shelf.edit(first, f"edit{number}")
        assert shelf.find(f"edit{number}") == ["0"]
    with closing(sqlite3.connect(f"{shelf.path}.search")) as connection:
        assert connection.execute("SELECT last FROM counted").fetchone()[0] < 8
    assert shelf.find("other") == ["1"]


@pytest.mark.parametrize("damage", [b"no database at all, and longer than a header of one would be" * 4, b""])
def test_an_index_that_is_broken_or_gone_is_made_anew(shelf: Shelf, damage: bytes) -> None:
    shelf.add("word")
    assert shelf.find("word") == ["0"]
    shelf.search.close()
    for left in shelf.path.parent.glob("*.search-*"):
        left.unlink()
    shelf.path.with_name("x.db.search").write_bytes(damage)
    shelf.search = Search(shelf.path)
    assert shelf.find("word") == ["0"]


def test_an_index_of_another_version_is_made_anew(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.add("word")
    assert shelf.find("word") == ["0"]
    shelf.search.close()
    monkeypatch.setattr(search, "VERSION", search.VERSION + 1)
    shelf.search = Search(shelf.path)
    assert [*shelf.search.find(Wanted(words="word"), 10)] == []
    assert shelf.find("word") == ["0"]


def test_the_store_is_not_written_nor_locked_by_searching(shelf: Shelf) -> None:
    shelf.add("word")
    with closing(sqlite3.connect(shelf.path, isolation_level=None, timeout=0)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert shelf.find("word") == ["0"]
        writer.execute("ROLLBACK")


def test_a_search_that_takes_too_long_is_given_up(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEPS", 1)
    shelf.add("word")
    assert shelf.find("word") == ["0"]
    with pytest.raises(TooSlowError):
        list(shelf.search.find(Wanted(words="word"), 0))
    assert shelf.find("word") == ["0"]


def test_a_path_may_be_odd(tmp_path: Path) -> None:
    folder = tmp_path / "a file: ?mode=rw#%20 folder"
    folder.mkdir()
    with closing(Shelf(folder)) as shelf:
        shelf.add("word")
        assert shelf.find("word") == ["0"]
    assert {path.name.partition("-")[0] for path in folder.iterdir()} == {"x.db", "x.db.search"}


def test_a_database_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Search(tmp_path / "none" / "x.db")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.text(alphabet='ab "*中国é(', max_size=12), min_size=1, max_size=8),
    st.text(alphabet='ab "*中国é()-^:+', max_size=12),
)
def test_words_are_found_as_a_plain_search_finds_them(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], words: str
) -> None:
    with closing(Shelf(tmp_path_factory.mktemp("x"))) as shelf:
        for text in texts:
            shelf.add(text.replace("<", ""))
        plain = [word.rstrip("*") for word in words.replace("*", "* ").split() if '"' not in words]
        found = shelf.find(words)
        for word in plain:
            if (
                word == words
                and word[0] != "-"
                and (wanted := tokens(word))
                and not (len(wanted) == len(wanted[0]) == 1)
            ):
                said = [f" {' '.join(tokens(text))} " for text in texts]
                expected = [str(n) for n, text in enumerate(said) if f" {' '.join(wanted)} " in text]
                # Accents do not count in a search.
                assert set(expected) <= set(found)
        assert found == sorted(found, key=int, reverse=True)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["a", "b*", "-c", '-"d e"', "-", '"', "OR", "AND", "NOT"]), max_size=8).map(" ".join)
)
def test_nothing_typed_is_an_error(typed: str) -> None:
    wanted = expression(typed)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE f USING fts5 (words)")
        if wanted:
            connection.execute("SELECT rowid FROM f WHERE f MATCH ?", (wanted,)).fetchall()


@pytest.mark.parametrize("typed", ["", "  ", '"', '"" *', "*", "---", "( )", "\0", "\ud800"])
def test_what_holds_no_word_finds_nothing(shelf: Shelf, typed: str) -> None:
    shelf.add("word")
    assert expression(typed) == ""
    assert shelf.find(typed) == ([] if typed else ["0"])


def test_dates_of_all_times_are_in_order(shelf: Shelf) -> None:
    def dated(key: str, moment: datetime) -> StoredEntry:
        return replace(stored("a", key), published=moment, fingerprint=key)

    years = (1900, 1969, 1970, 1971, 2026, 2200, 9999)
    shelf.store.apply([update("a", new=[dated(str(year), NOON.replace(year=year)) for year in reversed(years)])])
    assert shelf.find() == [str(year) for year in reversed(years)]
