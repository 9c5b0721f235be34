"""What the folds over entries read and what they say: entries as told, and decisions with their reasons."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Decision", "Telling"]


class Telling(Struct, frozen=True, kw_only=True):
    """An entry as near-duplicate and event detection read it, in plain text.

    ``arrived`` is when it came, in seconds since 1970. ``publisher`` is whatever is equal for sources of one publisher;
    the source itself where nothing better is known. ``number`` is the entry's place in the order of arrival; -1 is the
    one after that of the entry before.
    """

    source_id: str
    key: str
    arrived: int
    title: str
    text: str = ""
    language: str = ""
    publisher: str = ""
    number: int = -1


class Decision(Struct, frozen=True, kw_only=True):
    """Why an entry was put where it is, or two stories became one.

    ``number`` counts entries in order of arrival and names the entry; ``text`` is the number of the first entry with
    the same text, ``story`` that of the first entry of its story. Rules:

    * ``new-story``: nothing reached its threshold. ``other`` began the story that came nearest to it, which shares
      ``words``; it is ``number`` itself where none was thought of;
    * ``late``: it tells of a time whose stories are over, and was held against no story;
    * ``near-text``: the text of entry ``other`` again; ``words`` are none, ``score`` is the share of fingerprints;
    * ``same-event``: the story that entry ``other`` began, because of ``words``;
    * ``merged``: the stories ``story`` and ``other`` turned out to be one, because of ``words``. The older number stays
      the story's, and the other one is an alias of it;
    * ``across-languages``: as ``merged``, for stories told in two languages that share the names and numbers ``words``.
    """

    rule: str
    number: int
    text: int
    story: int
    other: int
    score: float
    threshold: float
    words: tuple[str, ...] = ()
