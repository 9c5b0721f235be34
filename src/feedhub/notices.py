"""Who is told of news, what, and when: hubs (W3C WebSub §6) that a topic changed, webhooks which stories are new. Pure.

What waits to be told is a fact of the store, so a run that is killed, a hub that is down for a day and a webhook that
comes back after a week lose nothing but time, up to the bounds below.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feedhub.model import Edition

__all__ = ["HookState", "HubState", "Parcel", "changed", "failed", "fresh", "hidden", "is_due", "sent", "signed"]

# Whoever does not answer is asked again after this, doubled each time; what waits longest is given up after so often.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=12)
MAX_ATTEMPTS = 16
# So many stories go into one parcel, and so many parcels wait for one webhook: the oldest go first.
MAX_ITEMS, MAX_PARCELS = 50, 20
# Stories that left an edition are remembered for a while: they may come back, and are not new then.
REMEMBERED = 5000
# Standard Webhooks: a secret that begins so is base64, any other is a text.
BASE64 = "whsec_"


class HubState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a hub knows: the digest of each topic that it was or will be told of, and the topics still ``waiting``.

    It failed ``attempts`` times in a row, and is not asked before ``due``.
    """

    known: dict[str, str] = {}
    waiting: tuple[str, ...] = ()
    attempts: int = 0
    due: datetime | None = None


class Parcel(Struct, frozen=True, kw_only=True):
    """A JSON Feed of new stories to be delivered; ``id`` is the same however often that is tried."""

    id: str
    body: str


class HookState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a webhook knows: the ids of the stories it was or will be told of, and the parcels still ``waiting``.

    ``lost`` are those that too many others took the place of, and nobody was told yet.
    """

    seen: tuple[str, ...] = ()
    waiting: tuple[Parcel, ...] = ()
    lost: int = 0
    attempts: int = 0
    due: datetime | None = None


State = TypeVar("State", HubState, HookState)


def hidden(editions: Iterable[Edition]) -> re.Pattern[str]:
    """Return a pattern that matches the paths of all documents of the private ones among ``editions``.

    Of an edition made for each tag they are those of all tags.
    """
    slugs = [re.escape(edition.slug).replace(r"\{tag\}", ".+") for edition in editions if edition.private]
    return re.compile(f"(?:{'|'.join(slugs)})[./-].*" if slugs else "(?!)")


def changed(state: HubState, topics: Mapping[str, str]) -> HubState:
    """Return a hub's state after a publication that gave these ``topics`` (URLs) these digests."""
    news = [topic for topic, digest in topics.items() if state.known.get(topic) != digest]
    if not news:
        return state
    return replace(state, known={**state.known, **topics}, waiting=tuple(dict.fromkeys((*state.waiting, *news))))


def fresh(state: HookState | None, feed: bytes) -> HookState:
    """Return a webhook's state after its edition was published as the JSON Feed ``feed``.

    A webhook that had no state is told of nothing: what is there is old.
    """
    items = msgspec.json.decode(feed, type=_Feed).items
    ids = [msgspec.json.decode(item, type=_Item).id for item in items]
    if state is None:
        return HookState(seen=tuple(ids))
    seen = set(state.seen)
    # An edition begins with its newest story; parcels go out in the order of what happened.
    new = [item for item, story in zip(items, ids, strict=True) if story not in seen][::-1]
    now = set(ids)
    remembered = tuple(ids) + tuple(story for story in state.seen if story not in now)[:REMEMBERED]
    if not new:
        return state if remembered == state.seen else replace(state, seen=remembered)
    made = [_parcel(feed, new[at : at + MAX_ITEMS][::-1]) for at in range(0, len(new), MAX_ITEMS)]
    parcels = [*state.waiting, *made]
    lost = max(len(parcels) - MAX_PARCELS, 0)
    return replace(state, seen=remembered, waiting=tuple(parcels[lost:]), lost=state.lost + lost)


def is_due(state: HubState | HookState, now: datetime) -> bool:
    """Tell whether something waits that is to be told now."""
    return bool(state.waiting) and (state.due is None or now >= state.due)


def sent(state: State) -> State:
    """Return a state after the first of what waits was delivered."""
    return replace(state, waiting=state.waiting[1:], attempts=0, due=None)


def failed(state: State, now: datetime) -> tuple[State, bool]:
    """Return a state after the first of what waits could not be delivered, and whether that is given up."""
    attempts = state.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        return replace(state, waiting=state.waiting[1:], attempts=0, due=now + LONGEST_RETRY), True
    return replace(state, attempts=attempts, due=now + min(FIRST_RETRY * (1 << attempts - 1), LONGEST_RETRY)), False


def signed(parcel: Parcel, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that go with a parcel (https://www.standardwebhooks.com, symmetric signature ``v1``)."""
    timestamp = str(int(now.timestamp()))
    digest = hmac.digest(_key(secret), f"{parcel.id}.{timestamp}.{parcel.body}".encode(), "sha256")
    return {
        "webhook-id": parcel.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    if secret.startswith(BASE64):
        try:
            return b64decode(secret.removeprefix(BASE64), validate=True)
        except Error:
            pass
    return secret.encode()


class _Feed(Struct):
    items: list[msgspec.Raw]


class _Item(Struct):
    id: str


def _parcel(feed: bytes, items: list[msgspec.Raw]) -> Parcel:
    """Return a JSON Feed with these items only."""
    whole = msgspec.json.decode(feed, type=dict[str, msgspec.Raw])
    body = msgspec.json.format(msgspec.json.encode({**whole, "items": items}), indent=-1).decode()
    return Parcel(id=f"msg_{blake2b(body.encode(), digest_size=15).hexdigest()}", body=body)
