"""How many pages a registration writes: counted, not timed, so that it hardly differs from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, cast

from _bench import Bench
from _documents import Documents
from _rounds import Figures, at_most
from _stores import Ours
from _writes import Order, orders

from workloadmanager.actors import CALLS
from workloadmanager.bcdb import Transaction

__all__ = ["BATCHES", "CAN_COUNT", "ORDERS", "pages", "pages_of_each", "written_bytes"]

BATCHES = {8: at_most(3.5), 64: at_most(1.9)}
"""How many registrations are stored together, and the most pages that each may write then."""

ORDERS = 32 * 1024
"""How many are registered between the opening of a store and its closing.

So many that each node is given 64 of them: a node's index rows are written many at once, and the last of them when
the store is closed. With fewer, what is written at the closing counts for more.
"""

_PAGE = 4096
_COUNTERS = Path("/proc/self/io")

CAN_COUNT = _COUNTERS.exists()
"""Whether the system counts what a process writes; where it does not, there are no benchmarks of it."""


@contextmanager
def pages(bench: Bench) -> Iterator[list[Figures]]:
    """Yield the benchmarks of what a registration writes, at the size of the run and at the largest."""
    yield list(_counts(bench)) if CAN_COUNT else []


def written_bytes() -> int:
    """Return how many bytes this process has handed to the system to write."""
    (line,) = (line for line in _COUNTERS.read_text(encoding="ascii").splitlines() if line.startswith("wchar:"))
    return int(line.split()[1])


def _counts(bench: Bench) -> Iterator[Figures]:
    for number in sorted({bench.documents, bench.sizes[-1]}):
        for batch, bar in BATCHES.items():
            for words, make in (("unsigned", Documents.unsigned), ("signed", Documents.signed)):
                yield Figures(
                    name="B4",
                    operation=f"pages written to register, {words}, {batch} together, {number:,} stored",
                    measure_round=partial(pages_of_each, bench, number, batch, make),
                    unit="pages",
                    bar=bar if make is Documents.unsigned else None,
                    most_rounds=1,
                )


def pages_of_each(
    bench: Bench, number: int, batch: int, make: Callable[[Documents], Order], share: float
) -> tuple[float, None]:
    """Return how many pages a registration writes, the rows that are written late counted in."""
    batches = max(1, round(ORDERS * share / batch))
    bench.filled(number)
    before = written_bytes()
    with bench.ours(number) as ours:
        call = CALLS["reservation_register"](ours.context).on_receive
        made = orders(ours.documents, make)
        for _ in range(batches):
            _register_together(ours, call, made(batch))
    return (written_bytes() - before) / _PAGE / (batches * batch), None


def _register_together(ours: Ours, call: Callable[[object], object], sent: Sequence[Order]) -> None:
    """Register orders by one commit: the writer is held until all of them wait."""
    holds, goes_on = Event(), Event()

    def hold(_transaction: Transaction) -> None:
        holds.set()
        goes_on.wait()

    ours.context.store.submit(hold)
    holds.wait()
    try:
        answers = [call({"reservation": reservation}) for reservation, _ in sent]
    finally:
        goes_on.set()
    for answer in answers:
        cast("Future[Any]", answer).result()
