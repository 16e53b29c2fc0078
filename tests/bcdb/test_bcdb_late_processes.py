"""Rows that are written late, where several processes write one store, or one is killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import lmdb
import msgspec
import pytest

from workloadmanager.bcdb import Filter, Record, Store, Transaction, open_store
from workloadmanager.bcdb._late import read_mark
from workloadmanager.bcdb._store import TablesStore
from workloadmanager.bcdb._tables import NODE_STATES, RESERVATIONS

pytestmark = pytest.mark.slow

TOGETHER = 48
"""How many wait in a lane before their rows are written."""

OTHER = """
import sys
import msgspec
from workloadmanager.bcdb import Filter, Record, open_store
from workloadmanager.errors import Conflict

def register(transaction, node="node", customer=7):
    number = transaction.next_number("reservation")
    epoch = transaction.raise_number("epoch", 1000 + number // 10)
    transaction.insert(Record(number, 1, epoch, customer, 0, (node,), b"body"))
    return number

def move(transaction, number, state):
    transaction.replace(msgspec.structs.replace(transaction.get(number), state=state))

def fail(transaction):
    register(transaction, "wrong", 9)
    raise Conflict("on purpose")

def ids(**wanted):
    with store.read() as reader:
        return list(reader.find_ids(Filter(**wanted)))

store = open_store(sys.argv[1])
print("open", flush=True)
for line in sys.stdin:
    print(eval(line), flush=True)
"""

Ask = Callable[[str], str]


@contextmanager
def other_process(directory: Path) -> Iterator[Ask]:
    """Another process that has the store open and evaluates what it is asked; it closes the store in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout
        assert stdout.readline() == "open\n"

        def ask(expression: str) -> str:
            stdin.write(expression + "\n")
            stdin.flush()
            return stdout.readline().strip()

        yield ask
    assert process.returncode == 0


def register(transaction: Transaction, node: str = "node", customer: int = 7) -> int:
    """The same change as the other process makes."""
    number = transaction.next_number("reservation")
    epoch = transaction.raise_number("epoch", 1000 + number // 10)
    transaction.insert(Record(number, 1, epoch, customer, 0, (node,), b"body"))
    return number


def move(store: Store, number: int, state: int) -> None:
    """Move a reservation to a state."""

    def change(transaction: Transaction) -> None:
        stored = transaction.get(number)
        assert stored is not None
        transaction.replace(msgspec.structs.replace(stored, state=state))

    store.write(change)


def ids(store: Store, **wanted: Any) -> list[int]:
    """The ids that a filter keeps."""
    with store.read() as reader:
        return list(reader.find_ids(Filter(**wanted)))


def written(store: Store) -> tuple[int, int]:
    """How many rows of nodes are written, and up to which id all rows are."""
    assert isinstance(store, TablesStore)
    tables = store.begin()
    try:
        return tables.count(NODE_STATES), read_mark(tables)
    finally:
        tables.end()


def test_each_process_finds_what_the_other_registered(tmp_path: Path) -> None:
    """At once, though the rows are in the memory of the other."""
    with open_store(tmp_path) as store, other_process(tmp_path) as ask:
        for number in range(1, 10, 2):
            assert store.write(register) == number
            assert ask("ids(node_id='node', customer_tid=7)") == str(list(range(1, number + 1)))
            assert ask("store.write(register)") == str(number + 1)
            assert ids(store, node_id="node", states=(1,)) == list(range(1, number + 2))
        assert written(store) == (0, 0)
        assert store.check() == []


def test_one_writes_the_rows_that_the_other_goes_on_moving(tmp_path: Path) -> None:
    """Whoever moves a state moves the row if it is there, and leaves it out if it is not."""
    with open_store(tmp_path) as store, other_process(tmp_path) as ask:
        for _ in range(5):
            ask("store.write(register)")
        move(store, 2, 3)
        ask("store.write(lambda transaction: move(transaction, 3, 3))")
        for _ in range(TOGETHER):
            store.write(register)
        assert written(store)[0] >= TOGETHER
        ask("store.write(lambda transaction: move(transaction, 2, 4))")
        ask("store.write(lambda transaction: move(transaction, 4, 4))")
        for _ in range(TOGETHER):
            ask("store.write(register)")
        assert ids(store, node_id="node", states=(3,)) == [3]
        assert ids(store, node_id="node", states=(4,)) == [2, 4]
        assert ask("ids(customer_tid=7, states=(3, 4))") == "[2, 3, 4]"
        assert ids(store, node_id="node") == list(range(1, 6 + 2 * TOGETHER))
        assert store.check() == []
    with open_store(tmp_path) as store:
        assert ids(store, node_id="node", states=(4,)) == [2, 4]
        assert store.check() == []


def test_a_view_finds_what_another_process_wrote_the_rows_of_after_it_began(tmp_path: Path) -> None:
    """It began without the rows, and the mark has passed what it looks for."""
    with open_store(tmp_path) as store, other_process(tmp_path) as ask:
        for _ in range(3):
            ask("store.write(register)")
        with store.read() as early, store.read() as looked:
            wanted = Filter(node_id="node")
            assert list(looked.find_ids(wanted)) == [1, 2, 3]
            for _ in range(TOGETHER):
                ask("store.write(register)")
            assert ids(store, node_id="node") == list(range(1, TOGETHER + 4))
            assert list(early.find_ids(wanted)) == [1, 2, 3]
            assert list(looked.find_ids(wanted)) == [1, 2, 3]


def test_a_view_finds_what_this_process_knows_only_as_written(tmp_path: Path) -> None:
    """It began without the rows and did not look; for who looked after they were written, they were never missing."""
    with open_store(tmp_path) as store, ExitStack() as stack:
        with other_process(tmp_path) as ask:
            ask("store.write(register)")
            early = stack.enter_context(store.read())
        assert written(store) == (1, 1)
        assert ids(store, node_id="node") == [1]
        assert list(early.find_ids(Filter(node_id="node"))) == [1]
        assert list(early.find_ids(Filter(customer_tid=7, states=(1,)))) == [1]
        assert early.has_work("node", (1,))


def test_what_another_process_wrote_the_rows_of_is_forgotten(tmp_path: Path) -> None:
    """When the mark says so: memory holds what waits, and no more."""
    with open_store(tmp_path) as store, other_process(tmp_path) as ask:
        for _ in range(TOGETHER - 1):
            ask("store.write(register)")
        assert len(ids(store, node_id="node")) == TOGETHER - 1
        for _ in range(3):
            ask("store.write(register)")
        assert len(ids(store, node_id="node")) == TOGETHER + 2
        assert isinstance(store, TablesStore)
        recent = store._recent
        assert [recent.how_many(lane) for lane in recent.waiting_lanes()] == [2, 2]
        assert [number for number, _ in recent.oldest] == [TOGETHER + 1, TOGETHER + 2]


def test_a_change_that_writes_nothing_hides_nothing(tmp_path: Path) -> None:
    """Its number is that of the next one, which may be of another process."""
    with open_store(tmp_path) as store, other_process(tmp_path) as ask:
        store.write(register)
        assert ids(store, node_id="node") == [1]
        store.write(lambda _: None)
        assert ask("store.write(register)") == "2"
        assert ids(store, node_id="node") == [1, 2]


def test_an_id_that_one_process_gave_out_in_vain_is_given_out_by_the_other(tmp_path: Path) -> None:
    """The reservation is only where the second put it, for both."""
    with open_store(tmp_path) as store, other_process(tmp_path) as ask:
        assert ask("store.submit(fail).exception()") == "on purpose"
        assert store.write(register) == 1
        for wanted, found in (({"node_id": "node"}, [1]), ({"node_id": "wrong"}, []), ({"customer_tid": 9}, [])):
            assert ids(store, **wanted) == found
            assert ask(f"ids(**{wanted})") == str(found)
        assert ask("store.write(lambda transaction: register(transaction, 'wrong'))") == "2"
        assert ids(store, node_id="wrong") == [2]
        assert store.check() == []


def test_a_process_that_only_reads_writes_nothing_when_it_closes(tmp_path: Path) -> None:
    """The rows are those of the process that registered."""
    with open_store(tmp_path) as store:
        store.write(register)
        with other_process(tmp_path) as ask:
            assert ask("ids(node_id='node')") == "[1]"
        assert written(store) == (0, 0)
        with other_process(tmp_path) as ask:
            assert ask("store.write(register)") == "2"
        assert written(store) == (2, 2)
        assert ids(store, node_id="node") == [1, 2]
        assert store.check() == []


KILLED = """
import sys, threading
import msgspec
from workloadmanager.bcdb import Record, open_store

def register(transaction):
    number = transaction.next_number("reservation")
    epoch = transaction.raise_number("epoch", 1000 + number // 10)
    nodes = tuple(f"node-{each}" for each in sorted({number % 5, number % 7}))
    transaction.insert(Record(number, 1, epoch, number % 3, 0, nodes, b"body"))
    return number

def move(number):
    def change(transaction):
        stored = transaction.get(number)
        transaction.replace(msgspec.structs.replace(stored, state=3 + number % 2))
    return change

def work():
    while True:
        number = store.write(register)
        with one_tells:
            print("registered", number, flush=True)
        if number % 4 == 0:
            store.write(move(number))
            with one_tells:
                print("moved", number, flush=True)

one_tells = threading.Lock()
store = open_store(sys.argv[1])
for _ in range(6):
    threading.Thread(target=work).start()
"""


def killed_after(directory: Path, lines: int) -> list[tuple[str, int]]:
    """Let a process register until it has told of so much, kill it, and return all that it told of."""
    command = [sys.executable, "-c", KILLED, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    return [(what, int(number)) for what, number in map(str.split, told)]


def test_a_killed_process_lost_no_row_of_what_it_acknowledged(tmp_path: Path) -> None:
    """Killed again and again: all is found by node, by customer and by state, and the store agrees with itself."""
    registered: set[int] = set()
    moved: set[int] = set()
    for turn, lines in enumerate((31, 187, 20, 112, 75, 143)):
        for what, number in killed_after(tmp_path, lines):
            (registered if what == "registered" else moved).add(number)
        with open_store(tmp_path) as store:
            assert store.check() == []
            for customer in range(3):
                assert {each for each in registered if each % 3 == customer} <= set(ids(store, customer_tid=customer))
            for node in range(7):
                mine = {each for each in registered if node in (each % 5, each % 7)}
                assert mine <= set(ids(store, node_id=f"node-{node}"))
                for state in (3, 4):
                    mine_moved = {each for each in moved & mine if 3 + each % 2 == state}
                    assert mine_moved <= set(ids(store, node_id=f"node-{node}", states=(state,)))
            if turn % 2:
                store.write(lambda transaction: register(transaction, "node-0", 0))  # this close writes what waits


def test_a_store_of_the_layout_without_late_rows_is_taken_over(tmp_path: Path) -> None:
    """All of its rows are written: the mark says so, and one that lacks is a fault."""
    with open_store(tmp_path) as store:
        for _ in range(5):
            store.write(register)
    with lmdb.open(str(tmp_path), max_dbs=20) as environment:
        meta, counters = environment.open_db(b"meta"), environment.open_db(b"counters")
        with environment.begin(write=True) as transaction:
            transaction.put(b"layout", b"1", db=meta)
            assert transaction.delete(b"\xff", db=counters)
    with open_store(tmp_path) as store:
        assert (store.statistics().layout, written(store)) == (2, (5, 5))
        assert store.check() == []
        assert isinstance(store, TablesStore)
        tables = store._engine.writing()
        assert tables.count(RESERVATIONS) == 5
        tables.delete(NODE_STATES, next(tables.keys(NODE_STATES)))
        tables.commit()
        assert store.check() == ["reservation 1 is not in the index node_states; rebuild the indexes"]
