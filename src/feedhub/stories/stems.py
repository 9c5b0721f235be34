"""Stems: what the inflections of a word have in common, by the Snowball algorithm of its language."""

from __future__ import annotations

from functools import lru_cache

import Stemmer

__all__ = ["ALGORITHMS", "VERSION", "Stems"]

ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""The algorithm of each language that has one, by its ISO 639-1 code."""

VERSION: str = Stemmer.version()
# Texts repeat their words: of a hundred in an entry, two or three are new after the first thousand entries.
REMEMBERED = 100_000


class Stems:
    """The stems of one language, remembered for the words seen last; `of` takes a word as tokens have it."""

    def __init__(self, language: str) -> None:
        # It has a memory of its own, too, which is slower than that of `lru_cache`.
        self.of = lru_cache(REMEMBERED)(Stemmer.Stemmer(ALGORITHMS[language], 0).stemWord)
