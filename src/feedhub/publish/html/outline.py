"""The outline of a fragment: which elements stand on lines of their own, which hold those, and how headings nest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["BLOCKS", "HEADINGS", "holding_blocks", "levels", "names", "shows", "text_of"]


def names(line: str) -> frozenset[str]:
    """Return the names of elements that ``line`` lists."""
    return frozenset(line.split())


HEADINGS = names("h1 h2 h3 h4 h5 h6")
BLOCKS = HEADINGS | names(
    "address article aside blockquote caption dd details div dl dt figcaption figure footer header hgroup hr li ol p "
    "pre section summary table td th ul"
)
"""Elements that stand on lines of their own."""

# What a heading can be at most (HTML Standard §4.3.6).
_DEEPEST_HEADING = 6


def holding_blocks(body: Element) -> set[Element]:
    """Return the elements that hold an element that stands on lines of its own."""
    holding: set[Element] = set()
    for element in body.iter(*BLOCKS):
        above = element.getparent()
        while above is not None and above not in holding:
            holding.add(above)
            above = above.getparent()
    return holding


def levels(body: Element, level: int) -> dict[Element, int]:
    """Return the level of each heading that says something.

    The highest become ``level``, and none is skipped on the way down.
    """
    headings = [heading for heading in body.iter(*HEADINGS) if text_of(heading).strip()]
    found: dict[Element, int] = {}
    if headings:
        highest = min(int(str(heading.tag)[1]) for heading in headings)
        before = level - 1
        for heading in headings:
            before = min(int(str(heading.tag)[1]) - highest + level, before + 1, _DEEPEST_HEADING)
            found[heading] = before
    return found


def text_of(element: Element) -> str:
    """Return all text within an element."""
    return "".join(str(text) for text in element.itertext())


def shows(element: Element) -> bool:
    """Return whether anything can be seen of an element."""
    return bool(text_of(element).strip()) or next(element.iter("img", "audio", "video"), None) is not None
