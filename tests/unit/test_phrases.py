from __future__ import annotations

from feedhub.stories.phrases import Told, key_phrases


def told(title: str, text: str = "", *, source: str = "desk", tagged: bool = False) -> Told:
    return Told(title=title, text=f" {text.lower()} ", source_id=source, tagged=tagged)


def filler(count: int) -> list[Told]:
    """Return tagged stories that have nothing in common but the words every text has."""
    return [told(f"About the thing{number} with which people{number} deal", tagged=True) for number in range(count)]


def test_phrases_are_those_of_untagged_stories_with_counts_and_titles() -> None:
    stories = [
        *filler(30),
        told("Grand jury meets again", source="a"),
        told("What the grand jury heard", source="b"),
        told("Another day", "the grand jury rose early", source="b"),
        told("One more grand jury", source="c", tagged=True),
    ]
    (phrase,) = key_phrases(stories)
    assert (phrase.phrase, phrase.stories, phrase.tagged, phrase.sources) == ("grand jury", 3, 1, 2)
    assert phrase.examples == ("Grand jury meets again", "What the grand jury heard", "Another day")


def test_words_that_most_stories_have_and_short_words_are_no_phrases() -> None:
    stories = [told(f"They were there in 2024 and saw it all {number}") for number in range(40)]
    assert key_phrases(stories) == []


def test_a_short_name_in_capitals_is_one() -> None:
    stories = [*filler(30), *(told(f"NHS patient{number}") for number in range(5))]
    assert [phrase.phrase for phrase in key_phrases(stories, limit=1)] == ["nhs"]


def test_what_tagged_stories_say_as_well_comes_later() -> None:
    stories = [
        *filler(60),
        *(told(f"Budget vote number{number}") for number in range(4)),
        *(told(f"Budget talks round{number}", tagged=True) for number in range(8)),
        *(told(f"Harvest queen crown{number}") for number in range(4)),
    ]
    phrases = [phrase.phrase for phrase in key_phrases(stories)]
    assert phrases[0] == "harvest queen"
    assert "budget" not in phrases


def test_texts_without_spaces_give_phrases_too() -> None:
    stories = [*filler(20), *(told(f"選挙 {number}") for number in range(4))]
    assert "選挙" in [phrase.phrase for phrase in key_phrases(stories)]


def test_no_more_than_asked_for_in_a_fixed_order() -> None:
    stories = [*filler(50), *(told(f"Alpha{n} beta{n} gamma{n}") for n in range(9) for _ in range(3))]
    many = key_phrases(stories, limit=5)
    assert len(many) == 5
    assert many == key_phrases(stories, limit=5) == key_phrases(stories, limit=50)[:5]
    assert key_phrases([]) == []
    assert key_phrases(stories, least=4) == []
