"""What a durable registration costs, for one caller and for several at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import msgspec
from _callers import Callers
from _rounds import Benchmark, agree
from _stores import Stores, record_of

from workloadmanager.bcdb import Record, Transaction
from workloadmanager.rules import NextAction

__all__ = ["CALLERS", "registrations"]

CALLERS = (1, 8)
"""How many callers register at once."""

Sent = tuple[dict[str, Any], tuple[str, ...]]
"""A reservation as it is sent, and the nodes that it is on."""

_PEER = "SQLite, a commit each"
_OPERATIONS = {1: 100, 8: 200}


@contextmanager
def registrations(stores: Stores) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of registering; whatever either side has answered is on the disk.

    Raises:
        Disagreement: in the end one side holds fewer than the other.
    """
    with ExitStack() as stack:
        groups = [stack.enter_context(Callers(number)) for number in CALLERS]
        yield [make(stores, callers) for callers in groups for make in (_to_the_store, _by_the_call)]
    stored = sum(stores.context.store.statistics().reservations.values())
    agree("how many reservations there are now", stored, stores.sqlite.count())


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
    register, sqlite, state = stores.manager.reservation_register, stores.sqlite, int(NextAction.pay)

    def signed(operations: int) -> list[Sent]:
        return [stores.documents.signed() for _ in range(operations)]

    def ours(sent: Sent) -> None:
        register(reservation=sent[0])

    def peer(sent: Sent) -> None:
        epoch = int(time.time())
        reservation = {**sent[0], "next_action": state, "epoch": epoch}
        sqlite.insert([(state, epoch, sent[1], msgpack.packb(reservation))])

    return Benchmark(
        name=f"R{callers.number}",
        operation=f"the call reservation_register, signed, {_counted(callers)}",
        peer_name=_PEER,
        ours=callers.sharing(signed, ours),
        peer=callers.sharing(signed, peer),
        operations=_OPERATIONS[callers.number],
        step=callers.number,
    )


def _counted(callers: Callers) -> str:
    return "1 caller" if callers.number == 1 else f"{callers.number} callers"
