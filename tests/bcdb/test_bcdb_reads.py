"""What a list costs: over 100,000 reservations, each filter reads what it returns and a handful of keys."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from workloadmanager.bcdb import Filter, Record, Store, Transaction, open_store

pytestmark = pytest.mark.slow

STORED = 100_000
NODES = 500
CUSTOMERS = 800
STATES = 7
HANDFUL = 30
"""Three look-ups for each of seven states, and one each for node, epoch and the end."""


@pytest.fixture(scope="module", params=["memory", "lmdb"])
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A hundred thousand small reservations; most are deleted, as in a grid that runs for long."""
    path = ":memory:" if request.param == "memory" else tmp_path_factory.mktemp("full") / "store"
    with open_store(path) as store:
        store.write(_fill)
        yield store


def _fill(transaction: Transaction) -> None:
    for number in range(1, STORED + 1):
        state = number // 7 % STATES if number % 50 == 0 else 6
        nodes = (f"node-{number % NODES}", f"node-{number // 3 % NODES}")
        distinct = tuple(dict.fromkeys(nodes))
        transaction.insert(Record(number, state, 1_000 + number // 4, number % CUSTOMERS, 0, distinct, b""))


CASES = [
    Filter(node_id, states, after_epoch, from_id, customer)
    for node_id, states, after_epoch, from_id, customer in itertools.product(
        ("", "node-400"), ((), (3,), (3, 4), (6,)), (0, 1_000 + STORED // 4 - 100), (0, STORED - 300), (None, 400)
    )
]


@pytest.mark.parametrize("wanted", CASES, ids=str)
def test_a_list_reads_only_what_it_returns(full: Store, wanted: Filter) -> None:
    """Documents: exactly those. Keys: one each and a handful; two each where node and customer are crossed."""
    with full.read() as reader:
        returned = sum(1 for _ in itertools.islice(reader.find(wanted), 1_000))
        assert reader.counts.documents == returned
        if wanted.node_id and wanted.customer_tid is not None:
            smaller = min(_rows(full, replace(wanted, node_id="")), _rows(full, replace(wanted, customer_tid=None)))
            assert reader.counts.keys <= 2 * smaller + HANDFUL
        else:
            assert reader.counts.keys <= returned + HANDFUL


def _rows(store: Store, wanted: Filter) -> int:
    """How many rows a filter steps over."""
    with store.read() as reader:
        return sum(1 for _ in reader.find_ids(wanted))


def test_ids_alone_touch_no_document(full: Store) -> None:
    """The indexes answer."""
    with full.read() as reader:
        assert sum(1 for _ in reader.find_ids(Filter(node_id="node-9"))) > 100
        assert reader.counts.documents == 0


def test_a_poll_with_nothing_new_touches_no_document(full: Store) -> None:
    """A node that has seen everything costs one look-up for its name, one a state and one for its queue."""
    with full.read() as reader:
        assert list(reader.find_ids(Filter(node_id="node-7", states=(3, 4), from_id=STORED + 1))) == []
        assert list(reader.pending("node-7")) == []
        assert reader.counts.documents == 0
        assert reader.counts.keys <= 5


def test_a_poll_of_an_unknown_node_looks_up_its_name_only(full: Store) -> None:
    """Nothing is searched for it."""
    with full.read() as reader:
        assert list(reader.find_ids(Filter(node_id="nobody", states=(3, 4)))) == []
        assert reader.counts.keys == 1


def test_a_get_reads_one_document(full: Store) -> None:
    """And no index."""
    with full.read() as reader:
        assert reader.get(50_000) is not None
        assert (reader.counts.keys, reader.counts.documents) == (0, 1)


def test_totals_add_up_what_readers_read(full: Store) -> None:
    """When a reader ends, what it read is in the store's totals."""
    keys, documents = full.totals.keys, full.totals.documents
    with full.read() as reader:
        assert len(list(itertools.islice(reader.find(), 10))) == 10
    assert (full.totals.keys - keys, full.totals.documents - documents) == (0, 10)


def test_a_full_store_agrees_with_itself(full: Store) -> None:
    """In both directions."""
    assert full.check() == []
