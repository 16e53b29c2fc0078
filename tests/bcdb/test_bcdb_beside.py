"""What is kept beside the reservations: queues, deadlines, uses of signatures, histories, counters."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller

import pytest

from workloadmanager.bcdb import Record, SignatureUse, Store, Transaction
from workloadmanager.errors import Conflict, InputError

Make = Callable[..., Record]
DIGEST = bytes(range(32))


def test_a_queue_gives_its_rows_in_order(store: Store, record: Make) -> None:
    """By reservation, then by workload, whatever the order they came in."""

    def change(transaction: Transaction) -> None:
        for number in (1, 2, 300):
            transaction.insert(record(number, nodes=("a", "b")))
        for number, workload in ((300, 1), (1, 12), (2, 5), (1, 2)):
            transaction.enqueue("a", number, workload)
        transaction.enqueue("b", 2, 9)

    store.write(change)
    with store.read() as reader:
        assert list(reader.pending("a")) == [(1, 2), (1, 12), (2, 5), (300, 1)]
        assert list(reader.pending("b")) == [(2, 9)]
        assert list(reader.pending("c")) == []


def test_a_queue_row_is_there_once(store: Store, record: Make) -> None:
    """Put in twice, it waits once and is gone after one removal."""
    store.write(lambda transaction: transaction.insert(record(1)))
    for _ in range(2):
        store.write(lambda transaction: transaction.enqueue("node-1", 1, 1))
    assert store.statistics().pending == 1
    store.write(lambda transaction: transaction.dequeue("node-1", 1, 1))
    with store.read() as reader:
        assert list(reader.pending("node-1")) == []


def test_taking_out_what_is_not_there_is_no_error(store: Store, record: Make) -> None:
    """Neither the row nor the node need be known, and the rows of other nodes stay."""

    def change(transaction: Transaction) -> None:
        transaction.insert(record(1, nodes=("a", "b")))
        transaction.enqueue("a", 1, 1)
        transaction.dequeue("b", 1, 1)
        transaction.dequeue("a", 1, 2)
        transaction.dequeue("nobody", 1, 1)

    store.write(change)
    with store.read() as reader:
        assert list(reader.pending("a")) == [(1, 1)]


@pytest.mark.parametrize(
    "row", [("", 1, 1), ("a", 0, 1), ("a", 1, -1), ("a", 2**63, 1), ("a", 1, 2**63), ("a" * 256, 1, 1)]
)
def test_a_queue_row_out_of_its_limits_is_refused(store: Store, row: tuple[str, int, int]) -> None:
    """Nothing is queued."""
    with pytest.raises(InputError):
        store.write(lambda transaction: transaction.enqueue(*row))
    assert store.statistics().pending == 0


def test_what_is_due_comes_earliest_first(store: Store, record: Make) -> None:
    """At its second, not one before; a reservation without a deadline is never due."""
    deadlines = {1: 300, 2: 100, 3: 0, 4: 100, 5: 200}
    made = [record(number, deadline=deadline) for number, deadline in deadlines.items()]
    store.write(lambda transaction: [transaction.insert(each) for each in made])
    with store.read() as reader:
        assert reader.next_deadline() == 100
        assert list(reader.due(99)) == []
        assert list(reader.due(100)) == [2, 4]
        assert list(reader.due(299)) == [2, 4, 5]
        assert list(reader.due(300)) == [2, 4, 5, 1]


def test_without_deadlines_nothing_is_due(store: Store) -> None:
    """An empty store has no next deadline."""
    with store.read() as reader:
        assert reader.next_deadline() == 0
        assert list(reader.due(2**63)) == []


def test_a_signature_is_used_once(store: Store, record: Make) -> None:
    """The same use again changes nothing; any other use is refused, and the message says what it was used for."""
    use = SignatureUse(1, "provision")
    store.write(lambda transaction: [transaction.insert(record(number)) for number in (1, 2)])
    for _ in range(2):
        store.write(lambda transaction: transaction.use_signature(9, DIGEST, use))
    for other in (SignatureUse(2, "provision"), SignatureUse(1, "delete")):
        with pytest.raises(Conflict, match="provision of reservation 1"):
            store.write(methodcaller("use_signature", tid=9, digest=DIGEST, use=other))
    with store.read() as reader:
        assert reader.signature_use(9, DIGEST) == use


def test_signers_do_not_share_their_signatures(store: Store, record: Make) -> None:
    """The same digest of another signer is another signature."""
    store.write(lambda transaction: transaction.insert(record(1)))
    store.write(lambda transaction: transaction.use_signature(9, DIGEST, SignatureUse(1, "provision")))
    store.write(lambda transaction: transaction.use_signature(-9, DIGEST, SignatureUse(1, "delete")))
    with store.read() as reader:
        assert reader.signature_use(-9, DIGEST) == SignatureUse(1, "delete")
        assert reader.signature_use(10, DIGEST) is None
        assert reader.signature_use(9, DIGEST[:31]) is None
        assert reader.signature_use(2**63, DIGEST) is None


@pytest.mark.parametrize(
    ("tid", "digest", "number"), [(2**63, DIGEST, 1), (1, DIGEST[:31], 1), (1, DIGEST + b"x", 1), (1, DIGEST, 0)]
)
def test_a_use_out_of_its_limits_is_refused(store: Store, tid: int, digest: bytes, number: int) -> None:
    """A digest has 32 bytes, a tid 64 bits, a reservation an id."""
    with pytest.raises(InputError):
        store.write(lambda transaction: transaction.use_signature(tid, digest, SignatureUse(number, "delete")))


def test_a_history_is_read_as_it_was_written(store: Store, record: Make) -> None:
    """Oldest first, each reservation its own, however they were mixed; also inside the change that writes it."""

    def change(transaction: Transaction) -> list[bytes]:
        for number in (1, 2):
            transaction.insert(record(number))
        for step in range(300):
            transaction.append_history(1 + step % 2, b"%d" % step)
        return list(transaction.history(2))

    assert store.write(change) == [b"%d" % step for step in range(1, 300, 2)]
    store.write(lambda transaction: transaction.append_history(1, b""))
    with store.read() as reader:
        assert list(reader.history(1)) == [b"%d" % step for step in range(0, 300, 2)] + [b""]
        assert list(reader.history(3)) == list(reader.history(0)) == list(reader.history(2**70)) == []


def test_a_counter_counts_from_one(store: Store) -> None:
    """Each name on its own; reading it does not move it."""

    def change(transaction: Transaction) -> list[int]:
        return [transaction.next_number("a"), transaction.next_number("a"), transaction.next_number("b")]

    assert store.write(change) == [1, 2, 1]
    with store.read() as reader:
        assert [reader.number(name) for name in ("a", "b", "c")] == [2, 1, 0]


def test_a_counter_is_raised_and_never_lowered(store: Store) -> None:
    """`raise_number` returns where it stands."""

    def change(transaction: Transaction) -> list[int]:
        return [transaction.raise_number("epoch", value) for value in (5, 3, 5, 9)]

    assert store.write(change) == [5, 5, 5, 9]


def test_a_counter_does_not_run_over(store: Store) -> None:
    """Past 2^63-1 it is refused, and stays."""
    store.write(lambda transaction: transaction.raise_number("a", 2**63 - 1))
    with pytest.raises(InputError, match="more than the counter"):
        store.write(lambda transaction: transaction.next_number("a"))


@pytest.mark.parametrize("name", ["", "x" * 65, "\udcff"])
def test_a_counter_needs_a_name(store: Store, name: str) -> None:
    """Of 1 to 64 bytes."""
    with pytest.raises(InputError, match="the counter's name"):
        store.write(lambda transaction: transaction.next_number(name))


def test_statistics_count_what_is_stored(store: Store, record: Make) -> None:
    """States without reservations and collections without documents are absent."""

    def change(transaction: Transaction) -> None:
        for number, state in ((1, 3), (2, 3), (3, 6)):
            transaction.insert(record(number, state=state))
        transaction.enqueue("node-1", 1, 1)
        transaction.put_document("users", 1, b"u")
        transaction.put_document("nodes", "n", b"n")
        transaction.put_document("nodes", "m", b"m")

    store.write(change)
    figures = store.statistics()
    assert (figures.layout, figures.pending) == (2, 1)
    assert figures.reservations == {3: 2, 6: 1}
    assert figures.collections == {"nodes": 2, "users": 1}
    assert figures.size > 0
