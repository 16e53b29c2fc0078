"""Filters: each combination keeps what it says, in id order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from workloadmanager.bcdb import EVERYTHING, Filter, Record, Store

NODES = ("n1", "n2", "n3")
NODE_CHOICES = ("", "n1", "n3", "unknown")
STATE_CHOICES = ((), (0,), (3, 4), (4, 0, 4), (9,))
EPOCH_CHOICES = (0, 104, 119, 500)
ID_CHOICES = (0, 17, 60, 61)
CUSTOMER_CHOICES = (None, 0, 2, 99)


def keeps(wanted: Filter, record: Record) -> bool:
    """The meaning of a filter, in the plainest way."""
    return (
        (not wanted.node_id or wanted.node_id in record.node_ids)
        and (not wanted.states or record.state in wanted.states)
        and (not wanted.after_epoch or record.epoch > wanted.after_epoch)
        and record.id >= wanted.from_id
        and wanted.customer_tid in (None, record.customer_tid)
    )


@pytest.fixture
def records(new_store: Callable[..., Store], record: Callable[..., Record]) -> Iterator[tuple[Store, list[Record]]]:
    """Sixty reservations over three nodes, seven states, three customers and twenty epochs."""
    made = [
        record(
            number,
            state=number * 5 % 7,
            epoch=100 + number // 3,
            customer=number % 4,
            nodes=tuple(node for at, node in enumerate(NODES) if number >> at & 1),
        )
        for number in range(1, 61)
    ]
    store = new_store()
    store.write(lambda transaction: [transaction.insert(each) for each in made])
    yield store, made
    assert store.check() == []


def test_every_combination_keeps_what_it_says_in_id_order(records: tuple[Store, list[Record]]) -> None:
    """Node, states, epoch, id and customer, each off, matching some, one, or none."""
    store, made = records
    choices = itertools.product(NODE_CHOICES, STATE_CHOICES, EPOCH_CHOICES, ID_CHOICES, CUSTOMER_CHOICES)
    with store.read() as reader:
        for choice in choices:
            wanted = Filter(*choice)
            expected = [each for each in made if keeps(wanted, each)]
            assert list(reader.find(wanted)) == expected, wanted
            assert list(reader.find_ids(wanted)) == [each.id for each in expected], wanted


def test_without_a_filter_everything_is_kept(records: tuple[Store, list[Record]]) -> None:
    """In id order."""
    store, made = records
    with store.read() as reader:
        assert list(reader.find()) == list(reader.find(EVERYTHING)) == made


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(states=(256,)),
        Filter(states=(-1,)),
        Filter(from_id=2**63),
        Filter(after_epoch=2**63 - 1),
        Filter(after_epoch=2**80),
        Filter(customer_tid=2**63),
        Filter(customer_tid=-(2**63) - 1),
        Filter(node_id="x" * 256),
        Filter(node_id="\ud800"),
        Filter(node_id="n"),
        Filter(node_id="n1\0"),
    ],
    ids=str,
)
def test_what_cannot_be_stored_is_not_found(records: tuple[Store, list[Record]], wanted: Filter) -> None:
    """A value that no record can have keeps nothing, and is no error."""
    store, _ = records
    with store.read() as reader:
        assert list(reader.find(wanted)) == []


@pytest.mark.parametrize("wanted", [Filter(from_id=-5), Filter(after_epoch=-1), Filter(after_epoch=0)], ids=str)
def test_a_bound_below_everything_keeps_everything(records: tuple[Store, list[Record]], wanted: Filter) -> None:
    """Nothing is below it."""
    store, made = records
    with store.read() as reader:
        assert list(reader.find(wanted)) == made


def test_a_page_goes_on_where_the_last_one_ended(records: tuple[Store, list[Record]]) -> None:
    """The id after the last one is the whole cursor."""
    store, made = records
    pages, cursor = [], 0
    while page := _page(store, Filter(node_id="n2", states=(1, 3, 5), from_id=cursor), 4):
        pages += page
        cursor = page[-1] + 1
    assert pages == [each.id for each in made if "n2" in each.node_ids and each.state in (1, 3, 5)]


def _page(store: Store, wanted: Filter, limit: int) -> list[int]:
    with store.read() as reader:
        return list(itertools.islice(reader.find_ids(wanted), limit))
