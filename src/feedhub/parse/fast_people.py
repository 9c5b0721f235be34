"""Authors, as feedparser collects them: each element starts a person, and whatever names one fills in the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_elements import own_text, title
from feedhub.parse.fast_texts import author_parts

if TYPE_CHECKING:
    from feedhub.parse.fast_walk import Draft, Element, Walk

__all__ = ["author", "contributor", "owner"]

_NAMES = {"name": "name", "itunes_name": "name", "email": "email", "itunes_email": "email"}
_PAGES = frozenset({"uri", "url", "homepage"})


def author(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
    """Take an author: from its children as in Atom, or else from its text as in RSS."""
    draft.authors.append({})
    if not len(element):
        draft.author = walk.plain(element)
        _sync(draft)
        return
    before = walk.enter(element)
    said = False
    for child in element:
        said = _part(walk, draft, child, depth + 1) or said
    walk.leave(before)
    if not said:
        raise DeclinedError("author")
    draft.author = own_text(element)
    _sync(draft)


def owner(walk: Walk, draft: Draft, element: Element, _depth: int) -> None:
    """Take the owner of a podcast, whose name and email feedparser gives to the last author."""
    before = walk.enter(element)
    for child in element:
        name = walk.names[child.tag]
        if name in _NAMES:
            _save_last(draft, _NAMES[name], walk.bare(child))
        elif len(child) or name in walk.special:
            raise DeclinedError("nested")
    walk.leave(before)


def contributor(walk: Walk, _draft: Draft, element: Element, _depth: int) -> None:
    """Pass over a contributor."""
    for child in element:
        name = walk.names[child.tag]
        if len(child) or (name not in _NAMES and name not in _PAGES and name in walk.special):
            raise DeclinedError("nested")


def _save_last(draft: Draft, key: str, value: str) -> None:
    _sync(draft)
    if not draft.authors:
        draft.authors.append({})
    draft.authors[-1][key] = value


def _part(walk: Walk, draft: Draft, child: Element, depth: int) -> bool:
    """Take one child of an author; say whether it told something of the person."""
    name = walk.names[child.tag]
    if name in _NAMES:
        _save(draft, _NAMES[name], walk.bare(child))
        return True
    if name in _PAGES:
        _save(draft, "href", walk.address(child))
        return True
    if name == "title":
        title(walk, draft, child, depth)  # of a person, but taken for one of the entry or feed
        return False
    if len(child) or name in walk.special or (child.items() and own_text(child)):
        # With attributes, feedparser gives the text of an element to the author around it.
        raise DeclinedError("nested")
    return False


def _save(draft: Draft, key: str, value: str) -> None:
    """Note a name, email or page of the last author, and of the one that stands for the entry's author."""
    if draft.author_detail is None:
        draft.author_detail = {}
    draft.author_detail[key] = value
    _save_last(draft, key, value)


def _sync(draft: Draft) -> None:
    """Make author text and author parts tell the same.

    feedparser does this before each part it adds, too; so what is known of the person before can spill over to the
    next one who has no name yet. An author read from a text stands for the entry's author from then on, so a later
    author's parts overwrite it.
    """
    person = draft.authors[-1] if draft.authors else {}
    if person:
        name, email = person.get("name", ""), person.get("email", "")
        if name and email:
            draft.author = f"{name} ({email})"
        elif name or email:
            draft.author = name or email
    elif draft.author:
        name, email = author_parts(draft.author)
        if (name or email) and draft.author_detail is None:
            draft.author_detail = person
        if name:
            person["name"] = name
        if email:
            person["email"] = email
