"""Subscriptions at hubs as the store keeps them: named facts of their own, apart from the states of the sources.

A refresh writes a source's state at its end as it read it at its beginning; what a hub confirms meanwhile must not be
lost by that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from feedhub.model import Lease, Push
from feedhub.websub import lease

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from feedhub.store import Store

__all__ = ["inbox_folder", "leases", "read", "write"]


def read(store: Store, source_id: str) -> tuple[Push, ...]:
    """Return the subscriptions of a source."""
    text = store.note(_name(source_id))
    return msgspec.json.decode(text, type=tuple[Push, ...]) if text else ()


def write(store: Store, source_id: str, pushes: Iterable[Push]) -> None:
    """Keep the subscriptions of a source, in place of those kept before."""
    kept = tuple(pushes)
    store.set_note(_name(source_id), msgspec.json.encode(kept).decode() if kept else "")


def leases(store: Store, source_ids: Iterable[str], now: datetime) -> dict[str, Lease]:
    """Return which of these sources are being delivered."""
    found = ((source_id, lease(read(store, source_id), now)) for source_id in source_ids)
    return {source_id: agreed for source_id, agreed in found if agreed}


def inbox_folder(store_path: Path) -> Path:
    """Return where deliveries wait to be read into the store at ``store_path``."""
    return store_path.with_name(f"{store_path.name}.inbox")


def _name(source_id: str) -> str:
    return f"websub {source_id}"
