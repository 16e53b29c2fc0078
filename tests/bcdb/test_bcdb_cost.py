"""What reading costs in rows: the same numbers whether a hundred or ten thousand reservations are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from workloadmanager.bcdb import Filter, Reader, Record, Store, Transaction, open_store

PAGE = 5
NODE = "node-3"
NEW = (3, 4)
"""The states in which a reservation is new to a node."""


@pytest.fixture(scope="module", params=[("memory", 1_000), ("lmdb", 100), ("lmdb", 10_000)], ids=str)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, int]]:
    """A store of small reservations whose index rows are all written, and how many there are."""
    kind, number = request.param
    with open_store(":memory:" if kind == "memory" else tmp_path_factory.mktemp("cost") / "store") as store:
        store.write(lambda transaction: _fill(transaction, number))
        store.rebuild()
        yield store, number


def _fill(transaction: Transaction, number: int) -> None:
    for each in range(1, number + 1):
        # Seven states, ten nodes and nine customers: a page of any of them is full from half way on.
        transaction.insert(Record(each, each // 10 % 7, 1_000 + each, each % 9, 0, (f"node-{each % 10}",), b""))


def _page(wanted: Callable[[int], Filter]) -> Callable[[Reader, int], int]:
    return lambda reader, number: sum(1 for _ in islice(reader.find(wanted(number)), PAGE))


READS: dict[str, tuple[Callable[[Reader, int], object], int, int]] = {
    "get": (lambda reader, number: reader.get(number // 2), 0, 1),
    "no get": (lambda reader, number: reader.get(number + 1), 1, 0),
    "page of everything": (_page(lambda number: Filter(from_id=number // 2)), 0, PAGE),
    "page by state": (_page(lambda number: Filter(states=(2,), from_id=number // 4)), PAGE, PAGE),
    "page by epoch": (_page(lambda number: Filter(after_epoch=1_000 + number // 2)), 1, PAGE),
    "page by node": (_page(lambda number: Filter(node_id=NODE, from_id=number // 3)), 20, PAGE),
    "page by customer": (_page(lambda number: Filter(customer_tid=4, from_id=number // 3)), 19, PAGE),
    "queue": (lambda reader, _: list(reader.pending(NODE)), 1, 0),
    "poll with nothing new": (lambda reader, number: reader.has_work(NODE, NEW, number + 1), 4, 0),
    "poll of everything": (lambda reader, _: reader.has_work(NODE, NEW, 0), 3, 0),
    "poll of a node without any": (lambda reader, _: reader.has_work("nobody", NEW, 0), 1, 0),
    "next deadline": (lambda reader, _: reader.next_deadline(), 1, 0),
}


@pytest.mark.parametrize(("read", "keys", "documents"), READS.values(), ids=READS)
def test_a_read_costs_the_same_however_much_is_stored(
    filled: tuple[Store, int], read: Callable[[Reader, int], object], keys: int, documents: int
) -> None:
    """Rows of indexes that are looked at, at most; and documents that are fetched, exactly."""
    store, number = filled
    with store.read() as reader:
        read(reader, number)
        assert reader.counts.keys <= keys
        assert reader.counts.documents == documents
