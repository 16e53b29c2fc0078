"""The sorted map of the memory store: sorted, and what was forked off does not change."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.bcdb._sorted_map import SortedMap

KEYS = st.integers(0, 3000).map(lambda number: b"%05d" % number)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "put", "delete", "fork"]), KEYS), max_size=300)


def agree(sorted_map: SortedMap, plain: dict[bytes, bytes], looked_up: Iterable[bytes]) -> None:
    """Both hold the same and answer the same."""
    ordered = sorted(plain.items())
    assert list(sorted_map.items()) == ordered
    assert list(sorted_map.keys()) == [key for key, _ in ordered]
    assert len(sorted_map) == len(plain)
    assert sorted_map.size() == sum(len(key) + len(value) for key, value in ordered)
    assert sorted_map.last() == max(plain, default=None)
    for key in looked_up:
        assert sorted_map.get(key) == plain.get(key)
        assert sorted_map.seek(key) == min((each for each in plain if each >= key), default=None)
        assert sorted_map.last(key) == max((each for each in plain if each < key or not key), default=None)
        assert list(sorted_map.keys(key)) == sorted(each for each in plain if each >= key)
        assert list(sorted_map.items(key)) == [item for item in ordered if item[0] >= key]


@pytest.fixture(scope="module")
def filled() -> SortedMap:
    """Every second key, in three chunks; each example begins with a fork of it."""
    sorted_map = SortedMap()
    for number in range(0, 3000, 2):
        sorted_map.put(b"%05d" % number, b"")
    return sorted_map


@given(STEPS)
def test_it_does_what_a_dictionary_does_sorted(filled: SortedMap, steps: list[tuple[str, bytes]]) -> None:
    """And each fork keeps what it was."""
    sorted_map, plain = filled.fork(), dict(filled.items())
    kept: list[tuple[SortedMap, dict[bytes, bytes]]] = []
    for at, (step, key) in enumerate(steps):
        if step == "put":
            sorted_map.put(key, b"%d" % at)
            plain[key] = b"%d" % at
        elif step == "delete":
            assert sorted_map.delete(key) == (plain.pop(key, None) is not None)
        elif len(kept) < 5:
            kept.append((sorted_map, dict(plain)))
            sorted_map = sorted_map.fork()
    looked_up = [b"", b"00000", b"01500", b"99999", *[key for _, key in steps[:5]]]
    for each, contents in [*kept, (sorted_map, plain)]:
        agree(each, contents, looked_up)


@pytest.mark.parametrize("order", ["rising", "falling", "mixed"])
def test_it_fills_and_empties_in_any_order(order: str) -> None:
    """Chunks are parted and given up on the way."""
    numbers = list(range(2000))
    if order == "falling":
        numbers.reverse()
    elif order == "mixed":
        numbers = [number * 7919 % 2000 for number in numbers]
    sorted_map = SortedMap()
    for number in numbers:
        sorted_map.put(b"%04d" % number, b"v")
    assert list(sorted_map.keys()) == [b"%04d" % number for number in range(2000)]
    assert [sorted_map.delete(b"%04d" % number) for number in numbers] == [True] * 2000
    agree(sorted_map, {}, [b"", b"0000"])


def test_rising_keys_fill_their_chunks() -> None:
    """Ids rise: a chunk that grows at its end is left full, not half empty."""
    sorted_map = SortedMap()
    for number in range(5130):
        sorted_map.put(b"%04d" % number, b"")
    assert len(sorted_map._chunks) == 11  # looked at behind the doorway: nothing else shows how full they are
