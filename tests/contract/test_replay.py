"""Reading kept responses again: what is kept of them, what comes out, and what stays as it is."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.model import Entry, Text, Update
from feedhub.replay import Replayed, replay
from feedhub.store import open_store
from replaying import Life, configured, document, facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(str(tmp_path / "x.db"))) as opened:
        yield opened


@pytest.fixture
def life(store: Store, tmp_path: Path) -> Life:
    return Life(configured(tmp_path), store)


def bodies(store: Store) -> list[bytes]:
    return [raw.fetched.body for raw in store.raw()]


def test_what_was_read_or_could_not_be_read_is_kept(life: Life, store: Store) -> None:
    one, two, page = document([(1, 0)]), document([(1, 0), (2, 0)]), b"<!DOCTYPE html><p>no feed</p>"
    assert life.answer(one).result.new == 1
    life.answer(one)
    life.answer(status=304)
    assert life.answer(page).result.failure
    life.answer(page)
    life.fail()
    life.answer(two)
    assert bodies(store) == [one, page, two]


def test_nothing_is_kept_unless_asked_for(store: Store, tmp_path: Path) -> None:
    Life(configured(tmp_path, ""), store).answer(document([(1, 0)]))
    assert not store.has_raw()


def test_a_document_that_took_too_much_is_not_kept(store: Store, tmp_path: Path) -> None:
    # Its numbers of elements make feedparser use more than the time allowed, and no other reader takes it.
    body = b"<rss><channel>" + b"<item><title>x</title>&nbsp;</item>" * 60_000
    life = Life(configured(tmp_path, "keep_raw = true\n[parse]\nseconds = 0.2"), store)
    failure = life.answer(body).result.failure
    assert failure is not None
    assert failure.code == "too-complex"
    assert not store.has_raw()


def test_no_credentials_are_kept(life: Life, store: Store) -> None:
    unwanted = ("set-cookie", "set-cookie2", "www-authenticate", "authorization", "x-amz-security-token")
    headers = [("content-type", "text/xml"), *((name, "hidden") for name in unwanted), ("etag", '"e"')]
    url = "https://anna:hidden@s.example/feed?a=b@c"
    life.answer(document([(1, 0)]), asked=url, url="https://s.example/feed?a=b@c", headers=tuple(headers))
    (raw,) = store.raw()
    assert raw.source.url == "https://s.example/feed?a=b@c"
    assert [name for name, _ in raw.fetched.headers] == ["content-type", "etag"]
    assert "hidden" not in repr(raw)


def test_facts_come_out_with_their_dates_revisions_and_aliases(life: Life, store: Store) -> None:
    life.answer(document([(n, 0) for n in range(4)]))
    life.answer(document([(n, 0) for n in range(4)]), source_id="other")
    life.answer(document([(0, 1), (1, 0), (2, 0), (4, 0)]))
    life.fail()
    life.answer(b'{"cut":')
    life.answer(document([(0, 2), (1, 1), (2, 0), (4, 0)]), moved_to="https://new.example/feed")
    # Another software: new guids for all, and one more edit.
    life.answer(document([(0, 2), (1, 1), (2, 2), (4, 0)], guid="https://new.example/?p={number}"))
    # A hub delivers an entry by itself.
    life.answer(document([(5, 0)]), pushed=True)
    # What another feed at the new address says is not this source's.
    life.answer(document([(7, 0), (8, 0)]), moved_to="https://parked.example/")
    before = facts(store)
    assert len(store.revisions("s", "g0")) == 3
    assert store.known("s")["https://new.example/?p=4"].key == "g4"
    assert store.states()["s"].failure
    assert replay(life.config, store) == Replayed(responses=8, failed=2, made=10, kept=0)
    assert facts(store) == before


def test_what_a_response_tells_is_made_anew_and_not_just_left(life: Life, store: Store) -> None:
    life.answer(document([(1, 0), (2, 0)]))
    life.answer(document([(1, 1), (2, 0)]))
    # As a parser that was wrong would have stored it.
    (right,) = store.entries([("s", "g2")])
    wrong = replace(right, fingerprint="wrong", entry=Entry(title=Text(value="wrong")))
    store.apply([Update(state=store.states()["s"], changed=(wrong,))])
    assert store.entries([("s", "g2")]) != [right]
    replay(life.config, store)
    assert store.entries([("s", "g2")]) == [right]
    assert store.revisions("s", "g2") == []


def test_what_was_seen_before_the_responses_stays_as_it_is(life: Life, store: Store) -> None:
    life.answer(document([(1, 0), (2, 0)]))
    life.answer(document([(1, 1), (2, 0)]))
    store.forget_raw()
    life.answer(document([(1, 2), (2, 1), (3, 0)]))
    life.answer(document([(1, 2), (2, 2), (3, 1)]))
    before = facts(store)
    assert replay(life.config, store) == Replayed(responses=2, failed=0, made=1, kept=2)
    assert facts(store) == before
    assert [len(store.revisions("s", key)) for key in ("g1", "g2", "g3")] == [2, 2, 1]


def test_a_new_guid_is_remembered_where_the_proof_of_it_is_gone(life: Life, store: Store) -> None:
    one, new = "https://a.example/{number}", "new-{number}"
    life.answer(document([(n, 0) for n in range(3)], guid=one))
    store.forget_raw()
    life.answer(document([(n, 0) for n in range(4)], guid=one))
    life.answer(document([(n, 0) for n in range(4)], guid=new))
    # Since then each has another link and title: nobody could know the first ones again.
    life.answer(document([(n, 1) for n in range(4)], guid=new).replace(b"https://a.example/", b"https://b.example/"))
    before = facts(store)
    assert len(store.known("s")) == 8
    assert replay(life.config, store) == Replayed(responses=3, failed=0, made=1, kept=3)
    assert facts(store) == before


def test_what_retention_removed_stays_removed(life: Life, store: Store) -> None:
    life.answer(document([(n, 0) for n in range(4)]))
    life.answer(document([(n, 1) for n in range(4)]), after=timedelta(days=9))
    assert store.retain(life.now, 1) == 3
    life.answer(document([(n, 2) for n in range(5)]))
    before = facts(store)
    assert replay(life.config, store) == Replayed(responses=3, failed=0, made=2, kept=3)
    assert facts(store) == before


def test_what_was_not_known_yet_does_not_count_where_it_was_removed_since(life: Life, store: Store) -> None:
    life.answer(document([(0, 0)]))
    # Another feed, as far as anybody could know; it is not read.
    life.answer(document([(1, 0), (1, 1)]), moved_to="https://b.example/feed")
    life.answer(document([(1, 0), (2, 0)]), after=timedelta(days=1))
    life.answer(document([(3, 0)]), after=timedelta(days=9))
    assert store.retain(life.now, 0) == 3
    before = facts(store)
    assert replay(life.config, store) == Replayed(responses=4, failed=1, made=1, kept=3)
    assert facts(store) == before


def test_entries_that_no_response_tells_of_any_more_stay(life: Life, store: Store, tmp_path: Path) -> None:
    own = b"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='https://own.example/all.rss'/>"
    life.answer(document([(1, 0), (2, 0)]))
    life.answer(document([(1, 1), (3, 0)]).replace(b"<link>", own + b"<link>", 1))
    before = facts(store)
    # By now it is known that this very site publishes that.
    extra = '[site]\nurl = "https://own.example/"\n[[edition]]\nslug = "all"\ntitle = "All"'
    assert replay(configured(tmp_path, extra), store) == Replayed(responses=2, failed=1, made=2, kept=1)
    after = facts(store)
    assert store.known("s").keys() == {"g1", "g2", "g3"}
    assert (after["states"], after["raw"]) == (before["states"], before["raw"])
