"""Keys: every value comes back out of its key, and bytes sort as the values do."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workloadmanager.bcdb import _keys
from workloadmanager.errors import InputError

IDS = st.integers(0, 2**63 - 1)
TIDS = st.integers(-(2**63), 2**63 - 1)
STATES = st.integers(0, 255)
NUMBERS = st.integers(0, 2**32 - 1)


def fits_in(longest: int) -> Callable[[str], bool]:
    """Whether a text fits into so many bytes."""
    return lambda value: 0 < len(value.encode()) <= longest


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255).filter(fits_in(255))
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64).filter(fits_in(64))
KEYS = IDS | TEXTS

FORMS: dict[str, tuple[Callable[..., bytes], Callable[[bytes], Any], st.SearchStrategy[tuple[Any, ...]]]] = {
    "state": (_keys.state, _keys.read_state, st.tuples(STATES, IDS)),
    "node_state": (_keys.node_state, _keys.read_node_state, st.tuples(NUMBERS, STATES, IDS)),
    "customer_state": (_keys.customer_state, _keys.read_customer_state, st.tuples(TIDS, STATES, IDS)),
    "moment": (_keys.moment, _keys.read_moment, st.tuples(IDS, IDS)),
    "numbered": (_keys.numbered, _keys.read_numbered, st.tuples(IDS, IDS)),
    "pending": (_keys.pending, _keys.read_pending, st.tuples(NUMBERS, IDS, IDS)),
    "signature": (_keys.signature, _keys.read_signature, st.tuples(TIDS, st.binary(min_size=32, max_size=32))),
}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_values_come_back_and_sort_as_they_are(form: str, data: st.DataObject) -> None:
    """decode(encode(x)) = x, and the order of the bytes is the order of the values."""
    encode, decode, values = FORMS[form]
    first, second = data.draw(values), data.draw(values)
    assert decode(encode(*first)) == first
    assert (encode(*first) < encode(*second)) == (first < second)
    assert len(encode(*first)) <= _keys.MAXIMUM_KEY


@given(IDS, IDS)
def test_a_reservation_id_comes_back_and_sorts(first: int, second: int) -> None:
    """Alone, and as the end of every index key."""
    assert _keys.read_id(_keys.reservation(first)) == first
    assert _keys.read_id(_keys.node_state(1, 2, first)) == first
    assert (_keys.reservation(first) < _keys.reservation(second)) == (first < second)


@given(NUMBERS, STATES, IDS)
def test_a_prefix_begins_exactly_its_rows(number: int, state: int, reservation_id: int) -> None:
    """Of a node and of a customer."""
    assert _keys.node_state(number, state, reservation_id).startswith(_keys.node_prefix(number))
    assert _keys.pending(number, reservation_id, 1).startswith(_keys.node_prefix(number))
    assert _keys.customer_state(number, state, reservation_id).startswith(_keys.customer_prefix(number))
    assert not _keys.customer_state(number, state, reservation_id).startswith(_keys.customer_prefix(number + 1))


@given(NAMES, NAMES, KEYS, KEYS)
@example("a", "a", "\uffff", "\U00010000")
@example("a", "a", 2**63 - 1, "\0")
def test_a_document_key_comes_back_and_sorts(collection: str, other: str, first: int | str, second: int | str) -> None:
    """Numbers before texts, texts by code point; no collection begins another."""
    encoded = _keys.document(collection, first)
    assert _keys.read_document(encoded) == (collection, first)
    in_order = (isinstance(first, str), first) < (isinstance(second, str), second)
    assert (encoded < _keys.document(collection, second)) == in_order
    assert encoded.startswith(_keys.document_prefix(other)) == (other == collection)
    assert len(encoded) <= _keys.MAXIMUM_KEY


@given(NAMES, NAMES, KEYS, KEYS)
def test_a_value_row_comes_back_without_its_value(
    collection: str, index: str, value: int | str, key: int | str
) -> None:
    """Collection, index and document key; the value is a digest."""
    row = _keys.value(collection, index, value, key)
    assert _keys.read_value(row) == (collection, index, key)
    assert row.startswith(_keys.value_prefix(collection, index, value))
    assert len(row) <= _keys.MAXIMUM_KEY


@given(KEYS, KEYS)
def test_different_values_have_different_rows(first: int | str, second: int | str) -> None:
    """A number and its text are different too."""
    same = _keys.value_prefix("c", "i", first) == _keys.value_prefix("c", "i", second)
    assert same == (first == second and type(first) is type(second))


def test_the_longest_row_fits_into_lmdbs_limit() -> None:
    """Every limit at once stays below 511 bytes."""
    name, text = "n" * _keys.MAXIMUM_NAME, "t" * _keys.MAXIMUM_TEXT
    assert len(_keys.value(name, name, text, text)) == 418 <= _keys.MAXIMUM_KEY


def test_names_run_into_nothing() -> None:
    """However collection and index are cut, their rows are apart."""
    prefixes = [_keys.value_prefix(name, index, 1) for name, index in (("ab", "c"), ("a", "bc"), ("abc", "c"))]
    for first, second in itertools.permutations(prefixes, 2):
        assert not first.startswith(second)


@pytest.mark.parametrize("value", ["", "x" * 256, "é" * 128, "\ud800"], ids=ascii)
def test_a_text_out_of_its_limits_is_refused(value: str) -> None:
    """The message says what it is and what it may have."""
    with pytest.raises(InputError, match="the node id"):
        _keys.text(value, "the node id")
    assert not _keys.fits(value)


@pytest.mark.parametrize("key", [0, 2**63 - 1, "x", "x" * 255])
def test_a_document_key_at_its_limits_fits(key: int | str) -> None:
    """Numbers of 0 to 2^63-1, texts of 1 to 255 bytes."""
    assert _keys.fits(key)


@pytest.mark.parametrize("key", [-1, 2**63])
def test_a_number_out_of_its_limits_does_not_fit(key: int) -> None:
    """It can neither be stored nor found."""
    assert not _keys.fits(key)
    with pytest.raises(InputError, match="no document key"):
        _keys.document("c", key)
