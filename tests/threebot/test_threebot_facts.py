"""Facts about documents are kept, and are never older than the view that they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.bcdb import Reader, Store, Transaction, open_store
from workloadmanager.threebot._facts import Facts


class Counting:
    """Reads documents, and counts how often."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, reader: Reader, key: int) -> bytes | None:
        """Read a document."""
        self.read += 1
        return reader.document("thing", key)


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    with open_store(":memory:") as opened:
        yield opened


def put(key: int, body: bytes) -> Callable[[Transaction], None]:
    """A change that stores a document."""
    return lambda transaction: transaction.put_document("thing", key, body)


def asked(store: Store, facts: Facts[int, bytes], *keys: int) -> dict[int, bytes]:
    """The facts of some documents, in a new view."""
    with store.read() as reader:
        return facts.of(reader, keys)


def test_a_fact_is_read_once(store: Store) -> None:
    """The second time it is there already; what has no document is looked for each time."""
    store.write(put(1, b"one"))
    reading = Counting()
    facts: Facts[int, bytes] = Facts("thing", reading)
    assert [asked(store, facts, 1) for _ in range(3)] == [{1: b"one"}] * 3
    assert reading.read == 1
    assert asked(store, facts, 2) == {}
    assert asked(store, facts, 2) == {}
    assert reading.read == 3


def test_a_change_of_another_collection_changes_nothing(store: Store) -> None:
    """Each collection has a version of its own."""
    store.write(put(1, b"one"))
    reading = Counting()
    facts: Facts[int, bytes] = Facts("thing", reading)
    asked(store, facts, 1)
    store.write(lambda transaction: transaction.put_document("other", 1, b"else"))
    asked(store, facts, 1)
    assert reading.read == 1


def test_a_view_from_before_a_change_keeps_its_facts(store: Store) -> None:
    """Two views with a change between them each get their own, whichever asks first."""
    store.write(put(1, b"old"))
    facts: Facts[int, bytes] = Facts("thing", Counting())
    with store.read() as before:
        store.write(put(1, b"new"))
        assert asked(store, facts, 1) == {1: b"new"}
        assert facts.of(before, (1,)) == {1: b"old"}
        assert asked(store, facts, 1) == {1: b"new"}


def test_no_more_facts_are_kept_than_may_be(store: Store) -> None:
    """With more of them it begins anew, and all are right."""
    for key in range(1, 8):
        store.write(put(key, bytes([key])))
    reading = Counting()
    facts: Facts[int, bytes] = Facts("thing", reading, most=3)
    for _ in range(2):
        for key in range(1, 8):
            assert asked(store, facts, key) == {key: bytes([key])}
    assert reading.read > 7


CHANGES = st.lists(st.tuples(st.sampled_from(["put", "drop", "undone"]), st.integers(1, 4), st.binary(max_size=2)))


@given(CHANGES)
def test_facts_are_what_the_view_has(changes: list[tuple[str, int, bytes]]) -> None:
    """After each of any changes, also one that is undone, they are what reading each document gives."""

    def change(what: str, key: int, body: bytes) -> Callable[[Transaction], Any]:
        def run(transaction: Transaction) -> None:
            if what == "drop":
                transaction.delete_document("thing", key)
            else:
                transaction.put_document("thing", key, body)
            if what == "undone":
                raise LookupError

        return run

    with open_store(":memory:") as store:
        facts: Facts[int, bytes] = Facts("thing", lambda reader, key: reader.document("thing", key))
        for each in changes:
            store.submit(change(*each)).exception()
            with store.read() as reader:
                there = {key: body for key in range(1, 5) if (body := reader.document("thing", key)) is not None}
                assert facts.of(reader, range(1, 5)) == there
