"""Taxonomies: the tree of tags that an operator writes down, with the words that speak for each."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Taxon", "Taxonomy", "Term"]


class Term(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A word or phrase; in all its inflections in texts of ``language``, and as it is written where that is ""."""

    text: str
    language: str = ""


class Taxon(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tag of a taxonomy, which implies its ``parent`` and all above it.

    ``aliases`` are other names of the tag, for texts and for the sources' categories. It is given where ``at_least``
    different terms or aliases are found.
    """

    name: str
    parent: str = ""
    aliases: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    at_least: int = 1


class Taxonomy(Struct, frozen=True, kw_only=True):
    """All taxa; ``language`` is that of entries for which neither entry, feed nor source names one."""

    taxa: tuple[Taxon, ...] = ()
    language: str = ""
