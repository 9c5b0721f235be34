"""The wiring: the only place with a clock, and with the order of effects."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedhub import plan, site
from feedhub.announce import Announced, Announcer
from feedhub.crawl import Crawl, SourceResult
from feedhub.errors import StoreError
from feedhub.health import Health, diagnose, sparkline
from feedhub.inbox import Inbox
from feedhub.inquiry import compare, correction
from feedhub.lock import Lock
from feedhub.model import Source, SourceState, Update
from feedhub.moves import Proposal, is_dead
from feedhub.newsroom import Newsroom
from feedhub.normalize.credentials import masked
from feedhub.normalize.urls import host
from feedhub.press import documents, put_away
from feedhub.preview import Preview, editions, tags
from feedhub.pushes import inbox_folder
from feedhub.replay import Replayed, replay
from feedhub.stock import AllStories
from feedhub.store import open_store
from feedhub.stories.links import standing
from feedhub.typesetter import Typesetter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Literal

    from feedhub.config import Config
    from feedhub.model import Correction, Story
    from feedhub.store import Store
    from feedhub.stories.comparing import Comparison
    from feedhub.stories.explain import Explanation

__all__ = ["Announced", "Hub", "Publication", "Rebuilt", "SourceHealth", "SourceResult"]

# Updates wait for each other, so that the database pays for few transactions; a kill loses at most these.
BATCH = 100
# Nor may the responses that are to be kept fill the memory meanwhile.
BATCH_BYTES = 16 * 1024 * 1024
# The named fact that says what was last published; empty while facts wait to be published.
PUBLISHED = "published"
# The named fact that says when a refresh of all sources last came to its end.
REFRESHED = "refreshed"
# The named fact that says what the sites of dead sources named, and when they were asked.
PROPOSALS = "proposals"


class Publication(Struct, frozen=True, kw_only=True):
    """What a publishing run did: the paths ``written`` because their bytes changed, of ``documents`` in all.

    ``preview`` is what a run that writes nothing would change.
    """

    documents: int
    written: tuple[str, ...]
    preview: Preview | None = None


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What a rebuild published, and what the kept responses told it, where they were asked."""

    publication: Publication
    replayed: Replayed | None = None


class SourceHealth(Struct, frozen=True, kw_only=True):
    """A source with what is known of it; ``answers`` is a sparkline of the last ones, oldest first.

    ``proposal`` is another feed that the site of a dead source names, "" for none.
    """

    source: Source
    state: SourceState | None
    health: Health
    answers: str
    proposal: str = ""


class PublishedNote(Struct, frozen=True, kw_only=True):
    """The note kept about the last publication: under which configuration, and the documents' paths."""

    fingerprint: str
    paths: tuple[str, ...]


class Hub:
    """A configured aggregator over its store; use it as a context manager, or close it.

    Refreshing and publishing take the store's lock and raise AlreadyRunningError where another process holds it. All
    methods raise StoreError where the database cannot be used.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.lock = Lock(config.store_path.with_name(config.store_path.name + ".lock"))
        self.newsroom = Newsroom(config)
        self.announcer = Announcer(config)
        self._store: Store | None = None

    def __enter__(self) -> Self:
        """Return the hub itself; the store is opened when it is first needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the hub."""
        self.close()

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()
            self._store = None

    @property
    def store(self) -> Store:
        """The open store."""
        if self._store is None:
            self._store = open_store(str(self.config.store_path))
        return self._store

    @property
    def is_stored(self) -> bool:
        """Whether there is a store already."""
        return self.config.store_path.exists()

    def refresh(
        self, *, only: Iterable[str] = (), force: bool = False, dry_run: bool = False
    ) -> Iterator[SourceResult]:
        """Fetch the sources that are due and store what is new, yielding results as they come.

        ``only`` names the sources to consider by their ids; with ``force`` they count as due; with ``dry_run`` nothing
        is stored. KeyError names an id that is not configured. Leaving the iteration early keeps what was yielded.
        """
        sources = self._sources(only)
        if dry_run:
            store = self.store if self.is_stored else None
            crawl = Crawl(self.config, store, _now())
            yield from (crawled.result for crawled in crawl.answers(sources, force=force))
            return
        with self.lock:
            now = _now()
            crawl = Crawl(self.config, self.store, now)
            if not self.config.keep_raw and self.store.has_raw():
                # With gaps, the responses would tell another story than the one that was stored.
                self.store.forget_raw()
            yield from self._receive(crawl)
            pending: list[Update] = []
            waiting = 0
            news = False
            try:
                for crawled in crawl.answers(sources, force=force):
                    pending.append(crawled.update)
                    news = news or crawled.news
                    waiting += len(crawled.update.raw.fetched.body) if crawled.update.raw else 0
                    if len(pending) >= BATCH or waiting >= BATCH_BYTES:
                        self._apply(pending, news=news)
                        pending, waiting = [], 0
                    yield crawled.result
            finally:
                self._apply(pending, news=news)
            if news and self.config.keep:
                cutoff = plan.kept_since(now, self.refreshed(), self.config.keep)
                self.store.retain(cutoff, self.config.keep_at_least)
            if not only:
                self._propose(crawl.states, now)
                self.store.set_note(REFRESHED, _now().isoformat())

    def _propose(self, states: Mapping[str, SourceState], now: datetime) -> None:
        """Ask the sites of dead sources for other feeds, each once a week; they are shown, and not adopted."""
        if any(is_dead(state, now) for state in states.values()):
            from feedhub.finder import propose  # noqa: PLC0415 - it loads lxml, and sources seldom die

            before = self._proposals()
            after = propose(self.config, states, before, now)
            if after != before:
                self.store.set_note(PROPOSALS, msgspec.json.encode(after).decode())

    def _proposals(self) -> dict[str, Proposal]:
        text = self.store.note(PROPOSALS)
        return msgspec.json.decode(text, type=dict[str, Proposal]) if text else {}

    def _receive(self, crawl: Crawl) -> Iterator[SourceResult]:
        """Store what hubs have delivered since the last refresh."""
        if not self.config.websub.enabled:
            return
        with closing(crawl.readers):
            for delivery in Inbox(inbox_folder(self.config.store_path)).deliveries():
                if crawled := crawl.delivered(delivery):
                    self._apply([crawled.update], news=crawled.news)
                    yield crawled.result

    def _apply(self, updates: list[Update], *, news: bool) -> None:
        if news:
            # Said before the facts are stored: the run after a killed one finds that they still wait to be published.
            self.store.set_note(PUBLISHED, "")
        signer = self.newsroom.signer
        # Signed while they are at hand: to read them from the store again costs a third as much as signing does.
        signed = [signer.sign(stored) for update in updates for stored in (*update.new, *update.changed)]
        self.store.apply(updates, raw_bytes=self.config.keep_raw_bytes, signer=signer.fingerprint, members=signed)

    def refreshed(self) -> datetime | None:
        """Return when a refresh of all sources last came to its end, None for never."""
        text = self.store.note(REFRESHED)
        return datetime.fromisoformat(text) if text else None

    def check(self) -> Iterator[SourceResult]:
        """Fetch and read every source as if for the first time, without a store: ``new`` counts all its entries."""
        crawl = Crawl(self.config, None, _now())
        yield from (crawled.result for crawled in crawl.answers(self.config.sources, force=True))

    def _sources(self, only: Iterable[str]) -> list[Source]:
        known = {source.id: source for source in self.config.sources}
        wanted = list(only)
        for source_id in wanted:
            if source_id not in known:
                raise KeyError(f"no source {source_id!r} in {self.config.path}; there are {', '.join(sorted(known))}")
        return [known[source_id] for source_id in wanted] or list(known.values())

    def publish(self, *, force: bool = False, dry_run: bool = False) -> Publication:
        """Publish the editions, writing only documents whose bytes changed.

        Nothing is done where nothing can have changed since the last publication, unless ``force`` says so. With
        ``dry_run`` nothing is written, and ``written`` names what would be as far as stories were told already. OSError
        names a file that cannot be written, ConfigError what is wrong with a theme.
        """
        if dry_run and not self.is_stored:
            # There is nothing that could be published, and nothing is made to find that out.
            return Publication(documents=0, written=())
        with self.lock:
            note = self._published_note()
            setter = Typesetter(self.config, force=force)
            fingerprint = self._fingerprint(setter)
            output = self.config.output
            if not force and note.fingerprint == fingerprint and all((output / path).is_file() for path in note.paths):
                return Publication(documents=len(note.paths), written=())
            if dry_run:
                return self._previewed(note.paths, setter)
            self.newsroom.catch_up(self.store)
            stock, named = self.newsroom.stock(self.store), self.sources()
            written: list[str] = []
            is_there = site.inventory(output)
            for archive in put_away(self.config, self.store, stock, named, lambda path: not force and is_there(path)):
                written += site.write(output, archive)
            made = list(documents(self.config, self.store, stock, named, setter))
            written += site.write(output, made)
            self.announcer.note(self.store, made)
            setter.remember(self.store)
            paths = (*(document.path for document in made), *setter.kept)
            done = PublishedNote(fingerprint=fingerprint, paths=paths)
            self.store.set_note(PUBLISHED, msgspec.json.encode(done).decode())
            return Publication(documents=len(paths), written=tuple(written))

    def _previewed(self, before: tuple[str, ...], setter: Typesetter) -> Publication:
        fresh = self.newsroom.unsigned(self.store)
        stock = AllStories(self.config, self.newsroom.stories(self.store, fresh))
        made = list(documents(self.config, self.store, stock, self.sources(), setter))
        preview = Preview(
            editions=tuple(editions(self.config.output, made, before)),
            tags=tuple(tags(self.store.members(), fresh, self.newsroom.signer.sources)),
        )
        return Publication(
            documents=len(made) + len(setter.kept), written=site.changes(self.config.output, made), preview=preview
        )

    def announce(self) -> list[Announced]:
        """Tell hubs and webhooks what was published and they do not know yet, and return what became of it.

        This takes `feedhub.announce.SECONDS` at most. What nobody took is told again later, by this or another run.
        """
        with self.lock:
            return self.announcer.announce(self.store, _now())

    def rebuild(self, *, from_raw: bool = False) -> Rebuilt:
        """Throw away all that was derived, derive it again, and publish it.

        With ``from_raw`` the facts are made anew, too, as far as the kept responses tell them; `feedhub.replay` says
        how; StoreError where none is kept. Whoever is killed meanwhile leaves what was stored before, or what is
        stored afterwards.
        """
        with self.lock:
            if from_raw and not self.store.has_raw():
                raise StoreError(f"{self.config.store_path}: no response is kept to rebuild from")
            self.store.set_note(PUBLISHED, "")
            replayed = replay(self.config, self.store) if from_raw else None
            self.newsroom.forget(self.store)
            return Rebuilt(publication=self.publish(force=True), replayed=replayed)

    def _published_note(self) -> PublishedNote:
        text = self.store.note(PUBLISHED)
        return msgspec.json.decode(text, type=PublishedNote) if text else PublishedNote(fingerprint="", paths=())

    def _fingerprint(self, setter: Typesetter) -> str:
        """Return what names this configuration as far as documents depend on it."""
        config = self.config
        return plan.digest(
            msgspec.json.encode(
                (
                    self.newsroom.signer.fingerprint,
                    self.newsroom.settings(),
                    setter.settings(),
                    config.site,
                    config.sources,
                    config.editions,
                    config.tag_editions,
                    # A webhook that is new is to be told of what comes after it.
                    config.webhooks,
                )
            )
        )

    def stories(self) -> list[Story]:
        """Return all stories that the configured sources tell, in order of first arrival.

        Near-identical texts and events are found when stories are published; until then, new entries are linked with
        others only by their URLs and texts.
        """
        return [story for story in self._stories() if not story.lead.removed]

    def _stories(self) -> list[Story]:
        return self.newsroom.stories(self.store, self.newsroom.unsigned(self.store))

    def correct(self, kind: Literal["split", "join", "link", "undo"], entry: str, other: str = "") -> Correction:
        """Keep for good what a person says of stories; `Correction` says what each kind means.

        ``entry`` and ``other`` are links, ids or keys of stored entries, with the source's id and a blank before them
        where more than one source has an entry of that name. LookupError says which is not known, or not clear, or that
        there is nothing to undo.
        """
        with self.lock:
            said = correction(self.store, kind, entry, other)
            self.store.set_note(PUBLISHED, "")
            self.store.told.correct(said)
        return said

    def corrections(self) -> list[Correction]:
        """Return what people said of stories and counts still, in the order in which they said it."""
        return standing(self.store.told.corrections())

    def sources(self) -> list[Source]:
        """Return the configured sources as they may be shown: without credentials in their addresses.

        Titles and links that the configuration leaves out are the feeds' own.
        """
        states = self.store.states()
        return [_named(source, states.get(source.id)) for source in self.config.sources]

    def states(self) -> dict[str, SourceState]:
        """Return what is known about each source that was ever fetched, by id."""
        return self.store.states()

    def health(self) -> list[SourceHealth]:
        """Return how the configured sources are doing, in the order of the configuration."""
        states, now = self.store.states(), _now()
        proposed = {source_id: proposal.url for source_id, proposal in self._proposals().items()}
        return [
            SourceHealth(
                source=source,
                state=replace(state, url=masked(state.url)) if state else None,
                health=diagnose(state, now),
                answers=sparkline(state),
                proposal=proposed.get(source.id, "") if state and state.failure else "",
            )
            for source in self.sources()
            for state in [states.get(source.id)]
        ]

    def explain(self, text: str) -> list[Explanation]:
        """Explain the stored entries whose link, id or key is ``text``; an empty list where there is none."""
        return self.newsroom.explain(self.store, text, {source.id: source for source in self.sources()})

    def compare(self, entry: str, other: str) -> Comparison:
        """Explain what two stored entries are to each other; they are named as in `correct`."""
        return compare(self.store, self._stories(), self.config.stories, entry, other)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _named(source: Source, state: SourceState | None) -> Source:
    """Return ``source`` with the title, link and address to show for it."""
    url = masked(source.url)
    title = source.title or (state.title if state else "") or host(url) or source.id
    return replace(source, url=url, title=title, link=source.link or (state.link if state else ""))
