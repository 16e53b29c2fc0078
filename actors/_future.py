"""The reply of an actor: a Pykka future that needs no lock, and what carries a store's future into it."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future as StoreFuture
from threading import Lock
from types import TracebackType
from typing import Any, Protocol, TypeVar, cast

import pykka

from ..errors import Problem, Unavailable
from ._pykka import Unset

__all__ = ["ActorStopped", "Future", "Reply", "chain"]

S = TypeVar("S")
T = TypeVar("T")

ErrorDetails = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]
"""What `sys.exc_info` returns; Pykka passes errors in this form."""


class ActorStopped(Unavailable, pykka.ActorDeadError):
    """The actor that was asked does not run any more; it is Pykka's own error and one of this family."""

    def __init__(
        self,
        message: str = "the actor that was asked has stopped; look it up again, or start the package, and try again",
        *,
        path: str = "",
        call: str = "",
        errors: Iterable[Problem] = (),
    ) -> None:
        super().__init__(message, path=path, call=call, errors=errors)


class Reply(Protocol):
    """Where an actor puts its answer: one of the two, once."""

    def set(self, value: object = None) -> None:
        """Answer with a value."""

    def set_exception(self, exc_info: ErrorDetails | None = None) -> None:
        """Answer with an error; without one, with the error that is being handled."""


_Answer = tuple[Any, BaseException | None, TracebackType | None]
"""A value, or the error in its place and the traceback it is raised with."""

_HOOK = RuntimeError("the answer is what the hook returns")
"""In the place of an error: the hook of Pykka is asked for the answer."""


class Future(pykka.Future[T]):
    """A `pykka.Future` that costs a fraction of Pykka's own, with the same promises.

    Who settles it takes the one thing out of `_claim`, and a second finds nothing there. There is no lock
    to make or to take unless somebody has to wait: the first who does makes one, which is held until there
    is an answer.
    """

    # Pykka's `__init__`, which gives each future its hook, would be a third of what one costs.
    _get_hook: Callable[[float | None], T] | None = None
    _get_hook_result: T | Unset = Unset()

    def __init__(self) -> None:
        # All of them here, though a list could be made when it is needed: an attribute that its object
        # has from the beginning is found at once by who settles it, which is what callers wait for.
        self._claim: list[None] = [None]
        self._gates: list[Lock] = []
        self._answer: _Answer | None = None

    def get(self, *, timeout: float | None = None) -> T:
        """Wait for the answer and return it, as often as it is asked for.

        Arguments:
            timeout: how many seconds to wait at most; None waits for ever.

        Raises:
            pykka.Timeout: the seconds are over.
            Exception: the answer is an error.
        """
        answer = self._answer
        if answer is None:
            answer = self._wait(timeout)
        value, error, traceback = answer
        if error is None:
            return value  # type: ignore[no-any-return]  # it is what was set
        if error is _HOOK:
            return super().get(timeout=timeout)
        raise error.with_traceback(traceback)  # else it would grow with each who asks

    def set(self, value: T | None = None) -> None:
        """Answer with a value.

        Raises:
            queue.Full: there is an answer already.
        """
        try:
            self._claim.pop()
        except IndexError:
            raise queue.Full from None
        self._answer = (value, None, None)
        if self._gates:
            self._gates[0].release()

    def set_exception(self, exc_info: ErrorDetails | None = None) -> None:
        """Answer with an error, given as `sys.exc_info` returns it, or else the one that is being handled.

        Raises:
            queue.Full: there is an answer already.
        """
        error_type, error, traceback = exc_info or sys.exc_info()
        if error is None:
            error = error_type() if error_type is not None else RuntimeError("there is no error to answer with")
        # Pykka's ActorRef answers for an actor that is gone with its own error: here is the border to ours.
        self._settle((None, ActorStopped() if type(error) is pykka.ActorDeadError else error, traceback))

    def set_get_hook(self, func: Callable[[float | None], T]) -> None:
        """Let a function make the answer when it is asked for; it is given the timeout.

        Raises:
            queue.Full: there is an answer already.
        """
        super().set_get_hook(func)  # it is looked at only where the answer says so
        try:
            self._settle((None, _HOOK, None))
        except queue.Full:
            if self._answer is None or self._answer[1] is not _HOOK:
                raise

    def _settle(self, answer: _Answer) -> None:
        """Answer, and let in who waits. `set`, which is what mostly happens, does the same without the call."""
        try:
            self._claim.pop()
        except IndexError:
            raise queue.Full from None
        self._answer = answer
        if self._gates:
            self._gates[0].release()

    def _wait(self, timeout: float | None) -> _Answer:
        """Sleep until there is an answer.

        Who settles the future puts the answer in before looking for the lock, and who waits puts the lock
        in before looking for the answer: one of the two sees what the other did. All wait at the first lock.
        """
        gates = self._gates
        if not gates:
            gate = Lock()
            gate.acquire()
            gates.append(gate)
        if self._answer is None:
            gate = gates[0]
            if not gate.acquire(timeout=-1 if timeout is None else max(timeout, 0)):
                raise pykka.Timeout(f"{timeout} seconds")
            gate.release()
        return cast("_Answer", self._answer)


def chain(source: StoreFuture[S], function: Callable[[S], T]) -> StoreFuture[T]:
    """Return a future with what a function makes of another future's result, or with the error of either.

    The function runs where the source is settled, which is the store's writer: it has to be short.
    """
    following = cast("StoreFuture[T]", type(source)())  # as light as that of the store

    def follow(settled: StoreFuture[S]) -> None:
        try:
            following.set_result(function(settled.result()))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
            following.set_exception(error)

    source.add_done_callback(follow)
    return following
