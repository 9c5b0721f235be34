"""Words as evidence: the terms of a headline and its lead, and how rare each of them is in its language.

Rarity is counted over stories, not entries, for a hundred headlines about one happening make its words no less telling.
Before a language has been seen much, words count as rare, and those that hold sentences together as common.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PAIR_BIT", "Term", "common_keys", "language_of", "rarity", "term_key", "terms", "weigh"]

# How much of a word is compared: the cheapest stemming, and alike for all languages.
STEM = 7
TITLE, PAIR, LEAD = 1.0, 0.3, 0.8
MAX_TITLE_WORDS, MAX_LEAD_WORDS = 40, 60
# The weight of what is known before anything was seen, in stories, and the share of them that have a common word or
# any other word.
BACKGROUND, COMMON_SHARE, OTHER_SHARE = 2000.0, 0.05, 0.0005
PAIR_BIT = 1 << 31
# Rare words count more than in proportion.
POWER = 1.3

COMMON = {
    "en": "a about after again all also am an and any are as at back be because been before being best between big but by"
    " can could day did do does down each first for from get had has have he her here him his how i if in into is it"
    " its just know last latest like live made make makes may me more most my new news next no not now of off on one"
    " only or other our out over own people photos plan report reports right said same say says see set she should so"
    " some still such take than that the their them then there these they this those three through time to today told"
    " too top two under until up update us use very video want was watch way we week well were what when where which"
    " while who why will with world would year years you your",
    "de": "aber alle als am an auch auf aus bei bis da das dass dem den der des die doch durch ein eine einem einen einer"
    " er es für gegen haben hat ich ihr ihre im in ist ja jahr jahre jetzt kann kein keine man mehr mit nach neue nicht"
    " noch nur oder sagt sein seine sich sie sind so tag über um und uns unter vom von vor war was wegen wenn werden"
    " wie wieder will wir wird wurde zu zum zur zwei zwischen",
    "es": "a al año años ante antes aún como con contra cuando de del desde día donde dos durante el ella en entre es ese"
    " esta este esto está fue ha han hasta hay hoy la las le les lo los más me mi muy nada ni no nos nueva nuevo o otra"
    " otro para pero por porque primer puede que qué quién se según ser sí si sin sobre son su sus también tiene todo"
    " todos tras tres un una uno y ya",
    "fr": "a après au aussi aux avant avec bien c ce ces cette comme contre d dans de depuis des deux dont du elle en"
    " encore entre est et être fait faire ils il j je jour l la le les leur lors mais même moins n ne ni nos notre nous"
    " on ont ou où par pas peut plus pour qu quand que qui s sa sans se selon ses si son sont sous sur tous tout très"
    " trois un une va vers vous y ans",
    "it": "a ad ai al alla alle anche anni anno che chi ci come con contro così cosa da dai dal dalla dei del della delle"
    " di dopo dove due e è ecco ed era fa fra gli ha hanno i il in io la le lo loro ma mai nei nel nella no noi non o"
    " oggi ogni per perché più poi prima quando questa questo qui se sempre senza si sia sono su sua sui sul sulla suo"
    " tra tre tutti tutto un una uno",
    "nl": "aan af al alle als bij dan dat de deze die dit door dus een en er gaat geen had heeft het hij hoe hun ik in is"
    " je jaar kan maar meer men met na naar niet nieuwe nog nu of om omdat onder ook op over te tegen toch toen tot"
    " twee uit van veel voor waar want was wat we weer wel werd wie wil worden wordt ze zich zijn zo zonder",
    "pt": "a à ano anos ao aos após as às até com como contra da das de depois desde dia dois do dos duas e é ela ele em"
    " entre era essa esse esta está este eu faz foi há hoje isso já mais mas me mesmo muito na nas não nem no nos nova"
    " novo num numa o onde os ou para pela pelo pode por porque quando que quem são se sem ser seu seus sobre sua suas"
    " também tem ter teve três tudo um uma vai veja você",
    "ru": "а без более был была были было быть в вам вас во вот все всех вы где год года году да два день для до его ее"
    " если есть еще же за и из или им их к как когда кто ли мы на над не него нет но о об он она они от перед по под"
    " после при про с сам со стал так также там то том тот ты у уже чем через что чтобы эта эти это этот я",
    "sl": "a ali bi bil bila bo brez da do dan danes dva ga in iz je jih k kaj kako kdo ker ki ko kot le leta leto med na"
    " nad ne ni njegov o ob od po pod pred preko pri s še se si sta smo so sta ta te to tri tudi v več za zakaj zaradi"
    " z že",
    "ar": "أن أو إلى الذي التي اليوم إن بعد بين ثم حتى حول خلال ذلك على عام عن عند غير في قبل قد كان كانت كل كما لا لم"
    " ما مع من منذ هذا هذه هل هو هي و يوم",
}
# ISO 639-3 names of the same languages.
LONG_NAMES = {
    "eng": "en", "deu": "de", "ger": "de", "spa": "es", "fra": "fr", "fre": "fr", "ita": "it", "nld": "nl", "dut": "nl",
    "por": "pt", "rus": "ru", "slv": "sl", "ara": "ar",
}  # fmt: skip


class Term:
    """A word or a pair of words of one entry: its key in the index, how much its place weighs, how rare it is."""

    __slots__ = ("common", "key", "pair", "place", "rarity", "word")

    def __init__(self, word: str, key: int, place: float, *, common: bool, pair: bool) -> None:
        self.word = word
        self.key = key
        self.place = place
        self.common = common
        self.pair = pair
        self.rarity = 0.0


def language_of(tag: str) -> str:
    """Return the language of a tag: ``en`` for ``en-GB``, ``eng`` and for nothing."""
    name = tag.partition("-")[0].lower() or "en"
    return LONG_NAMES.get(name, name)


@cache
def common_words(language: str) -> frozenset[str]:
    """Return the stems that say nothing in a language."""
    return frozenset(word[:STEM] for word in COMMON.get(language, "").split())


def term_key(language: str, word: str, *, pair: bool = False) -> int:
    """Return the number a word or a pair of words has in the index; numbers of pairs have the bit `PAIR_BIT`."""
    number = crc32(f"{language}\n{word}".encode())
    return number | PAIR_BIT if pair else number & ~PAIR_BIT


@cache
def common_keys(language: str) -> frozenset[int]:
    """Return the numbers of the words that say nothing in a language."""
    return frozenset(term_key(language, word) for word in common_words(language))


def terms(language: str, title: Sequence[str], lead: Sequence[str]) -> list[Term]:
    """Return the distinct terms of an entry: words and pairs of words of its title, and other words of its lead."""
    common = common_words(language)
    found: dict[str, Term] = {}
    stems = [word[:STEM] for word in title[:MAX_TITLE_WORDS] if len(word) > 1 or word.isdigit()]
    for stem in stems:
        if stem not in found:
            found[stem] = Term(stem, term_key(language, stem), TITLE, common=stem in common, pair=False)
    for one, other in pairwise(stems):
        pair = f"{one} {other}"
        if pair not in found:
            both = found[one].common and found[other].common
            found[pair] = Term(pair, term_key(language, pair, pair=True), PAIR, common=both, pair=True)
    for word in lead[:MAX_LEAD_WORDS]:
        stem = word[:STEM]
        if len(stem) > 1 and stem not in found:
            found[stem] = Term(stem, term_key(language, stem), LEAD, common=stem in common, pair=False)
    return list(found.values())


def rarity(stories: float, having: float, *, common: bool) -> float:
    """Return how much a word says that ``having`` of ``stories`` have: the logarithm of their ratio, smoothed."""
    share = COMMON_SHARE if common else OTHER_SHARE
    return max(0.0, math.log((stories + BACKGROUND + 1) / (having + BACKGROUND * share + 0.5)))


def weigh(found: Sequence[Term]) -> Mapping[int, int]:
    """Return the terms' shares of what the entry says, as whole numbers so that sums of them are exact."""
    raw = [term.place * term.rarity**POWER for term in found]
    norm = math.sqrt(sum(weight * weight for weight in raw))
    if not norm:
        return {}
    return {term.key: whole for term, weight in zip(found, raw, strict=True) if (whole := round(weight / norm * 4096))}
