"""What was started is stopped in reverse, once, from whichever thread, and at the latest when the process ends."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack

__all__ = ["Stopper"]

logger = logging.getLogger(__name__)

_running: set[Stopper] = set()


class Stopper:
    """The steps that undo a start, the last one first. It is kept until then, also where its owner is forgotten."""

    def __init__(self) -> None:
        self._steps = ExitStack()
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._running = True
        _running.add(self)

    @property
    def running(self) -> bool:
        """Whether nothing was stopped yet."""
        return self._running

    def then(self, step: Callable[[], object]) -> None:
        """Add a step, which is taken before all that were added earlier."""
        self._steps.callback(step)

    def stop(self) -> None:
        """Take every step, also where one fails; a second stop waits for the first, and does nothing itself."""
        if os.getpid() != self._process:
            return  # the threads stayed in the process that was forked
        with self._lock:
            self._running = False
            _running.discard(self)
            self._steps.close()

    def stop_unless_stopping(self) -> None:
        """Stop, but leave it to another thread that is at it, which may wait for this one to end."""
        if self._lock.acquire(blocking=False):
            try:
                self.stop()
            finally:
                self._lock.release()


def _stop_all() -> None:
    """Stop what was forgotten. Its threads, which are daemons, still run at this point."""
    for stopper in list(_running):
        try:
            stopper.stop()
        except Exception:
            logger.exception("a workload manager could not be stopped in order")


atexit.register(_stop_all)
