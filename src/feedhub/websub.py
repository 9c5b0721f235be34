"""The subscriber's side of WebSub (W3C Recommendation of 2018-01-23): what to ask of hubs and what to believe. Pure.

A hub only makes news come sooner. What it says counts for nothing unless it was asked and unless its signature is
right; and the source is still asked itself once a day, so a hub that lies, sleeps or dies loses nothing.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin

from msgspec import Struct
from msgspec.structs import replace

from feedhub.model import HubOffer, Lease, Push

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from feedhub.model import Link, Source, SourceState

__all__ = [
    "Errand",
    "Reply",
    "address",
    "asked",
    "errands",
    "form",
    "heard",
    "is_signed",
    "lease",
    "next_errand",
    "offer",
    "states",
]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# What hubs are asked for, and how much of what they grant is believed.
WANTED_LEASE, LONGEST_LEASE = 10 * DAY, 30 * DAY
# However short the lease is that a hub grants, it is not asked more often: until then the source is, as if without it.
SHORTEST_RENEWAL = 5 * MINUTE
# A hub that does not answer is asked again after this, doubled each time.
FIRST_RETRY, LONGEST_RETRY = HOUR, 7 * DAY
# A hub that said no is asked again after this.
AFTER_DENIAL = 7 * DAY
# A subscription nobody wants is left alone when the hub did not confirm its end so often.
MAX_FAREWELLS = 3
MAX_URL, MAX_CHALLENGE, MAX_REASON = 2048, 4096, 200
MAX_LINKS = 32
DIGESTS = frozenset({"sha1", "sha256", "sha384", "sha512"})
OK, NOT_FOUND = 200, 404
SIGNATURE = re.compile(r"[ \t]*([a-z0-9]+)=([0-9a-f]{40,128})[ \t]*", re.IGNORECASE)
# RFC 8288 §3: a target in angle brackets, and its parameters.
LINK = re.compile(r'<([^<>]*)>((?:[ \t]*;[ \t]*[^\s;,="]+(?:=(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)')
RELATION = re.compile(r';[ \t]*rel[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)

Kind = Literal["subscribe", "unsubscribe", "forget"]


class Errand(Struct, frozen=True, kw_only=True):
    """Something to do now: ask a hub for ``push``, or ask it to end it, or ``forget`` it. A new push has no token."""

    kind: Kind
    push: Push


class Reply(Struct, frozen=True, kw_only=True):
    """What to answer a hub that asks whether a request was meant, and the subscription as it then is."""

    status: int
    body: str
    push: Push


def offer(headers: Iterable[tuple[str, str]], links: Iterable[Link], url: str) -> HubOffer | None:
    """Return the hub and topic that a feed fetched from ``url`` names (§4), or None.

    Link headers come before the feed's own links. Both relations have to be there: without ``self`` nobody knows by
    which address the hub knows the feed.
    """
    named = [(rel, href) for name, value in headers if name == "link" for rel, href in _links(value)]
    named += [(link.rel.lower(), link.href) for link in links if link.rel.lower() in {"hub", "self"}]
    found: dict[str, str] = {}
    for rel, href in named[:MAX_LINKS]:
        found.setdefault(rel, href)
    if "hub" not in found or "self" not in found:
        return None
    try:
        hub, topic = urljoin(url, found["hub"].strip()), urljoin(url, found["self"].strip())
    except ValueError:
        return None
    return HubOffer(hub=hub, topic=topic) if _is_web(hub) and _is_web(topic) else None


def errands(
    sources: Iterable[Source], states: Mapping[str, SourceState], pushes: Iterable[Push], now: datetime, callback: str
) -> list[Errand]:
    """Return what is to be done at ``now`` so that every source whose feed names a hub is delivered by that hub.

    Deliveries go to addresses below ``callback``; a hub that knows another one is asked anew.
    """
    offers = {source.id: found for source in sources if (found := _offered(source, states.get(source.id)))}
    served: set[str] = set()
    todo: list[Errand] = []
    for push in pushes:
        wanted = offers.get(push.source_id)
        stands = wanted == HubOffer(hub=push.hub, topic=push.topic) and push.callback == address(callback, push.token)
        if stands and not push.leaving and push.source_id not in served:
            served.add(push.source_id)
            if _is_time(push, now):
                todo.append(Errand(kind="subscribe", push=push))
        else:
            todo += _farewell(push, now)
    for source_id, found in offers.items():
        if source_id not in served:
            url = states[source_id].url
            new = Push(
                source_id=source_id, source_url=url, hub=found.hub, topic=found.topic, token="", callback="", secret=""
            )
            todo.append(Errand(kind="subscribe", push=new))
    return todo


def next_errand(pushes: Iterable[Push], now: datetime) -> datetime:
    """Return when a subscription next wants something, at most an hour from ``now``."""
    times = [moment for push in pushes if not push.asked and (moment := push.renew_at)]
    return max(now, min([*times, now + HOUR]))


def asked(push: Push, kind: Literal["subscribe", "unsubscribe"], now: datetime) -> Push:
    """Return a subscription for which the hub is being asked at ``now``."""
    attempts = push.attempts + 1 if push.asked == kind else 1
    return replace(push, asked=kind, asked_at=now, attempts=attempts, denied="", leaving=kind == "unsubscribe")


def address(callback: str, token: str) -> str:
    """Return the address at which a hub reaches the subscription with a token."""
    return f"{callback}websub/{token}"


def form(push: Push) -> dict[str, str]:
    """Return the fields of the request that `asked` noted (§5.1)."""
    fields = {"hub.callback": push.callback, "hub.mode": push.asked, "hub.topic": push.topic}
    if push.asked == "subscribe":
        fields |= {"hub.secret": push.secret, "hub.lease_seconds": str(int(WANTED_LEASE.total_seconds()))}
    return fields


def heard(push: Push, query: Mapping[str, str], now: datetime) -> Reply:
    """Answer a hub that asks whether a request was meant (§5.3), or says that it denies a subscription (§5.2).

    Anything that was not asked for, or is about another topic, or has no lease, is answered 404 and changes nothing.
    """
    no = Reply(status=NOT_FOUND, body="", push=push)
    mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
    if query.get("hub.topic", "") != push.topic:
        return no
    if mode == "denied":
        reason = query.get("hub.reason", "")[:MAX_REASON] or "without a reason"
        denied = replace(push, asked="", attempts=0, denied=reason, since=None, until=None, renew_at=now + AFTER_DENIAL)
        return Reply(status=OK, body="", push=denied)
    if not challenge or len(challenge) > MAX_CHALLENGE or not mode or mode != push.asked:
        return no
    if mode == "unsubscribe":
        gone = replace(push, asked="", attempts=0, since=None, until=None, renew_at=None)
        return Reply(status=OK, body=challenge, push=gone)
    seconds = query.get("hub.lease_seconds", "")
    if not (seconds.isascii() and seconds.isdecimal() and int(seconds[:10])):
        return no
    granted = min(timedelta(seconds=int(seconds[:10])), LONGEST_LEASE)
    since = push.since if push.since and push.until and push.until >= now else now
    renewal = now + max(granted * 2 / 3, SHORTEST_RENEWAL)
    agreed = replace(push, asked="", attempts=0, denied="", since=since, until=now + granted, renew_at=renewal)
    return Reply(status=OK, body=challenge, push=agreed)


def is_signed(push: Push, signature: str, body: bytes) -> bool:
    """Tell whether an X-Hub-Signature header (§7) is that of ``body`` under the subscription's secret."""
    found = SIGNATURE.fullmatch(signature)
    if not found or (method := found[1].lower()) not in DIGESTS:
        return False
    return hmac.compare_digest(hmac.new(push.secret.encode(), body, method).hexdigest(), found[2].lower())


def lease(pushes: Iterable[Push], now: datetime) -> Lease | None:
    """Return the time in which a source is being delivered, if that is now."""
    for push in pushes:
        if push.since and push.until and push.until > now and not push.leaving:
            return Lease(since=push.since, until=push.until)
    return None


def states(pushes: Iterable[Push], now: datetime) -> Counter[str]:
    """Count subscriptions by what they are: active, asked, denied, leaving or lapsed."""
    return Counter(
        "leaving"
        if push.leaving
        else "active"
        if lease((push,), now)
        else "denied"
        if push.denied
        else "asked"
        if push.asked
        else "lapsed"
        for push in pushes
    )


def _links(value: str) -> list[tuple[str, str]]:
    """Return the hub and self links of a Link header (RFC 8288), as (relation, target)."""
    return [
        (rel, target)
        for target, parameters in LINK.findall(value[: MAX_LINKS * MAX_URL])
        if (found := RELATION.search(parameters))
        for rel in (found[1] or found[2] or "").lower().split()
        if rel in {"hub", "self"}
    ]


def _offered(source: Source, state: SourceState | None) -> HubOffer | None:
    return state.offer if state and state.url == source.url else None


def _is_time(push: Push, now: datetime) -> bool:
    """Tell whether a wanted subscription is to be asked for: at first, before its lease ends, and after silence."""
    if push.asked and push.asked_at:
        return now >= push.asked_at + min(FIRST_RETRY * (1 << min(push.attempts - 1, 16)), LONGEST_RETRY)
    return push.renew_at is None or now >= push.renew_at


def _farewell(push: Push, now: datetime) -> list[Errand]:
    """Return what ends a subscription that nobody wants any more."""
    lapsed = push.until is None or push.until <= now
    confirmed = push.leaving and not push.asked
    if confirmed or (push.leaving and (lapsed or push.attempts >= MAX_FAREWELLS)) or (lapsed and not push.asked):
        return [Errand(kind="forget", push=push)]
    if push.asked == "unsubscribe" and not _is_time(push, now):
        return []
    return [Errand(kind="unsubscribe", push=push)]


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://")) and len(url) <= MAX_URL and url.isprintable()
