"""Measure the gedis server against redis-server and PostgreSQL, in one run, and print what the rounds come to.

    make bench-gedis                                    # on 20,000 stored reservations
    make bench-gedis DOCUMENTS=100000 JSON=figures.json

Every server is a process of its own, and one process sends the requests. ``docs/performance.md`` has the
figures of one such run, and says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import msgspec
from _documents import NODES, Documents
from _gedis_server import gedis_server
from _load import Address, Load, command, process_of_load, replies_to
from _postgres import Pgbench, postgres
from _redis import redis_server
from _report import Conditions, as_json, heading, table
from _rounds import Benchmark, Result, agree, measure
from _stores import Facts, open_stores
from run import read_options

__all__ = ["SHAPES", "main"]

_CALL = "tfgrid.workloads.workload_manager."
_ONE = 7


class Shape(NamedTuple):
    """How the requests come: over so many connections, so many outstanding on each, so many in a sample."""

    connections: int
    outstanding: int
    operations: int


SHAPES = (Shape(1, 1, 4_000), Shape(8, 1, 16_000), Shape(8, 64, 8 * 64 * 60))
"""The shapes in which reservations are read."""

CALLERS = (Shape(1, 1, 500), Shape(8, 1, 2_000), Shape(32, 1, 4_000))
"""The shapes in which they are registered."""


class Servers(NamedTuple):
    """Where the servers are, and the process that sends requests to them."""

    ours: Address
    redis: Address
    pgbench: Pgbench
    load: Load


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and the rates, and write the figures where a file is named.

    Returns:
        The exit status, 0.

    Raises:
        Disagreement: the servers do not answer with the same.
        RuntimeError: a peer is not installed, or does not start.
    """
    options = read_options(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="run-") as name, tempfile.TemporaryDirectory() as other:
        folder = Path(name)
        _say(f"storing {options.documents:,} reservations")
        with open_stores(folder, options.documents) as stores:
            facts, documents = stores.facts, stores.documents
        with (
            gedis_server(folder / "bcdb") as ours,
            redis_server(folder) as redis,
            postgres(Path(other), facts.bodies[0], nodes=NODES) as pgbench,
            process_of_load() as load,
        ):
            servers = Servers(ours, redis, pgbench, load)
            benchmarks = [*_reading(servers, facts), *_registering(servers, documents)]
            results = list(_results(benchmarks, options))
    size = round(facts.size / facts.number)
    conditions = Conditions(date=began, rounds=options.rounds, documents=options.documents, document_bytes=size)
    print(f"\n{heading(conditions)}\n\n{table(results)}\n")
    for result in results:
        print(f"{result.operation}: {1 / result.ratio:.2f} of the rate of {result.peer_name}")
    if options.json is not None:
        options.json.write_text(as_json(results, conditions), encoding="utf-8")
    return 0


def _results(benchmarks: Sequence[Benchmark], options: argparse.Namespace) -> Iterator[Result]:
    for benchmark in benchmarks:
        _say(f"{benchmark.name}: {benchmark.operation}; against {benchmark.peer_name}")
        yield measure(benchmark, rounds=options.rounds, share=options.share)


def _reading(servers: Servers, facts: Facts) -> Iterator[Benchmark]:
    """Yield the benchmarks of reading: one reservation again and again, then all of them in turn."""
    everything = range(1, facts.number + 1)
    for words, ids in (("one reservation", range(_ONE, _ONE + 1)), ("reservations in turn", everything)):
        ours, peer = _gets(servers, ids)
        for shape in SHAPES:
            size = {"connections": shape.connections, "outstanding": shape.outstanding}
            yield Benchmark(
                name="B15",
                operation=f"get {words}, {_counted(shape.connections)}, {shape.outstanding} outstanding",
                peer_name="redis-server GET",
                ours=servers.load.sending(servers.ours, cycle(ours), **size),
                peer=servers.load.sending(servers.redis, cycle(peer), **size),
                operations=shape.operations,
                step=shape.connections * shape.outstanding,
            )


def _gets(servers: Servers, ids: Sequence[int]) -> tuple[list[bytes], list[bytes]]:
    """Return what is sent to each server for some reservations; redis is given our replies to keep first."""
    ours = [command(f"{_CALL}reservation_get", msgspec.json.encode({"reservation_id": number})) for number in ids]
    peer = [command("GET", f"reservation:{number}") for number in ids]
    replies = replies_to(servers.ours, ours)
    pairs = zip(ids, replies, strict=True)
    replies_to(servers.redis, [command("SET", f"reservation:{number}", reply) for number, reply in pairs])
    agree("get", replies[:1], replies_to(servers.redis, peer[:1]))
    return ours, peer


def _registering(servers: Servers, documents: Documents) -> Iterator[Benchmark]:
    """Yield the benchmarks of durable registrations; ours are signed, verified and checked, the peer's are stored."""
    for shape in CALLERS:
        yield Benchmark(
            name="B5",
            operation=f"register durably, signed, {_counted(shape.connections)}",
            peer_name="pgbench on PostgreSQL",
            ours=servers.load.sending(servers.ours, _registrations(documents), connections=shape.connections),
            peer=servers.pgbench.registering(connections=shape.connections),
            operations=shape.operations,
            step=shape.connections,
        )


def _registrations(documents: Documents) -> Iterator[bytes]:
    """Yield registrations without end, no two alike."""
    while True:
        reservation, _ = documents.signed()
        yield command(f"{_CALL}reservation_register", msgspec.json.encode({"reservation": reservation}))


def _counted(connections: int) -> str:
    return "1 connection" if connections == 1 else f"{connections} connections"


def _say(text: str) -> None:
    """Tell who waits what is being done; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
