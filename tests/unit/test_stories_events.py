"""Events: what the clusterer brings together, what it keeps apart, and what it says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.stories.clusters import Cluster, Usage
from feedhub.stories.fold import fold
from feedhub.stories.telling import Telling
from feedhub.stories.words import KICKER, LEAD, PAIR, TITLE, headline, kicker, language_of, rarity, terms, weigh
from memory_shelf import MemoryShelf

if TYPE_CHECKING:
    from feedhub.stories.telling import Decision

START = 1_700_000_000
HOUR = 3600
FERRY = (
    "Ferry Aurora capsizes off Brindisi, dozens missing",
    "Brindisi ferry Aurora capsizes: search for the missing goes on",
    "Dozens missing after ferry Aurora capsizes near Brindisi",
)
BANANA = ("Chiquita and Fyffes merge into largest banana company", "Banana giants Chiquita and Fyffes to merge")


def decide(*titles: str, hours: float = 1, languages: str = "en", batch: int = 100) -> list[Decision]:
    tellings = [
        Telling(
            source_id=f"s{place}",
            key=str(place),
            arrived=START + int(place * hours * HOUR),
            title=title,
            language=languages.split()[place % len(languages.split())],
        )
        for place, title in enumerate(titles)
    ]
    shelf, decisions = MemoryShelf(), []
    for start in range(0, len(tellings), batch):
        folded = fold(shelf, tellings[start : start + batch])
        shelf.write(folded.rows)
        decisions += folded.decisions
    return decisions


def stories(decisions: list[Decision]) -> list[int]:
    aliases = {decision.other: decision.story for decision in decisions if decision.rule == "merged"}
    placed = [decision.story for decision in decisions if decision.rule != "merged"]
    for place, story in enumerate(placed):
        while placed[place] in aliases:
            placed[place] = aliases[placed[place]]
        assert placed[place] <= story
    return placed


def test_headlines_about_one_happening_are_one_story() -> None:
    assert stories(decide(FERRY[0], BANANA[0], FERRY[1], BANANA[1], FERRY[2])) == [0, 1, 0, 1, 0]


def test_the_name_of_a_site_is_no_part_of_a_headline() -> None:
    assert headline("Ferry Aurora capsizes off Brindisi | The Harbour Post") == "Ferry Aurora capsizes off Brindisi"
    assert headline("Ferry Aurora capsizes off Brindisi - Coast - Harbour Post") == "Ferry Aurora capsizes off Brindisi"
    for whole in (
        "Brindisi - a harbour town",
        "Ferry Aurora capsizes off the coast - dozens of people are missing since",
    ):
        assert headline(whole) == whole


def test_a_kicker_is_the_few_words_before_a_colon() -> None:
    assert kicker("Olympics latest: Abe wins gold in judo") == "Olympics latest"
    for whole in (
        "Abe wins gold in judo",
        "Abe: gold in judo",
        "Five things we learned from yesterday: Abe wins gold in judo",
        "Kick-off at 20:45 for the last match of the season",
    ):
        assert kicker(whole) == ""


def test_the_words_of_a_kicker_weigh_less_unless_they_come_again() -> None:
    found = terms("en", ["olympics", "latest", "abe", "wins", "latest", "gold"], ["judo"], before=2)
    places = {term.whole: term.place for term in found if not term.pair}
    assert places == {"olympics": KICKER, "latest": TITLE, "abe": TITLE, "wins": TITLE, "gold": TITLE, "judo": LEAD}
    pairs = {term.word: term.place for term in found if term.pair}
    assert pairs["latest abe"] == PAIR * KICKER
    assert pairs["abe wins"] == PAIR


def test_a_series_named_before_the_colon_is_no_story() -> None:
    news = ("Kasai wins the double sculls", "Chofu breaks an oar on Saturday", "Enoshima protests in vain")
    assert stories(decide(*(f"Brindisi regatta: {title}" for title in news))) == [0, 1, 2]


def test_common_words_bring_nothing_together() -> None:
    titles = (
        "What you need to know about this week",
        "What you should know before you go",
        "This is what we know about it",
    )
    assert stories(decide(*titles)) == [0, 1, 2]


def test_words_that_every_story_has_stop_being_evidence() -> None:
    about = "rowing marathon judo fencing sailing archery cycling boxing diving karate surfing tennis".split()  # noqa: SIM905
    places = "Kasai Chofu Izu Sapporo Enoshima Asaka Fuji Shibuya Koto Odaiba Chiba Makuhari".split()  # noqa: SIM905
    seen = [f"Olympics: {sport} at {place}" for sport, place in zip(about, places, strict=True)]
    assert stories(decide(*seen, "Olympics: handball starts", "Olympics: volunteers wanted"))[-2:] == [12, 13]


def test_a_story_is_over_after_some_days_of_silence() -> None:
    assert stories(decide(FERRY[0], FERRY[1], hours=2)) == [0, 0]
    assert stories(decide(FERRY[0], FERRY[1], hours=24 * 5)) == [0, 1]


def test_the_same_words_of_another_language_are_other_words() -> None:
    assert stories(decide(FERRY[0], FERRY[0], languages="en it")) == [0, 1]
    assert stories(decide(FERRY[0], FERRY[0], languages="en eng")) == [0, 0]
    assert stories(decide(FERRY[0], FERRY[0], languages="en-GB en-US")) == [0, 0]


def test_a_copy_follows_its_original_into_its_story() -> None:
    text = (
        "The harbour master closed the port within the hour and asked every fishing boat to help with the search for"
        " people in the water, while helicopters flew in from Bari and divers waited for the wind to drop before dawn."
    )
    tellings = [
        Telling(source_id="a", key="1", arrived=START, title=FERRY[0], text=text),
        Telling(source_id="b", key="2", arrived=START + 60, title=FERRY[1]),
        Telling(source_id="c", key="3", arrived=START + 120, title="A night nobody will forget", text=text),
    ]
    decisions = fold(MemoryShelf(), tellings).decisions
    assert [(decision.rule, decision.text, decision.story) for decision in decisions] == [
        ("new-story", 0, 0),
        ("same-event", 1, 0),
        ("near-text", 0, 0),
    ]


def test_stories_that_grow_alike_are_merged_into_the_older() -> None:
    titles = (
        "Snowden speaks at SXSW in Austin",
        "Whistleblower appears by video from Moscow",
        "Snowden whistleblower video from Moscow at SXSW",
        "Whistleblower Snowden at SXSW Austin by video from Moscow",
        "Snowden video at SXSW Austin: whistleblower appears from Moscow",
    )
    decisions = decide(*titles)
    merged = [decision for decision in decisions if decision.rule == "merged"]
    assert [(decision.story, decision.other) for decision in merged] == [(0, 1)]
    assert "snowden" in merged[0].words or "whistleblower" in merged[0].words
    assert set(stories(decisions)) == {0}


def test_a_decision_names_rule_words_odds_threshold_and_member() -> None:
    first, second = decide(FERRY[0], FERRY[1])
    assert (first.rule, first.story, first.words) == ("new-story", 0, ())
    assert (second.rule, second.number, second.other) == ("same-event", 1, 0)
    assert second.score >= second.threshold
    assert {"aurora", "brindisi"} <= set(second.words)


def test_an_entry_without_words_is_a_story_of_its_own() -> None:
    assert stories(decide("", "!!!", "", FERRY[0])) == [0, 1, 2, 3]


def test_rows_give_back_what_they_were_made_of() -> None:
    cluster = Cluster(7, START)
    for title in FERRY:
        found = terms("en", title.lower().split(), [])
        for term in found:
            term.rarity = rarity(10, 1, common=term.common)
        cluster.add(weigh(found), START + 60)
    again = Cluster.unpack(cluster.pack())
    assert sorted(again.terms()) == sorted(cluster.sums)
    assert again.pack() == cluster.pack()
    for name in ("number", "size", "first", "last", "square", "sums", "counts"):
        assert getattr(again, name) == getattr(cluster, name)
    assert again.pack() == cluster.pack()
    usage = Usage.unpack(Usage(2.5, 19_000).pack())
    assert (usage.count, usage.day, list(usage.stories)) == (2.5, 19_000, [])
    for story in range(9):
        usage.add(story, 4)
    assert list(Usage.unpack(usage.pack()).stories) == [5, 6, 7, 8]
    assert list(usage.newest(2)) == [7, 8]


def test_a_story_keeps_a_bounded_number_of_terms_and_stays_true_to_itself() -> None:
    cluster = Cluster(0, START)
    for number in range(400):
        cluster.add({number: 100 + number, 1_000_000: 4000}, START)
    assert len(cluster.sums) <= 240
    assert 1_000_000 in cluster.sums
    assert cluster.square == sum(weight * weight for weight in cluster.sums.values())


def test_languages_go_by_their_first_subtag() -> None:
    assert {language_of(tag) for tag in ("", "en", "en-GB", "eng")} == {"en"}
    assert {language_of(tag) for tag in ("por", "pt-BR")} == {"pt"}
    assert language_of("xx") == "xx"


def test_stories_are_linked_across_languages_only_where_asked_to_and_by_names() -> None:
    titles = (
        "Fethi Nourine withdraws from judo to avoid Israeli Butbul",
        "Fethi Nourine verzichtet auf Kampf gegen Tohar Butbul",
        "Fethi Nourine si ritira: non affronterà Butbul",
        "Judo: Warum so viele Kämpfer fehlen",
    )
    languages = ("en", "de", "it", "de")
    tellings = [
        Telling(source_id=language, key=title, arrived=START + place, title=title, language=language)
        for place, (language, title) in enumerate(zip(languages, titles, strict=True))
    ]
    assert {decision.rule for decision in fold(MemoryShelf(), tellings).decisions} == {"new-story"}
    decisions = fold(MemoryShelf(), tellings, across=True).decisions
    links = [decision for decision in decisions if decision.rule == "across-languages"]
    assert [(link.story, link.other, set(link.words)) for link in links] == [
        (0, 1, {"butbul", "fethi", "nourine"}),
        (0, 2, {"butbul", "fethi", "nourine"}),
    ]
    assert all(link.score >= link.threshold for link in links)


def test_an_archive_that_comes_late_is_held_against_no_story_of_today() -> None:
    told = [
        Telling(source_id="a", key="1", arrived=START, title=FERRY[0]),
        Telling(source_id="b", key="2", arrived=START - 30 * 24 * HOUR, title=FERRY[1]),
        Telling(source_id="c", key="3", arrived=START - HOUR, title=FERRY[2]),
    ]
    decisions = fold(MemoryShelf(), told).decisions
    assert [(decision.rule, decision.story) for decision in decisions] == [
        ("new-story", 0),
        ("late", 1),
        ("same-event", 0),
    ]


def test_a_new_story_names_the_one_that_came_nearest() -> None:
    _, nearest = decide(FERRY[0], "Aurora borealis seen over Brindisi by thousands of tourists tonight", hours=80)
    assert (nearest.rule, nearest.story, nearest.other) == ("new-story", 1, 0)
    assert "brindisi" in nearest.words
    assert nearest.score < nearest.threshold


def test_either_level_can_be_had_alone() -> None:
    text = " ".join(f"word{number} {number}" for number in range(12))
    tellings = [
        Telling(source_id="a", key="1", arrived=START, title=FERRY[0], text=text, number=4),
        Telling(source_id="b", key="2", arrived=START, title=FERRY[0], text=text, number=7),
        Telling(source_id="c", key="3", arrived=START, title=FERRY[0], number=8),
    ]
    copies = fold(MemoryShelf(), tellings, events=False)
    assert [(decision.rule, decision.number, decision.other) for decision in copies.decisions] == [("near-text", 7, 4)]
    assert {row.kind for row in copies.rows} == {"entry", "text", "print", "day", "count"}
    events = fold(MemoryShelf(), tellings, copies=False)
    assert [(decision.rule, decision.story) for decision in events.decisions] == [
        ("new-story", 4),
        ("same-event", 4),
        ("same-event", 4),
    ]
