from __future__ import annotations

import pytest

from feedhub.model import Category, Entry, Source, TagRule, Taxon, Taxonomy, Term, Text
from feedhub.model import Rule as RuleRecord
from feedhub.stories.explain import describe
from feedhub.stories.stems import ALGORITHMS, Stems
from feedhub.stories.tagger import Tagger
from feedhub.stories.tags import Subject
from feedhub.stories.taxonomy import MAX_REASONS, is_acronym

SOURCE = Source(id="desk", url="https://desk.example/feed")


def entry(title: str = "", text: str = "", *, language: str = "en", categories: tuple[str, ...] = ()) -> Entry:
    return Entry(
        title=Text(value=title),
        content=Text(value=text, type="text/html"),
        language=language,
        categories=tuple(Category(term=name) for name in categories),
    )


def terms(*texts: str, language: str = "") -> tuple[Term, ...]:
    return tuple(Term(text=text, language=language) for text in texts)


def tagged(said: Entry, *taxa: Taxon, language: str = "", source: Source = SOURCE) -> dict[str, list[str]]:
    """Return the tags of an entry, each with its reasons in words."""
    tagger = Tagger(categories={}, taxonomy=Taxonomy(taxa=taxa, language=language))
    return {tag.name: [describe(reason) for reason in tag.reasons] for tag in tagger.tags(Subject(said, source))}


def test_a_word_of_a_language_is_found_in_all_its_inflections_and_the_reason_says_which() -> None:
    vote = Taxon(name="vote", terms=terms("election", language="en"))
    assert tagged(entry("Two elections"), vote) == {"vote": ["the taxonomy's 'elections (election)' in the title"]}
    assert tagged(entry("x", "<p>an election</p>"), vote) == {"vote": ["the taxonomy's 'election' in the content"]}
    assert tagged(entry("The electorate"), vote) == {}


def test_a_phrase_is_found_with_its_words_inflected_and_only_side_by_side() -> None:
    station = Taxon(name="vote", terms=terms("polling station", language="en"))
    assert tagged(entry("All polling stations closed"), station) == {
        "vote": ["the taxonomy's 'polling stations (polling station)' in the title"]
    }
    assert tagged(entry("The station for polling"), station) == {}
    assert tagged(entry("polling", "station"), station) == {}


def test_words_count_in_texts_of_their_language_only() -> None:
    both = Taxon(name="vote", terms=(*terms("vote", language="en"), *terms("Wahl", language="de")))
    assert tagged(entry("Die Wahlen", language="de-AT"), both)
    assert tagged(entry("The Wahlen", language="en"), both) == {}
    assert tagged(entry("Ein vote", language="de"), both) == {}


def test_an_entry_of_no_known_language_is_in_that_of_its_source_or_the_configured_one() -> None:
    vote = Taxon(name="vote", terms=terms("vote", language="en"))
    said = entry("They voted", language="")
    assert tagged(said, vote) == {}
    assert tagged(said, vote, language="en")
    assert tagged(said, vote, source=Source(id="s", url="https://s.example/", language="en-GB"))


def test_words_without_a_language_are_found_as_written_in_every_text() -> None:
    virus = Taxon(name="virus", terms=terms("covid", "corona virus"))
    assert tagged(entry("COVID", language="it"), virus)
    assert tagged(entry("Corona\nVirus", language=""), virus)
    assert tagged(entry("covids"), virus) == {}


def test_words_of_a_language_without_a_stemmer_are_found_as_written() -> None:
    assert "zh" not in ALGORITHMS
    vote = Taxon(name="vote", terms=terms("选举", "人工智能", language="zh"))
    assert tagged(entry("美国总统选举", language="zh-Hans"), vote)
    assert tagged(entry("谈人工智能", language="zh"), vote)
    assert tagged(entry("人工与智能", language="zh"), vote) == {}


def test_a_name_in_capitals_is_found_only_in_capitals() -> None:
    us = Taxon(name="United States", aliases=("US", "U.S.", "Uncle Sam"))
    assert tagged(entry("What the US said"), us)
    assert tagged(entry("What the U.S. said"), us)
    assert tagged(entry("Said uncle Sam"), us)
    assert tagged(entry("Let us go"), us) == {}
    assert tagged(entry("Let us go", "<p>to the US</p>"), us) == {
        "United States": ["the taxonomy's 'US' in the content"]
    }
    assert tagged(entry("CAMPUS"), us) == {}


@pytest.mark.parametrize(
    ("name", "expected"), [("US", True), ("U.S.", True), ("G20", False), ("Iran", False), ("AT&T", True), ("a", False)]
)
def test_what_counts_as_written_in_capitals(name: str, *, expected: bool) -> None:
    assert is_acronym(name) is expected


def test_a_tag_implies_all_above_it_whoever_gave_it() -> None:
    taxa = (
        Taxon(name="places"),
        Taxon(name="asia", parent="places"),
        Taxon(name="syria", parent="asia", aliases=("Syria",)),
        Taxon(name="iraq", parent="asia", aliases=("Iraq",)),
    )
    assert tagged(entry("Syria and Iraq"), *taxa) == {
        "asia": ["above its tag 'syria'", "above its tag 'iraq'"],
        "iraq": ["the taxonomy's 'Iraq' in the title"],
        "places": ["above its tag 'asia'"],
        "syria": ["the taxonomy's 'Syria' in the title"],
    }
    rules = [TagRule(tag="syria", rule=RuleRecord(kind="words", values=("Damascus",)))]
    tagger = Tagger(rules=rules, categories={}, taxonomy=Taxonomy(taxa=taxa))
    assert [tag.name for tag in tagger.tags(Subject(entry("Damascus"), SOURCE))] == ["asia", "places", "syria"]


def test_a_category_of_a_source_that_is_called_as_a_tag_or_its_alias_gives_the_tag() -> None:
    taxa = (Taxon(name="climate"), Taxon(name="warming", parent="climate", aliases=("Global heating",)))
    assert tagged(entry("x", categories=("Climate",)), *taxa) == {"climate": ["the source's category 'Climate'"]}
    assert set(tagged(entry("x", categories=("global heating",)), *taxa)) == {"climate", "warming"}


def test_the_map_of_categories_comes_before_the_taxonomy() -> None:
    tagger = Tagger(categories={"climate": "weather"}, taxonomy=Taxonomy(taxa=(Taxon(name="climate"),)))
    said = Subject(entry("x", categories=("Climate",)), SOURCE)
    assert [tag.name for tag in tagger.tags(said)] == ["weather"]


def test_a_tag_may_ask_for_several_different_words() -> None:
    war = Taxon(name="war", terms=terms("attack", "army", "front", language="en"), at_least=2)
    assert tagged(entry("Heart attack after heart attack", "attacks and attacked"), war) == {}
    assert len(tagged(entry("Army attacks"), war)["war"]) == 2


def test_reasons_are_the_first_finds_in_the_order_of_reading() -> None:
    names = ("delta", "beta", "alpha", "gamma", "epsilon")
    greek = Taxon(name="greek", terms=terms(*names))
    found = tagged(entry("alpha", "gamma beta delta epsilon"), greek)["greek"]
    assert found == [f"the taxonomy's {word!r} in the {field}" for word, field in
                     (("alpha", "title"), ("gamma", "content"), ("beta", "content"))]  # fmt: skip
    assert len(found) == MAX_REASONS


def test_every_language_that_is_promised_has_a_stemmer() -> None:
    for language in ALGORITHMS:
        assert Stems(language).of("a")
