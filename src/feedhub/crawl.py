"""One crawl: sources are fetched, read and planned for, and nothing is written. The hub does with it what it likes."""

from __future__ import annotations

import logging
import re
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from feedhub import plan
from feedhub.errors import ParseError, StoreError
from feedhub.fetch import fetch_all
from feedhub.model import Failure, Fetched, Problem, SourceState, Update
from feedhub.normalize.credentials import masked
from feedhub.publish import FORMATS, formats
from feedhub.pushes import leases
from feedhub.raw import raw
from feedhub.reading import Document, Readers
from feedhub.schedule import paused

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from datetime import datetime

    from feedhub.config import Config
    from feedhub.model import Delivery, Entry, Feed, Known, Request, Source
    from feedhub.store import Store

__all__ = ["Crawl", "Crawled", "SourceResult", "own_documents", "refusal"]

log = logging.getLogger("feedhub")

TOO_COMPLEX = "too-complex"
# A document gets this share of the CPU time that one may take at first. Those for which it is not enough are read when
# all others are, for so many times that time in all: however many there are, nobody waits for them.
FIRST_SHARE, SLOW_IN_ALL = 0.1, 2.0
# So many bytes of such documents wait; more of them count as failed at once.
MAX_PUT_OFF = 64 * 1024 * 1024


class SourceResult(Struct, frozen=True, kw_only=True):
    """What one source gave in a refresh: ``new`` and ``changed`` count its entries.

    Where its document was parsed, ``reader`` tells by which row of `feedhub.parse.DIALECTS`, ``declined`` why the
    earlier rows did not, and ``differences`` the fields in which a shadow check found the parsers to differ.
    """

    source_id: str
    outcome: Literal["changed", "unchanged", "failed"]
    new: int = 0
    changed: int = 0
    failure: Failure | None = None
    problems: tuple[Problem, ...] = ()
    reader: str = ""
    declined: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


class Crawled(Struct, frozen=True, kw_only=True):
    """An answer's update and result; ``news`` tells whether it changes anything that is published."""

    update: Update
    result: SourceResult
    news: bool


class Crawl:
    """Asks sources under a configuration at the time ``now``; ``store`` knows what was said before, if anything."""

    def __init__(self, config: Config, store: Store | None, now: datetime) -> None:
        self.config = config
        self.now = now
        self.states = store.states() if store else {}
        self.store = store
        self.known: Callable[[str], Mapping[str, Known]] = self._known
        self.readers = Readers(config.parse)
        self.own = own_documents(config)
        pushed = [source.id for source in config.sources] if store and config.websub.enabled else []
        self.leases = leases(store, pushed, now) if store else {}

    def answers(self, sources: Iterable[Source], *, force: bool) -> Generator[Crawled, None, None]:
        """Ask the sources that are due, or with ``force`` all, and yield an answer for each as they come."""
        asked = {source.id: source for source in sources if force or self._is_due(source)}
        requests = [_authorized(plan.request(one, self._state(one), self.now), one) for one in asked.values()]
        if not force:
            requests = self._allowed(requests)
        put_off: list[tuple[Source, Fetched]] = []
        waiting = 0
        with closing(self.readers), closing(fetch_all(requests, self.config.fetch)) as answers:
            for fetched in answers:
                source = asked[fetched.source_id]
                crawled = self.crawled(source, fetched, seconds=FIRST_SHARE * self.config.parse.seconds)
                if _is_too_complex(crawled.result.failure) and waiting + len(fetched.body) <= MAX_PUT_OFF:
                    put_off.append((source, fetched))
                    waiting += len(fetched.body)
                else:
                    yield crawled
            if put_off:
                yield from self._slow(put_off)

    def _slow(self, put_off: list[tuple[Source, Fetched]]) -> Iterator[Crawled]:
        """Read what takes long, as far as there is time for it.

        Who failed least often comes first: what nobody can ever read does not starve what takes only a little longer.
        """
        limit, box = self.config.parse.seconds, self.readers.box
        end = box.used + SLOW_IN_ALL * limit
        for source, fetched in sorted(put_off, key=lambda one: self._state(one[0]).failures):
            if (left := end - box.used) > FIRST_SHARE * limit:
                yield self.crawled(source, fetched, seconds=min(limit, left))
            else:
                detail = f"reading it takes more than {FIRST_SHARE * limit:.3g} seconds, and others took the rest"
                failure = Failure(stage="parse", code=TOO_COMPLEX, detail=detail)
                yield self.crawled(source, replace(fetched, failure=failure))

    def _allowed(self, requests: list[Request]) -> list[Request]:
        """Leave out requests to servers that have answered 429 to another source and are still to be left alone."""
        limited = [state for state in self.states.values() if state.limited_by]
        if not limited:
            return requests
        from feedhub.fetch.keys import Keys  # noqa: PLC0415 - hardly ever needed

        key_of = Keys(self.config.fetch).of_url
        keys = paused(limited, key_of, self.now)
        return [request for request in requests if key_of(request.url) not in keys]

    def delivered(self, delivery: Delivery) -> Crawled | None:
        """Judge what a hub delivered; None where it is for no source that is configured as it was then."""
        source = next((source for source in self.config.sources if source.id == delivery.source_id), None)
        state = self._state(source) if source else None
        if not source or not state or state.url != source.url:
            return None
        if not state.offer or state.offer.topic != delivery.topic:
            return None
        fetched = Fetched(
            source_id=source.id,
            url=state.answered_by or source.url,
            status=200,
            headers=(("content-type", delivery.content_type),),
            body=delivery.body,
            pushed=True,
        )
        # What takes longer is not waited for: it is read when the source itself is asked.
        crawled = self.crawled(source, fetched, seconds=FIRST_SHARE * self.config.parse.seconds)
        self.states[source.id] = crawled.update.state
        return crawled

    def _is_due(self, source: Source) -> bool:
        return plan.is_due(source, self._state(source), self.now, self.leases.get(source.id))

    def _known(self, source_id: str) -> Mapping[str, Known]:
        # Nothing is stored of a source that was never asked.
        return self.store.known(source_id) if self.store and source_id in self.states else {}

    def _text(self, source_id: str, key: str) -> Entry | None:
        stored = self.store.entries([(source_id, key)]) if self.store else []
        return stored[0].entry if stored else None

    def _state(self, source: Source) -> SourceState:
        return self.states.get(source.id) or SourceState(source_id=source.id)

    def crawled(self, source: Source, fetched: Fetched, *, seconds: float | None = None) -> Crawled:
        """Judge an answer; whatever goes wrong with it is this source's failure and nobody else's.

        ``seconds`` of CPU time are allowed to the tolerant reader, or as many as the configuration says.
        """
        state = self._state(source)
        document: Document | None = None
        failure = fetched.failure
        update: Update | None = None
        is_read = False
        try:
            if failure is None and not fetched.pushed and self._is_known(source, state, fetched):
                update = plan.unchanged(source, state, fetched, self.now)
            elif failure is None:
                is_read = True
                document = self.readers.read(fetched, seconds=seconds)
                failure = refusal(document.feed, self.own)
                if failure is None:
                    known, text_of = self.known(source.id), partial(self._text, source.id)
                    read = plan.delivered if fetched.pushed else plan.read
                    update = read(source, state, known, text_of, fetched=fetched, feed=document.feed, now=self.now)
        except ParseError as error:
            failure = Failure(stage="parse", code=error.code, detail=str(error))
        except StoreError:
            raise
        except Exception as error:
            log.exception("bug met while reading source %s; please report it", source.id)
            failure = Failure(stage="bug", code="bug", detail=f"{type(error).__name__}: {error}")
        if update is None and fetched.pushed:
            # The hub's failure is not the source's: it is asked itself when it is due.
            log.warning("what a hub delivered for source %s is not read: %s", source.id, failure)
            update = Update(state=state)
        if update is None:
            update = plan.failed(source, state, fetched, failure or Failure(stage="bug", code="bug"), self.now)
        # Whether time and memory suffice can be otherwise another time: read again, it could tell what never was told.
        if self.config.keep_raw and is_read and not _is_too_complex(failure):
            update = replace(update, raw=raw(source, fetched, self.now))
        return Crawled(update=update, result=_result(update, document), news=_is_news(state, update))

    def _is_known(self, source: Source, state: SourceState, fetched: Fetched) -> bool:
        """Tell whether the document is the one that was read last."""
        if fetched.status == plan.NOT_MODIFIED:
            return True
        return state.url == source.url and plan.digest(fetched.body) == state.body_hash


def _authorized(request: Request, source: Source) -> Request:
    """Return a request with the source's credentials, to the address that they were given for: they do not move."""
    if not source.authorization_env and masked(source.url) == source.url:
        return request
    return replace(request, url=source.url, authorization_env=source.authorization_env)


def _is_too_complex(failure: Failure | None) -> bool:
    return failure is not None and failure.code == TOO_COMPLEX


def refusal(feed: Feed, own: re.Pattern[str]) -> Failure | None:
    """Refuse what this very site publishes: reading it would publish everything again, and again."""
    named = (feed.id, *(link.href for link in feed.links if link.rel == "self"))
    if any(map(own.fullmatch, named)):
        detail = "this is published by this very site; name the feeds it is made of instead"
        return Failure(stage="fetch", code="refused", detail=detail)
    return None


def own_documents(config: Config) -> re.Pattern[str]:
    """Return what matches the addresses of this site's own feeds."""
    slugs = [re.escape(edition.slug) for edition in config.editions]
    slugs += [re.escape(edition.slug).replace(re.escape("{tag}"), "[^/]+") for edition in config.tag_editions]
    named = {name for edition in (*config.editions, *config.tag_editions) for name in edition.formats}
    # Other packages are asked for their formats only where one is used: finding packages takes a while.
    known = FORMATS if named <= FORMATS.keys() else formats()
    suffix = "|".join(re.escape(form.suffix) for form in known.values())
    written = rf"(?:{'|'.join(slugs)})(?:--archive-\d+)?(?:{suffix})"
    # Feeds on demand, of `feedhub serve`, are called by what was asked for.
    return re.compile(rf"{re.escape(config.site.url)}(?:{written}|feed(?:{suffix})(?:\?.*)?)")


def _is_news(before: SourceState, update: Update) -> bool:
    after = update.state
    told_of = (before.title, before.link, before.withdrawn) != (after.title, after.link, after.withdrawn)
    return bool(update.new or update.changed or told_of)


def _result(update: Update, document: Document | None) -> SourceResult:
    state = update.state
    changed = bool(update.new or update.changed)
    return SourceResult(
        source_id=state.source_id,
        outcome="failed" if state.failure else "changed" if changed else "unchanged",
        new=len(update.new),
        changed=len(update.changed),
        failure=state.failure,
        problems=state.problems,
        reader=document.reader if document else "",
        declined=document.declined if document else (),
        differences=document.differences if document else (),
    )
