"""How the program is doing: `/healthz` as JSON and `/metrics` as Prometheus text (exposition format 0.0.4)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from feedhub.hub import Hub

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feedhub.config import Config

__all__ = ["Counts", "Facts", "Health", "Status", "metrics"]

# What the store says is asked for at most so often (seconds): these pages are polled, and reading it takes time.
LASTING = 10.0
# Exit statuses of a refresh after which nothing can be right: a wrong configuration, and feedhub itself failing.
BROKEN = frozenset({2, 4})


class Facts(Struct, frozen=True, kw_only=True):
    """What the store says: when a refresh last came to its end, and how many sources are how well."""

    refreshed: datetime | None = None
    sources: dict[str, int] = {}


class Counts:
    """What happened since the start, for `/metrics`; touched by the event loop alone."""

    def __init__(self) -> None:
        self.requests: Counter[int] = Counter()
        self.sent = 0
        self.refreshes: Counter[int] = Counter()
        self.refresh_seconds = 0.0
        self.refreshing = False
        self.last_status: int | None = None
        self.deliveries: Counter[str] = Counter()


class Health(Struct, frozen=True, kw_only=True):
    """The body of `/healthz`: ``status`` is ok, stale, never-refreshed or failing."""

    status: str
    refreshed: datetime | None
    age_seconds: int | None
    stale_after_seconds: int


class Status:
    """Reads the facts now and then; ``config`` may be replaced at any time."""

    def __init__(self, config: Config, stale_after: timedelta, counts: Counts) -> None:
        self.config = config
        self.stale_after = stale_after
        self.counts = counts
        self._facts = Facts()
        self._read_at = -LASTING
        self._reading = asyncio.Lock()

    def forget(self) -> None:
        """Let the next question be answered afresh."""
        self._read_at = -LASTING

    async def facts(self) -> Facts:
        """Return what the store says, no older than `LASTING`."""
        async with self._reading:
            if time.monotonic() - self._read_at >= LASTING:
                self._facts = await run_in_threadpool(_read, self.config)
                self._read_at = time.monotonic()
        return self._facts

    async def health(self) -> Health:
        """Return how the program is doing now."""
        refreshed = (await self.facts()).refreshed
        age = datetime.now(UTC) - refreshed if refreshed else None
        status = "never-refreshed" if age is None else "stale" if age > self.stale_after else "ok"
        return Health(
            status="failing" if self.counts.last_status in BROKEN else status,
            refreshed=refreshed,
            age_seconds=int(age.total_seconds()) if age is not None else None,
            stale_after_seconds=int(self.stale_after.total_seconds()),
        )


def metrics(counts: Counts, facts: Facts, subscriptions: Mapping[str, int]) -> bytes:
    """Return all figures; no name of a source or of a reader is among them."""
    lines: list[str] = []
    families: list[tuple[str, str, str, Iterator[tuple[str, float]]]] = [
        ("http_requests_total", "counter", "Answers by status.", _labelled("status", counts.requests)),
        ("http_sent_bytes_total", "counter", "Bytes of bodies sent.", iter([("", counts.sent)])),
        ("refreshes_total", "counter", "Refreshes by exit status.", _labelled("status", counts.refreshes)),
        ("refresh_running", "gauge", "Whether one is under way.", iter([("", int(counts.refreshing))])),
        ("refresh_seconds", "gauge", "How long the last one took.", iter([("", counts.refresh_seconds)])),
        ("last_refresh_timestamp_seconds", "gauge", "When one last came to its end.", _when(facts.refreshed)),
        ("sources", "gauge", "Sources by health.", _labelled("health", facts.sources)),
        ("websub_subscriptions", "gauge", "Subscriptions at hubs.", _labelled("state", subscriptions)),
        ("websub_deliveries_total", "counter", "What hubs sent.", _labelled("result", counts.deliveries)),
    ]
    for name, kind, meaning, samples in families:
        lines += [f"# HELP feedhub_{name} {meaning}", f"# TYPE feedhub_{name} {kind}"]
        lines += [f"feedhub_{name}{label} {value:.15g}" for label, value in samples]
    return ("\n".join(lines) + "\n").encode()


def _labelled(label: str, values: Mapping[int, int] | Mapping[str, int]) -> Iterator[tuple[str, float]]:
    """Yield samples with one label, whose values are words of ours."""
    for value, count in sorted((str(name), count) for name, count in values.items()):
        yield f'{{{label}="{value}"}}', count


def _when(moment: datetime | None) -> Iterator[tuple[str, float]]:
    if moment is not None:
        yield "", moment.timestamp()


def as_json(health: Health) -> bytes:
    """Return the body of `/healthz`."""
    return msgspec.json.encode(health)


def _read(config: Config) -> Facts:
    if not config.store_path.exists():
        return Facts()
    with Hub(config) as hub:
        return Facts(refreshed=hub.refreshed(), sources=Counter(row.health.code for row in hub.health()))
