"""Reads kept responses again and stores what they tell, by the same steps as when they arrived.

The entries come out as they would have come if today's parser had read those responses then: with this very version,
exactly as they are stored. What the responses do not tell stays as it is: entries first seen before the oldest response
kept of their source, entries that retention removed, entries that a response no longer tells of, and the states of the
sources, most of which come from answers without a document.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feedhub.crawl import Crawl
from feedhub.model import Alias, Update

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedhub.config import Config
    from feedhub.model import Known, Raw
    from feedhub.store import Store

__all__ = ["Replayed", "replay"]


class Replayed(Struct, frozen=True, kw_only=True):
    """What came of a replay: ``responses`` read, ``failed`` ones of them, entries ``made`` anew and ``kept`` as is."""

    responses: int
    failed: int
    made: int
    kept: int


def replay(config: Config, store: Store) -> Replayed:
    """Make the facts of ``store`` anew from its kept responses, in one transaction of it."""
    run = _Replay(config, store)
    with store.rebuilding(), closing(run.crawl.readers):
        for raw in store.raw():
            run.read(raw)
    stored = sum(len(_keys(store.known(source_id))) for source_id in run.states)
    return Replayed(responses=run.responses, failed=run.failed, made=run.made, kept=stored - run.made)


class _Replay:
    """One replay, begun before the entries to be made anew are gone."""

    def __init__(self, config: Config, store: Store) -> None:
        self.store = store
        self.states = store.states()
        self.aliases = {source_id: _aliases(store.known(source_id)) for source_id in self.states}
        # The keys of entries that stay as they are, by source; asked for when its first response is read.
        self.settled: dict[str, frozenset[str]] = {}
        self.crawl = Crawl(config, store, datetime.min.replace(tzinfo=UTC))
        self.crawl.states = {}
        self.crawl.known = self._known
        self.responses = self.failed = self.made = 0

    def read(self, raw: Raw) -> None:
        """Read a response and store what it tells."""
        source_id = raw.source.id
        if source_id not in self.settled:
            self.settled[source_id] = _keys(self.store.known(source_id))
        update = self._update(raw)
        self.crawl.states[source_id] = update.state
        self.responses += 1
        self.failed += update.state.failure is not None
        self.made += len(update.new)
        changed = tuple(entry for entry in update.changed if entry.key not in self.settled[source_id])
        self.store.apply([replace(update, state=self.states[source_id], changed=changed, raw=None)])

    def _update(self, raw: Raw) -> Update:
        """Return what a response tells, with entries that were once found to be known ones under new guids as such.

        What proved it then may be gone: the title or the link that the entry has had since, or the text.
        """
        self.crawl.now = raw.at
        source_id = raw.source.id
        update = self.crawl.crawled(raw.source, raw.fetched).update
        missed = [alias for entry in update.new if (alias := self.aliases[source_id].get(entry.key))]
        known = self._known(source_id) if missed else {}
        found = tuple(alias for alias in missed if alias.key in known)
        if not found:
            return update
        self.store.apply([Update(state=self.states[source_id], aliases=found)])
        return self.crawl.crawled(raw.source, raw.fetched).update

    def _known(self, source_id: str) -> dict[str, Known]:
        """Return what was known when the response came: an entry that retention removed later is there all the time."""
        known = self.store.known(source_id)
        return {key: entry for key, entry in known.items() if entry.first_seen <= self.crawl.now}


def _aliases(known: Mapping[str, Known]) -> dict[str, Alias]:
    return {other: Alias(other=other, key=entry.key) for other, entry in known.items() if other != entry.key}


def _keys(known: Mapping[str, Known]) -> frozenset[str]:
    return frozenset(entry.key for entry in known.values())
