"""What grows with the store: the same operation on a small store and on larger ones, by turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from typing import NamedTuple

from _asking import Arguments, Way, by_call, chosen, get, poll
from _bench import Bench, say
from _documents import Documents
from _pages import BATCHES, CAN_COUNT, pages_of_each
from _rounds import Benchmark, Figures, Point, Work, at_most
from _stores import Ours

from workloadmanager.bcdb import EVERYTHING

__all__ = ["GROWTH", "growth", "growth_of_registrations"]

GROWTH = "growth"
"""The name of the plot."""

_BAR = at_most(1.5)


class _Kind(NamedTuple):
    """An operation.

    Attributes:
        line: its name in the plot.
        operation: what it is, in words.
        message: the kind of its messages.
        way: answers them, given a store.
        operations: how many a sample has.
    """

    line: str
    operation: str
    message: str
    way: Callable[[Ours], Way]
    operations: int


_list = partial(by_call, name="reservation_list")
_KINDS = (
    _Kind("get", "get a reservation from the store", "get", get, 4000),
    _Kind("page by state", "the call reservation_list, page by state", "state", _list, 250),
    _Kind("page by epoch", "the call reservation_list, page by epoch", "epoch", _list, 250),
    _Kind("poll", "node poll with nothing new, from the store", "poll", poll, 4000),
)


@contextmanager
def growth(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield how much slower reading becomes: each size of store against the smallest; the largest has the bar.

    A page by node is not among them, because a node of a small store has no page of reservations.
    """
    with ExitStack() as opened:
        stores = {size: opened.enter_context(bench.ours(size)) for size in bench.sizes}
        for size, ours in stores.items():
            _touch(ours, size)
        yield list(_reading(stores))


def _reading(stores: dict[int, Ours]) -> Iterator[Benchmark]:
    smallest, *larger = stores
    for kind in _KINDS:
        for size in larger:
            yield Benchmark(
                name="B11",
                operation=f"{kind.operation}, of {size:,} stored",
                peer_name=f"the same of {smallest:,}",
                ours=_anywhere(stores[size], kind),
                peer=_anywhere(stores[smallest], kind),
                operations=kind.operations,
                bar=_BAR if size == larger[-1] else None,
                point=Point(GROWTH, kind.line, size, origin=smallest),
            )


@contextmanager
def growth_of_registrations(bench: Bench) -> Iterator[list[Figures]]:
    """Yield what a registration writes into the largest store against the next smaller one, where it can be counted.

    Smaller ones say nothing: counting takes some ten thousand registrations, after which they are no longer small.
    """
    before, largest = bench.sizes[-2:]
    together = min(BATCHES)

    def measure_round(share: float) -> tuple[float, float]:
        (ours, _), (peer, _) = (
            pages_of_each(bench, size, together, Documents.unsigned, share) for size in (largest, before)
        )
        return ours, peer

    yield (
        [
            Figures(
                name="B11",
                operation=f"pages written to register, unsigned, {together} together, {largest:,} stored",
                peer_name=f"the same of {before:,}",
                measure_round=measure_round,
                unit="pages",
                bar=_BAR,
                most_rounds=1,
            )
        ]
        if CAN_COUNT
        else []
    )


def _anywhere(ours: Ours, kind: _Kind) -> Work:
    """Return the work of answering messages about reservations anywhere in the store, others in each sample."""
    way, seeds = kind.way(ours), count()

    def work(operations: int) -> Callable[[], object]:
        messages = chosen(ours, kind.message, operations, next(seeds))
        return partial(_answer, way, messages)

    return work


def _answer(way: Way, messages: Sequence[Arguments]) -> None:
    for message in messages:
        way(message)


def _touch(ours: Ours, size: int) -> None:
    """Read everything once, so that each side has its pages in the process."""
    say(f"reading {size:,} reservations")
    with ours.context.store.read() as reader:
        for _ in reader.find(EVERYTHING):
            pass
