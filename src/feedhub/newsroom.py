"""Wiring: entries become stories. They are signed, taken in by the folds in order of arrival, grouped and explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.bookkeeper import Bookkeeper, forget
from feedhub.editions import contents, decide
from feedhub.model import Source
from feedhub.stock import AllStories, Booked
from feedhub.stories.duplicates import group
from feedhub.stories.explain import Explanation
from feedhub.stories.links import weighed
from feedhub.stories.members import Signer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedhub.config import Config
    from feedhub.model import Member, Story
    from feedhub.stock import Stock
    from feedhub.store import Store
    from feedhub.stories.telling import Decision

__all__ = ["Newsroom"]

# So many entries are grouped at every publication: to write one into the ledger takes five times as long. Of more, only
# what changed is told anew.
FEW = 40_000
# Entries taken in at once: what is remembered of them is read and written together.
BATCH = 3000
DAY = 86400
# The named fact that says under which settings, and by which algorithm, stories were told so far.
TOLD = "told"
TEXT_RULES = frozenset({"near-text"})


class Newsroom:
    """Tells the stories of a configuration; every method is given the store to work in."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.signer = Signer(
            sources=config.sources,
            rules=config.tag_rules,
            categories=config.categories,
            keep_unmapped=config.keep_unmapped,
            taxonomy=config.taxonomy,
            learned=config.learned,
            editions=(*config.editions, *config.tag_editions),
        )

    def unsigned(self, store: Store) -> list[Member]:
        """Return the members of entries that are stored but not signed under this configuration yet."""
        return [self.signer.sign(stored) for stored in store.unsigned(self.signer.fingerprint)]

    def catch_up(self, store: Store) -> None:
        """Sign what is not signed yet, and tell what is not told yet.

        Stories told under other settings, or by another version of the algorithm, are told anew from the beginning.
        """
        store.sign(self.signer.fingerprint, self.unsigned(store))
        wanted = self.settings()
        if store.note(TOLD) != wanted:
            self._forget_told(store)
            store.set_note(TOLD, wanted)
        if wanted or self._puts_away():
            store.told.number()
        if wanted:
            self._tell(store)

    def _puts_away(self) -> bool:
        """Tell whether there are archives: what they hold goes by the order of arrival."""
        return any(edition.history for edition in (*self.config.editions, *self.config.tag_editions))

    def stock(self, store: Store) -> Stock:
        """Return all that was told, to publish from it."""
        if store.told.count() <= FEW:
            return AllStories(self.config, self.stories(store))
        self.book(store)
        return Booked(self.config, store)

    def book(self, store: Store) -> None:
        """Bring the ledger up to what was told."""
        store.told.number()
        settings = f"{self.signer.fingerprint} {self.settings()}"
        Bookkeeper(self.config, settings, self.signer.sources.keys(), self._counts).keep_up(store)

    def forget(self, store: Store) -> None:
        """Throw away all that was derived."""
        store.forget_derived()
        self._forget_told(store)
        forget(store)

    def _forget_told(self, store: Store) -> None:
        from feedhub.stories.fold import WINDOWS  # noqa: PLC0415 - see `_tell`

        store.told.forget(max(WINDOWS.values()))

    def settings(self) -> str:
        """Return what names the algorithm and the settings that stories are told by; "" where none are looked for."""
        settings = self.config.stories
        if not settings.near_duplicates and not settings.events:
            return ""
        from feedhub.stories.fold import ALGORITHM  # noqa: PLC0415 - see `_tell`

        across = settings.events and settings.across_languages
        return f"{ALGORITHM} {settings.near_duplicates:d}{settings.events:d}{across:d}"

    def _tell(self, store: Store) -> None:
        # Only a run with something to tell pays for loading the folds.
        from feedhub.stories.fold import WINDOWS, fold, progress  # noqa: PLC0415
        from feedhub.stories.plain import telling  # noqa: PLC0415

        settings, told = self.config.stories, store.told
        first, clock = progress(told)
        while arrived := told.arrivals(first, BATCH):
            # Who was removed by retention before its turn came keeps its place, and tells nothing.
            folded = fold(
                told,
                [telling(number, stored) for number, stored in arrived if stored.entry is not None],
                copies=settings.near_duplicates,
                events=settings.events,
                across=settings.across_languages,
            )
            told.keep(folded)
            first, before, clock = arrived[-1][0] + 1, clock, progress(told)[1]
            if clock // DAY > before // DAY:
                told.sweep(WINDOWS, clock)

    def stories(self, store: Store, fresh: Sequence[Member] = ()) -> list[Story]:
        """Return all stories that the configured sources tell, in order of first arrival, as far as they were told.

        ``fresh`` are members that count instead of what is signed. Stories of which nothing is stored are among them
        where their event goes on; their lead is removed.
        """
        members = store.members()
        if fresh:
            known = {(member.source_id, member.key): member for member in members}
            for member in fresh:
                before = known.get((member.source_id, member.key))
                known[member.source_id, member.key] = replace(member, number=before.number) if before else member
            members = list(known.values())
        configured = self.signer.sources
        return group(
            # An entry of a source that is no longer configured still holds its place, as a removed one does.
            (member if member.source_id in configured else replace(member, removed=True) for member in members),
            self._links(store),
            store.told.corrections(),
        )

    def _links(self, store: Store) -> list[Decision]:
        """Return what the folds found, without what this configuration does not want to know."""
        return list(filter(self._counts, store.told.links())) if self.settings() else []

    def _counts(self, decision: Decision) -> bool:
        settings = self.config.stories
        return settings.near_duplicates if decision.rule in TEXT_RULES else settings.events

    def explain(self, store: Store, text: str, sources: Mapping[str, Source]) -> list[Explanation]:
        """Explain the stored entries whose link, id or key is ``text``; an empty list where there is none."""
        found = store.find(text)
        if not found:
            return []
        stories = self.stories(store, self.unsigned(store))
        by_member = {(member.source_id, member.key): (story, member) for story in stories for member in story.members}
        by_number = {member.number: member for _, member in by_member.values()}
        shown = list(contents(self.config.editions, (), (), stories))
        withdrawn = {(of, each.key): each.at for of, state in store.states().items() for each in state.withdrawn}
        explanations = []
        for stored in found:
            story, member = by_member.get((stored.source_id, stored.key), (None, None))
            decided = store.told.decisions(member.number) if member and member.number >= 0 else []
            related = [one for one in stories if story and story.event and one.event == story.event and one != story]
            explanations.append(
                Explanation(
                    source=sources.get(stored.source_id) or Source(id=stored.source_id, url=""),
                    stored=stored,
                    member=member,
                    story=story,
                    related=tuple(one for one in related if not one.lead.removed),
                    placed=tuple(weighed(one, by_number.get(one.other), by_number.get(one.number)) for one in decided),
                    editions=tuple(decide(edition, told, story) for edition, told in shown) if story else (),
                    earlier_versions=len(store.revisions(stored.source_id, stored.key)),
                    withdrawn=withdrawn.get((stored.source_id, stored.key)),
                )
            )
        return explanations
