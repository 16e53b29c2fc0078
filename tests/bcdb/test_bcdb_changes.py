"""Changes: in order, together, each with its own answer, and none of them able to hurt another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from operator import methodcaller

import pytest

from workloadmanager.bcdb import Filter, Record, Store, Transaction
from workloadmanager.errors import Conflict, Internal, Overloaded, Unavailable

Make = Callable[..., Record]
Held = Callable[[Store], AbstractContextManager[None]]


def _append(ran: list[int], number: int, _: Transaction) -> None:
    """A change that notes that it ran."""
    ran.append(number)


class Interrupted(BaseException):
    """Not an Exception, as KeyboardInterrupt and SystemExit are not."""


def test_a_change_returns_its_result(store: Store) -> None:
    """Through `write`, and through the future of `submit`."""
    assert store.write(lambda _: "result") == "result"
    assert store.submit(lambda _: "result").result(10) == "result"


def test_a_change_that_raises_leaves_nothing_behind(store: Store, record: Make) -> None:
    """Document, index rows, queue, signature, history and counters: all of it is dropped."""

    def change(transaction: Transaction) -> None:
        transaction.insert(record(1, deadline=5))
        transaction.enqueue("node-1", 1, 1)
        transaction.append_history(1, b"entry")
        transaction.next_number("counter")
        transaction.put_document("users", 1, b"", unique={"name": "ann"})
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        store.write(change)
    with store.read() as reader:
        assert list(reader.find_ids()) == list(reader.find_ids(Filter(node_id="node-1"))) == []
        assert list(reader.pending("node-1")) == []
        assert list(reader.history(1)) == []
        assert list(reader.documents("users")) == []
        assert reader.next_deadline() == reader.number("counter") == reader.number("reservation") == 0


def test_a_change_that_raises_does_not_disturb_its_batch(store: Store, record: Make, held: Held) -> None:
    """Those before and after it are kept, and see each other but nothing of it."""

    def failing(transaction: Transaction) -> None:
        transaction.insert(record(2))
        transaction.next_number("counter")
        raise ValueError("this one only")

    def counting(transaction: Transaction) -> int:
        return transaction.next_number("counter")

    with held(store):
        futures: list[Future[object]] = [
            store.submit(lambda transaction: transaction.insert(record(1))),
            store.submit(counting),
            store.submit(failing),
            store.submit(counting),
            store.submit(lambda transaction: [each.id for each in transaction.find()]),
        ]
    assert futures[1].result(10) == 1
    assert isinstance(futures[2].exception(10), ValueError)
    assert futures[3].result(10) == 2
    assert futures[4].result(10) == [1]


def test_an_interruption_inside_a_change_is_its_own(store: Store, held: Held) -> None:
    """The caller gets it, and the writer goes on: alone, and in a batch."""

    def interrupted(_: Transaction) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        store.write(interrupted)
    with held(store):
        futures = [store.submit(interrupted), store.submit(lambda _: None), store.submit(interrupted)]
    assert [type(future.exception(10)) for future in futures] == [Interrupted, type(None), Interrupted]
    assert store.write(lambda _: "on") == "on"


def test_changes_run_in_the_order_of_submission(store: Store, held: Held) -> None:
    """More than fit into one batch."""
    ran: list[int] = []
    with held(store):
        futures = [store.submit(partial(_append, ran, number)) for number in range(700)]
    for future in futures:
        future.result(10)
    assert ran == list(range(700))


def test_a_result_is_there_when_it_can_be_read(store: Store, record: Make, held: Held) -> None:
    """A future is resolved after the commit: whoever waits for it reads what was written."""
    seen: list[bool] = []

    def look(future: Future[int]) -> None:
        with store.read() as reader:
            seen.append(reader.get(future.result()) is not None)

    def insert(transaction: Transaction) -> int:
        number = transaction.next_number("reservation")
        transaction.insert(record(number))
        return number

    with held(store):
        futures = [store.submit(insert) for _ in range(5)]
        for future in futures:
            future.add_done_callback(look)
    assert [future.result(10) for future in futures] == [1, 2, 3, 4, 5]
    store.write(lambda _: None)
    assert seen == [True] * 5


def test_what_hangs_on_a_future_cannot_stop_the_writer(store: Store, held: Held) -> None:
    """An interruption raised by a callback is logged, and the others get their answer."""

    def interrupt(_: Future[int]) -> None:
        raise Interrupted

    with held(store):
        first, second = store.submit(lambda _: 1), store.submit(lambda _: 2)
        first.add_done_callback(interrupt)
    assert (first.result(10), second.result(10)) == (1, 2)


def test_a_cancelled_change_does_not_run(store: Store, held: Held) -> None:
    """Its turn is skipped."""
    ran: list[str] = []
    with held(store):
        future = store.submit(lambda _: ran.append("cancelled"))
        store.submit(lambda _: ran.append("other"))
        assert future.cancel()
    store.write(lambda _: None)
    assert ran == ["other"]


def test_too_many_waiting_changes_are_refused_at_once(new_store: Callable[..., Store], held: Held) -> None:
    """Those that wait are kept; after they are through, more are taken."""
    store = new_store(waiting=3)
    ran: list[int] = []
    with held(store):
        futures = [store.submit(partial(_append, ran, number)) for number in range(3)]
        with pytest.raises(Overloaded, match="3 changes wait"):
            store.submit(lambda _: None)
    assert [future.result(10) for future in futures] == [None] * 3
    assert ran == [0, 1, 2]
    assert store.write(lambda _: "again") == "again"


def test_closing_finishes_what_was_submitted(new_store: Callable[..., Store], held: Held) -> None:
    """And takes nothing more; closing again is no error."""
    store = new_store()
    with held(store):
        futures = [store.submit(lambda transaction: transaction.next_number("a")) for _ in range(20)]
        closing = threading.Thread(target=store.close)
        closing.start()
    closing.join(10)
    assert [future.result(0) for future in futures] == list(range(1, 21))
    store.close()
    with pytest.raises(Unavailable, match="closed"):
        store.submit(lambda _: None)


@pytest.mark.parametrize("ask", ["read", "check", "rebuild", "statistics"])
def test_a_closed_store_says_so(new_store: Callable[..., Store], ask: str) -> None:
    """Whatever is asked of it."""
    store = new_store()
    store.close()
    with pytest.raises(Unavailable, match="closed"), getattr(store, ask)():
        pass


def test_a_reader_that_is_open_when_the_store_closes_says_so(new_store: Callable[..., Store], record: Make) -> None:
    """It neither crashes nor answers."""
    store = new_store()
    store.write(lambda transaction: [transaction.insert(record(number)) for number in range(1, 9)])
    with store.read() as reader:
        going_on = reader.find()
        assert next(going_on).id == 1
        store.close()
        with pytest.raises(Unavailable):
            reader.get(1)
        with pytest.raises(Unavailable):
            list(going_on)


def test_a_store_is_closed_by_its_block(new_store: Callable[..., Store]) -> None:
    """`with` gives the store itself."""
    opened = new_store()
    with opened as store:
        assert store is opened
    with pytest.raises(Unavailable):
        store.write(lambda _: None)


def test_a_reader_ends_with_its_block(store: Store, record: Make) -> None:
    """Neither it nor what it yields can be used after."""
    store.write(lambda transaction: [transaction.insert(record(number)) for number in range(1, 9)])
    with store.read() as reader:
        left = reader.find_ids()
        next(left)
    with pytest.raises(Unavailable, match="ended"):
        reader.get(1)
    with pytest.raises(Unavailable, match="ended"):
        list(left)


def test_a_transaction_ends_with_its_change(store: Store, record: Make, held: Held) -> None:
    """One that is kept writes nothing: alone, and in a batch."""
    kept: list[Transaction] = []
    store.write(kept.append)
    with held(store):
        store.submit(kept.append)
        last = store.submit(kept.append)
    last.result(10)
    for transaction in kept:
        with pytest.raises(Unavailable):
            transaction.insert(record(1))


def test_a_change_cannot_wait_for_another(store: Store) -> None:
    """It would wait for itself; submitting without waiting is fine."""
    later: list[Future[str]] = []

    def change(_: Transaction) -> None:
        later.append(store.submit(lambda _: "later"))
        store.write(lambda _: None)

    with pytest.raises(Internal, match="submit that and do not wait"):
        store.write(change)
    assert later[0].result(10) == "later"


def test_a_change_can_read_the_store(store: Store, record: Make) -> None:
    """It sees what was committed before."""
    store.write(lambda transaction: transaction.insert(record(1)))

    def change(transaction: Transaction) -> list[int]:
        transaction.insert(record(2))
        with store.read() as reader:
            return list(reader.find_ids())

    assert store.write(change) == [1]


def test_a_change_may_close_the_store(new_store: Callable[..., Store]) -> None:
    """It is finished first; nobody waits for himself."""
    store = new_store()

    def change(transaction: Transaction) -> int:
        store.close()
        return transaction.next_number("a")

    assert store.write(change) == 1
    with pytest.raises(Unavailable):
        store.write(lambda _: None)


def test_an_error_of_the_contract_reaches_the_caller_unchanged(store: Store) -> None:
    """With its kind and its path."""
    store.write(lambda transaction: transaction.put_document("users", 1, b"", unique={"name": "ann"}))
    future = store.submit(lambda transaction: transaction.put_document("users", 2, b"", unique={"name": "ann"}))
    error = future.exception(10)
    assert isinstance(error, Conflict)
    assert error.as_dict()["path"] == "name"


@pytest.mark.slow
def test_sixteen_threads_lose_nothing(store: Store, record: Make) -> None:
    """Each counts, inserts and moves what it inserted, while as many read; in the end all of it is there."""
    each, failures = 25, []

    def insert(transaction: Transaction) -> int:
        number = transaction.next_number("reservation")
        transaction.insert(record(number, nodes=(f"node-{number % 5}",), deadline=number))
        transaction.append_history(number, b"inserted")
        return number

    def work(worker: int) -> None:
        try:
            for _ in range(each):
                number = store.write(insert)
                moved = record(number, state=2, nodes=(f"node-{number % 5}",), body=b"%d" % worker)
                store.write(methodcaller("replace", record=moved))
                with store.read() as reader:
                    assert reader.get(number) == moved
                    ids = list(reader.find_ids(Filter(node_id="node-3")))
                    assert ids == sorted(set(ids))
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with store.read() as reader:
        bodies = [found.body for found in reader.find(Filter(states=(2,)))]
        assert sorted(set(bodies)) == sorted(b"%d" % worker for worker in range(16))
        assert len(bodies) == reader.number("reservation") == 16 * each
        assert reader.next_deadline() == 0
