"""Two entries held against each other: the links between them, and what they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feedhub.model import Reason
from feedhub.stories.comparing import chain, directly
from feedhub.stories.fold import fold
from feedhub.stories.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HOUR, DAY = 3600, 86400
NOON = 1_767_614_400
TEXT = """The harbour master closed the port within the hour and asked every fishing boat to help with the search for
people in the water, while helicopters flew in from Bari and divers waited for the wind to drop before dawn. Nobody
knows yet why the ferry, built long ago and mended since, heeled over so fast on a calm night."""
FERRY = Telling(
    source_id="wire",
    key="1",
    number=0,
    arrived=NOON,
    title="Ferry Aurora capsizes off Brindisi",
    text=TEXT,
    language="en",
)
TOLD_AGAIN = replace(FERRY, source_id="herald", number=1, arrived=NOON + HOUR, text=TEXT.replace("dawn", "daybreak"))
OTHER_WORDS = replace(
    TOLD_AGAIN,
    source_id="courier",
    title="Brindisi: search for the missing of the ferry Aurora",
    text="They wait in the harbour for the coastguard to come back, and search the water near the port.",
)
BANANAS = replace(TOLD_AGAIN, source_id="gazette", title="Banana prices rise", text="Again.")


class Remembered:
    """A shelf in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], tuple[int, bytes]] = {}

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:
        return {key: self.rows[kind, key] for key in keys if (kind, key) in self.rows}


def link(one: str, other: str, rule: str = "same-url") -> Reason:
    return Reason(rule=rule, field=one, found=other)


def test_the_fewest_links_lead_from_one_entry_to_another() -> None:
    links = [link("a", "b"), link("b", "c"), link("c", "d"), link("a", "c", "near-text"), link("x", "y")]
    assert chain(links, "a", "d") == (links[3], links[2])
    assert chain(links, "d", "a") == (links[2], links[3])
    assert chain(links, "a", "x") == chain(links, "a", "nobody") == ()


def test_a_copy_is_one_with_its_share_and_threshold() -> None:
    direct = directly(Remembered(), FERRY, TOLD_AGAIN, copies=True, events=True)
    assert direct.texts is not None
    assert direct.texts.same
    assert direct.texts.score > 0.8 > direct.texts.threshold > 0
    assert direct.texts.objections == ()


def test_an_event_is_told_by_its_words_and_another_one_too() -> None:
    direct = directly(Remembered(), FERRY, OTHER_WORDS, copies=True, events=True)
    assert direct.texts is not None
    assert not direct.texts.same
    assert direct.texts.score < direct.texts.threshold
    assert direct.event is not None
    assert direct.event.rule == "same-event"
    assert {"aurora", "ferry"} <= set(direct.event.words)
    apart = directly(Remembered(), FERRY, BANANAS, copies=True, events=True).event
    assert apart is not None
    assert (apart.rule, apart.words) == ("too-little", ())


def test_a_guard_that_objects_is_named() -> None:
    monday = replace(FERRY, title="Weather for Monday", text="Rain all day, 12 degrees and wind from the west.")
    tuesday = replace(TOLD_AGAIN, title="Weather for Tuesday", text="Rain all day, 13 degrees and wind from the west.")
    direct = directly(Remembered(), monday, tuesday, copies=True, events=False)
    assert direct.texts is not None
    assert not direct.texts.same
    assert direct.texts.objections == ("they are of one series", "their figures differ")


def test_a_story_is_over_after_some_days() -> None:
    late = replace(OTHER_WORDS, arrived=NOON + 5 * DAY)
    direct = directly(Remembered(), FERRY, late, copies=True, events=True)
    assert (direct.days, direct.event) == (5.0, None)


def test_nothing_is_looked_for_that_the_settings_leave_out() -> None:
    direct = directly(Remembered(), FERRY, TOLD_AGAIN, copies=False, events=False)
    assert (direct.texts, direct.event) == (None, None)


def test_only_how_usual_words_are_comes_from_what_was_told() -> None:
    shelf = Remembered()
    told = [replace(FERRY, key=str(number), number=number, arrived=NOON - DAY) for number in range(3)]
    shelf.rows = {
        (row.kind, row.key): (row.touched, row.value) for row in fold(shelf, told).rows if row.value is not None
    }
    before = dict(shelf.rows)
    later = [replace(each, number=each.number + 10) for each in (FERRY, OTHER_WORDS)]
    direct = directly(shelf, *later, copies=True, events=True)
    assert direct.event is not None
    assert direct.event.field == "wire 1"
    assert shelf.rows == before
