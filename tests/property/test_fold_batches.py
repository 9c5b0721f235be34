"""Stories do not depend on how a stream was split into batches, nor on when old rows were swept away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.stories.fold import fold
from feedhub.stories.telling import Telling
from memory_shelf import MemoryShelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedhub.stories.telling import Decision

SOME_WORDS = """
    storm harbour ferry capsizes rescue minister resigns budget vote court ruling merger banana satellite launch
    delayed volcano erupts island evacuated striker transfer record fee 12 41 monday tuesday
"""
WORDS = SOME_WORDS.split()
WINDOWS = {"entry": 14, "text": 14, "print": 14, "story": 4, "word": 30, "alias": 14, "place": 14, "link": 14}
DAY = 86400


@st.composite
def streams(draw: st.DrawFn) -> list[Telling]:
    """Entries with so few words between them that copies, events and merges are many, over up to some weeks."""
    entries = []
    now = 1_700_000_000
    for key in range(draw(st.integers(1, 14))):
        now += draw(st.sampled_from([0, 60, 7200, DAY, 3 * DAY, 9 * DAY]))
        title = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
        text = draw(st.lists(st.sampled_from(WORDS), max_size=30)) * draw(st.integers(1, 4))
        entries.append(
            Telling(
                source_id=draw(st.sampled_from("abc")),
                key=str(key),
                arrived=now,
                title=" ".join(title).title(),
                text=" ".join(text),
                language=draw(st.sampled_from(["en", "", "de-AT"])),
            )
        )
    if len(entries) > 3 and draw(st.booleans()):
        copied = entries[draw(st.integers(0, len(entries) - 2))]
        entries[-1] = Telling(
            source_id="z", key="z", arrived=now, title=copied.title, text=copied.text, language=copied.language
        )
    return entries


def tell(entries: Sequence[Telling], cuts: Sequence[int], *, sweep: bool) -> tuple[list[Decision], MemoryShelf]:
    shelf = MemoryShelf()
    decisions: list[Decision] = []
    for start, stop in zip([0, *cuts], [*cuts, len(entries)], strict=True):
        folded = fold(shelf, entries[start:stop], across=True)
        decisions += folded.decisions
        shelf.write(folded.rows)
        for kind, days in WINDOWS.items() if sweep and stop else ():
            shelf.sweep(kind, entries[stop - 1].arrived - days * DAY)
    return decisions, shelf


@settings(deadline=None)
@given(streams(), st.data())
def test_any_split_into_batches_decides_the_same(entries: list[Telling], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(entries)), max_size=5)))
    together, whole = tell(entries, [], sweep=False)
    apart, pieces = tell(entries, cuts, sweep=False)
    assert apart == together
    assert pieces.rows == whole.rows


@settings(deadline=None)
@given(streams(), st.integers(1, 5))
def test_how_far_is_read_ahead_changes_nothing(entries: list[Telling], ahead: int) -> None:
    together, whole = tell(entries, [], sweep=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feedhub.stories.fold.AHEAD", ahead)
        by_few, same = tell(entries, [], sweep=False)
    assert by_few == together
    assert same.rows == whole.rows


@settings(deadline=None)
@given(streams(), st.data())
def test_sweeping_old_rows_changes_no_decision(entries: list[Telling], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(entries)), max_size=5)))
    assert tell(entries, cuts, sweep=True)[0] == tell(entries, cuts, sweep=False)[0]


@settings(deadline=None)
@given(streams())
def test_stories_never_change_their_number_but_by_a_merge_with_an_older_one(entries: list[Telling]) -> None:
    decisions, _ = tell(entries, [], sweep=False)
    began = {decision.number for decision in decisions if decision.rule == "new-story"}
    for decision in decisions:
        assert decision.story in began
        assert decision.story <= decision.number
        if decision.rule == "merged":
            assert decision.story < decision.other
