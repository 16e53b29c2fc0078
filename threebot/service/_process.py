"""What a process that does nothing but serve sets for itself."""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["SPARE_FILES", "raise_file_limit", "tuned"]

SWITCH_INTERVAL = 1e-4
"""Seconds for which a thread that computes keeps the others waiting; Python's own is fifty times as long, and the store
gives the interpreter away at every read and write (``docs/performance.md``)."""

COLLECTION_THRESHOLD = 50_000
"""How many new objects there may be before the collector looks at them; most of a request go by themselves."""

SPARE_FILES = 64
"""Files and sockets that are open beside the connections: the store, the log, the addresses."""


@contextmanager
def tuned() -> Iterator[None]:
    """Set the interpreter for many threads that wait for each other, for a ``with`` block.

    What is there for as long as the block may be frozen in it, so that the collector never looks at it.
    """
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(COLLECTION_THRESHOLD, *thresholds[1:])
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def raise_file_limit(connections: int) -> int:
    """Let the process have as many files open as its connections need, as far as the system allows it.

    The server says in the log where that is too few.

    Arguments:
        connections: how many there may be at once.

    Returns:
        How many files it may have open.
    """
    needed = connections + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return soft
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (OSError, ValueError):  # a sandbox does not let anybody change limits
        allowed = soft
    return allowed
