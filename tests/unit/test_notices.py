"""Who is told what and when: decided without a network and without a clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from feedhub.model import Edition
from feedhub.notices import (
    LONGEST_RETRY,
    MAX_ATTEMPTS,
    MAX_ITEMS,
    MAX_PARCELS,
    REMEMBERED,
    HookState,
    HubState,
    Parcel,
    changed,
    failed,
    fresh,
    hidden,
    is_due,
    sent,
    signed,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
A, B = "https://a.example/all.atom", "https://a.example/all.rss"


def feed(*ids: int) -> bytes:
    items = [{"id": f"urn:{number}", "title": "t"} for number in ids]
    return json.dumps({"version": "v", "title": "All", "feed_url": "u", "items": items}, indent=1).encode()


def told(state: HookState) -> list[list[str]]:
    return [[item["id"] for item in json.loads(parcel.body)["items"]] for parcel in state.waiting]


def test_documents_of_private_editions_are_known_by_their_paths() -> None:
    editions = [Edition(slug="all", title="x"), Edition(slug="own-a.b", title="x", private=True)]
    editions.append(Edition(slug="tag/{tag}-secret", title="x", private=True))
    pattern = hidden(editions)
    assert all(map(pattern.match, ["own-a.b.atom", "own-a.b/1.json", "tag/x-secret.rss", "tag/x-y-secret-1.rss"]))
    assert not any(map(pattern.match, ["all.atom", "own-aXb.atom", "own.atom", "tag/x.rss", "tag/x-secrets.rss"]))
    assert not hidden(editions[:1]).match("all.atom")


def test_a_hub_is_told_of_the_topics_that_changed_and_of_each_once() -> None:
    first = changed(HubState(), {A: "1", B: "1"})
    assert first.waiting == (A, B)
    done = sent(sent(first))
    assert changed(done, {A: "1", B: "1"}) == done
    assert changed(done, {A: "1"}) == done
    second = changed(done, {A: "1", B: "2"})
    assert second.waiting == (B,)
    assert changed(second, {A: "2", B: "3"}).waiting == (B, A)


def test_a_webhook_is_told_nothing_old_and_everything_new_in_order() -> None:
    first = fresh(None, feed(2, 1))
    assert not is_due(first, NOON)
    second = fresh(first, feed(4, 3, 2, 1))
    assert told(second) == [["urn:4", "urn:3"]]
    whole = json.loads(second.waiting[0].body)
    assert (whole["title"], whole["feed_url"]) == ("All", "u")
    third = fresh(second, feed(5, 4, 3, 2))
    assert told(third) == [["urn:4", "urn:3"], ["urn:5"]]
    assert fresh(third, feed(5, 4, 3, 2)) == third


def test_a_story_that_left_an_edition_and_comes_back_is_not_new() -> None:
    state = fresh(fresh(None, feed(3, 2, 1)), feed(3))
    assert told(fresh(state, feed(3, 2, 1))) == []


def test_what_is_remembered_and_what_waits_is_bounded() -> None:
    state = fresh(None, feed(0))
    count = MAX_ITEMS * MAX_PARCELS + 1
    state = fresh(state, feed(*range(count, -1, -1)))
    assert (len(state.waiting), state.lost) == (MAX_PARCELS, 1)
    assert told(state)[0][-1] == f"urn:{MAX_ITEMS + 1}", "the oldest went"
    assert told(state)[-1] == [f"urn:{count}"]
    for begin in range(10_000, 20_000, 1000):
        state = fresh(state, feed(*range(begin, begin + 1000)))
    assert len(state.seen) == 1000 + REMEMBERED


def test_who_fails_is_asked_again_later_and_later_and_given_up_in_the_end() -> None:
    state, waits = HubState(waiting=(A, B)), []
    for attempt in range(1, MAX_ATTEMPTS):
        state, lost = failed(state, NOON)
        assert (state.attempts, state.waiting, lost) == (attempt, (A, B), False)
        assert state.due is not None
        assert not is_due(state, state.due - timedelta(seconds=1))
        assert is_due(state, state.due)
        waits.append(state.due - NOON)
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == LONGEST_RETRY
    state, lost = failed(state, NOON)
    assert (state.attempts, state.waiting, lost) == (0, (B,), True)
    assert sent(HubState(waiting=(A, B), attempts=3, due=NOON)) == HubState(waiting=(B,))


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
        ("plain Ä", "plain Ä".encode()),
        ("whsec_not base64", b"whsec_not base64"),
    ],
)
def test_parcels_are_signed_as_standard_webhooks_says(secret: str, key: bytes) -> None:
    parcel = Parcel(id="msg_1", body='{"title":"ü"}')
    headers = signed(parcel, secret, NOON)
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1767614400")
    expected = hmac.new(key, f"msg_1.1767614400.{parcel.body}".encode(), hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


def test_the_example_of_standard_webhooks() -> None:
    # From the specification's own libraries.
    parcel = Parcel(id="msg_p5jXN8AQM9LWM0D4loKWxJek", body='{"test": 2432232314}')
    headers = signed(parcel, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.fromtimestamp(1614265330, UTC))
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_states_are_kept_as_they_are() -> None:
    state = fresh(fresh(None, feed(1)), feed(2, 1))
    assert msgspec.json.decode(msgspec.json.encode(state), type=HookState) == state
    hub = HubState(known={A: "1"}, waiting=(A,), attempts=2, due=NOON)
    assert msgspec.json.decode(msgspec.json.encode(hub), type=HubState) == hub
