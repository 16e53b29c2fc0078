"""Callers: threads that do the same at once, and one core for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Self, TypeVar

from _rounds import Work

__all__ = ["CAN_PIN", "Callers", "one_core"]

T = TypeVar("T")

CAN_PIN = hasattr(os, "sched_setaffinity")
"""Whether the system lets a thread choose its core; where it does not, `one_core` changes nothing."""


class Callers:
    """Some threads that begin together; they live as long as the ``with`` block.

    Arguments:
        number: how many.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._pool = ThreadPoolExecutor(number, thread_name_prefix="caller")
        self._ready = Barrier(number)

    def __enter__(self) -> Self:
        """Return the callers themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the threads end."""
        self._pool.shutdown()

    def together(self, perform: Callable[[int], object]) -> None:
        """Run a function in every thread at once, given the caller's number from 0, and wait for all.

        Raises:
            Exception: whatever the first caller that failed raised.
        """

        def run(caller: int) -> None:
            self._ready.wait()  # else a thread that ends early would take another's turn, and they would be fewer
            perform(caller)

        for ended in [self._pool.submit(run, caller) for caller in range(self.number)]:
            ended.result()

    def sharing(self, prepare: Callable[[int], Sequence[T]], perform: Callable[[T], object]) -> Work:
        """Return the work of doing something with each of some prepared things, shared out over the callers.

        Arguments:
            prepare: makes so many things.
            perform: what is done with each.
        """

        def work(operations: int) -> Callable[[], object]:
            things = prepare(operations)
            shares = [things[caller :: self.number] for caller in range(self.number)]

            def run(caller: int) -> None:
                for thing in shares[caller]:
                    perform(thing)

            return lambda: self.together(run)

        return work


@contextmanager
def one_core(*, last: bool = False) -> Iterator[None]:
    """Keep this thread, and the threads and processes that it starts, on one core for a ``with`` block.

    Where the system can not, they stay where they are.

    Arguments:
        last: whether it is the last of the cores and not the first: where there is but one, they are the same.
    """
    if not CAN_PIN:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before) if last else min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
