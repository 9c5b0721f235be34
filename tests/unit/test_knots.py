"""Which entries may have to do with each other's stories."""

from __future__ import annotations

from feedhub.stories.duplicates import group, public_ids
from feedhub.stories.knots import edges, knotted, ties
from feedhub.stories.telling import Decision
from publishing import member


def test_what_is_equal_ties_and_nothing_else_does() -> None:
    one = set(ties(member(number=0, url_key="x.example/1", text_key="t", entry_id="tag:x.example,2026:1")))
    assert len(one) == 4
    assert all(0 <= tie < 1 << 34 for tie in one)
    same = {"url_key": "x.example/1", "text_key": "t", "entry_id": "tag:x.example,2026:1"}
    for name, value in same.items():
        other = set(ties(member("gazette", key="2", **{"url_key": "t", "text_key": "x.example/1", name: value})))
        assert len(one & other) == 1
    assert not one & set(ties(member("gazette", key="2", entry_id="t")))


def test_who_takes_the_id_that_is_made_for_another_is_tied_to_it() -> None:
    first = member(key="1", entry_id="no address")
    (made,) = public_ids(first)
    assert group([first])[0].id == made
    assert set(ties(first)) & set(ties(member("gazette", key="2", entry_id=made)))


def test_knots_go_by_their_least_number_and_grow_together() -> None:
    assert knotted([(5, 5)], {}) == {5: 5}
    assert knotted([(5, 7), (7, 9)], {}) == {5: 5, 7: 5, 9: 5}
    knots = knotted([(20, 20), (20, 11), (21, 13)], {11: 3, 13: 12})
    assert knots[20] == knots[11] == knots[3] == 3
    assert knots[21] == knots[13] == knots[12] == 12
    assert set(knotted([(20, 11), (20, 13)], {11: 3, 13: 12}).values()) == {3}


def test_decisions_tie_all_they_are_about() -> None:
    merged = Decision(rule="merged", number=9, text=9, story=2, other=5, score=1.0, threshold=1.0)
    assert set(knotted(edges([merged]), {}).values()) == {2}
