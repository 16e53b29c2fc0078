"""Rounds: a subject and its peer measured by turns in one run, and what the rounds come to."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Literal, NamedTuple, TypeVar

__all__ = [
    "LATENCY",
    "PERCENTILES",
    "PER_SECOND",
    "SECONDS",
    "AnyBenchmark",
    "Bar",
    "Benchmark",
    "Clock",
    "Disagreement",
    "Figures",
    "Latencies",
    "PeerMissing",
    "Point",
    "Result",
    "Work",
    "agree",
    "at_least",
    "at_most",
    "each_of",
    "measure",
]

T = TypeVar("T")

Work = Callable[[int], Callable[[], object]]
"""Prepares so many operations, which is not measured, and returns the function that does them, which is."""

Clock = Callable[[], float]
"""Returns seconds that only ever rise."""

SECONDS = "s"
"""The unit of times: seconds for one operation, of which fewer are better."""

PER_SECOND = "per s"
"""The unit of rates: operations in a second, of which more are better."""

PERCENTILES = (50.0, 90.0, 99.0, 99.9)
"""Of a hundred operations, how many are done within the time that `Latencies` give."""

LATENCY = "latency"
"""The name of the plot that shows percentiles."""

_WARM_UP = 0.25
_HUNDRED = 100


class Disagreement(Exception):
    """The two sides of a benchmark do not do the same, so that comparing their times would say nothing."""


class PeerMissing(RuntimeError):
    """What a group is measured against is not installed; the message says what, and where it is to be had."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a benchmark is held to.

    Attributes:
        side: on which side of the limit its value has to be.
        limit: the ratio to the peer; where there is no peer, the figure itself in the benchmark's unit.
    """

    side: Literal["at most", "at least"]
    limit: float

    def holds(self, value: float) -> bool:
        """Return whether a value passes; the limit itself does."""
        return value <= self.limit if self.side == "at most" else value >= self.limit


def at_most(limit: float) -> Bar:
    """Return the bar that a value has to stay below."""
    return Bar("at most", limit)


def at_least(limit: float) -> Bar:
    """Return the bar that a value has to reach."""
    return Bar("at least", limit)


class Point(NamedTuple):
    """Where a result stands in a plot.

    Attributes:
        plot: the name of the plot.
        line: the kind of operation, where one plot shows several.
        x: its place on the horizontal axis: documents, callers, a percentile.
        origin: the place of the peer, where that is the same operation elsewhere on the axis; 0 for another peer.
    """

    plot: str
    line: str
    x: float
    origin: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One operation, and what it is measured against: both sides by turns.

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
        unit: `SECONDS`, in which the ratio is our time by the peer's, or `PER_SECOND`, in which it is our rate
            by the peer's.
        bar: what the median of the ratios is held to, if anything.
        point: where the result stands in a plot, if in any.
    """

    name: str
    operation: str
    peer_name: str
    ours: Work
    peer: Work
    operations: int
    step: int = 1
    clock: Clock = time.perf_counter
    unit: str = SECONDS
    bar: Bar | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A benchmark that measures its rounds itself: because it counts, or because both sides have clocks of their own.

    Attributes:
        name: its short name in the table.
        operation: what is measured, in words.
        measure_round: measures one round on samples of a share (1 for their own size); returns our figure and
            the peer's, None where there is no peer. It does what has to be done first, warming up too.
        unit: of both figures: `SECONDS`, `PER_SECOND`, or a word for what is counted, as ``pages``.
        peer_name: what the peer is, in words; empty where there is none.
        bar: what the median is held to, if anything: of the ratios, or without a peer of the figures.
        point: where the result stands in a plot, if in any.
        most_rounds: how many rounds are enough, for a figure that does not move or takes minutes; by default as
            many as the others have.
    """

    name: str
    operation: str
    measure_round: Callable[[float], tuple[float, float | None]]
    unit: str
    peer_name: str = ""
    bar: Bar | None = None
    point: Point | None = None
    most_rounds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """A benchmark that shows how long operations take one by one; its result is one for each of `PERCENTILES`.

    Attributes:
        name: its short name in the table.
        operation: what one operation is, in words.
        peer_name: what the peer is, in words.
        sample_round: does so many operations on both sides by turns; returns the seconds of each of ours, and
            of each of the peer's.
        operations: how many operations one sample has.
        line: the name of the operation in the plot of latencies.
    """

    name: str
    operation: str
    peer_name: str
    sample_round: Callable[[int], tuple[Sequence[float], Sequence[float]]]
    operations: int
    line: str


AnyBenchmark = Benchmark | Figures | Latencies
"""What a group of benchmarks is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a benchmark came to.

    Attributes:
        name: the benchmark's name.
        operation: what one operation is.
        peer_name: what the peer is; empty where there is none.
        operations: how many operations each sample had; 0 where the benchmark did not say.
        ours: our figure in each round, in `unit`.
        peer: the peer's in the same order; empty where there is none.
        unit: `SECONDS` for one operation, `PER_SECOND`, or a word for what was counted.
        bar: what the median is held to, if anything.
        point: where it stands in a plot, if in any.
    """

    name: str
    operation: str
    peer_name: str
    operations: int
    ours: tuple[float, ...]
    peer: tuple[float, ...]
    unit: str = SECONDS
    bar: Bar | None = None
    point: Point | None = None

    @property
    def values(self) -> tuple[float, ...]:
        """Our figure divided by the peer's, round by round; without a peer our figures as they are.

        Of times, below 1 this package is faster; of rates, above 1.
        """
        if not self.peer:
            return self.ours
        return tuple(ours / peer for ours, peer in zip(self.ours, self.peer, strict=True))

    @property
    def median(self) -> float:
        """The median of the values: of two sides the median of the ratios, not the ratio of the medians."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest value of all rounds."""
        return min(self.values), max(self.values)

    @property
    def passed(self) -> bool | None:
        """Whether the median is where the bar asks it to be; None where there is no bar."""
        return None if self.bar is None else self.bar.holds(self.median)


@dataclass(slots=True)
class _Rounds:
    """The figures of both sides, as they come in."""

    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)

    def add(self, ours: float, peer: float | None) -> None:
        self.ours.append(ours)
        if peer is not None:
            self.peer.append(peer)


def measure(benchmark: AnyBenchmark, *, rounds: int, share: float = 1.0) -> list[Result]:
    """Measure a benchmark.

    Arguments:
        benchmark: what to measure.
        rounds: how many rounds, 1 or more.
        share: how large the samples are: 1 for the benchmark's own number of operations.

    Returns:
        What it came to: one result, or of `Latencies` one for each percentile.
    """
    match benchmark:
        case Benchmark():
            return [_by_turns(benchmark, rounds, share)]
        case Figures():
            return [_by_itself(benchmark, rounds, share)]
        case Latencies():
            return list(_percentiles(benchmark, rounds, share))


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


def _by_turns(benchmark: Benchmark, rounds: int, share: float) -> Result:
    """Measure both sides by turns, after a shorter turn of each that does not count.

    The two samples of a round follow each other, so that whatever else the machine does meets both.
    The side that goes first changes with each round.
    """
    operations = _whole(benchmark, share)
    for work in (benchmark.ours, benchmark.peer):
        _sample(work, _whole(benchmark, share * _WARM_UP), benchmark)
    found = _Rounds()
    for number in range(rounds):
        turns = [(benchmark.ours, found.ours), (benchmark.peer, found.peer)]
        for work, samples in turns if number % 2 == 0 else reversed(turns):
            samples.append(_sample(work, operations, benchmark))
    return _result(benchmark, found, operations)


def _by_itself(benchmark: Figures, rounds: int, share: float) -> Result:
    found = _Rounds()
    for _ in range(min(rounds, benchmark.most_rounds or rounds)):
        gc.collect()
        found.add(*benchmark.measure_round(share))
    return _result(benchmark, found, 0)


def _percentiles(benchmark: Latencies, rounds: int, share: float) -> Iterator[Result]:
    operations = max(1, round(benchmark.operations * share))
    found = {percentile: _Rounds() for percentile in PERCENTILES}
    benchmark.sample_round(max(1, round(operations * _WARM_UP)))
    for _ in range(rounds):
        gc.collect()
        ours, peer = map(sorted, benchmark.sample_round(operations))
        for percentile, figures in found.items():
            figures.add(_percentile(ours, percentile), _percentile(peer, percentile))
    for percentile, figures in found.items():
        yield Result(
            name=benchmark.name,
            operation=f"{benchmark.operation}, {percentile:g} of 100 are within",
            peer_name=benchmark.peer_name,
            operations=operations,
            ours=tuple(figures.ours),
            peer=tuple(figures.peer),
            point=Point(LATENCY, benchmark.line, percentile),
        )


def _percentile(ordered: Sequence[float], percentile: float) -> float:
    """Return the least of some ordered seconds within which so many of a hundred are."""
    return ordered[max(0, math.ceil(len(ordered) * percentile / _HUNDRED) - 1)]


def _result(benchmark: Benchmark | Figures, found: _Rounds, operations: int) -> Result:
    return Result(
        name=benchmark.name,
        operation=benchmark.operation,
        peer_name=benchmark.peer_name,
        operations=operations,
        ours=tuple(found.ours),
        peer=tuple(found.peer),
        unit=benchmark.unit,
        bar=benchmark.bar,
        point=benchmark.point,
    )


def _whole(benchmark: Benchmark, share: float) -> int:
    """Return how many operations a sample has: whole steps, and at least one."""
    return max(1, round(benchmark.operations * share / benchmark.step)) * benchmark.step


def _sample(work: Work, operations: int, benchmark: Benchmark) -> float:
    """Return the seconds that one operation takes, or how many are done in a second."""
    perform = work(operations)
    gc.collect()  # what the preparation and the other side left is not this one's to clean up
    began = benchmark.clock()
    perform()
    seconds = benchmark.clock() - began
    return operations / seconds if benchmark.unit == PER_SECOND else seconds / operations


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
