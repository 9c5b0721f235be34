"""What editions have put away stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub.errors import StoreError
from feedhub.model import Archive, Archived, Document
from feedhub.store import open_store
from stored import DATABASES, NOON, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.store import Store

FEED = "https://press.example/world"


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(DATABASES[request.param](tmp_path))
    yield opened
    opened.close()


def made(number: int, until: int, *formats: str, feed: str = FEED) -> Archive:
    return Archive(
        feed=feed,
        number=number,
        until=until,
        stories=(f"urn:x-test:{number}",),
        documents={
            name: Document(
                path=f"world--archive-{number}.{name}",
                media_type=f"x/{name}",
                body=f"{number} é".encode(),
                modified=NOON if name == "atom" else None,
            )
            for name in formats
        },
    )


def test_nothing_is_put_away_at_first(store: Store) -> None:
    assert store.archives.archived(FEED) == Archived()
    assert store.archives.documents(FEED, 1) == ()


def test_how_far_an_edition_is_put_away(store: Store) -> None:
    store.archives.put_away(made(1, 41, "atom"))
    store.archives.put_away(made(2, 97, "atom", "rss"))
    store.archives.put_away(made(3, 99, "rss"))
    store.archives.put_away(made(1, 7, "json", feed="https://press.example/other"))
    archived = store.archives.archived(FEED)
    assert (archived.number, archived.until) == (3, 99)
    assert archived.paths == {
        1: {"atom": "world--archive-1.atom"},
        2: {"atom": "world--archive-2.atom", "rss": "world--archive-2.rss"},
        3: {"rss": "world--archive-3.rss"},
    }
    assert [archived.newest(name) for name in ("atom", "rss", "json")] == [2, 3, 0]


def test_documents_come_back_as_they_were(store: Store) -> None:
    archive = made(1, 1, "atom", "rss")
    store.archives.put_away(archive)
    assert store.archives.documents(FEED, 1) == tuple(archive.documents.values())
    assert store.archives.documents(FEED, 2) == ()


def test_an_archive_is_never_replaced(store: Store) -> None:
    store.archives.put_away(made(1, 1, "atom"))
    with pytest.raises(StoreError):
        store.archives.put_away(made(1, 2, "atom", "rss"))
    assert store.archives.archived(FEED) == Archived(number=1, until=1, paths={1: {"atom": "world--archive-1.atom"}})


def test_throwing_away_what_is_derived_leaves_archives(store: Store) -> None:
    store.apply([update("a", new=[stored("a", "1")])])
    store.archives.put_away(made(1, 1, "atom"))
    store.forget_derived()
    store.told.forget(0)
    with store.rebuilding():
        pass
    assert store.archives.archived(FEED).number == 1
