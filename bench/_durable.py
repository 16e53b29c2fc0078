"""Durable registrations beside servers that a user may pick instead: PostgreSQL, and Redis that syncs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import NamedTuple

import msgspec
from _bench import Bench
from _callers import Callers
from _documents import Documents
from _gedis_server import gedis_server
from _load import Address, command, process_of_load, replies_to
from _pgbench import Pgbench
from _postgres import Postgres, postgres
from _postgres_rows import PostgresRows
from _redis import redis_server
from _rounds import PER_SECOND, AnyBenchmark, Bar, Benchmark, Figures, Work, agree, at_least
from _stores import Ours, copies
from _writes import Order, registering

from workloadmanager.schema import to_json

__all__ = ["SHAPES", "beside_redis", "durable_in_process", "durable_over_gedis", "register_command"]


class Shape(NamedTuple):
    """How many callers register at once, how many registrations a sample has, and what is asked of our rate."""

    callers: int
    operations: int
    bar: Bar


SHAPES = (Shape(1, 1000, at_least(0.5)), Shape(8, 4000, at_least(1.0)), Shape(32, 8000, at_least(1.7)))
"""The shapes in which reservations are registered."""

_CALL = "tfgrid.workloads.workload_manager.reservation_register"
_KINDS: tuple[tuple[str, Callable[[Documents], Order]], ...] = (
    ("unsigned", Documents.unsigned),
    ("signed", Documents.signed),
)
_SAME_TO_REDIS = 500
_STORE = """
local id = redis.call('INCR', 'reservations')
redis.call('SET', 'reservation:' .. id, ARGV[1])
redis.call('ZADD', 'state:0', id, id)
redis.call('ZADD', 'epochs', ARGV[2], id)
for position = 3, #ARGV do redis.call('ZADD', 'node:' .. ARGV[position], id, id) end
return tostring(id)
"""


@contextmanager
def durable_in_process(bench: Bench) -> Iterator[list[Figures]]:
    """Yield the benchmarks of threads that register, beside pgbench, which is a process of its own.

    Only what is unsigned has a bar: the peer checks nothing.

    Raises:
        Disagreement: in the end one side has stored fewer than the other.
        PeerMissing: PostgreSQL is not installed.
    """
    with postgres(bench.new_folder("postgres-threads")) as server, bench.ours() as ours, ExitStack() as started:
        pgbench = _holding_the_same(server, ours)
        before = _counts(ours, pgbench)
        groups = [started.enter_context(Callers(shape.callers)) for shape in SHAPES]
        yield [
            _beside_pgbench(pgbench, shape, kind, "in process", registering(ours, callers, make))
            for kind, make in _KINDS
            for shape, callers in zip(SHAPES, groups, strict=True)
        ]
        mine, its = (after - then for after, then in zip(_counts(ours, pgbench), before, strict=True))
        agree("how many reservations were stored", mine, its)


@contextmanager
def durable_over_gedis(bench: Bench) -> Iterator[list[Figures]]:
    """Yield the benchmarks of clients that register over gedis, beside pgbench.

    Raises:
        PeerMissing: PostgreSQL is not installed.
    """
    with postgres(bench.new_folder("postgres-clients")) as server, process_of_load() as load:
        with bench.ours() as ours:
            pgbench, documents = _holding_the_same(server, ours), ours.documents
        with gedis_server(bench.filled().bcdb) as served:
            yield [
                _beside_pgbench(
                    pgbench,
                    shape,
                    kind,
                    "over gedis",
                    load.sending(served.address, _registrations(documents, make), connections=shape.callers),
                )
                for kind, make in _KINDS
                for shape in SHAPES
            ]


@contextmanager
def beside_redis(bench: Bench) -> Iterator[list[AnyBenchmark]]:
    """Yield the benchmark of the same clients beside Redis, which syncs before it answers, and is empty at first.

    Raises:
        PeerMissing: Redis is not installed.
    """
    with redis_server(bench.new_folder("redis"), durable=True) as redis, process_of_load() as load:
        with bench.ours() as ours:
            documents = ours.documents
        with gedis_server(bench.filled().bcdb) as served:
            _, shape, _ = SHAPES
            ours_sends = _registrations(documents, Documents.unsigned)
            peer_sends = cycle(_stored_by_redis(redis, documents))
            yield [
                Benchmark(
                    name="B5",
                    operation=_operation(shape, "unsigned", "over gedis"),
                    peer_name="redis-server, appendfsync always",
                    ours=load.sending(served.address, ours_sends, connections=shape.callers),
                    peer=load.sending(redis, peer_sends, connections=shape.callers),
                    operations=shape.operations,
                    step=shape.callers,
                    unit=PER_SECOND,
                )
            ]


def register_command(order: Order) -> bytes:
    """Return an order as it is sent over gedis."""
    return command(_CALL, msgspec.json.encode({"reservation": order[0]}))


def _registrations(documents: Documents, make: Callable[[Documents], Order]) -> Iterator[bytes]:
    """Yield registrations without end, no two alike."""
    while True:
        yield register_command(make(documents))


def _stored_by_redis(address: Address, documents: Documents) -> list[bytes]:
    """Return commands that store orders, each with its index entries as one step."""
    (digest,) = replies_to(address, [command("SCRIPT", "LOAD", _STORE)])
    sent = (documents.unsigned() for _ in range(_SAME_TO_REDIS))
    return [
        command("EVALSHA", digest, "0", msgspec.json.encode(reservation), str(int(time.time())), *node_ids)
        for reservation, node_ids in sent
    ]


def _holding_the_same(server: Postgres, ours: Ours) -> Pgbench:
    """Fill PostgreSQL with what our store holds, and return pgbench, which stores one of our documents."""
    with PostgresRows(server.address, copies(ours)):
        pass
    return Pgbench(server, to_json(next(copies(ours)).reservation))


def _beside_pgbench(pgbench: Pgbench, shape: Shape, kind: str, where: str, ours: Work) -> Figures:
    """Return the benchmark of our rate beside that which pgbench says it had once its connections were made."""

    def measure_round(share: float) -> tuple[float, float]:
        operations = max(1, round(shape.operations * share / shape.callers)) * shape.callers
        perform = ours(operations)
        began = time.perf_counter()
        perform()
        rate = operations / (time.perf_counter() - began)
        return rate, pgbench.rate(operations, callers=shape.callers)

    return Figures(
        name="B5",
        operation=_operation(shape, kind, where),
        measure_round=measure_round,
        unit=PER_SECOND,
        peer_name="pgbench on PostgreSQL",
        bar=shape.bar if kind == "unsigned" else None,
    )


def _operation(shape: Shape, kind: str, where: str) -> str:
    callers = "1 caller" if shape.callers == 1 else f"{shape.callers} callers"
    return f"register durably, {kind}, {callers} {where}"


def _counts(ours: Ours, pgbench: Pgbench) -> tuple[int, int]:
    """Return how many reservations there are in our store, and in PostgreSQL."""
    return sum(ours.context.store.statistics().reservations.values()), pgbench.count()
