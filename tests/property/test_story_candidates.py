"""What an entry is not held against would not have counted: fewer candidates, and the same answer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.stories import candidates, evidence
from feedhub.stories.clusters import Cluster
from feedhub.stories.words import PAIR_BIT, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

START = 1_700_000_000
POSTINGS = st.lists(st.tuples(st.integers(1, 4), st.lists(st.integers(0, 30), max_size=12)), max_size=8)


def naive(postings: Sequence[tuple[int, Sequence[int]]], most: int) -> list[int]:
    weights: Counter[int] = Counter()
    for weight, stories in postings:
        for story in stories:
            weights[story] += weight
    return sorted(weights, key=lambda story: (-weights[story], -story))[:most]


@settings(deadline=None)
@given(POSTINGS, st.integers(1, 10))
def test_the_stories_named_most_are_those_of_all_postings(drawn: list[tuple[int, list[int]]], most: int) -> None:
    postings = sorted(drawn, key=lambda posting: -posting[0])
    assert candidates.first(candidates.weigh(postings, most), most) == naive(postings, most)


@st.composite
def terms(draw: st.DrawFn) -> list[Term]:
    keys = draw(st.lists(st.integers(1, 12), unique=True, max_size=8))
    found = []
    for key in keys:
        pair = draw(st.booleans())
        term = Term(str(key), str(key), key | PAIR_BIT if pair else key, 1.0, common=False)
        term.rarity = draw(st.sampled_from([0.0, 2.0, 3.79, 3.8, 4.5, 8.0]))
        found.append(term)
    return found


@settings(deadline=None)
@given(terms(), st.lists(st.dictionaries(st.integers(1, 12), st.integers(1, 4096)), min_size=1, max_size=4))
def test_a_story_that_shares_too_few_rare_words_has_no_telling_ones(
    found: list[Term], entries: list[dict[int, int]]
) -> None:
    cluster = Cluster(0, START)
    for weights in entries:
        cluster.add(weights, START)
    if evidence.entry_evidence(found, {term.key: 1000 for term in found}, cluster, START, 5):
        assert candidates.may_tell(candidates.rare(found), cluster)
        assert candidates.may_tell(candidates.rare(found), Cluster.unpack(cluster.pack()))
