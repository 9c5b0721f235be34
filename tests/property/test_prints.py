"""Fingerprints are the least hashes of every window, however they are found."""

from __future__ import annotations

from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.stories.prints import DENSE, MAX_WORDS, OPENING, SPARSE, packed, prints, unpacked


def least(hashes: list[int], width: int) -> tuple[int, ...]:
    while width > max(1, len(hashes)):
        width //= 2
    windows = [hashes[start : start + width] for start in range(len(hashes) - width + 1)]
    return tuple(sorted({min(window) for window in windows if window}))


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcde"), max_size=40), st.integers(1, 30))
def test_of_every_window_the_least_hash_is_kept(words: list[str], times: int) -> None:
    text = words * times
    hashes = [crc32(" ".join(text[start : start + 4]).encode()) for start in range(min(len(text), MAX_WORDS) - 3)]
    found = prints(text)
    assert found.dense == least(hashes[:OPENING], DENSE)
    assert found.sparse == least(hashes, SPARSE)
    assert tuple(unpacked(packed(found.dense))) == found.dense
