"""Near duplicates: what meets, and the guards that keep apart what only looks alike."""

from __future__ import annotations

from itertools import count

import pytest

from feedhub.stories.fold import fold
from feedhub.stories.prints import unpacked
from feedhub.stories.telling import Telling
from memory_shelf import MemoryShelf

START = 1_700_000_000
DAY = 86400
FERRY = (
    "The ferry Aurora capsized in the harbour of Brindisi shortly after midnight with 214 passengers on board, said"
    " the coast guard. Fishing boats pulled most of them from the water before the first helicopter arrived. Two people"
    " are still missing and divers will go on searching the wreck through the morning, while the port stays closed to"
    " all traffic. The captain told investigators that a bow door had not shut after the last call at Corfu."
)
INQUIRY = (
    " Prosecutors in Lecce opened an inquiry and seized the records of the shipping line, whose sister ship lost power"
    " twice last winter. Unions had warned for months that crews were too small for the summer timetable, and that the"
    " drills which the rules demand were signed for but never held. The minister of transport flew in at dawn and"
    " promised a report within weeks, though relatives waiting on the quay shouted that they had heard that before."
    " Insurers put the loss of the ship at sixty million, not counting what the families may claim in court."
)
BRIDGE = (
    "Engineers closed the old bridge over the Danube at Linz after sensors measured movement in one of its piers. The"
    " city wants to know within days whether the foundation was washed out by the flood in spring. Trams end on either"
    " side and passengers walk across a gangway that the army is building. Shopkeepers fear for their season."
)
NEWSLETTER = (
    "Sign up for our newsletter and get the best of our reporting delivered to your inbox every single morning. "
)


def text_numbers(*entries: tuple[str, str, str], publisher: str = "") -> list[int]:
    """Return for each entry (source, title, text) the number of the first entry with its text."""
    tellings = [
        Telling(source_id=source, key=str(key), arrived=START + key, title=title, text=text, publisher=publisher)
        for key, (source, title, text) in enumerate(entries)
    ]
    return [decision.text for decision in fold(MemoryShelf(), tellings).decisions if decision.rule != "merged"]


def test_a_copy_under_another_title_meets_its_original() -> None:
    assert text_numbers(("a", "Ferry capsizes", FERRY), ("b", "Night of terror at sea", FERRY)) == [0, 0]


def test_an_excerpt_meets_the_full_text_whichever_comes_first() -> None:
    full, excerpt = FERRY + INQUIRY, FERRY[:230] + "…"
    assert text_numbers(("a", "Ferry capsizes", full), ("b", "Ferry capsizes", excerpt)) == [0, 0]
    assert text_numbers(("a", "Ferry capsizes", excerpt), ("b", "Ferry capsizes", full)) == [0, 0]


def test_a_lightly_edited_text_meets_its_original() -> None:
    edited = (FERRY + INQUIRY).replace("shortly", "soon").replace("shouted", "cried").replace("dawn", "daybreak")
    assert text_numbers(("a", "Ferry capsizes", FERRY + INQUIRY), ("b", "Ferry sinks", edited)) == [0, 0]


def test_where_words_stand_does_not_matter() -> None:
    lead = (
        "Good evening from our newsroom, these are the things that you may have missed while you were at work today. "
    )
    assert text_numbers(("a", "Ferry", FERRY + INQUIRY), ("b", "Ferry", lead + FERRY + INQUIRY)) == [0, 0]


def test_different_texts_do_not_meet() -> None:
    assert text_numbers(("a", "Ferry capsizes", FERRY), ("b", "Bridge closed", BRIDGE)) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Episode 41: The Weekly Show", "Episode 42: The Weekly Show"),
        ("Quick crossword No 15,000", "Quick crossword No 15,001"),
        ("Weather for Turin, Monday", "Weather for Turin, Tuesday"),
        ("Tuesday briefing", "Wednesday briefing"),
        ("The storm, part 1", "The storm, part 2"),
        ("Live blog: the flood - page 1", "Live blog: the flood - page 2"),
        ("The Hills S01E05", "The Hills S01E06"),
    ],
)
@pytest.mark.parametrize("sources", ["aa", "ab"])
def test_parts_of_a_series_are_different_items_however_alike(one: str, other: str, sources: str) -> None:
    assert text_numbers((sources[0], one, FERRY), (sources[1], other, FERRY)) == [0, 1]


def test_a_figure_that_a_site_adds_to_titles_makes_no_series() -> None:
    named = ("a", "Ferry capsizes off Brindisi - News24", FERRY), ("b", "Ferry capsizes off Brindisi - Metro1", FERRY)
    assert text_numbers(*named) == [0, 0]
    assert text_numbers(
        ("a", "Ferry capsizes off Brindisi - KXYZ 7", FERRY), ("b", "UPDATE 1-Ferry capsizes", FERRY)
    ) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Update: 5 rules for ferries", "UPDATE 1-5 rules for ferries"),
        ("Harbour may close for the winter", "Harbour Tuesday close for the winter"),
        ("12 ferries, 3 harbours, 1 storm", "12 ferries, 3 harbours: the storm"),
    ],
)
def test_a_figure_added_or_of_another_kind_makes_no_series(one: str, other: str) -> None:
    assert text_numbers(("a", one, FERRY), ("b", other, FERRY)) == [0, 0]


def test_texts_that_quote_the_same_words_are_different_whichever_came_first() -> None:
    speech = (
        "I have stood on this quay on many nights and never on one like this and I say to the owners that no timetable"
        " is worth a life and no fine will be large enough and no report will be long enough until every door on every"
        " ship that sails under our flag is shut before the ropes are cast off and until those who signed for drills"
        " that were never held have told the mothers and fathers on this quay what they were doing instead of them and"
        " why the lamps on the bridge were dark when the first boat came alongside to ask if help was wanted,"
        " because I have read every letter that the harbour master wrote since spring and I have found no answer"
        " in them but only the same request for two more inspectors and a tug, which was refused four times by people"
        " who had never been out at night in a north wind and who will now explain to a court what they saved by it."
    )
    report = f"{BRIDGE} {INQUIRY} {FERRY} {speech}"
    comment = " ".join([*(f"word{number * 7}" for number in range(75)), speech])
    entries = ("a", "The night of the ferry", report), ("b", "A minister finds words", comment)
    assert text_numbers(*entries) == [0, 1]
    assert text_numbers(*reversed(entries)) == [0, 1]
    # Told on its own the speech is an excerpt of the first that follows, and does not link the other with it.
    assert text_numbers(("c", "The speech", speech), *entries) == [0, 0, 2]


MATCH = (
    "{0} and {1} met on Saturday and the match ended {2}. The home side had 58 percent of the possession and 16 shots."
    " Full time statistics and player ratings follow below for all who want them."
)
SHARES = (
    "Shares of Acme closed at {0} on the exchange today after a quiet session in which most traders stayed away."
    " Analysts see more of the same ahead of the results that are due at the end of this month."
)
EARNINGS = (
    "Oper net {0} vs {1} and revenues of 6,386,000 vs 5,862,000 for the fourth quarter, the company said in a statement"
    " on its results that it sent to the exchange before trading began."
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (MATCH.format("Boston", "Ghent", "4-0"), MATCH.format("Boston", "Ghent", "1-3")),
        (SHARES.format("41.20"), SHARES.format("43.75")),
        (EARNINGS.format("480,000", "765,000"), EARNINGS.format("512,000", "733,000")),
    ],
)
@pytest.mark.parametrize("sources", ["aa", "ab"])
def test_figures_that_differ_keep_short_texts_apart(one: str, other: str, sources: str) -> None:
    assert text_numbers((sources[0], "Results", one), (sources[1], "Results", other)) == [0, 1]
    assert text_numbers((sources[0], "Results", one), ("c", "Results", one)) == [0, 0]


def test_an_excerpt_cut_within_a_number_still_meets_its_original() -> None:
    full = FERRY.replace("Corfu", "Corfu in 1,250 seconds") + INQUIRY
    excerpt = full[: full.index("1,250") + 1] + "…"
    assert text_numbers(("a", "Ferry capsizes", full), ("b", "Ferry capsizes", excerpt)) == [0, 0]


def test_one_publisher_with_two_headlines_has_two_items() -> None:
    entries = (
        ("a", "What the harbour master knew", FERRY + INQUIRY),
        ("a", "Seven rules for summer ferries", FERRY + INQUIRY),
    )
    assert text_numbers(*entries) == [0, 1]
    copied = "b", entries[0][1], FERRY + INQUIRY
    assert text_numbers(entries[0], copied, entries[1]) == [0, 0, 2]
    sections = ("news", *entries[0][1:]), ("opinion", *entries[1][1:])
    assert text_numbers(*sections, publisher="The Courier") == [0, 1]
    assert text_numbers(*sections) == [0, 0]


def test_a_text_that_its_publisher_repeats_under_the_same_headline_is_one() -> None:
    assert text_numbers(("a", "Ferry capsizes", FERRY + INQUIRY), ("a", "Ferry capsizes", FERRY + INQUIRY)) == [0, 0]


def test_a_live_blog_that_grew_is_not_the_text_it_was() -> None:
    later = BRIDGE + " " + NEWSLETTER + FERRY
    assert text_numbers(
        ("a", "Live: the night of the ferry", FERRY), ("a", "Live: the night at sea, as it happened", later)
    ) == [0, 1]


def test_boilerplate_of_a_source_does_not_count() -> None:
    notice = (
        NEWSLETTER * 1
        + "This article is part of our series on life at the coast, which is made possible by readers like you. "
    )
    texts = [
        "Terns have returned to the island in numbers not seen for thirty years.",
        "A baker in Otranto turns stale loaves into beer and cannot brew enough.",
        "Night trains to the south are full until September, the railway says.",
    ]
    numbers = count()
    own = [("a", f"Story {chr(65 + next(numbers))}", notice + text) for text in texts]
    copied = ("b", "Trains", notice + texts[2])
    assert text_numbers(*own) == [0, 1, 2]
    assert text_numbers(
        *own[:2], ("c", "Loaves", notice + "Snow closed the pass and forty lorries had to turn back.")
    ) == [0, 1, 2]
    assert text_numbers(own[0], own[1], copied)[2] == 2


SERVICE = (
    "Ferries on all lines run to the winter timetable. More from the coast: harbour master appeals to skippers, fish"
    " prices fall for a third week, terns return to the island, the baker who turns stale loaves into beer. "
)


def test_a_summary_of_boilerplate_meets_the_one_text_that_has_all_of_it() -> None:
    own = [
        ("a", "Ferry capsizes", SERVICE + FERRY + INQUIRY),
        ("a", "Bridge closed", SERVICE + BRIDGE + INQUIRY),
        ("a", "Night trains", SERVICE + "Night trains to the south are full until September, the railway says."),
    ]
    begun = SERVICE + "Engineers closed …"
    assert text_numbers(*own, ("b", begun[:60], begun)) == [0, 1, 2, 1]
    # Of boilerplate and words of its own, and of boilerplate alone, nobody knows whose it is.
    other = SERVICE + "Snow closed …"
    assert text_numbers(*own, ("b", other[:60], other)) == [0, 1, 2, 3]
    assert text_numbers(*own, ("b", SERVICE[:60], SERVICE)) == [0, 1, 2, 3]


def test_a_text_that_is_most_like_an_excerpt_meets_any_full_text_that_it_is_like() -> None:
    full = FERRY + INQUIRY + " " + BRIDGE
    words = f"{full} Later today".split()
    rewritten = " ".join(f"changed{place}" if place % 9 == 8 else word for place, word in enumerate(words))
    edited = full.replace("Insurers", "Underwriters").replace("foundation", "base").replace("gangway", "footbridge")
    texts = [
        full,
        FERRY[:230] + "…",
        # A little longer than the first, and little like the last.
        rewritten,
        "This report was put together from those of several agencies and of our own people at the harbour. " + edited,
    ]
    told = [(source, "Ferry capsizes", text) for source, text in zip("abcd", texts, strict=True)]
    assert text_numbers(*told) == [0, 0, 0, 0]


def test_a_guid_alone_never_merges() -> None:
    tellings = [
        Telling(source_id="a", key="post-1", arrived=START, title="Ferry capsizes", text=FERRY),
        Telling(source_id="b", key="post-1", arrived=START, title="Bridge closed", text=BRIDGE),
    ]
    decisions = fold(MemoryShelf(), tellings).decisions
    assert [(decision.rule, decision.text, decision.story) for decision in decisions] == [
        ("new-story", 0, 0),
        ("new-story", 1, 1),
    ]


def test_a_decision_names_rule_member_share_and_threshold() -> None:
    tellings = [
        Telling(source_id="a", key="1", arrived=START, title="Ferry capsizes", text=FERRY),
        Telling(source_id="b", key="2", arrived=START, title="Ferry capsizes", text=FERRY),
    ]
    copy = fold(MemoryShelf(), tellings).decisions[1]
    assert (copy.rule, copy.number, copy.other) == ("near-text", 1, 0)
    assert copy.score == 1.0 > copy.threshold > 0


def test_what_was_told_long_ago_is_forgotten_and_leaves_its_rows() -> None:
    shelf, found = MemoryShelf(), []
    told = (
        (0, "a", "Ferry capsizes"),
        (12, "a", "Night of terror"),
        (20, "b", "Night of terror"),
        (21, "a", "Prosecutor calls witnesses"),
    )
    for day, source, title in told:
        telling = Telling(source_id=source, key=title, arrived=START + day * DAY, title=title, text=FERRY, number=day)
        folded = fold(shelf, [telling], events=False)
        shelf.write(folded.rows)
        found += [(decision.number, decision.text) for decision in folded.decisions]
    # Had the first not been forgotten, what it shares with the second would be their publisher's boilerplate.
    assert found == [(20, 12)]
    assert {number for _, row in shelf.rows["print"].values() for number in unpacked(row)[1::2]} == {12, 21}
