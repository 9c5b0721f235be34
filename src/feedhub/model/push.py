"""What hubs deliver (W3C WebSub): who offers it, what was agreed, and what came; and who is told of news by us."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

__all__ = ["Delivery", "HubOffer", "Lease", "Push", "WebSubSettings", "Webhook"]


class WebSubSettings(Struct, frozen=True, kw_only=True):
    """Whether hubs are asked to deliver, and the URL (ending in a slash) below which ``feedhub serve`` is reached."""

    enabled: bool = False
    callback: str = ""


class HubOffer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hub that a feed names, and the topic: the address by which the hub knows the feed."""

    hub: str
    topic: str


class Push(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription of a source at a hub.

    ``source_url`` is the configured address of the feed that named the hub. ``token`` names the subscription in the
    address ``callback`` that the hub calls, ``secret`` signs deliveries. ``asked`` is what the hub was last asked for
    and has not confirmed yet, at ``asked_at`` and for the ``attempts``-th time in a row. It delivers from ``since`` to
    ``until``; the hub may have ``denied`` it, with that reason. One that is ``leaving`` is no longer wanted.
    """

    source_id: str
    source_url: str
    hub: str
    topic: str
    token: str
    callback: str
    secret: str
    asked: Literal["", "subscribe", "unsubscribe"] = ""
    asked_at: datetime | None = None
    attempts: int = 0
    since: datetime | None = None
    until: datetime | None = None
    renew_at: datetime | None = None
    denied: str = ""
    leaving: bool = False


class Lease(Struct, frozen=True, kw_only=True):
    """The time in which a hub has promised to deliver a source."""

    since: datetime
    until: datetime


class Delivery(Struct, frozen=True, kw_only=True):
    """What a hub delivered for a source: a whole feed or only its new entries, as the hub likes."""

    source_id: str
    topic: str
    content_type: str
    body: bytes


class Webhook(Struct, frozen=True, kw_only=True):
    """Whoever is told of new stories of the edition with the slug ``edition``, by POST to ``url``.

    What is sent is signed with the secret in the environment variable ``secret_env``.
    """

    url: str
    edition: str
    secret_env: str
