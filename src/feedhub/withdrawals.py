"""Entries that their source has taken back: pure.

An entry leaves a feed because newer ones came, because somebody filtered or sorted the feed anew, because a server is
behind, or because it was withdrawn. Only the last matters here, and a wrong guess hides news. So an entry counts as
withdrawn where all of this is so:

* the document is whole, and lists its entries by date, newest first;
* it lists at least two entries that are older than the missing one, which itself is not there under another guid, with
  its link or with its title;
* few entries are missing in this way at once: a feed that loses many was made anew;
* it is so in two answers in a row, and in four where the document lists none that is newer: a server that is behind
  lists none either.

What a hub delivers is never the whole feed, and proves nothing. An entry that is listed again was not withdrawn.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Absence, Withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from feedhub.model import Feed, Known, SourceState, StoredEntry

__all__ = ["confirmed", "noticed"]

OLDER, ANSWERS, ANSWERS_OF_NEWEST = 2, 2, 4
# Of the entries that a document lists, this part may be missing beside them.
SHARE = 4
MAX_WITHDRAWN = 200
PARTIAL = frozenset({"cut-short", "not-well-formed", "too-many-entries"})


def noticed(  # noqa: PLR0913 - the facts that decide, each of its own kind
    state: SourceState,
    known: Mapping[str, Known],
    *,
    feed: Feed,
    listed: Mapping[str, datetime],
    new: Sequence[StoredEntry],
    now: datetime,
) -> SourceState:
    """Return ``state`` after a document that lists the entries ``listed``, by key, with their dates in its order."""
    if state.withdrawn:
        state = replace(state, withdrawn=tuple(each for each in state.withdrawn if each.key not in listed))
    if any(problem.code in PARTIAL for problem in feed.problems):
        return state
    gone = {each.key for each in state.withdrawn}
    before = {each.key: each for each in state.missing}
    missing = [replace(before.get(each.key, each), needed=each.needed) for each in _missing(known, listed, new, gone)]
    return confirmed(replace(state, missing=tuple(missing)), now)


def confirmed(state: SourceState, now: datetime) -> SourceState:
    """Return ``state`` after one more answer in which those that are ``missing`` are so."""
    if not state.missing:
        return state
    counted = [replace(each, answers=each.answers + 1) for each in state.missing]
    found = tuple(Withdrawal(key=each.key, at=now) for each in counted if each.answers >= each.needed)
    return replace(
        state,
        missing=tuple(each for each in counted if each.answers < each.needed),
        withdrawn=(*state.withdrawn, *found)[-MAX_WITHDRAWN:],
    )


def _missing(
    known: Mapping[str, Known], listed: Mapping[str, datetime], new: Sequence[StoredEntry], gone: set[str]
) -> list[Absence]:
    """Return the entries that are missing between those that a document lists, or before them, and not ``gone`` yet."""
    dates = list(listed.values())
    if len(dates) <= OLDER or any(later > earlier for earlier, later in pairwise(dates)):
        return []
    newest, oldest = dates[0], dates[-OLDER]
    candidates = {
        entry.key: entry
        for entry in known.values()
        if entry.published > oldest and entry.key not in listed and not entry.removed and entry.key not in gone
    }
    if not candidates:
        return []
    said = [(known[key].link, known[key].title) for key in listed if key in known]
    said += [(each.entry.link, each.entry.title.value) for each in new if each.entry]
    links, titles = {link for link, _ in said}, {title for _, title in said}
    missing = [
        Absence(key=entry.key, needed=ANSWERS if entry.published < newest else ANSWERS_OF_NEWEST)
        for entry in candidates.values()
        if not (entry.link and entry.link in links) and not (entry.title and entry.title in titles)
    ]
    return missing if len(missing) <= max(1, len(listed) // SHARE) else []
