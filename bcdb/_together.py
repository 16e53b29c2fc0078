"""Answers that are given together: whoever carries them on is told once, behind the last of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

__all__ = ["Together", "once_together"]


class _Thread(threading.local):
    """What waits in one thread for the end of its outermost `Together`."""

    waiting: dict[Callable[[], None], None] | None = None


_thread = _Thread()


class Together:
    """A ``with`` block in which an actor gives the answers of a batch, one behind the other.

    A reply that is carried into another thread wakes that thread, which then wants to run at once and
    takes turns with this one for every answer. In the block it is waked once, when all answers are there.
    Only answers that are ready belong into it: whoever waits for the first of them waits for the last.
    """

    __slots__ = ("_is_outermost",)

    def __enter__(self) -> None:
        """Begin; inside another block nothing changes."""
        self._is_outermost = _thread.waiting is None
        if self._is_outermost:
            _thread.waiting = {}

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Tell everybody who waits for the end, once each."""
        if self._is_outermost:
            waiting, _thread.waiting = _thread.waiting or {}, None
            for function in waiting:
                function()


def once_together(function: Callable[[], None]) -> None:
    """Call a function when the answers that are given together are all there, once; outside of a block, at once.

    Arguments:
        function: tells somebody that there are answers; it is quick, and raises nothing.
    """
    waiting = _thread.waiting
    if waiting is None:
        function()
    else:
        waiting[function] = None
