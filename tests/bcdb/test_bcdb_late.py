"""Rows of nodes and customers that are written late: found all the same, by every view, in its own state."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloadmanager.bcdb import Filter, Reader, Record, Store, Transaction, open_store
from workloadmanager.bcdb._late import read_mark
from workloadmanager.bcdb._rows import encode
from workloadmanager.bcdb._store import TablesStore
from workloadmanager.bcdb._tables import CUSTOMER_STATES, NODE_STATES, WritableTables
from workloadmanager.errors import Conflict

Make = Callable[..., Record]
Held = Callable[[Store], AbstractContextManager[None]]

TOGETHER = 48
"""How many wait in a lane before their rows are written."""

BEHIND = 48_000
"""How many reservations may have rows that are not written."""


def register(*records: Record) -> Callable[[Transaction], None]:
    """The change that stores reservations."""

    def change(transaction: Transaction) -> None:
        for each in records:
            transaction.insert(each)

    return change


def move(record: Record, state: int) -> Callable[[Transaction], None]:
    """The change that moves a reservation to a state."""
    return lambda transaction: transaction.replace(msgspec.structs.replace(record, state=state))


def ids(source: Store | Reader, **wanted: Any) -> list[int]:
    """The ids that a filter keeps."""
    if isinstance(source, Store):
        with source.read() as reader:
            return ids(reader, **wanted)
    return list(source.find_ids(Filter(**wanted)))


def rows(store: Store) -> tuple[int, int, int]:
    """How many rows of nodes and of customers are written, and up to which id all are."""
    assert isinstance(store, TablesStore)
    tables = store.begin()
    try:
        return tables.count(NODE_STATES), tables.count(CUSTOMER_STATES), read_mark(tables)
    finally:
        tables.end()


def test_rows_that_are_not_written_are_found(store: Store, record: Make) -> None:
    """By node, by customer, by both, with a state and without."""
    store.write(register(record(1), record(2, state=3, nodes=("node-1", "node-2")), record(3, customer=8)))
    assert rows(store) == (0, 0, 0)
    assert ids(store, node_id="node-1") == [1, 2, 3]
    assert ids(store, node_id="node-2") == [2]
    assert ids(store, node_id="node-1", states=(1,)) == [1, 3]
    assert ids(store, node_id="node-1", states=(3, 1), from_id=2) == [2, 3]
    assert ids(store, customer_tid=7) == [1, 2]
    assert ids(store, node_id="node-1", customer_tid=7, states=(3,)) == [2]
    assert ids(store, node_id="node-1", customer_tid=8) == [3]
    with store.read() as reader:
        assert [found.id for found in reader.find(Filter(node_id="node-1"))] == [1, 2, 3]


def test_rows_are_written_when_enough_wait(store: Store, record: Make) -> None:
    """Those of one node and of the customer; one that waits elsewhere keeps the mark below it."""
    store.write(register(record(1, customer=8, nodes=("lonely",))))
    for number in range(2, 1 + TOGETHER):
        store.write(register(record(number)))
    assert rows(store) == (0, 0, 0)
    store.write(register(record(1 + TOGETHER)))
    assert rows(store) == (TOGETHER, TOGETHER, 0)
    store.write(register(record(2 + TOGETHER)))
    assert ids(store, node_id="node-1") == list(range(2, 3 + TOGETHER))
    assert ids(store, customer_tid=7) == list(range(2, 3 + TOGETHER))


def test_the_mark_moves_with_what_is_written(store: Store, record: Make) -> None:
    """Up to the reservation before the first of which a row waits."""
    for number in range(1, 2 * TOGETHER + 2):
        store.write(register(record(number)))
        assert rows(store)[2] == number // TOGETHER * TOGETHER


def test_a_change_that_stores_many_writes_all_rows(store: Store, record: Make) -> None:
    """Those that waited before it too: it writes most pages anyway."""
    store.write(register(record(1, nodes=("lonely",))))
    store.write(register(*(record(number) for number in range(2, 1000))))
    assert rows(store) == (999, 999, 999)


def test_the_mark_is_never_far_behind(new_store: Callable[..., Store], record: Make) -> None:
    """Where each node is named once, the rows of the oldest are written with each change, a few at a time."""
    store = new_store()
    last = 0
    while last < BEHIND + 2000:
        made = [record(last + each, nodes=(f"n{last + each}",)) for each in range(1, 501)]
        before, last = rows(store)[0], last + 500
        store.write(register(*made))
        assert rows(store)[2] >= last - BEHIND
        assert rows(store)[0] - before <= 501
    assert ids(store, node_id="n1") == [1]
    assert ids(store, node_id=f"n{last}") == [last]
    assert store.check() == []


def test_a_view_finds_what_was_written_after_it_began(store: Store, record: Make) -> None:
    """The rows are not in the view, and what waits is forgotten by those that begin later."""
    for number in range(1, TOGETHER):
        store.write(register(record(number)))
    with store.read() as before, store.read() as looked:
        assert ids(looked, node_id="node-1") == list(range(1, TOGETHER))
        for number in range(TOGETHER, 3 * TOGETHER + 5):
            store.write(register(record(number)))
        for reader in (before, looked):
            assert ids(reader, node_id="node-1") == list(range(1, TOGETHER))
            assert ids(reader, customer_tid=7, states=(1,)) == list(range(1, TOGETHER))
            assert ids(reader, node_id="node-1", customer_tid=7, from_id=20) == list(range(20, TOGETHER))


def test_a_view_keeps_the_states_that_it_began_with(store: Store, record: Make) -> None:
    """Also where the row is late, and where it was written in its new state meanwhile."""
    first = record(1)
    store.write(register(first))
    with store.read() as before:
        store.write(move(first, 3))
        for number in range(2, TOGETHER + 2):
            store.write(register(record(number)))
        assert ids(before, node_id="node-1", states=(1,)) == [1]
        assert ids(before, node_id="node-1", states=(3,)) == []
        assert ids(before, customer_tid=7) == [1]
    assert ids(store, node_id="node-1", states=(3,)) == [1]


def test_a_row_that_is_not_written_moves_without_being_written(store: Store, record: Make) -> None:
    """It is written later, in the state it has then."""
    first = record(1)
    store.write(register(first))
    store.write(move(first, 3))
    store.write(move(first, 4))
    assert rows(store)[0] == 0
    for number in range(2, TOGETHER + 1):
        store.write(register(record(number)))
    assert rows(store)[0] == TOGETHER
    assert ids(store, node_id="node-1", states=(4,)) == [1]
    assert ids(store, node_id="node-1", states=(1, 3)) == list(range(2, TOGETHER + 1))


def test_a_row_that_was_written_moves(store: Store, record: Make) -> None:
    """As every row does."""
    made = [record(number) for number in range(1, TOGETHER + 1)]
    for each in made:
        store.write(register(each))
    store.write(move(made[4], 3))
    assert ids(store, node_id="node-1", states=(3,)) == [5]
    assert 5 not in ids(store, node_id="node-1", states=(1,))


def test_a_change_finds_what_those_before_it_in_its_commit_stored(store: Store, record: Make, held: Held) -> None:
    """Though nothing of it is committed, and what it stored itself."""

    def look(transaction: Transaction) -> list[int]:
        found = ids(transaction, node_id="node-1")
        transaction.insert(record(found[-1] + 1))
        return [*found, *ids(transaction, node_id="node-1", states=(1,))]

    store.write(register(record(1)))
    with held(store):
        stored, looked = store.submit(register(record(2))), store.submit(look)
    assert (stored.result(), looked.result()) == (None, [1, 2, 1, 2, 3])


def test_a_change_that_fails_leaves_nothing_in_memory(store: Store, record: Make, held: Held) -> None:
    """Its id is given out again, to a reservation on another node, in the same commit or in a later one."""
    store.write(register(record(1, nodes=("right", "wrong"))))
    with held(store):
        failed, stored = submit_failing(store, 2), store.submit(register(record(2, nodes=("right",))))
        looked = store.submit(lambda transaction: ids(transaction, node_id="wrong"))
        failed_last = submit_failing(store, 3)
    for future in (failed, failed_last):
        with pytest.raises(Conflict, match="on purpose"):
            future.result()
    assert (stored.result(), looked.result()) == (None, [1])
    store.write(register(record(3, nodes=("right",))))
    assert ids(store, node_id="right") == [1, 2, 3]
    assert ids(store, node_id="wrong") == [1]
    assert ids(store, customer_tid=9) == []


def submit_failing(store: Store, number: int) -> Future[None]:
    """Submit a change that stores a reservation on the wrong node, and fails."""
    return store.submit(lambda transaction: fail_at(transaction, number))


def fail_at(transaction: Transaction, number: int) -> None:
    """Store a reservation, and fail."""
    transaction.insert(Record(number, 1, 1000, 9, 0, ("wrong",), b""))
    raise Conflict("on purpose")


def test_a_name_that_was_given_a_number_in_vain_gets_another(store: Store, record: Make) -> None:
    """The number of a node is kept in memory only once it is committed."""
    with pytest.raises(Conflict, match="on purpose"):
        store.write(lambda transaction: fail_at(transaction, 1))
    store.write(register(record(1, nodes=("other",))))
    store.write(register(record(2, nodes=("wrong", "other"))))
    assert ids(store, node_id="other") == [1, 2]
    assert ids(store, node_id="wrong") == [2]


def test_closing_writes_all_rows(tmp_path: Path, record: Make) -> None:
    """So that nothing has to be read again; a process that only reads leaves them as they are."""
    with open_store(tmp_path) as store:
        store.write(register(*(record(number, nodes=("a", "b")) for number in range(1, 8))))
        assert rows(store) == (0, 0, 0)
    with open_store(tmp_path) as store:
        assert rows(store) == (14, 7, 7)
        assert ids(store, node_id="b") == list(range(1, 8))
        assert store.check() == []


def test_rebuilding_writes_all_rows(store: Store, record: Make) -> None:
    """And those who look go on finding them."""
    store.write(register(record(1), record(2)))
    with store.read() as before:
        store.rebuild()
        assert rows(store) == (2, 2, 2)
        store.write(register(record(3)))
        assert ids(before, node_id="node-1") == [1, 2]
        assert ids(store, node_id="node-1") == [1, 2, 3]


def test_a_damaged_reservation_whose_rows_wait_does_not_stop_a_list(
    new_store: Callable[..., Store], record: Make, tables_of: Callable[[Store], AbstractContextManager[WritableTables]]
) -> None:
    """It is left out, now and when the rows are written."""
    store = new_store()
    store.write(register(record(1), record(2)))
    with tables_of(store) as tables:
        tables.put("reservations", (1).to_bytes(8, "big"), b"\xc1")
    with store.read() as reader:
        assert [found.id for found in reader.find(Filter(node_id="node-1"))] == [2]
    for number in range(3, TOGETHER + 2):
        store.write(register(record(number)))
    with store.read() as reader:
        assert [found.id for found in reader.find(Filter(node_id="node-1"))] == list(range(2, TOGETHER + 2))


def test_a_reservation_under_a_wrong_id_hides_none_after_it(
    store: Store, record: Make, tables_of: Callable[[Store], AbstractContextManager[WritableTables]]
) -> None:
    """It counts as what it is stored under, in a list, and when the indexes are made again."""
    store.write(register(record(1)))
    with tables_of(store) as tables:
        tables.put("reservations", (2).to_bytes(8, "big"), encode(record(10**12)))
    store.write(register(record(3, nodes=("node-2",))))
    assert ids(store, node_id="node-2") == [3]
    store.rebuild()
    store.write(register(record(4, nodes=("node-2",))))
    assert ids(store, node_id="node-2") == [3, 4]
    with tables_of(store) as tables:
        tables.put("reservations", (2).to_bytes(8, "big"), encode(record(2)))
    store.rebuild()


def test_a_damaged_reservation_is_warned_of_once(
    new_store: Callable[..., Store],
    record: Make,
    tables_of: Callable[[Store], AbstractContextManager[WritableTables]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not by each view that finds it last."""
    store = new_store()
    store.write(register(record(1)))
    with tables_of(store) as tables:
        tables.put("reservations", (2).to_bytes(8, "big"), b"\xc1")
    for state in (2, 3):
        store.write(move(record(1), state))
        assert ids(store, node_id="node-1") == [1]
    assert len(caplog.messages) == 1


def test_a_damaged_number_of_a_node_stops_nothing_of_others(
    new_store: Callable[..., Store], record: Make, tables_of: Callable[[Store], AbstractContextManager[WritableTables]]
) -> None:
    """Where it is come upon in reading what is not known yet; rebuilding heals it."""
    store = new_store()
    with tables_of(store) as tables:
        tables.put("nodes", b"node-1", b"\x01")
        tables.put("node_names", (1).to_bytes(4, "big"), b"node-1")
        tables.put("reservations", (1).to_bytes(8, "big"), encode(record(1)))
    store.write(register(record(2, nodes=("node-2",))))
    assert ids(store, node_id="node-2") == [2]
    store.rebuild()
    assert ids(store, node_id="node-1") == [1]
    assert store.check() == []


NODES = ("a", "b", "c")
FILTERS = [
    Filter(node_id=node, states=states, customer_tid=customer, from_id=start)
    for node in ("", *NODES)
    for states in ((), (1,), (1, 2))
    for customer in (None, 1)
    for start in (0, 9)
]

Step = tuple[str, list[Any]]
"""What is done, and with which values."""

NEW = st.tuples(st.sampled_from([("a",), ("a", "b"), ("c",)]), st.integers(0, 1), st.integers(1, 2))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.lists(NEW, min_size=1, max_size=20)),
        st.tuples(st.just("move"), st.lists(st.tuples(st.integers(1, 60), st.integers(1, 3)), min_size=1, max_size=5)),
        st.tuples(st.just("fail"), st.lists(NEW, min_size=1, max_size=3)),
        st.tuples(st.just("read"), st.just([])),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, kind=st.sampled_from(["memory", "lmdb"]))
def test_every_view_finds_what_was_stored_when_it_began(steps: list[Step], kind: str) -> None:
    """Whatever was registered, moved and dropped before and after, and whenever rows were written."""
    stored: dict[int, Record] = {}
    views: list[tuple[Reader, dict[int, Record]]] = []
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        store = stack.enter_context(open_store(":memory:" if kind == "memory" else directory))
        for what, values in [*steps, ("read", [])]:
            if what == "read":
                views.append((stack.enter_context(store.read()), dict(stored)))
                continue
            made = list(changed(stored, what, values))
            perform(store, what, made)
            if what != "fail":
                stored.update((each.id, each) for each in made)
        for reader, seen in views:
            for wanted in FILTERS:
                assert list(reader.find_ids(wanted)) == [each.id for each in seen.values() if keeps(wanted, each)]
        assert store.check() == []


def changed(stored: dict[int, Record], what: str, values: list[Any]) -> Iterator[Record]:
    """The records that a step stores."""
    if what == "move":
        moved = {number: state for number, state in values if number in stored}
        for number, state in moved.items():
            yield msgspec.structs.replace(stored[number], state=state)
        return
    for number, (nodes, customer, state) in enumerate(values, start=len(stored) + 1):
        yield Record(number, state, 1000 + number // 5, customer, 0, nodes, b"")


def perform(store: Store, what: str, made: list[Record]) -> None:
    """Store the records of a step in one change; that of a step that fails does so at its end."""

    def change(transaction: Transaction) -> None:
        for each in made:
            (transaction.replace if what == "move" else transaction.insert)(each)
        if what == "fail":
            raise Conflict("on purpose")

    with pytest.raises(Conflict, match="on purpose") if what == "fail" else nullcontext():
        store.write(change)


def keeps(wanted: Filter, record: Record) -> bool:
    """Whether a filter keeps a record."""
    return (
        (not wanted.node_id or wanted.node_id in record.node_ids)
        and (not wanted.states or record.state in wanted.states)
        and record.id >= wanted.from_id
        and wanted.customer_tid in (None, record.customer_tid)
    )


def test_a_list_looks_at_one_key_for_each_that_waits(store: Store, record: Make) -> None:
    """And only as far as it is read; a poll from behind the last looks at none of them."""
    for number in range(1, TOGETHER):
        store.write(register(record(number, state=1 + number % 2)))
    with store.read() as reader:
        found = reader.find(Filter(node_id="node-1"))
        assert [next(found).id for _ in range(3)] == [1, 2, 3]
        assert reader.counts.documents == 3
        assert reader.counts.keys <= 8
    with store.read() as reader:
        assert ids(reader, node_id="node-1", states=(2,)) == list(range(1, TOGETHER, 2))
        assert reader.counts.keys <= TOGETHER + 4
    with store.read() as reader:
        assert not reader.has_work("node-1", (1, 2), TOGETHER)
        assert reader.has_work("node-1", (1,), TOGETHER - 2)
        assert reader.counts.keys <= 12
