"""What a get costs over gedis: our service beside redis-server, which keeps the very replies that ours gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import NamedTuple

import msgspec
from _bench import Bench
from _gedis_server import gedis_server
from _load import Address, Load, command, process_of_load, replies_to
from _redis import redis_server
from _rounds import PER_SECOND, Bar, Benchmark, agree, at_least

__all__ = ["SHAPES", "get_command", "served"]


class Shape(NamedTuple):
    """How requests come: on so many connections, so many outstanding on each, so many in a sample; and our bar."""

    connections: int
    outstanding: int
    operations: int
    bar: Bar | None


SHAPES = (
    Shape(1, 1, 4_000, None),
    Shape(8, 1, 16_000, at_least(0.35)),
    Shape(8, 64, 8 * 64 * 60, at_least(0.20)),
)
"""The shapes in which reservations are read."""

_CALL = "tfgrid.workloads.workload_manager.reservation_get"
_ONE = 7
_IN_TURN = 20_000
_TOGETHER = 512

Encode = Callable[[object], bytes]


@contextmanager
def served(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of reading over gedis: one reservation again and again, then many in turn.

    Raises:
        Disagreement: the servers do not answer with the same.
        PeerMissing: Redis is not installed.
    """
    filled = bench.filled()
    every = max(1, filled.facts.number // _IN_TURN)
    in_turn = range(1, filled.facts.number + 1, every)
    with (
        redis_server(bench.new_folder("redis-memory")) as redis,
        process_of_load() as load,
        gedis_server(filled.bcdb) as ours,
    ):
        sides = _Sides(ours.address, redis, load)
        yield [
            *sides.reading("one reservation", range(_ONE, _ONE + 1), msgspec.json.encode, SHAPES),
            *sides.reading("reservations in turn", in_turn, msgspec.json.encode, _without_bars(SHAPES[1:])),
            *sides.reading(
                "reservations in turn, as MessagePack", in_turn, msgspec.msgpack.encode, _without_bars(SHAPES[1:])
            ),
        ]


def get_command(reservation_id: int, encode: Encode = msgspec.json.encode) -> bytes:
    """Return the request for a reservation; the reply is encoded as the request is."""
    return command(_CALL, encode({"reservation_id": reservation_id}))


class _Sides(NamedTuple):
    """Where the servers are, and the process that sends requests to them."""

    ours: Address
    redis: Address
    load: Load

    def reading(self, words: str, ids: Sequence[int], encode: Encode, shapes: Sequence[Shape]) -> Iterator[Benchmark]:
        """Yield the benchmarks of reading some reservations, in the order of their ids and from the first again."""
        ours = [get_command(number, encode) for number in ids]
        peer = [command("GET", f"{words} {number}") for number in ids]
        self._copy(ours, [f"{words} {number}" for number in ids])
        agree(f"get {words}", replies_to(self.ours, ours[:1]), replies_to(self.redis, peer[:1]))
        for shape in shapes:
            connections, outstanding = shape.connections, shape.outstanding
            yield Benchmark(
                name="B15",
                operation=f"get {words}, {_counted(connections)}, {outstanding} outstanding",
                peer_name="redis-server GET",
                ours=self.load.sending(self.ours, cycle(ours), connections=connections, outstanding=outstanding),
                peer=self.load.sending(self.redis, cycle(peer), connections=connections, outstanding=outstanding),
                operations=shape.operations,
                step=connections * outstanding,
                unit=PER_SECOND,
                bar=shape.bar,
            )

    def _copy(self, requests: Sequence[bytes], keys: Sequence[str]) -> None:
        """Give redis our replies to keep, some at a time."""
        for start in range(0, len(keys), _TOGETHER):
            replies = replies_to(self.ours, requests[start : start + _TOGETHER])
            pairs = zip(keys[start : start + _TOGETHER], replies, strict=True)
            replies_to(self.redis, [command("SET", key, reply) for key, reply in pairs])


def _without_bars(shapes: Sequence[Shape]) -> list[Shape]:
    return [shape._replace(bar=None) for shape in shapes]


def _counted(connections: int) -> str:
    return "1 connection" if connections == 1 else f"{connections} connections"
