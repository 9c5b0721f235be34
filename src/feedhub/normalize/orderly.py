"""Orderly HTML, sanitised without a parser: fragments whose elements stand where every parser would put them.

Most of what feeds write is orderly: start tags have their end tags in the right places, attributes are quoted,
addresses are plain. Of such a fragment a parser builds just what is written, so the sanitiser's result can be written
down tag by tag, without the work that parsing and judging take. `rewritten` does so and declines whatever it is not
sure of; what it gives is what the sanitiser gives. It is safe by itself, too: whatever it makes of a fragment, it
writes no tag, attribute or scheme that `feedhub.normalize.policy` does not name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feedhub.normalize.characters import UnsureError, is_carried, resolved
from feedhub.normalize.markup import DEEPEST, FORMATS
from feedhub.normalize.policy import BLOCKS, FORMATTING, TABLES, VOID
from feedhub.normalize.tags import end_tag, known_step, step
from feedhub.normalize.text import xml_safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

__all__ = ["restored", "rewritten"]

_PRE = re.compile(r"(<pre(?: [^>]*)?>)(?=\n)")
_TAG = re.compile(r"<([A-Za-z/!][^<>]*+>)")
_BEGINNING = re.compile(r"<[A-Za-z/!?]")

_BLOCKS = (BLOCKS - {"table"}) | {"center", "main"}
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LISTS = frozenset(["ol", "ul"])
_CELLS = frozenset(["td", "th"])
_ROWS = frozenset(["tbody", "tfoot", "thead"])
# Where an element may stand, for those that may not stand anywhere.
_PLACES = {
    "li": _LISTS,
    "dd": frozenset(["dl"]),
    "dt": frozenset(["dl"]),
    "caption": frozenset(["table"]),
    "colgroup": frozenset(["table"]),
    "col": frozenset(["colgroup"]),
    **dict.fromkeys(_ROWS, frozenset(["table"])),
    "tr": _ROWS,
    "td": frozenset(["tr"]),
    "th": frozenset(["tr"]),
}
# Elements that hold no text, and nothing but what has its place there.
_BARE = _ROWS | {"colgroup", "table", "tr"}
# Elements that the beginning of one ends.
_SIBLINGS = {
    "li": frozenset(["li"]),
    "dd": frozenset(["dd", "dt"]),
    "dt": frozenset(["dd", "dt"]),
    **dict.fromkeys(_ROWS, _ROWS),
    "td": _CELLS,
    "th": _CELLS,
}
# Elements that a parser opens again, or that keep end tags in them from reaching what is around them.
_LASTING = FORMATTING | TABLES

_MANY = 16_384  # of the places and the tags they remember
_places: dict[tuple[str, ...], _Place] = {}
_remembering: list[_Place] = []  # each as often as it remembers a tag


def rewritten(value: str, base_url: str) -> str | None:
    """Return a fragment of HTML as the sanitiser would leave it, or ``None`` when only the sanitiser can tell.

    Addresses are made absolute with ``base_url``.
    """
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    try:
        # If that does not part texts and tags, a tag will turn out to be none.
        return _joined(value.replace(">", "><").split("<"), base_url)
    except UnsureError:
        if value.count("<") == value.count(">"):
            return None
    try:
        return _joined(_parted(value), base_url)
    except UnsureError:
        return None


def _parted(value: str) -> list[str]:
    """Return texts and tags in turn, the tags without their first bracket; brackets in texts are escaped."""
    pieces = _TAG.split(value)
    for at in range(0, len(pieces), 2):
        if "<" in pieces[at] or ">" in pieces[at]:
            if _BEGINNING.search(pieces[at]):
                raise UnsureError
            pieces[at] = pieces[at].replace("<", "&lt;").replace(">", "&gt;")
    return pieces


def _joined(pieces: list[str], base_url: str) -> str:
    texts = pieces[::2]
    pieces[1::2], ends = _nested(pieces[1::2], texts, base_url)
    if is_carried("".join(texts)):
        pieces[::2] = [resolved(text) if "&" in text else text for text in texts]
    else:
        pieces[::2] = map(_cleaned, texts)
    result = "".join(pieces) + ends
    if "\xa0" in result:
        result = result.replace("\xa0", "&nbsp;")
    return restored(result)


def restored(result: str) -> str:
    """Return a sanitised fragment with the newline that a parser drops at the beginning of ``pre``, ends trimmed."""
    if "<pre" in result:
        result = _PRE.sub("\\1\n", result)
    return result.strip()


def _cleaned(text: str) -> str:
    """Return what is `resolved` of a text, without the characters in it that may not stay."""
    if "\0" in text:
        raise UnsureError
    # A parser takes a byte order mark at the beginning for its own; nowhere else is it any use.
    return xml_safe(resolved(text)).replace("\ufeff", "")


def _nested(tags: list[str], texts: list[str], base_url: str) -> tuple[list[str], str]:
    """Return what is written for each tag, and the end tags missing at the end; a newline after ``pre`` goes.

    Raises `UnsureError` where a parser would put an element or text elsewhere.
    """
    written: list[str] = []
    place = _place(())
    for tag in tags:
        text, place = place.get(tag) or _met(tag, place, base_url)
        written.append(text)
        if place.is_odd:
            following = texts[len(written)]
            if not place.is_bare:
                if tag[:3].lower() == "pre":
                    texts[len(written)] = following.removeprefix("\n")
            elif following.strip(" \t\n"):
                raise UnsureError  # a parser moves it before the table
    return written, _ends(place.opened)


class _Place(dict[str, "tuple[str, _Place]"]):
    """A place in a fragment, which is known by the elements open there; maps the tags met there to where they lead.

    With that goes what is written for the tag. For tags that are not remembered there is what `Step` says they begin
    or end, behind a ``>``, with which no tag begins, and with what is written for an end tag, or before a start tag.
    """

    __slots__ = ("is_bare", "is_odd", "opened")

    def __init__(self, opened: tuple[str, ...]) -> None:
        super().__init__()
        self.opened = opened
        self.is_bare = not _BARE.isdisjoint(opened[-1:])
        self.is_odd = self.is_bare or opened[-1:] == ("pre",)

    def __missing__(self, key: str) -> tuple[str, _Place]:
        opened = list(self.opened)
        kind = key[1:]
        text = _after(kind[1:], opened) if kind[0] == "/" else _tags_before(kind, opened)
        self[key] = found = text, _place(tuple(opened))
        return found


def _met(tag: str, place: _Place, base_url: str) -> tuple[str, _Place]:
    """Return what is written for a tag, and where it leads."""
    kind, text = known_step(tag) or step(tag, base_url)
    after = place
    if kind:
        before, after = place[">" + kind]
        text = before + text
    elif text and place.is_bare:
        raise UnsureError  # a parser moves it before the table
    # By now it is known, unless it has an address: such a tag hardly ever comes again.
    if known_step(tag):
        _make_room()
        _remembering.append(place)
        place[tag] = text, after
    return text, after


def _place(opened: tuple[str, ...]) -> _Place:
    """Return the place where these elements are open; fragments share places, for most are of the same few shapes."""
    place = _places.get(opened)
    if place is None:
        _make_room()
        place = _places[opened] = _Place(opened)
    return place


def _make_room() -> None:
    """Forget everything where it has become too much; a fragment in hand goes on with the places that it holds."""
    if len(_places) + len(_remembering) >= _MANY:
        _places.clear()
        _remembering.clear()


def _ends(opened: Sequence[str]) -> str:
    return "".join(map(end_tag, reversed(opened)))


def _guard_depth(opened: list[str]) -> None:
    if len(opened) > FORMATS and (len(opened) > DEEPEST or sum(map(FORMATTING.__contains__, opened)) > FORMATS):
        raise UnsureError


def _after(name: str, opened: list[str]) -> str:
    """Take an end tag; return what it comes to."""
    if opened[-1:] == [name]:
        return end_tag(opened.pop())
    if name not in opened:
        if (
            name in TABLES
            or not _BARE.isdisjoint(opened[-1:])
            or (name in _HEADINGS and not _HEADINGS.isdisjoint(opened))
        ):
            raise UnsureError  # it could end a part around it, or another heading
        return "<p></p>" if name == "p" else ""
    at = _last(name, opened)
    above = frozenset(opened[at + 1 :])
    if name in _CELLS:
        lasting = TABLES
    elif name in TABLES:
        lasting = above - _CELLS - _ROWS - {"tr"}
    elif name in _BLOCKS:
        lasting = _LASTING | (_LISTS if name == "li" else _HEADINGS if name in _HEADINGS else frozenset())
    elif name in FORMATTING or not above.isdisjoint(TABLES):
        lasting = _LASTING | _BLOCKS
    elif not above.isdisjoint(_BLOCKS):
        return ""
    else:
        lasting = _LASTING
    return _ended(at, opened, lasting)


def _last(name: str, opened: list[str]) -> int:
    return len(opened) - 1 - opened[::-1].index(name)


def _ended(at: int, opened: list[str], lasting: AbstractSet[str]) -> str:
    """End the element at a place with all in it; return the end tags. None of ``lasting`` may be in it."""
    if not lasting.isdisjoint(opened[at + 1 :]):
        raise UnsureError
    ends = _ends(opened[at:])
    del opened[at:]
    return ends


def _tags_before(name: str, opened: list[str]) -> str:
    """Open an element, after what else its start tag ends or begins; return the tags of that."""
    written = ""
    if name in _BLOCKS and "p" in opened:
        written += _ended(_last("p", opened), opened, _LASTING)
    if opened and name in _SIBLINGS and opened[-1] in _SIBLINGS[name]:
        written += end_tag(opened.pop())
    if opened and opened[-1] == "table" and name == "tr":
        opened.append("tbody")
        written += "<tbody>"
    if name in _PLACES:
        misplaced = not opened or opened[-1] not in _PLACES[name]
    else:
        misplaced = bool(opened) and opened[-1] in _BARE
    if (
        misplaced
        or (name == "a" and "a" in opened)
        or (name == "table" and "p" in opened)
        or (name in _HEADINGS and not _HEADINGS.isdisjoint(opened))
    ):
        raise UnsureError
    if name not in VOID:
        opened.append(name)
        _guard_depth(opened)
    return written
