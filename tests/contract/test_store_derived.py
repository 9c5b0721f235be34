"""The contract of every store: what is derived from entries, by whom, and what remains of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.store import open_store
from stored import DATABASES, NOON, member, stored, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.store import Store


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(DATABASES[request.param](tmp_path))
    yield opened
    opened.close()


def test_unsigned_entries_come_in_order_of_arrival(store: Store) -> None:
    b2, b1, a1, a0 = stored("b", "2"), stored("b", "1"), stored("a", "1"), stored("a", "0", minute=1)
    store.apply([update("b", new=[b2, b1]), update("a", new=[a0, a1])])
    assert list(store.unsigned("signer")) == [a1, b1, b2, a0]


def test_members_are_what_was_signed_with_the_facts_in_order_of_arrival(store: Store) -> None:
    b, a, later = stored("b", "1"), stored("a", "1"), stored("a", "0", minute=1)
    store.apply([update("b", new=[b]), update("a", new=[a, later])])
    signed = [member(a, "syria", "iraq"), member(b), member(later, "iraq")]
    store.sign("signer", reversed(signed))
    assert store.members() == signed
    assert list(store.unsigned("signer")) == []


def test_entries_that_come_with_their_members_are_signed_at_once(store: Store) -> None:
    first, second = stored("a", "1"), stored("a", "2")
    store.apply([update("a", new=[first, second])], signer="signer", members=[member(first, "syria")])
    assert store.members() == [member(first, "syria")]
    assert list(store.unsigned("signer")) == [second]
    assert list(store.unsigned("another")) == [first, second]
    edited = replace(first, fingerprint="edited")
    store.apply([update("a", changed=[edited])], signer="another", members=[member(edited, "iraq")])
    assert store.members() == [member(edited, "iraq")]
    assert list(store.unsigned("another")) == [second]


def test_an_entry_that_was_known_already_stays_signed_as_it_was(store: Store) -> None:
    entry, new = stored("a", "1"), stored("a", "2")
    store.apply([update("a", new=[entry])], signer="signer", members=[member(entry, "syria")])
    members = [member(entry, "iraq"), member(new)]
    store.apply([update("a", new=[entry, new])], signer="signer", members=members)
    assert store.members() == [member(entry, "syria"), member(new)]


def test_members_without_a_signer_are_not_stored(store: Store) -> None:
    entry = stored("a", "1")
    with pytest.raises(ValueError, match="signer"):
        store.apply([update("a", new=[entry])], members=[member(entry)])
    assert store.states() == {}


def test_a_member_takes_its_facts_from_its_entry(store: Store) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry])])
    store.sign("signer", [replace(member(entry, "tag"), title="other", link="other", entry_id="other", updated=NOON)])
    assert store.members() == [member(entry, "tag")]


def test_entries_that_nobody_signed_are_no_members(store: Store) -> None:
    signed, unsigned = stored("a", "1"), stored("a", "2")
    store.apply([update("a", new=[signed, unsigned])])
    store.sign("signer", [member(signed)])
    assert store.members() == [member(signed)]
    assert list(store.unsigned("signer")) == [unsigned]


def test_another_signer_replaces_what_was_derived_as_it_goes(store: Store) -> None:
    entries = [stored("a", str(number)) for number in range(3)]
    store.apply([update("a", new=entries)])
    store.sign("old", [member(entry, "old") for entry in entries])
    assert list(store.unsigned("new")) == entries
    store.sign("new", [member(entries[1], "new")])
    assert list(store.unsigned("new")) == [entries[0], entries[2]]
    assert list(store.unsigned("old")) == [entries[1]]
    assert store.members() == [member(entries[0], "old"), member(entries[1], "new"), member(entries[2], "old")]


def test_signing_while_iterating_over_the_unsigned_yields_each_once(store: Store) -> None:
    entries = [stored("a", f"{number:03}") for number in range(300)]
    store.apply([update("a", new=entries)])
    seen = []
    for entry in store.unsigned("signer"):
        seen.append(entry)
        store.sign("signer", [member(entry)])
    assert seen == entries
    assert list(store.unsigned("signer")) == []


def test_a_changed_entry_becomes_unsigned_and_stays_a_member_meanwhile(store: Store) -> None:
    entry, other = stored("a", "1"), stored("a", "2")
    store.apply([update("a", new=[entry, other])])
    store.sign("signer", [member(entry, "old"), member(other)])
    changed = stored("a", "1", text="changed")
    store.apply([update("a", changed=[changed])])
    assert list(store.unsigned("signer")) == [changed]
    assert store.members() == [replace(member(changed, "old"), text_key="text of s-text"), member(other)]
    store.sign("signer", [member(changed, "new")])
    assert store.members() == [member(changed, "new"), member(other)]
    assert list(store.unsigned("signer")) == []


def test_removed_entries_stay_members_whoever_signs(store: Store) -> None:
    old, kept = stored("a", "1"), stored("a", "2", minute=1)
    store.apply([update("a", new=[old, kept])])
    store.sign("signer", [member(old, "tag"), member(kept, "tag")])
    assert store.retain(NOON + timedelta(days=1), 1) == 1
    tombstone = member(old, "tag", removed=True)
    assert store.members() == [tombstone, member(kept, "tag")]
    assert list(store.unsigned("signer")) == []
    assert list(store.unsigned("another")) == [kept]
    store.sign("another", [member(old, "other"), member(kept, "other")])
    assert store.members() == [tombstone, member(kept, "other")]
    assert list(store.unsigned("another")) == []


def test_an_entry_removed_while_the_unsigned_are_read_is_left_out(store: Store) -> None:
    entries = [stored("a", str(number), minute=number) for number in range(3)]
    store.apply([update("a", new=entries)])
    unsigned = store.unsigned("signer")
    assert next(unsigned) == entries[0]
    store.retain(NOON + timedelta(minutes=2), 0)
    assert list(unsigned) == [entries[2]]


def test_an_entry_removed_before_anybody_signed_it_is_no_member(store: Store) -> None:
    store.apply([update("a", new=[stored("a", "1")])])
    store.retain(NOON + timedelta(days=1), 0)
    assert store.members() == []
    assert list(store.unsigned("signer")) == []


def test_a_member_without_an_entry_is_ignored(store: Store) -> None:
    store.sign("signer", [member(stored("a", "1"))])
    assert store.members() == []


def test_nobody_signs_without_a_name(store: Store) -> None:
    with pytest.raises(ValueError, match="signer"):
        store.sign("", [])


def test_derived_rows_last(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    entry = stored("a", "1")
    store.apply([update("a", new=[entry])])
    store.sign("signer", [member(entry, "tag")])
    store.close()
    again = open_store(DATABASES[request.node.callspec.params["store"]](tmp_path))
    assert again.members() == [member(entry, "tag")]
    again.close()
