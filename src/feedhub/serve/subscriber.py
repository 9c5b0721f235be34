"""Keeps the subscriptions at hubs: asks for them in a thread of its own, and hears what hubs have to say.

`feedhub.websub` decides; here are the clock, the store and the calls. All subscriptions are in memory, because whoever
calls a callback that does not exist must cost nothing.
"""

from __future__ import annotations

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.errors import FeedhubError, FetchError
from feedhub.fetch.calls import post
from feedhub.fetch.guard import printable
from feedhub.hub import Hub
from feedhub.pushes import read, write
from feedhub.websub import address, asked, errands, form, heard, next_errand, states

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping

    from feedhub.config import Config
    from feedhub.model import Push
    from feedhub.store import Store
    from feedhub.websub import Reply

__all__ = ["Subscriber"]

log = logging.getLogger("feedhub")

# Many sources share a hub: so many are asked for in one go, and the next after a pause.
MAX_ERRANDS, CALLS_AT_ONCE = 64, 4
PAUSE, AFTER_TROUBLE = timedelta(seconds=5), timedelta(minutes=1)
ACCEPTED = range(200, 300)


class Subscriber:
    """The subscriptions of the configured sources; ``config`` may be replaced at any time."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._pushes: dict[str, Push] = {}
        self._lock = Lock()
        self._wanted = Event()
        self._loaded = False

    def start(self) -> None:
        """Begin to look after the subscriptions, as long as the process lives."""
        Thread(target=self._work, name="feedhub-subscriber", daemon=True).start()

    def soon(self) -> None:
        """Let the subscriptions be looked after now: sources may name other hubs than before."""
        self._wanted.set()

    def find(self, token: str) -> Push | None:
        """Return the subscription with a token, if it is still wanted."""
        push = self._pushes.get(token)
        return push if push and not push.leaving and self.config.websub.enabled else None

    def counts(self) -> Counter[str]:
        """Count the subscriptions by their state."""
        return states(list(self._pushes.values()), _now())

    def hear(self, token: str, query: Mapping[str, str]) -> Reply | None:
        """Answer a hub's question about a subscription; None for a token that is none."""
        with self._lock:
            push = self._pushes.get(token)
            if push is None:
                return None
            reply = heard(push, query, _now())
            if reply.push != push:
                with Hub(self.config) as hub:
                    self._keep(hub.store, reply.push)
        if reply.push.denied and not push.denied:
            log.warning("the hub of source %s refuses: %s", push.source_id, printable(reply.push.denied))
        self._wanted.set()
        return reply

    def tend(self, now: datetime) -> datetime:
        """Do what is to be done for the subscriptions, and return when to look again."""
        config = self.config
        sources = config.sources if config.websub.enabled else ()
        if not config.store_path.exists():
            return now + AFTER_TROUBLE
        with Hub(config) as hub:
            known = hub.states()
            if not self._loaded:
                self._load(hub.store, known)
            todo = errands(sources, known, list(self._pushes.values()), now, config.websub.callback)
            calls = []
            for errand in todo[:MAX_ERRANDS]:
                if errand.kind == "forget":
                    self._forget(hub.store, errand.push)
                else:
                    push = asked(_named(errand.push, config.websub.callback), errand.kind, now)
                    with self._lock:
                        self._keep(hub.store, push)
                    calls.append(push)
        if calls:
            with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
                list(pool.map(lambda push: _ask(config, push), calls))
        if len(todo) > MAX_ERRANDS:
            return now + PAUSE
        return next_errand(list(self._pushes.values()), now)

    def _work(self) -> None:
        while True:
            now = _now()
            try:
                again = self.tend(now)
            except FeedhubError as error:
                log.warning("subscriptions at hubs cannot be looked after: %s", error)
                again = now + AFTER_TROUBLE
            except Exception:
                log.exception("bug met while looking after subscriptions at hubs; please report it")
                again = now + AFTER_TROUBLE
            self._wanted.wait(max((again - _now()).total_seconds(), 1))
            self._wanted.clear()

    def _load(self, store: Store, source_ids: Mapping[str, object]) -> None:
        with self._lock:
            self._pushes = {push.token: push for source_id in source_ids for push in read(store, source_id)}
            self._loaded = True

    def _keep(self, store: Store, push: Push) -> None:
        """Store a subscription, and only then let it count."""
        pushes = {**self._pushes, push.token: push}
        self._write(store, push.source_id, pushes)
        self._pushes = pushes

    def _forget(self, store: Store, push: Push) -> None:
        with self._lock:
            pushes = {token: other for token, other in self._pushes.items() if token != push.token}
            self._write(store, push.source_id, pushes)
            self._pushes = pushes

    def _write(self, store: Store, source_id: str, pushes: Mapping[str, Push]) -> None:
        write(store, source_id, [push for push in pushes.values() if push.source_id == source_id])


def _named(push: Push, callback: str) -> Push:
    """Return a subscription with a callback and a secret of its own (§5.1 asks for both to be hard to guess)."""
    if push.token:
        return push
    token = secrets.token_urlsafe(24)
    return replace(push, token=token, callback=address(callback, token), secret=secrets.token_urlsafe(32))


def _ask(config: Config, push: Push) -> None:
    """Send a request to a hub; one that fails is repeated later, as is one that the hub never confirms."""
    try:
        answer = post(push.hub, form(push), config.fetch, named_by=push.source_url)
    except FetchError as error:
        log.warning("the hub of source %s cannot be asked: %s: %s", push.source_id, error.code, error)
        return
    if answer.status not in ACCEPTED:
        log.warning("the hub of source %s answers HTTP %d: %s", push.source_id, answer.status, answer.text)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
