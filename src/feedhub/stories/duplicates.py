"""Duplicates: entries that are the same text, told once.

Two entries are one story when they share a canonical URL or an identical text. The links between entries form
connected components, which do not depend on the order in which the entries came. Precision comes first:

* within one source a shared URL or a shared text alone proves nothing (home pages as links, weekly templates); both
  together mean that the source repeated itself under a new guid;
* towards other sources only the first entry of a source that has a given URL or text speaks for it;
* a guid alone never joins entries of different sources.

What the folds found (`feedhub.stories.fold`) links more of them, and what people said counts for most.
"""

from __future__ import annotations

import re
from hashlib import blake2b, sha1
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec.structs import replace

from feedhub.model import Member, Reason, Story, Tag
from feedhub.normalize import urls
from feedhub.stories import links

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedhub.model import Correction, Entry
    from feedhub.model.ledger import Booked
    from feedhub.stories.tags import Subject
    from feedhub.stories.telling import Decision

__all__ = ["arrival", "group", "public_ids", "retold", "text_key", "url_key"]

# Texts of fewer tokens ("Photo of the day", "Open thread") are equal by habit, not because they are copies.
MIN_TOKENS = 12
NAMESPACE = UUID("0a4f9e2c-6f0e-5d39-9a57-3c1f2f6f7b10").bytes
# The two highest bits of this digit are 10, the others as they come.
VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
# Ids that Atom can carry as they are: RFC 4287 §4.2.6 wants an IRI (RFC 3987), and these are the schemes feeds use.
IRI = re.compile(
    r"(?:https?://[^\s/?#]+|tag:[^\s:]+,\d{4}[\d-]*:|urn:[a-z0-9][a-z0-9-]+:|at://|doi:|info:)[^\s<>\"{}|\\^`\x00-\x20]*"
)
MAX_ID = 2000

# The place of a member in the order in which stories are told.
arrival = attrgetter("first_seen", "published", "source_id", "key")


def url_key(entry: Entry) -> str:
    """Return what is equal for links to the same page, or "" for none and for a site's front page."""
    key = urls.key(entry.link)
    return key if "/" in key or "?" in key else ""


def text_key(subject: Subject) -> str:
    """Return what is equal for identical texts (words only, without regard to case or markup), or "" if too short."""
    title, summary, content = subject.spaced
    text = title + (content or summary)
    if len(text.split(maxsplit=MIN_TOKENS - 1)) < MIN_TOKENS:
        return ""
    # Without the spaces, of which there are as many as it comes.
    return blake2b(text.encode().translate(None, b" "), digest_size=16).hexdigest()


def group(
    members: Iterable[Member], decisions: Sequence[Decision] = (), corrections: Sequence[Correction] = ()
) -> list[Story]:
    """Return the stories that ``members`` tell, in order of first arrival.

    ``decisions`` are what the folds found, ``corrections`` what people said, in the order in which they said it. Any
    order of ``members`` and ``decisions`` gives the same answer. Stories without a stored entry are left out, except
    where another story of their event has one: their lead is removed.
    """
    ordered = sorted(members, key=arrival)
    components = links.Parents(len(ordered))
    for first, second, reason in _links(ordered):
        components.unite(first, second, reason)
    events: dict[int, links.Event] = {}
    if decisions or corrections:
        places = {member.number: place for place, member in enumerate(ordered) if member.number >= 0}
        decisions = sorted(decisions, key=attrgetter("number", "rule", "other"))
        for first, second, reason in links.copies(ordered, places, decisions):
            components.unite(first, second, reason)
        said = links.said(corrections, ordered)
        links.settle(components, ordered, said)
        events = links.events(components, ordered, places, decisions, said)
    return _tell(ordered, components, events)


def _tell(ordered: Sequence[Member], components: links.Parents, events: Mapping[int, links.Event]) -> list[Story]:
    # The first member is the root: of two components the one that began later is always put below the other.
    parents, whys = components.parents, components.whys
    copies: dict[int, list[int]] = {}
    for index, parent in enumerate(parents):
        if parent != index:
            copies.setdefault(components.root(index), []).append(index)
    stories = []
    taken: set[str] = set()
    # The ids of stories that have an event, by place, and the events of which something is stored.
    ids: dict[int, str] = {}
    alive: set[str] = set()
    for index, member in enumerate(ordered):
        if parents[index] != index:
            continue
        story_id = _public_id(member, taken)
        taken.add(story_id)
        event = events.get(index)
        later = copies.get(index)
        if not later and not event:
            if not member.removed:
                stories.append(_story_of_one(story_id, member))
            continue
        told = (member, *(ordered[copy] for copy in later or ()))
        stored = not all(one.removed for one in told)
        if event or stored:
            story = _story(story_id, told, tuple(whys[copy] for copy in later or () if copy in whys))
            if event:
                ids[index] = story_id
                story = replace(story, event=ids[event.first], linked=event.reasons)
                if stored:
                    alive.add(story.event)
            stories.append(story)
    return [story for story in stories if not story.lead.removed or story.event in alive] if events else stories


def _links(ordered: Sequence[Member]) -> Iterable[tuple[int, int, Reason]]:
    """Yield pairs of places in ``ordered`` that are one story, with the reason."""
    by_url: dict[str, int] = {}
    by_text: dict[str, int] = {}
    # Most URLs and texts stand once: who spoke for one is noted from its second appearance on.
    spoken: dict[tuple[str, str], set[str]] = {}
    repeated: dict[tuple[str, str, str], int] = {}
    for place, member in enumerate(ordered):
        url, text = member.url_key, member.text_key
        for rule, key, first in (("same-url", url, by_url), ("same-text", text, by_text)):
            if key and (earlier := first.setdefault(key, place)) != place:
                speakers = spoken.setdefault((rule, key), {ordered[earlier].source_id})
                if member.source_id not in speakers:
                    speakers.add(member.source_id)
                    yield earlier, place, _reason(rule, ordered[earlier], member)
        if url and text and (opened := by_url[url]) != place:
            opening = ordered[opened]
            if opening.text_key:
                repeated.setdefault((opening.source_id, url, opening.text_key), opened)
            earlier = repeated.setdefault((member.source_id, url, text), place)
            if earlier != place:
                yield earlier, place, _reason("repeated", ordered[earlier], member)


def _reason(rule: str, earlier: Member, later: Member) -> Reason:
    """Say that ``later`` is found to tell what ``earlier``, the field looked at, tells."""
    return Reason(rule=rule, field=f"{earlier.source_id} {earlier.key}", found=f"{later.source_id} {later.key}")


def _public_id(first: Member, taken: set[str]) -> str:
    """Return the id subscribers see: the entry's own where Atom can carry it and nobody had it before."""
    own = first.entry_id
    return own if own not in taken and _is_public(own) else _made_id(first)


def public_ids(first: Member) -> tuple[str, ...]:
    """Return the ids that a story may have that begins with ``first``, whoever has which already."""
    own = first.entry_id
    return (own, _made_id(first)) if _is_public(own) else (_made_id(first),)


def _is_public(own: str) -> bool:
    return len(own) <= MAX_ID and IRI.fullmatch(own) is not None


def _made_id(first: Member) -> str:
    """Return a UUID made of the name (RFC 9562 §5.5), in a third of the time that `uuid.uuid5` takes."""
    made = sha1(NAMESPACE + f"{first.source_id}\n{first.key}".encode(), usedforsecurity=False).hexdigest()
    return f"urn:uuid:{made[:8]}-{made[8:12]}-5{made[13:16]}-{VARIANT[made[16]]}{made[17:20]}-{made[20:32]}"


def retold(booked: Booked, members: Mapping[int, Member]) -> Story:
    """Return a story as `group` told it; ``members`` are those of their numbers."""
    told = tuple(members[number] for number in booked.members)
    if len(told) == 1 and not booked.event:
        return _story_of_one(booked.id, told[0])
    return replace(_story(booked.id, told, booked.why), event=booked.event, linked=booked.linked)


def _story_of_one(story_id: str, member: Member) -> Story:
    """Return what `_story` would of one member alone, as most stories are, without merging its tags with any."""
    return Story(
        id=story_id,
        lead=member,
        members=(member,),
        why=(),
        tags=member.tags,
        published=member.published,
        updated=member.updated,
        first_seen=member.first_seen,
    )


def _story(story_id: str, members: tuple[Member, ...], why: tuple[Reason, ...]) -> Story:
    lead = next((member for member in members if not member.removed), members[0])
    tags: dict[str, dict[Reason, None]] = {}
    for member in members:
        for tag in member.tags:
            tags.setdefault(tag.name, {}).update(dict.fromkeys(tag.reasons))
    return Story(
        id=story_id,
        lead=lead,
        members=members,
        why=why,
        tags=tuple(Tag(name=name, reasons=tuple(tags[name])) for name in sorted(tags)),
        # Dates are the first teller's, also when it is removed and another one leads: nobody has edited anything then.
        published=members[0].published,
        updated=members[0].updated,
        first_seen=members[0].first_seen,
    )
