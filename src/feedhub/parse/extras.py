"""What `feedhub.parse.episodes` reads of a document that feedparser reads.

It is taken from the same tree as on the fast path; where there is none, libxml2 makes one, of broken documents, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from lxml import etree

from feedhub.parse.declined import DeclinedError
from feedhub.parse.episodes import EPISODE_TAGS, episode, skips
from feedhub.parse.fast_document import as_utf8, tree
from feedhub.parse.fast_grammar import SPECIAL
from feedhub.parse.fast_late import LATE
from feedhub.parse.fast_names import known_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from feedhub.model.media import Episode
    from feedhub.parse.fast_walk import Element

__all__ = ["Extras", "extras"]

_ENTRIES, _CHANNELS = frozenset({"item", "entry"}), frozenset({"channel"})

# Once it has met an error, the parser drops references by name, but not those by number.
_NAMED = re.compile(rb"<!\[CDATA\[.*?\]\]>|&(amp|lt|gt|quot|apos);", re.DOTALL)
_NUMBERS = {b"amp": b"&#38;", b"lt": b"&#60;", b"gt": b"&#62;", b"quot": b"&#34;", b"apos": b"&#39;"}


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


_STRICT, _TOLERANT = _parser(recover=False), _parser(recover=True)


class Extras:
    """What `extras` found in a document: an episode or ``None`` for each of its entries, hours and days to skip."""

    def __init__(
        self, episodes: Sequence[Episode | None], skip_hours: tuple[int, ...], skip_days: tuple[str, ...]
    ) -> None:
        """Keep what was found."""
        self.episodes = episodes
        self.skip_hours = skip_hours
        self.skip_days = skip_days


def extras(body: bytes, content_type: str, entries: int) -> Extras:
    """Return what feedparser drops of a document in which it found ``entries`` entries.

    A broken document may show another number of entries here than there; then no episode is told, since none could be
    given to its entry with certainty.
    """
    items, channels = _found(body, content_type)
    skip_hours, skip_days = skips(child for channel in channels for child in channel)
    if len(items) != entries:
        return Extras((None,) * entries, skip_hours, skip_days)
    return Extras(
        [episode([child for child in item if child.tag in EPISODE_TAGS]) for item in items], skip_hours, skip_days
    )


def _found(body: bytes, content_type: str) -> tuple[list[Element], list[Element]]:
    """Return what feedparser takes for entries and channels, in document order."""
    try:
        document = tree(body, content_type, SPECIAL)
    except DeclinedError:
        root = _root(_data(body, content_type))
        return ([], []) if root is None else (_named(root, _ENTRIES), _named(root, _CHANNELS))
    names = document.names
    items = [each for each in document.root.iter() if names[each.tag] in _ENTRIES]
    return items, [each for each in document.root.iter() if names[each.tag] in _CHANNELS]


def _data(body: bytes, content_type: str) -> bytes:
    try:
        return as_utf8(body, content_type)[0]
    except DeclinedError:
        return body


def _root(data: bytes) -> etree._Element | None:
    late = LATE.match(data)
    if late:
        data = data[late.end() :]
    try:
        return etree.fromstring(data, _STRICT)
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        return etree.fromstring(_NAMED.sub(_numbered, data), _TOLERANT)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _numbered(found: re.Match[bytes]) -> bytes:
    return _NUMBERS[found[1]] if found[1] else found[0]


def _named(root: etree._Element, names: AbstractSet[str]) -> list[Element]:
    """Return the elements that feedparser calls by one of ``names``, in document order."""
    found = []
    for element in root.iter(etree.Element):
        namespace, _, local = str(element.tag).rpartition("}")
        if local.lower() in names:
            known = known_prefix(namespace[1:]) if namespace else ""
            if known == "" or (known is None and element.prefix is None):
                found.append(element)
    return cast("list[Element]", found)
