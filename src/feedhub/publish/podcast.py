"""What only podcasts say, for RSS: Podcasting 2.0, and Apple's elements in an edition that is a podcast.

Apple's elements speak of the whole channel too, and there they would be wrong among news: they are written where
every story is an episode. Those of Podcasting 2.0 are at home in any feed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.publish import languages
from feedhub.publish.addresses import uri
from feedhub.publish.elements import add
from feedhub.publish.texts import name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from feedhub.model.media import Episode
    from feedhub.publish.head import Head
    from feedhub.publish.shown import Shown

__all__ = ["add_apple_channel", "add_apple_item", "add_podcasting", "is_podcast"]

_KINDS = frozenset({"bonus", "full", "trailer"})
_CHAPTERS = "application/json+chapters"
_TRANSCRIPT = "text/plain"
# Apple's directory takes no longer names.
_MAX_AUTHOR = 255


def is_podcast(told: Sequence[Shown]) -> bool:
    """Return whether everything told is an episode."""
    return bool(told) and all(each.episode is not None for each in told)


def add_podcasting(item: Element, episode: Episode) -> None:
    """Append the elements of Podcasting 2.0 (https://podcasting2.org/docs/podcast-namespace)."""
    if episode.season:
        add(item, "podcast:season", str(episode.season))
    if episode.number:
        add(item, "podcast:episode", str(episode.number))
    if uri(episode.chapters_url):
        add(item, "podcast:chapters", url=uri(episode.chapters_url), type=episode.chapters_type or _CHAPTERS)
    for transcript in episode.transcripts:
        if uri(transcript.url):
            add(
                item,
                "podcast:transcript",
                url=uri(transcript.url),
                type=transcript.type or _TRANSCRIPT,
                language=languages.known(transcript.language),
                rel=transcript.rel if transcript.rel == "captions" else "",
            )
    for person in episode.people:
        if name(person.name):
            add(
                item,
                "podcast:person",
                name(person.name),
                role=person.role,
                group=person.group,
                img=uri(person.image),
                href=uri(person.url),
            )


def add_apple_channel(channel: Element, top: Head, told: Sequence[Shown]) -> None:
    """Append Apple's elements of a podcast, as far as there are facts for them and the configuration names some."""
    explicit = any(each.episode is not None and each.episode.explicit for each in told)
    add(channel, "itunes:author", top.author[:_MAX_AUTHOR])
    add(channel, "itunes:explicit", "true" if explicit else "false")
    add(channel, "itunes:type", "episodic")
    if top.edition.podcast_category:
        add(channel, "itunes:category", text=top.edition.podcast_category)
    if top.edition.podcast_image:
        add(channel, "itunes:image", href=top.edition.podcast_image)
    if top.email:
        owner = add(channel, "itunes:owner")
        add(owner, "itunes:name", top.author[:_MAX_AUTHOR])
        add(owner, "itunes:email", top.email)


def add_apple_item(item: Element, told: Shown, episode: Episode) -> None:
    """Append Apple's elements of an episode."""
    duration = next((file.duration for file in told.files if file.duration), None)
    authors = ", ".join(author.name for author in told.authors) or told.outlet.title
    add(item, "itunes:author", authors[:_MAX_AUTHOR])
    if episode.title.strip():
        add(item, "itunes:title", episode.title.strip())
    if duration:
        add(item, "itunes:duration", str(duration))
    if episode.season:
        add(item, "itunes:season", str(episode.season))
    if episode.number:
        add(item, "itunes:episode", str(episode.number))
    if episode.kind in _KINDS:
        add(item, "itunes:episodeType", episode.kind)
    if episode.explicit is not None:
        add(item, "itunes:explicit", "true" if episode.explicit else "false")
    if told.pictures:
        add(item, "itunes:image", href=told.pictures[0].url)
