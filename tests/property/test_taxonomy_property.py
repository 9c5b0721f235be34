"""Taxonomies and rules find what looking for every term or word, one after the other, would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedhub.model import Entry, Rule, Source, TagRule, Taxon, Taxonomy, Term, Text
from feedhub.stories.stems import Stems
from feedhub.stories.tagger import Tagger
from feedhub.stories.tags import Subject, compile_rule

SOURCE = Source(id="desk", url="https://desk.example/feed")
STEMS = {"en": Stems("en").of, "de": Stems("de").of, "zh": str}
# Few words with common stems, so that terms meet texts often.
WORDS = st.sampled_from(["vote", "votes", "voting", "army", "armies", "us", "station", "stations", "a", "über", "選挙"])
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)
TERMS = st.builds(
    Term, text=st.lists(WORDS, min_size=1, max_size=3).map(" ".join), language=st.sampled_from(["", "en", "de", "zh"])
)
TAXA = st.lists(
    st.builds(
        Taxon,
        name=st.sampled_from(["one", "two", "three", "four"]),
        terms=st.lists(TERMS, max_size=4, unique=True).map(tuple),
        aliases=st.lists(st.sampled_from(["US", "vote", "army station", "U.S."]), max_size=2, unique=True).map(tuple),
        at_least=st.integers(1, 2),
    ),
    unique_by=lambda taxon: taxon.name,
    max_size=4,
).map(tuple)
ENTRIES = st.builds(
    lambda title, content, language: Entry(title=Text(value=title), content=Text(value=content), language=language),
    TEXTS,
    TEXTS,
    st.sampled_from(["en", "en-GB", "de", ""]),
)


def holds(words: list[str], sought: list[str]) -> bool:
    return any(words[place : place + len(sought)] == sought for place in range(len(words)))


def found(subject: Subject, term: Term) -> bool:
    """Look for one term by looking at every place of every field."""
    fields = [text.split() for text in subject.folded.values()]
    sought = compile_rule(Rule(kind="words", values=(term.text,)))
    if not term.language:
        return sought.match(subject) is not None
    if subject.language.partition("-")[0] != term.language:
        return False
    stem = STEMS[term.language]
    own = Subject(Entry(title=Text(value=term.text)), SOURCE).folded["title"].split()
    return any(holds([stem(word) for word in words], [stem(word) for word in own]) for words in fields)


@given(taxa=TAXA, entry=ENTRIES)
def test_a_taxonomy_finds_what_a_search_for_every_term_finds(taxa: tuple[Taxon, ...], entry: Entry) -> None:
    subject = Subject(entry, SOURCE)
    tags = {tag.name for tag in Tagger(categories={}, taxonomy=Taxonomy(taxa=taxa)).tags(subject)}
    for taxon in taxa:
        # The texts are in small letters, so no alias in capitals stands in them.
        aliases = [Term(text=alias) for alias in taxon.aliases if alias not in {"US", "U.S."}]
        hits = sum(found(subject, term) for term in (*aliases, *taxon.terms))
        assert (taxon.name in tags) == (hits >= taxon.at_least)


RULES = st.deferred(
    lambda: st.one_of(
        st.builds(Rule, kind=st.just("words"), values=st.lists(WORDS, min_size=1, max_size=2).map(tuple)),
        st.builds(Rule, kind=st.just("source"), values=st.sampled_from([("desk",), ("other",)])),
        st.builds(
            Rule, kind=st.sampled_from(["all", "any", "not"]), rules=st.lists(RULES, min_size=1, max_size=3).map(tuple)
        ),
    )
)


@given(rules=st.lists(RULES, max_size=6), entry=ENTRIES)
def test_asking_only_rules_whose_words_are_there_gives_the_same_tags(rules: list[Rule], entry: Entry) -> None:
    subject = Subject(entry, SOURCE)
    numbered = [TagRule(tag=f"tag {place}", rule=rule) for place, rule in enumerate(rules)]
    tags = {tag.name for tag in Tagger(rules=numbered, categories={}).tags(subject)}
    assert tags == {each.tag for each in numbered if compile_rule(each.rule).match(subject) is not None}


@given(entry=ENTRIES, sought=st.frozensets(st.sampled_from(["vote", "votes", "us", "a", "über", "選挙", "c++"])))
def test_words_sought_one_by_one_are_those_of_the_entry(entry: Entry, sought: frozenset[str]) -> None:
    subject, apart = Subject(entry, SOURCE), Subject(entry, SOURCE)
    assert set(subject.having(sought)) == apart.words & sought
    assert (subject.lacks(sought), apart.lacks(sought)) == (False, apart.words.isdisjoint(sought))
    assert subject.folded == apart.folded
    assert subject.words == apart.words


@given(entry=ENTRIES, words=st.lists(WORDS, min_size=1, max_size=30))
def test_many_rules_find_what_each_of_them_does(entry: Entry, words: list[str]) -> None:
    rules = [TagRule(tag=f"{place}", rule=Rule(kind="words", values=(word,))) for place, word in enumerate(words)]
    alone = {rule.tag for rule in rules if compile_rule(rule.rule).match(Subject(entry, SOURCE)) is not None}
    assert {tag.name for tag in Tagger(rules=rules, categories={}).tags(Subject(entry, SOURCE))} == alone
