"""Decides what a fetched document changes: pure, so that every decision can be tested without a network or database.

Identity: an entry is known by its guid within its source. Feeds that leave guids out, or give several entries the same
one, are repaired with the link and, failing that, with a hash of the text; the repair prefers keys already stored, so
that a feed which mends its guids, or breaks them, does not make old entries look new.

Dates: ``published`` never moves once an entry is stored; ``updated`` moves only with a significant edit, to the date
that the feed states for it where that is later and sane, and else to the time the edit was seen. A text that comes
back again and again (variants for a test, a server that is behind) is no edit, and one that is another at every visit
(counters, lists of what is read most) is edited once a day.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from feedhub.model import Entry, Failure, FetchEvent, Request, SourceState, StoredEntry, Update
from feedhub.moves import is_same_feed, renumbered, settled, sighted
from feedhub.normalize import tidy
from feedhub.normalize.dates import effective
from feedhub.schedule import due_while_delivered, next_due, rhythm
from feedhub.websub import offer
from feedhub.withdrawals import confirmed, noticed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from feedhub.model import Feed, Fetched, Known, Lease, Source

__all__ = ["delivered", "digest", "failed", "is_due", "kept_since", "keys", "read", "request", "unchanged"]

MAX_KEY = 1000
MAX_EVENTS = 30
# Of the texts that an entry had, so many are remembered; one that stood there so often already is no edit any more.
MAX_TEXTS, RETURNS = 16, 2
# An entry that had so many texts is not edited again before that time is over.
RESTLESS = timedelta(days=1)
# What HTML calls white space (HTML Standard, ASCII whitespace).
BLANKS = b" \t\n\f\r"
# The query of an address in a tag as the sanitiser writes it: the value ends at its quote.
QUERY = re.compile(rb'="(https?://[^"?#]*+)\?[^"#]*+')
WHOLE_AFTER = timedelta(days=8)
# No more than this is believed to have passed since the last refresh where entries are to be emptied.
LONGEST_PAUSE = timedelta(days=7)
NOT_MODIFIED, TOO_MANY_REQUESTS = 304, 429
_encode = msgspec.msgpack.Encoder().encode


def digest(data: bytes) -> str:
    """Return the hash by which bodies and entries are compared."""
    return blake2b(data, digest_size=16).hexdigest()


def is_due(source: Source, state: SourceState, now: datetime, lease: Lease | None = None) -> bool:
    """Tell whether a source is to be asked at ``now``: local files always, others when their time has come.

    ``lease`` is the time in which a hub delivers the source.
    """
    if source.url.startswith("file:") or state.url != source.url:
        return True
    if state.fetched_at is not None and state.fetched_at > now:
        # The clock was wrong then, and what it set may be years away.
        return True
    due = due_while_delivered(state, lease)
    return due is None or due <= now


def request(source: Source, state: SourceState, now: datetime) -> Request:
    """Return what to ask of a source: whether its document has changed, and now and then for the document itself.

    Servers that answer 304 for ever exist, so after `WHOLE_AFTER` without a document the question is unconditional.
    """
    if state.url != source.url:
        return Request(source_id=source.id, url=source.url)
    url = state.moved_to or source.url
    if state.whole_at is None or now - state.whole_at >= WHOLE_AFTER:
        return Request(source_id=source.id, url=url)
    return Request(
        source_id=source.id,
        url=url,
        etag=state.etag,
        last_modified=state.last_modified,
        answered_by=state.answered_by,
    )


def failed(source: Source, state: SourceState, fetched: Fetched, failure: Failure, now: datetime) -> Update:
    """Return the update for a source that gave nothing this time: what is known of it stays."""
    gone = failure.code == "gone"
    state = replace(
        _asked(source, state, fetched, now),
        failures=state.failures + 1,
        failure=failure,
        limited_by=fetched.url if fetched.status == TOO_MANY_REQUESTS else "",
        gone=state.gone + 1 if gone else 0,
        gone_since=(state.gone_since or now) if gone else None,
    )
    return Update(state=_scheduled(state, fetched, now, failure.code))


def unchanged(source: Source, state: SourceState, fetched: Fetched, now: datetime) -> Update:
    """Return the update for a source that still says what it said: status 304, or the same bytes again."""
    state = sighted(_succeeded(source, state, fetched, now), fetched.moved_to, now, same=True)
    state = confirmed(state, now)
    return Update(state=_scheduled(settled(state, now), fetched, now, "unchanged"))


def kept_since(now: datetime, refreshed: datetime | None, keep: timedelta) -> datetime:
    """Return from when on entries are kept, if sources were last ``refreshed`` then and entries live for ``keep``.

    What is emptied never comes back. So a clock that is a year ahead once must not cost a year of entries: it counts as
    `LONGEST_PAUSE` at most, and who refreshes more seldom keeps entries that much longer.
    """
    return (now if refreshed is None else min(now, refreshed + LONGEST_PAUSE)) - keep


def read(  # noqa: PLR0913 - the facts that decide, each of its own kind
    source: Source,
    state: SourceState,
    known: Mapping[str, Known],
    text_of: Callable[[str], Entry | None],
    *,
    fetched: Fetched,
    feed: Feed,
    now: datetime,
) -> Update:
    """Return the update for a feed that was fetched and parsed: its new and its changed entries, tidied.

    ``known`` holds the stored entries of the source by key, and ``text_of`` gives what is stored of one. Entries that
    retention removed stay removed. A feed that a permanent redirect led to, and that has nothing in common with the one
    that was known, is a failure: it waits for the operator, and its entries are not taken for the source's.
    """
    base_url = fetched.url if fetched.url.startswith("http") else source.link or feed.link
    language = source.language or feed.language
    fingerprints = [digest(_encode(entry)) for entry in feed.entries]
    places = keys(feed.entries, fingerprints, known)
    if fetched.moved_to and not is_same_feed(feed, places, state, known):
        state = sighted(state, fetched.moved_to, now, same=False)
        detail = f"moved permanently to {fetched.moved_to}, which is another feed; change the URL if that is right"
        return failed(source, state, fetched, Failure(stage="fetch", code="moved", detail=detail), now)
    aliases = renumbered(feed.entries, places, known)
    known = {**known, **{alias.other: known[alias.key] for alias in aliases}} if aliases else known
    new: list[StoredEntry] = []
    changed: list[StoredEntry] = []
    published: dict[str, datetime] = {}
    half = _half(feed)
    for place, fingerprint, entry in zip(places, fingerprints, feed.entries, strict=True):
        before = known.get(place)
        key = before.key if before else place
        if key in published:
            continue
        if before is None:
            new.append(_new(source, key, fingerprint, tidy(entry, base_url=base_url, language=language), now))
        elif not before.removed and before.fingerprint != fingerprint and entry is not half:
            after = tidy(entry, base_url=base_url, language=language)
            changed.append(_changed(source, _remembering(before, text_of), fingerprint, after, now))
        published[key] = before.published if before else new[-1].published
    # What a feed says of itself is shown as its entries are, and no more to be trusted.
    head = tidy(Entry(title=feed.title, link=feed.link), base_url=base_url, language=feed.language)
    state = replace(
        sighted(_succeeded(source, state, fetched, now), fetched.moved_to, now, same=True),
        body_hash=digest(fetched.body),
        title=head.title.value,
        link=head.link,
        feed_id=feed.id,
        language=head.language,
        rhythm=rhythm(_moments(published, known, now)),
        hints=feed.hints,
        offer=offer(fetched.headers, feed.links, fetched.url),
        problems=feed.problems,
        new_entry_at=now if new else state.new_entry_at,
    )
    state = noticed(state, known, feed=feed, listed=published, new=new, now=now)
    code = "new" if new else "edited" if changed else "unchanged"
    state = _scheduled(settled(state, now), fetched, now, code, len(new))
    return Update(state=state, new=tuple(new), changed=tuple(changed), aliases=aliases)


def _half(feed: Feed) -> Entry | None:
    """Return the entry that the document breaks off in, if it does: what is stored of that may be whole."""
    cut = any(problem.code == "cut-short" for problem in feed.problems)
    return feed.entries[-1] if cut and feed.entries else None


def _moments(published: Mapping[str, datetime], known: Mapping[str, Known], now: datetime) -> list[datetime]:
    """Return the dates that tell of a rhythm: what came without dates is dated when it was seen, all of it at once."""
    seen = {key: known[key].first_seen if key in known else now for key in published}
    stated = [date for key, date in published.items() if date != seen[key]]
    return stated if len(stated) == len(published) else [*stated, *set(published.values()).difference(stated)]


def delivered(  # noqa: PLR0913 - as `read`
    source: Source,
    state: SourceState,
    known: Mapping[str, Known],
    text_of: Callable[[str], Entry | None],
    *,
    fetched: Fetched,
    feed: Feed,
    now: datetime,
) -> Update:
    """Return the update for a feed that a hub delivered: its new and its changed entries, and nothing else.

    A hub may send the new entries only (WebSub §7), so nothing is learned about the document that the source has.
    """
    update = read(source, state, known, text_of, fetched=fetched, feed=feed, now=now)
    after = update.state
    return replace(update, state=replace(state, new_entry_at=after.new_entry_at, events=after.events))


def keys(entries: Sequence[Entry], fingerprints: Sequence[str], known: Mapping[str, Known]) -> list[str]:
    """Return the key of each entry within its source; exact repetitions within the document get the same key."""
    names = [_name(entry) for entry in entries]
    counts = Counter(names)
    return [
        _key(name, entry, fingerprint, known, alone=counts[name] == 1)
        for name, entry, fingerprint in zip(names, entries, fingerprints, strict=True)
    ]


def _name(entry: Entry) -> str:
    """Return the guid or link of an entry; of one too long for a key its beginning, and a hash of the whole."""
    name = entry.id or entry.link
    return name if len(name) <= MAX_KEY else f"{name[:MAX_KEY]}\n{digest(name.encode('utf-8', 'replace'))}"


def _key(plain: str, entry: Entry, fingerprint: str, known: Mapping[str, Known], *, alone: bool) -> str:
    """Return the plain guid (or link) where it tells the entry apart, and else the guid with a hash that does."""
    stored = known.get(plain)
    if plain and stored is not None and (alone or stored.fingerprint == fingerprint):
        return plain
    text = entry.link if entry.id and entry.link else f"{entry.title.value}\n{entry.summary.value}"
    mended = f"{plain}\n{digest(text.encode('utf-8', 'replace'))}"
    return plain if plain and alone and mended not in known else mended


def _new(source: Source, key: str, fingerprint: str, entry: Entry, now: datetime) -> StoredEntry:
    published, updated = effective(entry, now)
    return StoredEntry(
        source_id=source.id,
        key=key,
        first_seen=now,
        published=published,
        updated=updated,
        fingerprint=fingerprint,
        # Few entries ever change: the hash is made of the text that is stored when one does.
        significant="",
        entry=entry,
    )


def _remembering(before: Known, text_of: Callable[[str], Entry | None]) -> Known:
    """Return what is known of an entry with the hash of its text, which is not made before the entry changes."""
    if before.significant or (entry := text_of(before.key)) is None:
        return before
    return replace(before, significant=_significant(entry))


def _changed(source: Source, before: Known, fingerprint: str, entry: Entry, now: datetime) -> StoredEntry:
    significant = _remembered(before.significant, _significant(entry))
    updated = before.updated
    restless = before.significant.count(" ") + 1 >= MAX_TEXTS and now - updated < RESTLESS
    if significant != before.significant and not restless:
        _, stated = effective(entry, now)
        updated = stated if stated > before.updated else max(now, before.updated)
    return StoredEntry(
        source_id=source.id,
        key=before.key,
        first_seen=before.first_seen,
        published=before.published,
        updated=updated,
        fingerprint=fingerprint,
        significant=significant,
        entry=entry,
    )


def _significant(entry: Entry) -> str:
    """Return the hash of what a subscriber reads; authors, categories and dates may change unnoticed.

    So may the blanks and lines of a text: servers that write HTML anew set them as they like; and the parameters of
    addresses, within texts, too: some servers write a session or a signature into each, another one every time.
    """
    link, *enclosures = map(_without_parameters, (entry.link, *(enclosure.url for enclosure in entry.enclosures)))
    summary, content = _told(entry.summary.value), _told(entry.content.value)
    return digest(_encode((entry.title.value, link, summary, content, enclosures)))


def _without_parameters(url: str) -> str:
    return url.partition("?")[0].partition(";")[0]


def _told(text: str) -> str:
    """Return a text without its blanks and the queries of its addresses.

    Blanks are deleted from bytes: to split a text at them and join it takes three times as long.
    """
    data = text.encode().translate(None, BLANKS)
    return QUERY.sub(rb'="\1', data).decode()


def _remembered(before: str, significant: str) -> str:
    """Return the texts (as hashes) that an entry had, the last one last, where ``significant`` is an edit of them.

    It is none, and ``before`` stays, where it is the last one or came back too often.
    """
    texts = before.split()
    if texts[-1:] == [significant] or texts.count(significant) >= RETURNS:
        return before
    return " ".join((*texts[1 - MAX_TEXTS :], significant))


def _asked(source: Source, state: SourceState, fetched: Fetched, now: datetime) -> SourceState:
    """Return what any answer says of a source; at a new address nothing counts that was learned at the old one."""
    if state.url != source.url:
        state = SourceState(source_id=source.id, title=state.title, link=state.link, withdrawn=state.withdrawn)
    if state.fetched_at is not None and state.fetched_at > now:
        state = _set_back(state, now)
    return replace(state, url=source.url, status=fetched.status, fetched_at=now)


def _set_back(state: SourceState, now: datetime) -> SourceState:
    """Return ``state`` without times to come: a clock that was wrong noted them, and what counts from them would wait.

    A year ahead once, and for that year no server that answers 304 for ever would be asked for its document.
    """
    return replace(
        state,
        succeeded_at=_past(state.succeeded_at, now),
        whole_at=_past(state.whole_at, now),
        new_entry_at=_past(state.new_entry_at, now),
        gone_since=_past(state.gone_since, now),
        move=state.move and replace(state.move, since=min(state.move.since, now)),
    )


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return moment and min(moment, now)


def _succeeded(source: Source, state: SourceState, fetched: Fetched, now: datetime) -> SourceState:
    headers = dict(fetched.headers)
    state = _asked(source, state, fetched, now)
    # A 304 need not repeat the validators (RFC 9110 §15.4.5); a 200 without them has none.
    kept = fetched.status == NOT_MODIFIED
    return replace(
        state,
        answered_by=fetched.url,
        etag=headers.get("etag", state.etag if kept else ""),
        last_modified=headers.get("last-modified", state.last_modified if kept else ""),
        succeeded_at=now,
        whole_at=state.whole_at if kept else now,
        failures=0,
        failure=None,
        limited_by="",
        gone=0,
        gone_since=None,
    )


def _scheduled(state: SourceState, fetched: Fetched, now: datetime, code: str, new: int = 0) -> SourceState:
    """Return ``state`` with the answer noted and the time of the next request."""
    headers = dict(fetched.headers)
    if len(headers) < len(fetched.headers):
        # A list may be sent line by line (RFC 9110 §5.3).
        headers["cache-control"] = ", ".join(value for name, value in fetched.headers if name == "cache-control")
    due = next_due(state, headers, now)
    event = FetchEvent(at=now, code=code, new=new)
    return replace(state, due=due.at, because=due.because, events=(*state.events[1 - MAX_EVENTS :], event))
