"""Turns: no connection keeps the others waiting for long, however many have much to do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

__all__ = ["TURN", "Turns", "Worker"]

TURN = 0.005
"""The seconds of work after which the loop looks again at what arrives."""
SHARE = 0.001
"""The seconds of one worker in it, so that there is time for several."""


class Worker(Protocol):
    """Somebody who has something to do in the thread of the loop."""

    def work(self, until: float) -> bool:
        """Do it, up to a second by the clock of the turns, or a little of it at the least.

        Returns:
            Whether there is more of it.
        """


class Turns:
    """Shares out the time of a loop's thread.

    Work is done at once, as long as all together have not used up a turn. From then on one turn of work is done in
    each round of the loop, which looks in between at what arrives. Those who come then go before those who had a
    share already and were not done with it; of these, at least one has a share in each round.

    Arguments:
        call_soon: has a function called in the next round of the loop.
        monotonic: seconds that never go back.
    """

    __slots__ = ("_busy", "_call_soon", "_called", "_monotonic", "_new", "_used")

    def __init__(self, call_soon: Callable[[Callable[[], None]], object], monotonic: Callable[[], float]) -> None:
        self._call_soon = call_soon
        self._monotonic = monotonic
        self._used = 0.0
        self._called = False
        self._new: OrderedDict[Worker, None] = OrderedDict()
        self._busy: OrderedDict[Worker, None] = OrderedDict()

    def take(self, worker: Worker) -> None:
        """Let somebody work now, or in turn."""
        if self._used > TURN or self._new:
            self.wait(worker)
        elif worker not in self._busy:
            self._work(worker)

    def wait(self, worker: Worker) -> None:
        """Let somebody work in one of the next rounds, in turn."""
        if worker not in self._busy:
            self._new[worker] = None
            self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            self._call_soon(self._run)

    def _work(self, worker: Worker) -> None:
        begin = self._monotonic()
        if worker.work(begin + SHARE):
            self._busy[worker] = None
            self._call()
        self._used += self._monotonic() - begin

    def _run(self) -> None:
        """Do a turn's work for those who wait, each once."""
        self._called = False
        self._used = 0.0
        busy = len(self._busy)
        try:
            self._work_through(self._new, len(self._new))
            self._work_through(self._busy, busy)
        finally:
            if self._new or self._busy:
                self._call()

    def _work_through(self, waiting: OrderedDict[Worker, None], most: int) -> None:
        for _ in range(most):
            worker, _ = waiting.popitem(last=False)
            self._work(worker)
            if self._used > TURN:
                return
