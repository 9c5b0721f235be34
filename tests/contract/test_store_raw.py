"""The contract of every store: responses as they came, and entries made anew from them."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.errors import StoreError
from feedhub.model import Alias, Fetched, Raw, Source, SourceState, Update
from feedhub.store import open_store
from stored import DATABASES, NOON, member, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.store import Store

PLENTY = 10**9


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return DATABASES[request.param](tmp_path)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with closing(open_store(address)) as opened:
        yield opened


every_store = pytest.mark.parametrize("address", DATABASES, indirect=True)
pytestmark = every_store


def raw(source_id: str, body: bytes, *, minute: int = 0, content_type: str = "text/xml", etag: str = "") -> Raw:
    headers = (("content-type", content_type), ("etag", etag))
    fetched = Fetched(
        source_id=source_id, url="https://a.example/", moved_to="x", status=200, headers=headers, body=body
    )
    source = Source(id=source_id, url="https://a.example/", title="ä", tags=("t",))
    return Raw(source=source, fetched=fetched, at=NOON + timedelta(minutes=minute))


def said(of: Raw) -> Update:
    """Return an update without news that a response led to."""
    return replace(update(of.source.id), raw=of)


def test_responses_come_back_as_they_were_in_order_of_arrival(store: Store) -> None:
    kept = [raw("b", b"\0\xff" * 9, minute=5), raw("a", b"1"), raw("b", b""), raw("a", b"2", minute=-5)]
    assert not store.has_raw()
    store.apply([said(one) for one in kept[:3]], raw_bytes=PLENTY)
    store.apply([said(kept[3])], raw_bytes=PLENTY)
    assert list(store.raw()) == kept
    assert store.has_raw()


def test_a_repetition_is_kept_only_where_it_brought_news(store: Store) -> None:
    first, again = raw("a", b"1", etag="1"), raw("a", b"1", minute=1, etag="2")
    store.apply([said(first), said(again)], raw_bytes=PLENTY)
    assert list(store.raw()) == [first]
    store.apply([replace(update("a", new=[stored("a", "1")]), raw=again)], raw_bytes=PLENTY)
    other = [raw("a", b"2"), raw("a", b"2", content_type="text/html"), raw("a", b"1")]
    store.apply([said(one) for one in other], raw_bytes=PLENTY)
    assert list(store.raw()) == [first, again, *other]


def test_the_oldest_of_a_source_go_first_and_its_newest_stays(store: Store) -> None:
    chance = random.Random(1)  # noqa: S311 - what does not compress
    kept = [raw("a", chance.randbytes(1000), minute=minute) for minute in range(5)]
    other = raw("b", chance.randbytes(3000))
    store.apply([said(one) for one in (other, *kept)], raw_bytes=3100)
    assert list(store.raw()) == [other, *kept[2:]]
    store.apply([said(raw("a", b"", minute=9))], raw_bytes=0)
    assert list(store.raw()) == [other, raw("a", b"", minute=9)]


def test_a_response_is_stored_with_its_update_or_not_at_all(store: Store) -> None:
    wrong = replace(stored("a", "1"), entry=None)
    with pytest.raises(ValueError, match="no text"):
        store.apply([said(raw("a", b"1")), update("a", new=[wrong])], raw_bytes=PLENTY)
    with pytest.raises(StoreError):
        store.apply(
            [said(raw("a", b"1")), Update(state=SourceState(source_id="a"), aliases=(Alias(other="1", key="2"),))]
        )
    assert not store.has_raw()
    assert store.states() == {}


def test_forgotten_responses_are_gone(store: Store) -> None:
    store.apply([said(raw("a", b"1"))], raw_bytes=PLENTY)
    store.forget_raw()
    assert not store.has_raw()
    assert list(store.raw()) == []


def test_what_was_derived_can_be_forgotten_where_it_can_be_derived_again(store: Store) -> None:
    old, kept = stored("a", "1"), stored("a", "2", minute=1)
    store.apply([update("a", new=[old, kept])])
    store.sign("signer", [member(old, "tag"), member(kept, "tag")])
    store.retain(NOON + timedelta(days=1), 1)
    store.forget_derived()
    assert store.members() == [member(old, "tag", removed=True)]
    assert list(store.unsigned("signer")) == [kept]


def told(store: Store) -> Store:
    """Let a source say three entries before its responses were kept and two since, one of each with a new guid."""
    old = [stored("a", str(number)) for number in range(3)]
    store.apply([update("a", new=old)])
    new = [stored("a", str(number), minute=10) for number in (7, 8)]
    aliases = (Alias(other="other 0", key="0"), Alias(other="other 7", key="7"))
    store.apply([replace(update("a", new=new), raw=raw("a", b"1", minute=10), aliases=aliases)], raw_bytes=PLENTY)
    store.apply([update("a", changed=[stored("a", key, minute=10, text="changed") for key in ("0", "7")])])
    store.sign("signer", [member(entry, "tag") for entry in store.unsigned("signer")])
    return store


def test_while_rebuilding_only_entries_are_gone_that_the_responses_tell_of(store: Store) -> None:
    told(store).apply([update("b", new=[stored("b", "1", minute=20)])])
    with store.rebuilding():
        assert store.known("a").keys() == {"0", "1", "2", "other 0"}
        assert store.known("b").keys() == {"1"}
        assert len(list(store.raw())) == 1


def test_what_is_not_applied_again_comes_back_as_it_was(store: Store) -> None:
    told(store)

    def everything() -> object:
        entries = store.entries(("a", str(number)) for number in range(9))
        return store.known("a"), entries, store.revisions("a", "7"), store.members(), list(store.unsigned("signer"))

    before = everything()
    with store.rebuilding():
        pass
    assert everything() == before


def test_what_is_applied_again_takes_the_place_of_what_was_gone(store: Store) -> None:
    told(store)
    anew = stored("a", "7", minute=10, text="anew")
    with store.rebuilding():
        store.apply([update("a", new=[anew, stored("a", "9", minute=10)])])
    assert store.known("a").keys() == {"0", "1", "2", "7", "8", "9", "other 0", "other 7"}
    assert store.known("a")["other 7"].key == "7"
    assert store.entries([("a", "7")]) == [anew]
    assert store.revisions("a", "7") == []
    assert len(store.revisions("a", "0")) == 1
    assert [entry.key for entry in store.unsigned("signer")] == ["7", "9"]


def test_removed_entries_are_not_made_anew(store: Store) -> None:
    told(store).retain(NOON + timedelta(days=1), 0)
    with store.rebuilding():
        assert len(store.known("a")) == 7


def test_a_rebuild_that_fails_changes_nothing(store: Store, address: str) -> None:
    before = told(store).known("a"), store.members()
    for wrong in (replace(stored("a", "9"), entry=None), replace(stored("a", "9"), key="\ud800")):
        with pytest.raises((ValueError, StoreError)), store.rebuilding():  # noqa: PT012 - it is about what came before
            store.apply([update("a", new=[stored("a", "7", minute=10)])])
            store.set_note("name", "value")
            store.apply([update("a", new=[wrong])])
        assert (store.known("a"), store.members(), store.note("name")) == (*before, "")
    with closing(open_store(address)) as other:
        other.set_note("name", "nobody holds the database any more")


def test_others_see_the_store_as_it_was_until_all_is_done(store: Store, address: str) -> None:
    before = told(store).known("a")
    with closing(open_store(address)) as other:
        with store.rebuilding():
            store.apply([update("a", new=[stored("a", "9", minute=10)])])
            assert other.known("a") == before
        assert other.known("a").keys() == before.keys() | {"9"}
