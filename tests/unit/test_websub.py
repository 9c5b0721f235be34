from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from feedhub.model import HubOffer, Lease, Link, Push, Source, SourceState
from feedhub.plan import is_due
from feedhub.schedule import due_while_delivered
from feedhub.websub import asked, errands, form, heard, is_signed, lease, next_errand, offer, states

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASE = "https://me.example/"
URL, HUB, TOPIC = "https://a.example/feed", "https://hub.example/", "https://a.example/feed.atom"
SOURCE = Source(id="a", url=URL)
STATE = SourceState(source_id="a", url=URL, offer=HubOffer(hub=HUB, topic=TOPIC))
NEW = Push(source_id="a", source_url=URL, hub=HUB, topic=TOPIC, token="t", callback=f"{BASE}websub/t", secret="s")  # noqa: S106 - known to the test
OTHER = replace(NEW, secret="other")  # noqa: S106 - as above
ACTIVE = replace(NEW, since=NOW, until=NOW + 9 * DAY, renew_at=NOW + 6 * DAY)
GRANT = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c<>", "hub.lease_seconds": "900"}


def link(rel: str, href: str) -> Link:
    return Link(rel=rel, href=href)


@pytest.mark.parametrize(
    ("headers", "links", "found"),
    [
        ((), (link("hub", HUB), link("self", TOPIC)), (HUB, TOPIC)),
        ((), (link("hub", HUB),), None),
        ((), (link("self", TOPIC),), None),
        ((("link", f'<{HUB}>; rel="hub", <{TOPIC}>; rel=self'),), (), (HUB, TOPIC)),
        ((("link", f'<{HUB}>;title="a, b; c";rel="x HUB"'), ("link", f"<{TOPIC}>; rel=self")), (), (HUB, TOPIC)),
        ((("link", f"<{HUB}>; rel=hub"),), (link("hub", "https://b.example/"), link("self", TOPIC)), (HUB, TOPIC)),
        ((("link", '</hub>; rel="hub", <feed.atom>; rel="self"'),), (), ("https://a.example/hub", TOPIC)),
        ((), (link("hub", HUB), link("hub", "https://b.example/"), link("self", TOPIC)), (HUB, TOPIC)),
        ((), (link("hub", "ftp://hub.example/"), link("self", TOPIC)), None),
        ((), (link("hub", "https://[hub"), link("self", TOPIC)), None),
        ((("link", f'<{HUB}>; rel="", <{TOPIC}>; rel'),), (), None),
        ((("link", "<" * 50_000),), (), None),
    ],
)
def test_hub_and_topic_are_named_by_headers_or_by_the_feed(
    headers: tuple[tuple[str, str], ...], links: tuple[Link, ...], found: tuple[str, str] | None
) -> None:
    expected = HubOffer(hub=found[0], topic=found[1]) if found else None
    assert offer(headers, links, URL) == expected


def test_a_source_that_names_a_hub_is_subscribed_to_once() -> None:
    (errand,) = errands([SOURCE], {"a": STATE}, [], NOW, BASE)
    assert (errand.kind, errand.push.hub, errand.push.topic) == ("subscribe", HUB, TOPIC)
    assert errand.push.source_url == URL
    waiting = asked(NEW, "subscribe", NOW)
    assert errands([SOURCE], {"a": STATE}, [waiting], NOW + HOUR / 2, BASE) == []
    assert errands([SOURCE], {"a": STATE}, [ACTIVE], NOW + DAY, BASE) == []


def test_a_source_without_hub_or_with_another_address_is_left_alone() -> None:
    assert errands([SOURCE], {}, [], NOW, BASE) == []
    assert errands([SOURCE], {"a": replace(STATE, offer=None)}, [], NOW, BASE) == []
    assert errands([SOURCE], {"a": replace(STATE, url="https://old.example/")}, [], NOW, BASE) == []


def test_a_hub_that_says_nothing_is_asked_again_ever_more_rarely() -> None:
    push, moment, pauses = asked(NEW, "subscribe", NOW), NOW, []
    for _ in range(12):
        before = moment
        while not errands([SOURCE], {"a": STATE}, [push], moment, BASE):
            moment += HOUR
        pauses.append(moment - before)
        push = asked(push, "subscribe", moment)
    assert pauses[:3] == [HOUR, 2 * HOUR, 4 * HOUR]
    assert max(pauses) == pauses[-1] == 7 * DAY


def test_a_request_names_callback_topic_secret_and_lease() -> None:
    fields = form(asked(NEW, "subscribe", NOW))
    assert fields == {
        "hub.callback": "https://me.example/websub/t",
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.secret": "s",
        "hub.lease_seconds": "864000",
    }
    assert "hub.secret" not in form(asked(ACTIVE, "unsubscribe", NOW))


def test_a_hub_is_confirmed_what_was_asked_for_and_its_lease_counts() -> None:
    reply = heard(asked(NEW, "subscribe", NOW), GRANT, NOW)
    assert (reply.status, reply.body) == (200, "c<>")
    assert (reply.push.since, reply.push.until) == (NOW, NOW + timedelta(seconds=900))
    assert lease([reply.push], NOW) == Lease(since=NOW, until=NOW + timedelta(seconds=900))
    assert lease([reply.push], NOW + HOUR) is None
    assert states([reply.push], NOW) == {"active": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"hub.topic": "https://b.example/"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.challenge": ""},
        {"hub.challenge": "c" * 5000},
        {"hub.lease_seconds": ""},
        {"hub.lease_seconds": "0"},
        {"hub.lease_seconds": "-1"},
        {"hub.lease_seconds": "ever"},
        {"hub.lease_seconds": "٣"},
    ],
)
def test_what_was_not_asked_for_is_not_confirmed(change: dict[str, str]) -> None:
    push = asked(NEW, "subscribe", NOW)
    reply = heard(push, GRANT | change, NOW)
    assert (reply.status, reply.body, reply.push) == (404, "", push)


def test_nothing_is_confirmed_twice_and_an_endless_lease_is_cut() -> None:
    push = heard(asked(NEW, "subscribe", NOW), GRANT | {"hub.lease_seconds": "9" * 30}, NOW).push
    assert push.until == NOW + 30 * DAY
    assert heard(push, GRANT, NOW).status == 404


def test_a_lease_is_renewed_before_it_ends_and_counts_from_its_first_day() -> None:
    assert next_errand([ACTIVE], NOW + 6 * DAY - HOUR / 2) == NOW + 6 * DAY
    assert next_errand([ACTIVE], NOW) == NOW + HOUR
    (errand,) = errands([SOURCE], {"a": STATE}, [ACTIVE], NOW + 6 * DAY, BASE)
    assert (errand.kind, errand.push) == ("subscribe", ACTIVE)
    renewed = heard(asked(ACTIVE, "subscribe", NOW + 6 * DAY), GRANT, NOW + 6 * DAY).push
    assert renewed.since == NOW
    late = heard(asked(ACTIVE, "subscribe", NOW + 12 * DAY), GRANT, NOW + 12 * DAY).push
    assert late.since == NOW + 12 * DAY


def test_a_hub_that_grants_moments_is_not_asked_every_moment() -> None:
    push = heard(asked(NEW, "subscribe", NOW), GRANT | {"hub.lease_seconds": "1"}, NOW).push
    soon, later = NOW + timedelta(seconds=299), NOW + timedelta(seconds=300)
    assert lease([push], soon) is None
    assert errands([SOURCE], {"a": STATE}, [push], soon, BASE) == []
    assert [errand.kind for errand in errands([SOURCE], {"a": STATE}, [push], later, BASE)] == ["subscribe"]


def test_a_denial_ends_the_lease_and_is_asked_about_a_week_later() -> None:
    reply = heard(ACTIVE, {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "r" * 1000}, NOW)
    assert reply.status == 200
    assert len(reply.push.denied) == 200
    assert lease([reply.push], NOW) is None
    assert states([reply.push], NOW) == {"denied": 1}
    assert errands([SOURCE], {"a": STATE}, [reply.push], NOW + 6 * DAY, BASE) == []
    assert [errand.kind for errand in errands([SOURCE], {"a": STATE}, [reply.push], NOW + 7 * DAY, BASE)] == [
        "subscribe"
    ]


def test_a_source_that_leaves_is_unsubscribed_and_forgotten() -> None:
    (errand,) = errands([], {"a": STATE}, [ACTIVE], NOW, BASE)
    assert errand.kind == "unsubscribe"
    leaving = asked(ACTIVE, "unsubscribe", NOW)
    assert lease([leaving], NOW) is None
    assert errands([], {"a": STATE}, [leaving], NOW, BASE) == []
    query = {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.challenge": "c"}
    assert heard(leaving, GRANT, NOW).status == 404
    confirmed = heard(leaving, query, NOW)
    assert (confirmed.status, confirmed.body) == (200, "c")
    assert [errand.kind for errand in errands([], {}, [confirmed.push], NOW, BASE)] == ["forget"]
    assert [errand.kind for errand in errands([], {}, [replace(leaving, attempts=3)], NOW, BASE)] == ["forget"]
    assert [errand.kind for errand in errands([], {}, [leaving], NOW + 10 * DAY, BASE)] == ["forget"]


def test_another_hub_takes_the_place_of_the_one_before() -> None:
    moved = replace(STATE, offer=HubOffer(hub="https://new.example/", topic=TOPIC))
    todo = [(errand.kind, errand.push.hub) for errand in errands([SOURCE], {"a": moved}, [ACTIVE], NOW, BASE)]
    assert todo == [("unsubscribe", HUB), ("subscribe", "https://new.example/")]


def test_another_callback_takes_the_place_of_the_one_before() -> None:
    todo = [errand.kind for errand in errands([SOURCE], {"a": STATE}, [ACTIVE], NOW, "https://moved.example/")]
    assert todo == ["unsubscribe", "subscribe"]
    leaving = asked(ACTIVE, "unsubscribe", NOW)
    assert form(leaving)["hub.callback"] == "https://me.example/websub/t"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures_of_all_methods_are_checked(method: str) -> None:
    right = hmac.new(b"s", b"body", method).hexdigest()
    assert is_signed(NEW, f"{method}={right}", b"body")
    assert is_signed(NEW, f"{method.upper()}={right.upper()}", b"body")
    assert not is_signed(NEW, f"{method}={right}", b"body!")
    assert not is_signed(OTHER, f"{method}={right}", b"body")
    assert not is_signed(NEW, f"{method}={right[:-1]}0{right[-1]}", b"body")


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256", "md5={}", "sha256:{}", "sha1={}"])
def test_no_other_signature_counts(signature: str) -> None:
    assert not is_signed(NEW, signature.format(hmac.new(b"s", b"body", hashlib.md5).hexdigest()), b"body")


def test_a_source_that_is_delivered_is_asked_once_a_day_and_first_for_what_came_before() -> None:
    agreed = Lease(since=NOW, until=NOW + 9 * DAY)
    before = replace(STATE, fetched_at=NOW - HOUR, due=NOW + HOUR)
    assert due_while_delivered(before, agreed) == NOW + HOUR
    after = replace(STATE, fetched_at=NOW + HOUR, due=NOW + 2 * HOUR)
    assert due_while_delivered(after, agreed) == NOW + HOUR + DAY
    assert due_while_delivered(after, None) == NOW + 2 * HOUR
    assert due_while_delivered(replace(after, due=NOW + 5 * DAY), agreed) == NOW + 5 * DAY
    assert is_due(SOURCE, after, NOW + 3 * HOUR)
    assert not is_due(SOURCE, after, NOW + 3 * HOUR, agreed)
    assert is_due(SOURCE, after, NOW + 26 * HOUR, agreed)
