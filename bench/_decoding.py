"""What it costs to read a stored document: our objects against a dictionary of `msgpack`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgpack  # type: ignore[import-untyped]  # the library carries no types
from _bench import Bench
from _rounds import Benchmark, agree, at_most, each_of

__all__ = ["decoding"]


@contextmanager
def decoding(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of decoding.

    Raises:
        Disagreement: what is read is not what was written.
    """
    with bench.ours() as ours:
        schema, bodies = ours.context.documents.reservation, ours.facts.bodies
    for body in bodies:
        agree("decode", schema.encode(schema.decode(body)), msgpack.packb(msgpack.unpackb(body)))
        agree("decode lazily", schema.encode(schema.decode_lazy(body)), body)
    yield [
        Benchmark(
            name="B14",
            operation=f"{operation}, CPU",
            peer_name="msgpack.unpackb",
            ours=each_of(bodies, decode),
            peer=each_of(bodies, msgpack.unpackb),
            operations=10_000,
            clock=time.thread_time,
            bar=bar,
        )
        for operation, decode, bar in (
            ("decode and check a whole reservation", schema.decode, at_most(0.5)),
            ("decode and check its head, the rest left as bytes", schema.decode_lazy, at_most(0.15)),
        )
    ]
