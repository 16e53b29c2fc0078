"""The future of a change: a `concurrent.futures.Future` that needs no lock unless somebody waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures._base import CANCELLED, CANCELLED_AND_NOTIFIED, FINISHED, PENDING, RUNNING
from threading import Condition, Lock
from typing import Any, TypeVar

__all__ = ["Answer"]

T = TypeVar("T")

logger = logging.getLogger(__name__)

_DONE = (FINISHED, CANCELLED, CANCELLED_AND_NOTIFIED)


class Answer(Future[T]):
    """A `concurrent.futures.Future` that costs a third of one, with the same promises.

    Most of what a future costs is its condition, which is for those who wait in a thread; a call only
    hangs a callback on it. So the condition is made when it is first asked for, and with it everything
    that the base class does works as it is: waiting, `concurrent.futures.wait`, and what is written here
    without a lock is right beside it. What is written without one:

    - Whether it runs or is cancelled: whoever takes the one thing out of `_claim` decides.
    - That it is done: where there is a condition, who holds it sees nothing change, as everywhere. Where there
      is none, a plain lock, which costs little, keeps one from being put in place at just that moment.
    - Callbacks: each is taken out by whoever calls it, so it is called once.
    """

    def __init__(self) -> None:
        # What the base class sets, but for the condition.
        self._state = PENDING
        self._result: T | None = None
        self._exception: BaseException | None = None
        self._waiters: list[Any] = []
        self._done_callbacks: list[Callable[[Future[T]], object]] = []
        self._claim: list[None] = [None]
        self._conditions: list[Condition] = []
        self._one_enters = Lock()

    @property
    def _condition(self) -> Condition:  # type: ignore[override]  # the base class only reads it
        if not self._conditions:
            condition = Condition()
            with self._one_enters:
                self._conditions.append(condition)
        return self._conditions[0]  # that of another thread, where two came at once

    def done(self) -> bool:
        return self._state in _DONE

    def result(self, timeout: float | None = None) -> T:
        if self._state == FINISHED and self._exception is None:
            return self._result  # type: ignore[return-value]  # it was set
        return super().result(timeout)

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        self._done_callbacks.append(fn)
        if self._state in _DONE:
            self._invoke_callbacks()

    def cancel(self) -> bool:
        with self._condition:  # held until the state is in, for which `set_running_or_notify_cancel` waits
            try:
                self._claim.pop()
            except IndexError:
                return self.cancelled()
            self._state = CANCELLED
            self._condition.notify_all()
        self._invoke_callbacks()
        return True

    def set_running_or_notify_cancel(self) -> bool:
        try:
            self._claim.pop()
        except IndexError:
            return super().set_running_or_notify_cancel()
        self._state = RUNNING
        return True

    def set_result(self, result: T) -> None:
        self._refuse_settled()
        self._result = result
        self._settle()

    def set_exception(self, exception: BaseException | None) -> None:
        self._refuse_settled()
        self._exception = exception
        self._settle()

    def _refuse_settled(self) -> None:
        """Refuse a second answer; one that does not run yet is kept from being cancelled."""
        if self._state != RUNNING:
            try:
                self._claim.pop()
            except IndexError:
                raise InvalidStateError(f"{self._state}: {self!r}") from None

    def _settle(self) -> None:
        with self._one_enters:
            has_condition = bool(self._conditions)
            if not has_condition:
                self._state = FINISHED
        if has_condition:
            with self._condition:
                self._state = FINISHED
                for waiter in self._waiters:
                    (waiter.add_result if self._exception is None else waiter.add_exception)(self)
                self._condition.notify_all()
        if self._done_callbacks:
            self._invoke_callbacks()

    def _invoke_callbacks(self) -> None:
        callbacks = self._done_callbacks
        while callbacks:
            try:
                callback = callbacks.pop(0)
            except IndexError:  # another thread took it
                return
            try:
                callback(self)
            except Exception:
                logger.exception("what was to run after %r failed", self)
