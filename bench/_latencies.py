"""How long single operations take, as a caller sees them: not on average, but of a hundred the slowest ones too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

import msgpack  # type: ignore[import-untyped]  # the library carries no types
from _asking import chosen
from _bench import Bench
from _rounds import Latencies
from _stores import Stores

from workloadmanager.rules import NextAction

__all__ = ["latencies"]

T = TypeVar("T")

_READS = 4000
_REGISTRATIONS = 1000


@contextmanager
def latencies(bench: Bench) -> Iterator[list[Latencies]]:
    """Yield the benchmarks of latency, of one caller: the hand-off to the actor and back is in them."""
    with bench.stores() as stores:
        yield [_gets(stores), _polls(stores), _registrations(stores)]


def _gets(stores: Stores) -> Latencies:
    call, peer = stores.manager.reservation_get, stores.sqlite.get
    return Latencies(
        name="L",
        operation="the call reservation_get",
        peer_name="SQLite",
        sample_round=_both(
            lambda number: [message["reservation_id"] for message in chosen(stores, "get", number)],
            lambda reservation_id: call(reservation_id=reservation_id),
            peer,
        ),
        operations=_READS,
        line="get",
    )


def _polls(stores: Stores) -> Latencies:
    call, peer = stores.manager.workloads_list, stores.sqlite.poll
    return Latencies(
        name="L",
        operation="the call workloads_list, nothing new",
        peer_name="SQLite",
        sample_round=_both(
            lambda number: chosen(stores, "poll", number),
            lambda message: call(**message),
            lambda message: peer(message["node_id"], message["cursor"]),
        ),
        operations=_READS,
        line="poll",
    )


def _registrations(stores: Stores) -> Latencies:
    register, sqlite, state = stores.manager.reservation_register, stores.sqlite, int(NextAction.create)

    def unsigned(number: int) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
        return [stores.documents.unsigned() for _ in range(number)]

    def peer(sent: tuple[dict[str, Any], tuple[str, ...]]) -> None:
        sqlite.insert([(state, int(time.time()), sent[1], msgpack.packb(sent[0]))])

    return Latencies(
        name="L",
        operation="the call reservation_register, unsigned",
        peer_name="SQLite, a commit each",
        sample_round=_both(unsigned, lambda sent: register(reservation=sent[0]), peer),
        operations=_REGISTRATIONS,
        line="register",
    )


def _both(
    prepare: Callable[[int], Sequence[T]], ours: Callable[[T], object], peer: Callable[[T], object]
) -> Callable[[int], tuple[list[float], list[float]]]:
    """Return what does so many operations on both sides, a few of one, then a few of the other."""

    def sample(operations: int) -> tuple[list[float], list[float]]:
        things = iter(prepare(operations))
        seconds: tuple[list[float], list[float]] = ([], [])
        while together := list(islice(things, 50)):
            seconds[0].extend(_seconds(ours, together))
            seconds[1].extend(_seconds(peer, together))
        return seconds

    return sample


def _seconds(perform: Callable[[T], object], things: Sequence[T]) -> Iterator[float]:
    for thing in things:
        began = time.perf_counter()
        perform(thing)
        yield time.perf_counter() - began
