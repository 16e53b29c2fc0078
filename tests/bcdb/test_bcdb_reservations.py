"""Reservations: what is stored comes back, and what the contract refuses is refused and leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller

import msgspec
import pytest

from workloadmanager.bcdb import Filter, Record, Store, Transaction
from workloadmanager.errors import Conflict, InputError, NotFound

Make = Callable[..., Record]


def test_a_reservation_comes_back_as_it_was_inserted(store: Store, record: Make) -> None:
    """Every fact and the body are kept."""
    inserted = record(1, state=3, epoch=1234, customer=-5, deadline=99, nodes=("b", "a"), body=bytes(range(256)))
    store.write(lambda transaction: transaction.insert(inserted))
    with store.read() as reader:
        assert reader.get(1) == inserted


def test_there_is_none_where_nothing_was_inserted(store: Store) -> None:
    """An id that cannot be is not there either; asking is no error."""
    with store.read() as reader:
        assert [reader.get(number) for number in (1, 0, -1, 2**63, 2**70)] == [None] * 5


def test_a_body_of_a_megabyte_comes_back(store: Store, record: Make) -> None:
    """Documents have no small limit."""
    large = record(1, body=b"\x00\xff" * 500_000)
    store.write(lambda transaction: transaction.insert(large))
    with store.read() as reader:
        assert reader.get(1) == large


def test_an_id_cannot_be_inserted_twice(store: Store, record: Make) -> None:
    """The second is refused, and the first stays."""
    store.write(lambda transaction: transaction.insert(record(1, body=b"first")))
    with pytest.raises(Conflict, match="there is a reservation 1 already"):
        store.write(lambda transaction: transaction.insert(record(1, body=b"second")))
    with store.read() as reader:
        assert [found.body for found in reader.find()] == [b"first"]


def test_ids_rise(store: Store, record: Make) -> None:
    """An id below one that is stored is refused: lists rely on the order."""
    store.write(lambda transaction: transaction.insert(record(5)))
    with pytest.raises(Conflict, match="ids must rise"):
        store.write(lambda transaction: transaction.insert(record(4)))


def test_epochs_do_not_fall(store: Store, record: Make) -> None:
    """An epoch below the last is refused; the same one is fine."""
    store.write(lambda transaction: transaction.insert(record(1, epoch=50)))
    store.write(lambda transaction: transaction.insert(record(2, epoch=50)))
    with pytest.raises(Conflict, match="epochs must not fall"):
        store.write(lambda transaction: transaction.insert(record(3, epoch=49)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 0},
        {"number": 2**63},
        {"state": -1},
        {"state": 256},
        {"epoch": -1},
        {"epoch": 2**63},
        {"deadline": -1},
        {"customer": 2**63},
        {"customer": -(2**63) - 1},
        {"nodes": ("",)},
        {"nodes": ("é" * 128,)},
        {"nodes": ("\ud800",)},
        {"nodes": ("a", "b", "a")},
        {"body": bytes(64 * 1024 * 1024 + 1)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_fact_out_of_its_limits_is_refused(store: Store, record: Make, wrong: dict[str, object]) -> None:
    """Nothing of such a record is stored, its node neither."""
    with pytest.raises(InputError):
        store.write(lambda transaction: transaction.insert(record(**{"number": 1, **wrong})))
    with store.read() as reader:
        assert list(reader.find()) == []
        assert reader.number("reservation") == 0


def test_facts_at_their_limits_are_stored(store: Store, record: Make) -> None:
    """The highest and lowest values that the contract names."""
    first = record(1, state=0, epoch=0, customer=-(2**63), nodes=("a" * 255, "é" * 127, "x"))
    last = record(2**63 - 1, state=255, epoch=2**63 - 1, customer=2**63 - 1, deadline=2**63 - 1, nodes=())
    for each in (first, last):
        store.write(methodcaller("insert", record=each))
    with store.read() as reader:
        assert list(reader.find()) == [first, last]
        assert list(reader.find(Filter(node_id="é" * 127, customer_tid=-(2**63), states=(0,)))) == [first]
        assert list(reader.find(Filter(customer_tid=2**63 - 1, after_epoch=1, from_id=2**63 - 1))) == [last]
        assert list(reader.due(2**63 - 1)) == [2**63 - 1]


def test_inserting_moves_the_counters_up(store: Store, record: Make) -> None:
    """So that the next id and epoch fit, whoever gave out the last."""
    store.write(lambda transaction: transaction.insert(record(8, epoch=70)))
    assert store.write(lambda transaction: transaction.next_number("reservation")) == 9
    assert store.write(lambda transaction: transaction.raise_number("epoch", 60)) == 70


def test_a_replaced_reservation_moves_in_every_index(store: Store, record: Make) -> None:
    """It is found by its new state and deadline, and no longer by the old ones."""
    old = record(1, state=1, deadline=500, nodes=("a", "b"))
    new = msgspec.structs.replace(old, state=3, deadline=900, body=b"new")
    store.write(lambda transaction: transaction.insert(old))
    store.write(lambda transaction: transaction.replace(new))
    with store.read() as reader:
        for narrowed in ({}, {"node_id": "a"}, {"node_id": "b"}, {"customer_tid": 7}):
            assert list(reader.find_ids(Filter(states=(1,), **narrowed))) == []
            assert list(reader.find(Filter(states=(3,), **narrowed))) == [new]
        assert list(reader.due(899)) == []
        assert reader.next_deadline() == 900


def test_a_replaced_reservation_can_lose_its_deadline(store: Store, record: Make) -> None:
    """A deadline of 0 is none."""
    store.write(lambda transaction: transaction.insert(record(1, deadline=500)))
    store.write(lambda transaction: transaction.replace(record(1, deadline=0)))
    with store.read() as reader:
        assert reader.next_deadline() == 0
        assert list(reader.due(2**40)) == []


def test_replacing_the_body_alone_is_enough(store: Store, record: Make) -> None:
    """State and deadline may stay as they are."""
    store.write(lambda transaction: transaction.insert(record(1, body=b"old")))
    store.write(lambda transaction: transaction.replace(record(1, body=b"new")))
    with store.read() as reader:
        assert reader.get(1) == record(1, body=b"new")


def test_what_is_not_there_cannot_be_replaced(store: Store, record: Make) -> None:
    """The error names the id."""
    with pytest.raises(NotFound, match="no reservation 3"):
        store.write(lambda transaction: transaction.replace(record(3)))


@pytest.mark.parametrize(
    ("what", "changed"),
    [("epoch", {"epoch": 1001}), ("customer", {"customer": 8}), ("nodes", {"nodes": ("node-1", "node-2")})],
)
def test_facts_that_lists_rely_on_do_not_change(
    store: Store, record: Make, what: str, changed: dict[str, object]
) -> None:
    """Epoch, customer and nodes are what they were at registration."""
    store.write(lambda transaction: transaction.insert(record(1)))
    with pytest.raises(Conflict, match=f"the {what} of reservation 1 cannot change"):
        store.write(lambda transaction: transaction.replace(record(1, **changed)))


def test_the_order_of_the_nodes_may_change(store: Store, record: Make) -> None:
    """The same nodes in another order are the same nodes."""
    store.write(lambda transaction: transaction.insert(record(1, nodes=("a", "b"))))
    store.write(lambda transaction: transaction.replace(record(1, nodes=("b", "a"), state=2)))
    with store.read() as reader:
        assert list(reader.find_ids(Filter(node_id="a", states=(2,)))) == [1]


def test_a_reader_sees_what_was_committed_when_it_began(store: Store, record: Make) -> None:
    """A change that commits meanwhile does not show, whatever was read before it."""
    store.write(lambda transaction: transaction.insert(record(1)))
    with store.read() as before:
        store.write(lambda transaction: transaction.insert(record(2)))
        store.write(lambda transaction: transaction.replace(record(1, state=2)))
        assert [found.state for found in before.find()] == [1]
        with store.read() as after:
            assert [found.state for found in after.find()] == [2, 1]


def test_a_change_sees_what_it_wrote(store: Store, record: Make) -> None:
    """Reading back inside the transaction gives the new state."""

    def change(transaction: Transaction) -> bytes:
        transaction.insert(record(1, body=b"old"))
        transaction.replace(record(1, body=b"new"))
        written = transaction.get(1)
        assert written is not None
        return written.body

    assert store.write(change) == b"new"


def test_a_change_may_write_while_it_goes_through_a_query(store: Store, record: Make) -> None:
    """As a sweep does: it takes what is due and moves its deadline."""
    for number in range(1, 301):
        store.write(methodcaller("insert", record=record(number, deadline=number)))

    def sweep(transaction: Transaction) -> list[int]:
        swept = []
        for number in transaction.due(200):
            transaction.replace(record(number, deadline=0, state=5))
            swept.append(number)
        return swept

    assert store.write(sweep) == list(range(1, 201))
    with store.read() as reader:
        assert reader.next_deadline() == 201
        assert sum(1 for _ in reader.find_ids(Filter(states=(5,)))) == 200
