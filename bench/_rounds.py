"""Rounds: a subject and its peer measured by turns in one run, and what the rounds come to."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TypeVar

__all__ = ["Benchmark", "Clock", "Disagreement", "Result", "Work", "agree", "each_of", "measure"]

T = TypeVar("T")

Work = Callable[[int], Callable[[], object]]
"""Prepares so many operations, which is not measured, and returns the function that does them, which is."""

Clock = Callable[[], float]
"""Returns seconds that only ever rise."""

_WARM_UP = 0.25


class Disagreement(Exception):
    """The two sides of a benchmark do not do the same, so that comparing their times would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One operation, and what it is measured against.

    Attributes:
        name: its short name in the table, as ``B1``; benchmarks of one kind may share it.
        operation: what one operation is, in words.
        peer_name: what the peer is, in words.
        ours: does the operation with this package.
        peer: does the same with the peer.
        operations: how many operations one sample has.
        step: the operations of a sample are a multiple of this: how many callers there are, or how many
            messages are outstanding.
        clock: the clock of both sides; wall time by default.
    """

    name: str
    operation: str
    peer_name: str
    ours: Work
    peer: Work
    operations: int
    step: int = 1
    clock: Clock = time.perf_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a benchmark came to.

    Attributes:
        name: the benchmark's name.
        operation: what one operation is.
        peer_name: what the peer is.
        operations: how many operations each sample had.
        ours: seconds for one operation of this package, one figure for each round.
        peer: the same of the peer, in the same order.
    """

    name: str
    operation: str
    peer_name: str
    operations: int
    ours: tuple[float, ...]
    peer: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Our time divided by the peer's, round by round: below 1 this package is faster."""
        return tuple(ours / peer for ours, peer in zip(self.ours, self.peer, strict=True))

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of all rounds."""
        return min(self.ratios), max(self.ratios)


def measure(benchmark: Benchmark, *, rounds: int, share: float = 1.0) -> Result:
    """Measure both sides by turns, after a shorter turn of each that does not count.

    The two samples of a round follow each other, so that whatever else the machine does meets both.
    The side that goes first changes with each round.

    Arguments:
        benchmark: what to measure.
        rounds: how many rounds, 1 or more.
        share: how large the samples are: 1 for the benchmark's own number of operations.

    Returns:
        The seconds of one operation on each side, round by round.
    """
    operations = _whole(benchmark, share)
    for work in (benchmark.ours, benchmark.peer):
        _sample(work, _whole(benchmark, share * _WARM_UP), benchmark.clock)
    ours: list[float] = []
    peer: list[float] = []
    for number in range(rounds):
        turns = [(benchmark.ours, ours), (benchmark.peer, peer)]
        for work, samples in turns if number % 2 == 0 else reversed(turns):
            samples.append(_sample(work, operations, benchmark.clock))
    return Result(
        name=benchmark.name,
        operation=benchmark.operation,
        peer_name=benchmark.peer_name,
        operations=operations,
        ours=tuple(ours),
        peer=tuple(peer),
    )


def each_of(things: Sequence[T], perform: Callable[[T], object]) -> Work:
    """Return the work of doing something with one thing after another, from the first again after the last."""

    def work(operations: int) -> Callable[[], object]:
        chosen = list(islice(cycle(things), operations))

        def run() -> None:
            for thing in chosen:
                perform(thing)

        return run

    return work


def agree(operation: str, ours: object, peer: object) -> None:
    """See that both sides of a benchmark come to the same, before either is measured.

    Raises:
        Disagreement: they do not.
    """
    if ours != peer:
        raise Disagreement(f"{operation}: ours comes to {_shortened(ours)}, the peer to {_shortened(peer)}")


def _whole(benchmark: Benchmark, share: float) -> int:
    """Return how many operations a sample has: whole steps, and at least one."""
    return max(1, round(benchmark.operations * share / benchmark.step)) * benchmark.step


def _sample(work: Work, operations: int, clock: Clock) -> float:
    """Return the seconds that one operation takes."""
    perform = work(operations)
    gc.collect()  # what the preparation and the other side left is not this one's to clean up
    began = clock()
    perform()
    return (clock() - began) / operations


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
