"""The contract of every store: states, entries, revisions, retention and notes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.errors import StoreError
from feedhub.model import Alias, Failure, Known, Problem, SourceState, Text, Update
from feedhub.store import open_store
from stored import DATABASES, NOON, member, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.model import StoredEntry
    from feedhub.store import Store


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(DATABASES[request.param](tmp_path))
    yield opened
    opened.close()


def everything(store: Store) -> tuple[object, ...]:
    """Return all that can be asked about the sources that the tests use."""
    states = store.states()
    known = {source_id: store.known(source_id) for source_id in states}
    ids = sorted((source_id, key) for source_id, keys in known.items() for key in keys)
    revisions = [store.revisions(*id_) for id_ in ids]
    return states, known, store.entries(ids), revisions, list(store.unsigned("signer")), store.members()


def test_an_empty_store_knows_nothing(store: Store) -> None:
    assert store.states() == {}
    assert store.known("a") == {}
    assert store.entries([("a", "1")]) == []
    assert store.revisions("a", "1") == []
    assert store.find("1") == []
    assert store.members() == []
    assert list(store.unsigned("signer")) == []
    assert store.note("anything") == ""
    assert store.retain(NOON, 0) == 0


def test_a_state_comes_back_as_it_was_given_and_the_last_one_counts(store: Store) -> None:
    state = SourceState(
        source_id="ä/b c",
        url="https://example.org/feed",
        etag='W/"1"',
        last_modified="Mon, 05 Jan 2026 12:00:00 GMT",
        body_hash="abc",
        title="Zeitung 新聞 🗞",
        link="https://example.org/",
        feed_id="urn:x",
        language="de",
        status=503,
        fetched_at=NOON,
        succeeded_at=NOON - timedelta(days=1),
        new_entry_at=NOON - timedelta(days=2),
        failures=3,
        failure=Failure(stage="fetch", code="http-5xx", detail="503"),
        problems=(Problem(code="no-date", entry=2),),
    )
    store.apply([Update(state=SourceState(source_id="ä/b c", status=200)), Update(state=SourceState(source_id="b"))])
    store.apply([Update(state=state)])
    assert store.states() == {"ä/b c": state, "b": SourceState(source_id="b")}


def test_a_new_entry_is_stored_whole(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry])])
    assert store.entries([("a", "1")]) == [entry]
    assert store.known("a") == {
        "1": Known(
            key="1",
            first_seen=entry.first_seen,
            published=entry.published,
            updated=entry.updated,
            fingerprint="f-text",
            significant="s-text",
            link="https://a.example.org/1",
            title="Title of 1",
        )
    }


def test_an_entry_is_known_under_its_aliases_too(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry])])
    renamed = update("a")
    store.apply([Update(state=renamed.state, aliases=(Alias(other="new", key="1"),))])
    known = store.known("a")
    assert known.keys() == {"1", "new"}
    assert known["new"] == known["1"]
    assert [member.key for member in store.entries([("a", "new")])] == []


def test_an_entry_that_is_numbered_anew_keeps_its_id_and_is_found_by_either(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry])])
    assert entry.entry is not None
    changed = replace(entry, fingerprint="f-new", entry=replace(entry.entry, id="urn:new"))
    renumbered = update("a", changed=[changed])
    store.apply([Update(state=renumbered.state, changed=renumbered.changed, aliases=(Alias(other="new", key="1"),))])
    store.sign("signer", [member(changed)])
    assert [each.entry_id for each in store.members()] == ["urn:1"]
    assert [each.key for name in ("urn:1", "new", "1") for each in store.find(name)] == ["1", "1", "1"]


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_any_date_can_be_stored(store: Store, moment: datetime) -> None:
    entry = replace(stored("a", "1"), first_seen=moment, published=moment, updated=moment)
    store.apply([update("a", new=[entry])])
    assert store.entries([("a", "1")]) == [entry]


def test_keys_are_unique_only_within_their_source(store: Store) -> None:
    first, second = stored("a", "1", text="one"), stored("b", "1", text="other")
    store.apply([update("a", new=[first]), update("b", new=[second])])
    assert store.entries([("b", "1"), ("a", "1")]) == [second, first]
    assert store.known("a").keys() == store.known("b").keys() == {"1"}


def test_entries_come_in_the_order_asked_for_in_any_number(store: Store) -> None:
    entries = [stored("a", str(number)) for number in range(1200)]
    store.apply([update("a", new=entries)])
    asked = [("a", str(number)) for number in reversed(range(1200))]
    assert store.entries([*asked, ("a", "unknown"), ("b", "1")]) == entries[::-1]
    assert store.entries(iter(asked[:2])) == [entries[1199], entries[1198]]


def test_a_new_entry_that_is_stored_already_is_ignored(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry, stored("a", "1", text="repeated", minute=1)])])
    store.apply([update("a", new=[stored("a", "1", text="again", minute=2), stored("a", "2")])])
    assert store.entries([("a", "1"), ("a", "2")]) == [entry, stored("a", "2")]
    assert store.revisions("a", "1") == []


def test_a_change_keeps_the_earlier_versions_and_the_date_first_seen(store: Store) -> None:
    first, second, third = (stored("a", "1", minute=minute, text=f"version {minute}") for minute in range(3))
    store.apply([update("a", new=[first])])
    store.apply([update("a", changed=[second]), update("a", changed=[third])])
    assert store.entries([("a", "1")]) == [replace(third, first_seen=first.first_seen)]
    assert store.revisions("a", "1") == [first, replace(second, first_seen=first.first_seen)]
    assert store.known("a")["1"].fingerprint == third.fingerprint


def test_a_change_of_an_entry_that_is_not_stored_counts_as_new(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", changed=[entry])])
    assert store.entries([("a", "1")]) == list(store.unsigned("signer")) == [entry]
    assert store.revisions("a", "1") == []


def test_applying_the_same_updates_again_changes_nothing(store: Store) -> None:
    updates = [
        update("a", new=[stored("a", "1"), stored("a", "2")]),
        update("b", new=[stored("b", "1")], changed=[stored("b", "1", text="changed")]),
    ]
    store.apply(updates)
    once = everything(store)
    store.apply(updates)
    assert everything(store) == once


def test_of_a_restless_entry_the_first_and_the_newest_revisions_are_kept(store: Store) -> None:
    versions = [stored("a", "1", text=f"version {number}") for number in range(200)]
    store.apply([update("a", new=versions[:1], changed=versions[1:])])
    kept = store.revisions("a", "1")
    assert 20 <= len(kept) <= 100
    assert kept == [versions[0], *versions[-len(kept) : -1]]


def test_the_order_of_sources_and_of_transactions_does_not_matter(
    store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    updates = [
        update("a", new=[stored("a", "1", minute=1), stored("a", "2")]),
        update("b", new=[stored("b", "1")], changed=[stored("b", "1", text="changed")]),
        update("c", new=[stored("c", "1")]),
    ]
    store.apply(updates)
    store.sign("signer", [member(entry) for entry in store.unsigned("signer")])
    expected = everything(store)
    address = DATABASES[request.node.callspec.params["store"]]
    for number, order in enumerate(permutations(updates)):
        other = open_store(address(tmp_path / str(number)))
        for one in order:
            other.apply([one])
        other.sign("signer", [member(entry) for entry in other.unsigned("signer")])
        assert everything(other) == expected
        other.close()


def test_updates_are_applied_all_or_not_at_all(store: Store) -> None:
    before = stored("a", "1")
    store.apply([update("a", new=[before])])
    broken = replace(stored("b", "1"), entry=None)
    with pytest.raises(ValueError, match="no text"):
        store.apply([update("a", changed=[stored("a", "1", text="changed")]), update("b", new=[broken])])
    with pytest.raises(StoreError):  # the last entry belongs to a source that nothing is known of
        store.apply([update("a", changed=[stored("a", "1", text="changed")]), update("b", new=[stored("c", "1")])])
    assert store.states().keys() == {"a"}
    assert store.entries([("a", "1"), ("b", "1"), ("c", "1")]) == [before]
    store.apply([update("b", new=[stored("b", "1")])])
    assert store.entries([("b", "1")]) == [stored("b", "1")]


def test_a_text_that_is_not_unicode_is_refused_whole(store: Store) -> None:
    entry = stored("a", "1")
    assert entry.entry is not None
    for broken in (
        replace(entry, entry=replace(entry.entry, title=Text(value="\ud800"))),
        replace(entry, key="\ud800"),
    ):
        with pytest.raises(StoreError, match="not Unicode"):
            store.apply([update("a", new=[stored("a", "2"), broken])])
    assert store.states() == {}


def test_a_failing_producer_of_updates_is_not_the_fault_of_the_store(store: Store) -> None:
    def updates() -> Iterator[Update]:
        yield update("a")
        raise OSError("the network is down")

    with pytest.raises(OSError, match="network"):
        store.apply(updates())
    assert store.states() == {}


def removed(entry: StoredEntry) -> StoredEntry:
    return replace(entry, entry=None)


def test_retention_empties_old_entries_but_keeps_the_newest_of_each_source(store: Store) -> None:
    a = [stored("a", str(minute), minute=minute) for minute in range(5)]
    b = [stored("b", str(minute), minute=minute) for minute in range(2)]
    young = [stored("c", str(minute), minute=minute) for minute in range(4, 8)]
    store.apply([update("a", new=a), update("b", new=b), update("c", new=young)])
    assert store.retain(NOON + timedelta(minutes=4), 2) == 3
    ids = [(entry.source_id, entry.key) for entry in a + b]
    assert store.entries(ids) == [removed(entry) for entry in a[:3]] + a[3:] + b
    assert store.entries([("c", entry.key) for entry in young]) == young
    assert store.retain(NOON + timedelta(minutes=4), 2) == 0
    assert store.retain(NOON + timedelta(minutes=4), 0) == 3
    assert store.entries(ids) == [removed(entry) for entry in a[:4]] + a[4:] + [removed(entry) for entry in b]


def test_of_entries_that_came_together_the_last_published_are_the_newest(store: Store) -> None:
    entries = [replace(stored("a", str(n)), published=NOON - timedelta(days=n)) for n in (3, 1, 2)]
    store.apply([update("a", new=entries)])
    assert store.retain(NOON + timedelta(days=1), 1) == 2
    assert [entry.key for entry in store.entries([("a", "1"), ("a", "2"), ("a", "3")]) if entry.entry] == ["1"]


def test_what_retention_removed_never_returns(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry])])
    store.apply([update("a", changed=[stored("a", "1", text="changed")])])
    assert store.retain(NOON + timedelta(days=1), 0) == 1
    tombstone = removed(replace(entry, fingerprint="f-changed", significant="s-changed"))
    assert store.revisions("a", "1") == []
    for again in (update("a", new=[entry]), update("a", changed=[entry])):
        store.apply([again])
        assert store.entries([("a", "1")]) == [tombstone]
        assert store.revisions("a", "1") == []
        assert list(store.unsigned("signer")) == []
    assert store.known("a")["1"].removed
    assert store.known("a")["1"].fingerprint == "f-changed"


def test_find_knows_keys_ids_and_links(store: Store) -> None:
    a = stored("a", "k1", minute=1, link="https://example.org/story?id=1#part")
    b = stored("b", "k1", minute=0)
    c = stored("b", "k2", minute=2, link="https://example.org/story?id=1#part")
    store.apply([update("a", new=[a]), update("b", new=[b, c])])
    assert store.find("k1") == store.find("urn:k1") == [b, a]
    assert store.find("https://example.org/story?id=1#part") == [a, c]
    assert store.find("HTTPS://user:pass@EXAMPLE.org:443/story?id=1&utm_source=x#part") == [a, c]
    assert store.find("https://example.org/story") == store.find("nothing") == store.find("") == []


def test_find_tells_what_became_of_a_removed_entry(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry])])
    store.retain(NOON + timedelta(days=1), 0)
    for text in ("1", "urn:1", "https://a.example.org/1"):
        assert store.find(text) == [removed(entry)]


def test_notes_are_kept_replaced_and_unset(store: Store) -> None:
    store.set_note("published", "one")
    store.set_note("other", "ö")
    store.set_note("published", "two")
    assert (store.note("published"), store.note("other"), store.note("unset")) == ("two", "ö", "")
    store.set_note("published", "")
    assert (store.note("published"), store.note("other")) == ("", "ö")
