"""What it costs to read a stored document: our objects against a dictionary of `msgpack`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgpack  # type: ignore[import-untyped]  # the library carries no types
from _rounds import Benchmark, agree, each_of

from workloadmanager.schema import Schema

__all__ = ["decoding"]


@contextmanager
def decoding(schema: Schema, bodies: Sequence[bytes]) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of decoding.

    Arguments:
        schema: the schema of a reservation.
        bodies: reservations in their stored form, one or more.
    """
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
        )
        for operation, decode in (
            ("decode and check a whole reservation", schema.decode),
            ("decode and check its head, the rest left as bytes", schema.decode_lazy),
        )
    ]
