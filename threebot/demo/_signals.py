"""The signals that end the demo: none of them leaves a process behind."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["leaving_in_order", "undisturbed"]

_BASE = 128  # a shell's status for a process that a signal ended is the signal's number above this
_LEAVING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_USUAL = (signal.SIG_DFL, signal.default_int_handler)


@contextmanager
def leaving_in_order() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, SIGTERM and SIGHUP SystemExit, once in a ``with`` block.

    What was begun in the block is ended by it then; a second signal does not disturb that. A host that has handlers
    of its own, or ignores a signal, keeps it so. In other threads than the main one Python takes no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    leaving = False

    def leave(number: int, _frame: FrameType | None) -> None:
        nonlocal leaving
        if leaving:
            return
        leaving = True
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(_BASE + number)

    before = {each: signal.getsignal(each) for each in _LEAVING}
    usual = {each: handler for each, handler in before.items() if handler in _USUAL}
    for each in usual:
        signal.signal(each, leave)
    try:
        yield
    finally:
        for each, handler in usual.items():
            signal.signal(each, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off for a ``with`` block what signals would raise in it: it comes right after the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {each: signal.getsignal(each) for each in _LEAVING}
    raising = {each: handler for each, handler in before.items() if callable(handler)}
    for each in raising:
        signal.signal(each, lambda number, _: arrived.append(number))
    try:
        yield
    finally:
        for each, handler in raising.items():
            signal.signal(each, handler)
        for number in arrived:
            signal.raise_signal(number)
