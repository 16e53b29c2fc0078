"""What a durable registration costs in one process: beside SQLite, and beside what the disk can do at all."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import msgspec
import pykka
from _bench import Bench
from _callers import Callers
from _disk import syncing
from _documents import Documents
from _rounds import PER_SECOND, AnyBenchmark, Benchmark, Figures, Work, agree, at_least
from _stores import Ours, Stores, record_of

from workloadmanager.bcdb import Record, Transaction
from workloadmanager.rules import NextAction

__all__ = ["CALLERS", "OUTSTANDING", "TOGETHER", "Order", "commits", "orders", "registering", "registrations"]

CALLERS = (1, 8)
"""How many callers register at once beside SQLite."""

OUTSTANDING = 64
"""How many registrations one caller has on the way, beside the bare disk."""

TOGETHER = 8
"""How many callers register at once where the changes of a commit are counted."""

Order = tuple[dict[str, Any], tuple[str, ...]]
"""A reservation as a customer sends it to be registered, and the nodes it is on."""

_PEER = "SQLite, a commit each"
_OPERATIONS = {1: 100, 8: 200}
_COUNTED_EACH = 100


@contextmanager
def registrations(bench: Bench) -> Iterator[list[AnyBenchmark]]:
    """Yield the benchmarks of registering beside SQLite; what either side has answered is on the disk.

    Raises:
        Disagreement: in the end one side has stored fewer than the other.
    """
    with ExitStack() as stack:
        stores = stack.enter_context(bench.stores())
        before = _counts(stores)
        groups = [stack.enter_context(Callers(number)) for number in CALLERS]
        yield [make(stores, callers) for callers in groups for make in (_to_the_store, _by_the_call)]
        ours, peer = (after - then for after, then in zip(_counts(stores), before, strict=True))
        agree("how many reservations were stored", ours, peer)


@contextmanager
def commits(bench: Bench) -> Iterator[list[AnyBenchmark]]:
    """Yield the benchmarks of what a commit carries: registrations for each possible sync, and changes in each."""
    with bench.ours() as ours, Callers(TOGETHER) as callers, syncing(bench.folder) as sync:
        yield [*_per_sync(ours, sync), _changes_in_a_commit(ours, callers)]


def orders(documents: Documents, make: Callable[[Documents], Order]) -> Callable[[int], list[Order]]:
    """Return what makes so many orders, no two of them alike.

    Arguments:
        documents: makes the data.
        make: `Documents.signed` or `Documents.unsigned`.
    """
    return lambda number: [make(documents) for _ in range(number)]


def registering(ours: Ours, callers: Callers, make: Callable[[Documents], Order]) -> Work:
    """Return the work of callers that register and wait, each as a thread of a host does.

    Arguments:
        ours: our store.
        callers: who registers.
        make: `Documents.signed` or `Documents.unsigned`.
    """
    register = ours.manager.reservation_register
    return callers.sharing(orders(ours.documents, make), lambda order: register(reservation=order[0]))


def _to_the_store(stores: Stores, callers: Callers) -> Benchmark:
    """Store a document that is encoded already, with its index rows: the same on both sides."""
    store, sqlite = stores.context.store, stores.sqlite

    def records(operations: int) -> list[Record]:
        return [record_of(stores.context, document) for document in stores.documents.stored(operations)]

    def ours(record: Record) -> None:
        def change(transaction: Transaction) -> None:
            number, epoch = transaction.next_number("reservation"), transaction.raise_number("epoch", record.epoch)
            transaction.insert(msgspec.structs.replace(record, id=number, epoch=epoch))

        store.write(change)

    def peer(record: Record) -> None:
        sqlite.insert([(record.state, record.epoch, record.node_ids, record.body)])

    return Benchmark(
        name=f"R{callers.number}",
        operation=f"store a document durably, {_counted(callers)}",
        peer_name=_PEER,
        ours=callers.sharing(records, ours),
        peer=callers.sharing(records, peer),
        operations=_OPERATIONS[callers.number],
        step=callers.number,
    )


def _by_the_call(stores: Stores, callers: Callers) -> Benchmark:
    """Register what a customer signed by the call itself; the peer encodes the same, and checks nothing."""
    sqlite, state = stores.sqlite, int(NextAction.pay)

    def peer(order: Order) -> None:
        sent, node_ids = order
        epoch = int(time.time())
        sqlite.insert([(state, epoch, node_ids, msgpack.packb({**sent, "next_action": state, "epoch": epoch}))])

    return Benchmark(
        name=f"R{callers.number}",
        operation=f"the call reservation_register, signed, {_counted(callers)}",
        peer_name=_PEER,
        ours=registering(stores, callers, Documents.signed),
        peer=callers.sharing(orders(stores.documents, Documents.signed), peer),
        operations=_OPERATIONS[callers.number],
        step=callers.number,
    )


def _per_sync(ours: Ours, sync: Work) -> Iterator[Benchmark]:
    """Yield the benchmarks of one caller that goes on sending, beside syncs with nothing to store."""
    for words, make, bar in (("unsigned", Documents.unsigned, at_least(1.5)), ("signed", Documents.signed, None)):
        yield Benchmark(
            name="B6",
            operation=f"register durably, {words}, {OUTSTANDING} outstanding",
            peer_name="fdatasync of 4 KB",
            ours=_sending(ours, make),
            peer=sync,
            operations=OUTSTANDING * 30,
            step=OUTSTANDING,
            unit=PER_SECOND,
            bar=bar,
        )


def _sending(ours: Ours, make: Callable[[Documents], Order]) -> Work:
    """Return the work of one caller that registers without a pause, so many on the way at any time."""
    made, ask = orders(ours.documents, make), ours.manager.actors["reservation_register"].ask

    def work(operations: int) -> Callable[[], object]:
        sent = made(operations)

        def perform() -> None:
            waiting: deque[pykka.Future[Any]] = deque()
            for reservation, _ in sent:
                if len(waiting) == OUTSTANDING:
                    waiting.popleft().get()
                waiting.append(ask({"reservation": reservation}, block=False))
            for future in waiting:
                future.get()

        return perform

    return work


def _changes_in_a_commit(ours: Ours, callers: Callers) -> Figures:
    """Return the benchmark of how many registrations of callers that wait are stored by one commit."""
    work = registering(ours, callers, Documents.unsigned)

    def measure_round(share: float) -> tuple[float, None]:
        perform = work(max(1, round(_COUNTED_EACH * share)) * callers.number)
        before = _written(ours)
        perform()
        changes, made = (after - then for after, then in zip(_written(ours), before, strict=True))
        return changes / made, None

    return Figures(
        name="B7",
        operation=f"changes in a commit, {callers.number} callers that wait",
        measure_round=measure_round,
        unit="changes",
        bar=at_least(6),
    )


def _written(ours: Ours) -> tuple[int, int]:
    """Return how many changes the writer has stored so far, and in how many commits."""
    writer = cast("Any", ours.context.store).writer  # behind the contract: not every store has one
    return writer.changes, writer.commits


def _counts(stores: Stores) -> tuple[int, int]:
    """Return how many reservations there are in our store, and in SQLite."""
    return sum(stores.context.store.statistics().reservations.values()), stores.sqlite.count()


def _counted(callers: Callers) -> str:
    return "1 caller" if callers.number == 1 else f"{callers.number} callers"
