"""Moments as the formats write them; all are in UTC and in whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.model import Deleted, Item

__all__ = ["NEVER", "newest", "rfc822", "rfc3339"]

NEVER = datetime(1990, 1, 1, tzinfo=UTC)
"""When an edition without stories was last updated, and what shows none: so it is as old on every machine.

Atom wants a date, and there is none. This is the earliest that validators believe of a feed.
"""


def newest(items: Sequence[Item], deleted: Sequence[Deleted] = ()) -> datetime:
    """Return when the newest change among ``items`` was, or the newest deletion, `NEVER` if there are none."""
    return max((*(item.story.updated for item in items), *(each.at for each in deleted)), default=NEVER)


def rfc3339(moment: datetime) -> str:
    """Return ``moment`` as Atom and JSON Feed write it (RFC 3339)."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def rfc822(moment: datetime) -> str:
    """Return ``moment`` as RSS writes it: RFC 822 with a year of four digits."""
    from email.utils import format_datetime  # noqa: PLC0415 - slow to load, and only documents need it

    return format_datetime(moment, usegmt=True)
