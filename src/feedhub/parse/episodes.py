"""What feeds say that feedparser does not keep whole: podcast elements that repeat, hours and days to stay away.

Both ways of reading take these from the document's tree with the functions of this file, so both give the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feedhub.model.media import Chapter, Credit, Episode, Transcript
from feedhub.parse.values import MAX_PARTS, count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from feedhub.parse.fast_walk import Element

__all__ = ["EPISODE_TAGS", "SKIP_TAGS", "episode", "skips"]

_ITUNES = ("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/DTDs/PodCast-1.0.dtd")
_PODCAST = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)
_CHAPTERS = ("http://podlove.org/simple-chapters",)

SKIP_TAGS = frozenset({"skipHours", "skipDays"})
"""The elements of a channel that `skips` reads."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{1,3}))?\Z")
_YES = {"yes": True, "true": True, "explicit": True, "no": False, "false": False, "clean": False}


def skips(children: Iterable[Element]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return ``skipHours`` (24 means midnight, as some write it) and ``skipDays`` among the children of a channel."""
    hours: list[int] = []
    days: list[str] = []
    for child in children:
        if child.tag == "skipHours":
            said = [count(_text(hour)) for hour in list(child)[:24]]
            hours = [hour % 24 for hour in said if hour is not None and hour <= 24]  # noqa: PLR2004 - hours of a day
        elif child.tag == "skipDays":
            days = [day for day in (_text(each).capitalize() for each in list(child)[:7]) if day in _DAYS]
    return tuple(dict.fromkeys(hours)), tuple(dict.fromkeys(days))


def episode(elements: Sequence[Element]) -> Episode | None:
    """Return what the podcast elements of an entry, in document order, say; ``None`` when they say nothing."""
    draft = _Draft()
    for element in elements:
        EPISODE_TAGS[element.tag](draft, element)
    found = Episode(
        title=draft.title,
        season=draft.season,
        number=draft.number,
        kind=draft.kind,
        explicit=draft.explicit,
        chapters_url=draft.chapters_url,
        chapters_type=draft.chapters_type,
        chapters=tuple(draft.chapters[:MAX_PARTS]),
        transcripts=tuple(draft.transcripts[:MAX_PARTS]),
        people=tuple(draft.people[:MAX_PARTS]),
    )
    return None if found == Episode() else found


class _Draft:
    """An episode in the making."""

    def __init__(self) -> None:
        self.title = ""
        self.season: int | None = None
        self.number: int | None = None
        self.kind = ""
        self.explicit: bool | None = None
        self.chapters_url = ""
        self.chapters_type = ""
        self.chapters: list[Chapter] = []
        self.transcripts: list[Transcript] = []
        self.people: list[Credit] = []


def _title(draft: _Draft, element: Element) -> None:
    draft.title = _text(element)


def _season(draft: _Draft, element: Element) -> None:
    draft.season = count(_text(element))


def _number(draft: _Draft, element: Element) -> None:
    draft.number = count(_text(element))


def _kind(draft: _Draft, element: Element) -> None:
    draft.kind = _text(element).lower()


def _explicit(draft: _Draft, element: Element) -> None:
    draft.explicit = _YES.get(_text(element).lower())


def _chapters_file(draft: _Draft, element: Element) -> None:
    draft.chapters_url = element.get("url", "").strip()
    draft.chapters_type = element.get("type", "").strip().lower()


def _chapters(draft: _Draft, element: Element) -> None:
    for child in list(element)[:MAX_PARTS]:
        start = _clock(child.get("start", ""))
        if start is not None:
            draft.chapters.append(
                Chapter(
                    start=start, title=child.get("title", ""), url=child.get("href", ""), image=child.get("image", "")
                )
            )


def _transcript(draft: _Draft, element: Element) -> None:
    url = element.get("url", "").strip()
    if url:
        draft.transcripts.append(
            Transcript(
                url=url,
                type=element.get("type", "").strip().lower(),
                language=element.get("language", ""),
                rel=element.get("rel", "").strip().lower(),
            )
        )


def _person(draft: _Draft, element: Element) -> None:
    name = _text(element)
    if name:
        draft.people.append(
            Credit(
                name=name,
                role=element.get("role", "").lower(),
                group=element.get("group", "").lower(),
                image=element.get("img", ""),
                url=element.get("href", ""),
            )
        )


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _clock(text: str) -> float | None:
    """Return ``HH:MM:SS.mmm`` (normal play time, RFC 2326 §3.6, as Podlove uses it) in seconds."""
    found = _CLOCK.match(text.strip())
    if found is None:
        return None
    hours, minutes, secs, fraction = found.groups()
    return (
        int(hours or 0) * 3600 + int(minutes) * 60 + int(secs) + (int(fraction.ljust(3, "0")) / 1000 if fraction else 0)
    )


def _tags() -> dict[str, Callable[[_Draft, Element], None]]:
    readers: dict[tuple[str, ...], dict[str, Callable[[_Draft, Element], None]]] = {
        _ITUNES: {
            "title": _title,
            "season": _season,
            "episode": _number,
            "episodeType": _kind,
            "explicit": _explicit,
        },
        _PODCAST: {
            "season": _season,
            "episode": _number,
            "chapters": _chapters_file,
            "transcript": _transcript,
            "person": _person,
        },
        _CHAPTERS: {"chapters": _chapters},
    }
    return {
        tag: reader
        for uris, locals_ in readers.items()
        for uri in uris
        for local, reader in locals_.items()
        for tag in (f"{uri} {local}", f"{{{uri}}}{local}")
    }


EPISODE_TAGS = _tags()
"""The elements of an entry that `episode` reads, as expat and as lxml name them."""
