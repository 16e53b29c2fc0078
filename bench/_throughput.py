"""How many calls are answered in a second when more and more callers wait for theirs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgpack  # type: ignore[import-untyped]  # the library carries no types
from _asking import chosen
from _bench import Bench
from _callers import Callers
from _rounds import PER_SECOND, Benchmark, Point
from _stores import Stores

from workloadmanager.rules import NextAction

__all__ = ["CALLERS", "THROUGHPUT", "throughput"]

THROUGHPUT = "callers"
"""The name of the plot."""

CALLERS = (1, 2, 4, 8, 16, 32)
"""How many callers there are at once."""

_GETS = 6400
_REGISTRATIONS = 960

Sent = tuple[dict[str, Any], tuple[str, ...]]
"""A reservation as it is sent, and the nodes that it is on."""


@contextmanager
def throughput(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of reading and of registering, for each number of callers, all threads of one process."""
    with bench.stores() as stores, ExitStack() as started:
        groups = [started.enter_context(Callers(number)) for number in CALLERS]
        yield [make(stores, callers) for make in (_gets, _registrations) for callers in groups]


def _gets(stores: Stores, callers: Callers) -> Benchmark:
    call = stores.manager.reservation_get

    def ids(operations: int) -> list[int]:
        return [message["reservation_id"] for message in chosen(stores, "get", operations)]

    return Benchmark(
        name="T",
        operation=f"the call reservation_get, {_counted(callers)}",
        peer_name="SQLite",
        ours=callers.sharing(ids, lambda reservation_id: call(reservation_id=reservation_id)),
        peer=callers.sharing(ids, stores.sqlite.get),
        operations=_GETS,
        step=callers.number,
        unit=PER_SECOND,
        point=Point(THROUGHPUT, "get", callers.number),
    )


def _registrations(stores: Stores, callers: Callers) -> Benchmark:
    register, sqlite, state = stores.manager.reservation_register, stores.sqlite, int(NextAction.create)

    def unsigned(operations: int) -> list[Sent]:
        return [stores.documents.unsigned() for _ in range(operations)]

    def peer(sent: Sent) -> None:
        sqlite.insert([(state, int(time.time()), sent[1], msgpack.packb(sent[0]))])

    return Benchmark(
        name="T",
        operation=f"the call reservation_register, unsigned, {_counted(callers)}",
        peer_name="SQLite, a commit each",
        ours=callers.sharing(unsigned, lambda sent: register(reservation=sent[0])),
        peer=callers.sharing(unsigned, peer),
        operations=_REGISTRATIONS,
        step=callers.number,
        unit=PER_SECOND,
        point=Point(THROUGHPUT, "register", callers.number),
    )


def _counted(callers: Callers) -> str:
    return "1 caller" if callers.number == 1 else f"{callers.number} callers"
