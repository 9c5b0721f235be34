"""Wiring: what the next publication would change, as readers and tags see it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub import site
from feedhub.errors import ParseError
from feedhub.parse import read_feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from feedhub.model import Document, Entry, Member

__all__ = ["EditionChange", "Preview", "Shown", "TagChange", "editions", "tags"]

# Every format of an edition shows the same stories: the first of these that it has is read.
READABLE = ("application/feed+json", "application/atom+xml", "application/rss+xml")
EXAMPLES = 3


class Shown(Struct, frozen=True, kw_only=True):
    """A story as a document shows it."""

    id: str
    title: str


class EditionChange(Struct, frozen=True, kw_only=True):
    """What would differ in an edition: stories that come, that go, and ``changed``, how many stay in another form."""

    slug: str
    added: tuple[Shown, ...]
    removed: tuple[Shown, ...]
    changed: int


class TagChange(Struct, frozen=True, kw_only=True):
    """How many stored entries would gain or lose a tag, with titles of the newest of both."""

    name: str
    gained: int
    lost: int
    gaining: tuple[str, ...]
    losing: tuple[str, ...]


class Preview(Struct, frozen=True, kw_only=True):
    """What would change, each part in the order of its names."""

    editions: tuple[EditionChange, ...]
    tags: tuple[TagChange, ...]


def editions(folder: Path, documents: Iterable[Document], before: Iterable[str]) -> Iterator[EditionChange]:
    """Yield how the editions in ``documents`` differ from those that lie in ``folder``.

    ``before`` are the paths last published, as far as they are known: of editions that are no longer among the
    documents, every story goes.
    """
    after: dict[str, dict[str, Document]] = {}
    for document in documents:
        after.setdefault(_slug(document.path), {})[document.media_type] = document
    gone = sorted({path for path in before if _slug(path) not in after})
    for slug, forms in sorted(after.items()):
        chosen = next((forms[kind] for kind in READABLE if kind in forms), None)
        if chosen is None:
            continue
        old = site.read(folder, chosen.path)
        if old != chosen.body and (change := _difference(slug, _entries(old), _entries(chosen.body))):
            yield change
    for slug in dict.fromkeys(map(_slug, gone)):
        old = next((body for path in gone if _slug(path) == slug and (body := site.read(folder, path))), None)
        if change := _difference(slug, _entries(old), {}):
            yield change


def _slug(path: str) -> str:
    return path.rpartition(".")[0]


def _entries(body: bytes | None) -> dict[str, Entry]:
    """Return the entries of a published document by their ids; none where it is no feed, as pages are not."""
    try:
        return {entry.id or entry.link: entry for entry in read_feed(body or b"", url="").entries}
    except ParseError:
        return {}


def _difference(slug: str, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> EditionChange | None:
    change = EditionChange(
        slug=slug,
        added=_shown(entry for story, entry in new.items() if story not in old),
        removed=_shown(entry for story, entry in old.items() if story not in new),
        changed=sum(story in old and old[story] != entry for story, entry in new.items()),
    )
    return change if change.added or change.removed or change.changed else None


def _shown(entries: Iterable[Entry]) -> tuple[Shown, ...]:
    return tuple(Shown(id=entry.id, title=entry.title.value) for entry in entries)


def tags(before: Iterable[Member], fresh: Sequence[Member], configured: Iterable[str]) -> Iterator[TagChange]:
    """Yield how tags change when ``fresh`` members take the place of those ``before`` of the same entries.

    Members of sources that are not ``configured`` lose theirs.
    """
    old = {(member.source_id, member.key): member for member in before if not member.removed}
    new = old | {(member.source_id, member.key): member for member in fresh}
    sources = set(configured)
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    gaining: dict[str, list[str]] = {}
    losing: dict[str, list[str]] = {}
    for key, member in sorted(new.items(), key=lambda item: (item[1].first_seen, item[0]), reverse=True):
        was = {tag.name for tag in old[key].tags} if key in old else set()
        now = {tag.name for tag in member.tags} if member.source_id in sources else set()
        for names, counts, titles in ((now - was, gained, gaining), (was - now, lost, losing)):
            for name in names:
                counts[name] += 1
                if counts[name] <= EXAMPLES:
                    titles.setdefault(name, []).append(member.title or member.key)
    for name in sorted(gained.keys() | lost.keys()):
        yield TagChange(
            name=name,
            gained=gained[name],
            lost=lost[name],
            gaining=tuple(gaining.get(name, ())),
            losing=tuple(losing.get(name, ())),
        )
