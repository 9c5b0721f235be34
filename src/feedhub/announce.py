"""Wiring: hubs and webhooks are told what was published. The store remembers who still has to be told what.

A refresh is never failed by them, and never held up for longer than `SECONDS`: what could not be told in that time is
told by a later one.
"""

from __future__ import annotations

import os
import time
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedhub.errors import FetchError
from feedhub.notices import HookState, HubState, changed, failed, fresh, hidden, is_due, sent, signed
from feedhub.publish import formats
from feedhub.publish.addresses import host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from feedhub.config import Config
    from feedhub.fetch.calls import Answer
    from feedhub.model import Document, Webhook
    from feedhub.notices import Parcel
    from feedhub.store import Store

__all__ = ["Announced", "Announcer"]

SECONDS = 10.0
AT_ONCE = 8
ACCEPTED = range(200, 300)
# The named fact that lists the other facts kept here, so that those of hubs and webhooks that went can go.
INDEX = "announced to"

State = TypeVar("State", HubState, HookState)


class Announced(Struct, frozen=True, kw_only=True):
    """What became of telling a hub or a webhook.

    ``to`` is the hub's URL or the webhook's host, ``what`` the topic or the edition. What has ``failed`` is tried again
    until it is ``given-up``; ``dropped`` is what others took the place of, because too much waited.
    """

    kind: Literal["hub", "webhook"]
    to: str
    what: str
    outcome: Literal["sent", "failed", "given-up", "dropped"]
    detail: str = ""


class Announcer:
    """Tells the hubs and webhooks of a configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._hubs = {f"hub {url}": url for url in config.site.hubs}
        self._hooks = {f"webhook {hook.edition} {hook.url}": hook for hook in config.webhooks}

    def note(self, store: Store, documents: Iterable[Document]) -> None:
        """Remember which of these published ``documents`` have news for whom.

        To be called before the publication counts as done: whoever is killed in between does both again.
        """
        self._forget_others(store)
        if not self._hubs and not self._hooks:
            return
        made = {document.path: document for document in documents}
        topics = self._topics(made.values())
        for name in self._hubs:
            hub = _read(store, name, HubState) or HubState()
            _write(store, name, changed(hub, topics), hub)
        for name, hook in self._hooks.items():
            if feed := made.get(f"{hook.edition}{formats()['json'].suffix}"):
                known = _read(store, name, HookState)
                _write(store, name, fresh(known, feed.body), known)

    def announce(self, store: Store, now: datetime) -> list[Announced]:
        """Tell who is to be told now, and return what became of it."""
        hubs = {name: hub for name in self._hubs if (hub := _read(store, name, HubState)) and is_due(hub, now)}
        hooks = {name: hook for name in self._hooks if (hook := _read(store, name, HookState))}
        due = [name for name, state in hooks.items() if is_due(state, now) or state.lost]
        if not hubs and not due:
            return []
        # Only who has something to tell pays for loading threads, and requests below.
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        end = time.monotonic() + SECONDS
        with ThreadPoolExecutor(AT_ONCE) as pool:
            pinged = {name: pool.submit(self._ping, name, state, now, end) for name, state in hubs.items()}
            posted = {name: pool.submit(self._post, name, hooks[name], now, end) for name in due}
        results: list[Announced] = []
        for name, ping in pinged.items():
            after, told = ping.result()
            _write(store, name, after, hubs[name])
            results += told
        for name, posting in posted.items():
            delivered, told = posting.result()
            _write(store, name, delivered, hooks[name])
            results += told
        return results

    def _topics(self, documents: Iterable[Document]) -> dict[str, str]:
        """Return the digests of the feeds that anybody may know of, by their addresses."""
        feeds = {form.media_type for form in formats().values()}
        private = hidden((*self._config.editions, *self._config.tag_editions))
        return {
            self._config.site.url + document.path: blake2b(document.body, digest_size=12).hexdigest()
            for document in documents
            if document.media_type in feeds and not private.match(document.path)
        }

    def _ping(self, name: str, state: HubState, now: datetime, end: float) -> tuple[HubState, list[Announced]]:
        url = self._hubs[name]

        def ping(topic: str, seconds: float) -> Answer:
            from feedhub.fetch.calls import post  # noqa: PLC0415 - as above

            fields = {"hub.mode": "publish", "hub.url": topic}
            return post(url, fields, replace(self._config.fetch, timeout=seconds), named_by=url)

        return _tell(state, Announced(kind="hub", to=url, what="", outcome="sent"), ping, now, end)

    def _post(self, name: str, state: HookState, now: datetime, end: float) -> tuple[HookState, list[Announced]]:
        hook = self._hooks[name]
        told = Announced(kind="webhook", to=host(hook.url), what=hook.edition, outcome="sent")
        results: list[Announced] = []
        if state.lost:
            results.append(replace(told, outcome="dropped", detail=f"{state.lost} parcels, too many waited"))
            state = replace(state, lost=0)
        if not is_due(state, now):
            return state, results
        after, rest = _tell(state, told, lambda parcel, seconds: self._deliver(hook, parcel, now, seconds), now, end)
        return after, results + rest

    def _deliver(self, hook: Webhook, parcel: Parcel, now: datetime, seconds: float) -> Answer:
        from feedhub.fetch.calls import send  # noqa: PLC0415 - as above

        secret = os.environ.get(hook.secret_env, "")
        if not secret:
            raise FetchError("no-secret", f"the environment variable {hook.secret_env} is not set")
        headers = {"Content-Type": formats()["json"].media_type, **signed(parcel, secret, now)}
        settings = replace(self._config.fetch, timeout=seconds)
        return send(hook.url, parcel.body.encode(), headers, settings, named_by=hook.url)

    def _forget_others(self, store: Store) -> None:
        """Forget what was kept for hubs and webhooks that are configured no more: if they come back, they are new."""
        wanted = msgspec.json.encode(sorted((*self._hubs, *self._hooks))).decode()
        known = store.note(INDEX) or "[]"
        if known != wanted:
            for name in msgspec.json.decode(known, type=list[str]):
                if name not in self._hubs and name not in self._hooks:
                    store.set_note(name, "")
            store.set_note(INDEX, wanted)


def _tell(
    state: State, told: Announced, call: Callable[[Any, float], Answer], now: datetime, end: float
) -> tuple[State, list[Announced]]:
    """Tell one after the other what waits, until one fails or the time is up."""
    results: list[Announced] = []
    while state.waiting and (left := end - time.monotonic()) > 0:
        what = state.waiting[0]
        result = told if told.what else replace(told, what=what)
        detail = _outcome(call, what, left)
        if detail:
            state, lost = failed(state, now)
            results.append(replace(result, outcome="given-up" if lost else "failed", detail=detail))
            break
        state = sent(state)
        results.append(result)
    return state, results


def _outcome(call: Callable[[Any, float], Answer], what: str | Parcel, seconds: float) -> str:
    """Return "" where a call was accepted, or why it was not."""
    try:
        answer = call(what, seconds)
    except FetchError as error:
        return f"{error.code}: {error}"
    except Exception as error:  # noqa: BLE001 - told as what it is; what is published stays so
        return f"bug, please report it: {error!r}"
    return "" if answer.status in ACCEPTED else f"http-{answer.status}: {answer.text[:200]}"


def _read(store: Store, name: str, kind: type[State]) -> State | None:
    text = store.note(name)
    return msgspec.json.decode(text, type=kind) if text else None


def _write(store: Store, name: str, state: HubState | HookState, before: HubState | HookState | None) -> None:
    if state != before:
        store.set_note(name, msgspec.json.encode(state).decode())
