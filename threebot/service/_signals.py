"""The signals that end a service: the first asks it to stop in order, the second ends it on the spot."""

from __future__ import annotations

import queue
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["StopRequests", "stop_requests"]

STOPPING = (signal.SIGTERM, signal.SIGINT)


class StopRequests:
    """Where a request to stop arrives.

    A `queue.SimpleQueue` carries it, as its put may interrupt its get: a signal handler runs in the
    middle of whatever the main thread does, and an event's lock would be taken twice.
    """

    def __init__(self) -> None:
        self._arrived: queue.SimpleQueue[signal.Signals] = queue.SimpleQueue()

    def arrive(self, number: int, _frame: FrameType | None = None) -> None:
        """Take a signal; from now on the system itself ends the process at the next one."""
        for each in STOPPING:
            signal.signal(each, signal.SIG_DFL)
        self._arrived.put(signal.Signals(number))

    def wait(self, alive: Callable[[], bool], *, every: float = 1.0) -> signal.Signals | None:
        """Wait for a request to stop.

        Arguments:
            alive: tells whether there is still something to stop.
            every: how many seconds may pass before it is asked again.

        Returns:
            The signal; None where there is nothing to stop any more.
        """
        while alive():
            try:
                return self._arrived.get(timeout=every)
            except queue.Empty:
                continue
        return None


@contextmanager
def stop_requests() -> Iterator[StopRequests]:
    """Take SIGTERM and SIGINT as requests to stop for a ``with`` block of the main thread."""
    requests = StopRequests()
    before = {each: signal.signal(each, requests.arrive) for each in STOPPING}
    try:
        yield requests
    finally:
        for each, handler in before.items():
            signal.signal(each, handler if handler is not None else signal.SIG_DFL)
