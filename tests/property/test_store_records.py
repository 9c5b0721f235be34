"""Whatever other rooms may put into a record, the store gives back exactly."""

from __future__ import annotations

import typing
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from feedhub.model import Entry, Failure, SourceState, Tag, Update
from feedhub.store import open_store
from stored import member, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedhub.store import Store

LEAVES: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    # As large as SQLite and MessagePack can hold.
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
    timedelta: st.timedeltas(timedelta(), timedelta(days=400)),
    datetime: st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0)),
}


@cache
def values(hint: object) -> st.SearchStrategy[Any]:
    """Return a strategy for all values of a type that records have."""
    if hint in LEAVES:
        return LEAVES[hint]
    arguments = typing.get_args(hint)
    if isinstance(hint, UnionType):
        return st.one_of(*map(values, arguments))
    if typing.get_origin(hint) is tuple and arguments[1:] == (...,):
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if typing.get_origin(hint) is tuple:
        return st.tuples(*map(values, arguments))
    if typing.get_origin(hint) is typing.Literal:
        return st.sampled_from(arguments)
    assert isinstance(hint, type), f"records may not hold {hint}"
    assert issubclass(hint, Struct), f"records may not hold {hint}"
    return st.builds(hint, **{name: values(field) for name, field in typing.get_type_hints(hint).items()})


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with closing(open_store("sqlite://")) as opened:
        yield opened


# The examples share one store on purpose: each brings a source of its own.
shared_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@shared_store
@given(entry=values(Entry), dates=st.tuples(*[values(datetime)] * 3), key=st.text())
def test_entries(store: Store, entry: Entry, dates: tuple[datetime, datetime, datetime], key: str) -> None:
    source_id = f"source {len(store.states())}"
    given_entry = replace(
        stored(source_id, key), entry=entry, first_seen=dates[0], published=dates[1], updated=dates[2]
    )
    store.apply([Update(state=SourceState(source_id=source_id), new=(given_entry,))])
    assert store.entries([(source_id, key)]) == [given_entry]
    for text in filter(None, (key, entry.id, entry.link)):
        assert given_entry in store.find(text)


@shared_store
@given(state=values(SourceState), failure=values(Failure))
def test_states(store: Store, state: SourceState, failure: Failure) -> None:
    store.apply([Update(state=state), Update(state=replace(state, failure=failure))])
    assert store.states()[state.source_id] == replace(state, failure=failure)


@shared_store
@given(tags=values(tuple[Tag, ...]), editions=values(tuple[str, ...]), title=st.text())
def test_members(store: Store, tags: tuple[Tag, ...], editions: tuple[str, ...], title: str) -> None:
    source_id = f"source {len(store.states())}"
    entry = stored(source_id, title)
    store.apply([Update(state=SourceState(source_id=source_id), new=(entry,))])
    signed = replace(member(entry), tags=tags, editions=editions)
    store.sign("signer", [signed])
    assert signed in store.members()
