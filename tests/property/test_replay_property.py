"""Whatever sources answer in the course of time, reading it again gives the facts that were stored."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.replay import replay
from feedhub.store import open_store
from replaying import Life, configured, document, facts

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub.config import Config

Step = dict[str, Any]

ENTRIES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=6)
DOCUMENTS = st.builds(
    document,
    ENTRIES,
    # Good guids, the ones of another software, none, and the same one for all.
    guid=st.sampled_from(["g{number}", "g{number}", "new-{number}", "", "same"]),
    title=st.sampled_from(["A feed", "Another title"]),
)
BODIES = st.one_of(DOCUMENTS, DOCUMENTS, DOCUMENTS, st.sampled_from([b'{"cut":', b'{"version": "cut", "items": [']))
STEPS = st.fixed_dictionaries(
    {
        "do": st.sampled_from(["answer", "answer", "answer", "answer", "fail", "304", "retain"]),
        "body": BODIES,
        "source_id": st.sampled_from(["s", "s", "t"]),
        "after": st.sampled_from([timedelta(seconds=1), timedelta(hours=1), timedelta(days=2)]),
        "more": st.sampled_from([{}, {}, {}, {"moved_to": "https://b.example/feed"}, {"pushed": True}]),
    }
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_store(str(path)).close()
    return path


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return configured(tmp_path_factory.mktemp("config"))


def live(life: Life, steps: list[Step]) -> None:
    for step in steps:
        when = {"source_id": step["source_id"], "after": step["after"]}
        match step["do"]:
            case "answer":
                life.answer(step["body"], **when, **step["more"])
            case "304":
                life.answer(status=304, **when)
            case "fail":
                life.fail(**when)
            case _:
                life.store.retain(life.now - timedelta(days=1), 1)


@settings(deadline=None, max_examples=50)
@given(steps=st.lists(STEPS, max_size=12))
def test_facts_come_out_the_same(empty: Path, config: Config, steps: list[Step]) -> None:
    path = shutil.copy(empty, empty.with_name("x.db"))
    with closing(open_store(str(path))) as store:
        live(Life(config, store), steps)
        before = facts(store)
        removed = sum(known.removed for source in store.states() for known in store.known(source).values())
        replayed = replay(config, store)
        assert facts(store) == before
        # Nothing but what retention removed had to be left as it was: the rest was made anew.
        assert (replayed.kept > 0) == (removed > 0)


@settings(deadline=None, max_examples=50)
@given(steps=st.lists(STEPS, max_size=12), raw_bytes=st.integers(0, 1500), unkept=st.integers(0, 4))
def test_nothing_is_lost_where_responses_are_missing(
    empty: Path, config: Config, steps: list[Step], raw_bytes: int, unkept: int
) -> None:
    path = shutil.copy(empty, empty.with_name("y.db"))
    with closing(open_store(str(path))) as store:
        life = Life(config, store, raw_bytes=raw_bytes)
        live(life, steps[:unkept])
        store.forget_raw()
        live(life, steps[unkept:])
        before = facts(store)
        replay(config, store)
        assert facts(store) == before
