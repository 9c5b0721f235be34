"""What the folds over entries read and what they say: entries as told, and decisions with their reasons."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Decision", "Telling"]


class Telling(Struct, frozen=True, kw_only=True):
    """An entry as near-duplicate and event detection read it, in plain text.

    ``arrived`` is when it was first seen, in seconds since 1970. ``publisher`` is whatever is equal for sources of one
    publisher; the source itself where nothing better is known.
    """

    source_id: str
    key: str
    arrived: int
    title: str
    text: str = ""
    language: str = ""
    publisher: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """Why an entry was put where it is, or two stories became one.

    ``number`` counts entries in order of arrival and names the entry ``source_id`` ``key``; ``text`` is the number of
    the first entry with the same text, ``story`` that of the first entry of its story. Rules:

    * ``new-story``: nothing reached its threshold; ``score`` is the best there was;
    * ``near-text``: the text of entry ``other`` again; ``words`` are none, ``score`` is the share of fingerprints;
    * ``same-event``: the story that entry ``other`` began, because of ``words``;
    * ``merged``: the stories ``story`` and ``other`` turned out to be one, because of ``words``. The older number stays
      the story's, and the other one is an alias of it;
    * ``across-languages``: as ``merged``, for stories told in two languages that share the names and numbers ``words``.
    """

    rule: str
    number: int
    source_id: str
    key: str
    text: int
    story: int
    other: int
    score: float
    threshold: float
    words: tuple[str, ...] = ()
