"""Subscriptions: what a configuration says of a source, enabled or not, and what lists of other readers say."""

from __future__ import annotations

from msgspec import Struct


class Subscription(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A feed, or a file or folder of feeds: a ``[[source]]`` table as written, with "" for what it leaves out."""

    url: str
    id: str = ""
    title: str = ""
    link: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = True
