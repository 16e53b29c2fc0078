"""Answers for those who do not wait: an actor's reply goes into an asyncio future, or anywhere else."""

from __future__ import annotations

import asyncio
import sys
import threading
import weakref
from collections import deque
from typing import Any, cast

import pykka

from ..bcdb import once_together
from ..errors import Overloaded
from ._future import ActorStopped, ErrorDetails, Reply
from ._inbox import Inbox
from ._pykka import Envelope

__all__ = ["AsyncReply", "ask_async", "ask_into"]


class AsyncReply:
    """Carries one answer from whichever thread settles it into an event loop.

    A caller that was cancelled meanwhile is not told, and neither is a loop that has closed:
    nobody is there to hear it.

    Arguments:
        future: the future of the loop that waits for the answer.
    """

    __slots__ = ("_carrier", "_future")

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self._future = future
        self._carrier = _carrier_to(future.get_loop())

    def set(self, value: object = None) -> None:
        """Answer with a value."""
        self._carrier.put(self._future, value, None)

    def set_exception(self, exc_info: ErrorDetails | None = None) -> None:
        """Answer with an error; without one, with the error that is being handled."""
        _, error, _ = exc_info or sys.exc_info()
        self._carrier.put(self._future, None, error or RuntimeError("there is no error to answer with"))


class _Carrier:
    """Takes answers from all threads into one event loop, which it wakes once for all that come until it looks.

    No lock is needed so that no answer is left lying: it is in before the flag is read, and the flag is unset
    before the answers are looked at. Who finds the flag set relies on a look that is still to come.

    Arguments:
        loop: the loop; it is not kept alive.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = weakref.ref(loop)
        self._answers: deque[tuple[asyncio.Future[Any], object, BaseException | None]] = deque()
        self._woken = False
        self._tell = self._wake  # one object, so that it is known as the same one

    def put(self, future: asyncio.Future[Any], value: object, error: BaseException | None) -> None:
        """Take an answer."""
        self._answers.append((future, value, error))
        if not self._woken:
            once_together(self._tell)

    def _wake(self) -> None:
        if self._woken:
            return
        self._woken = True
        loop = self.loop()
        try:
            if loop is not None:
                loop.call_soon_threadsafe(self._settle)
        except RuntimeError:  # the loop has closed: nobody waits for the answers
            self._answers.clear()

    def _settle(self) -> None:
        """Answer, in the thread of the loop, all that are there; those that come meanwhile wake it again."""
        self._woken = False
        answers = self._answers
        for _ in range(len(answers)):
            future, value, error = answers.popleft()
            if future.done():  # cancelled while the actor worked
                continue
            if error is None:
                future.set_result(value)
                continue
            try:
                future.set_exception(error)
            except TypeError as unfit:  # asyncio takes no StopIteration
                future.set_exception(unfit)


class _Running(threading.local):
    """The carrier into the loop that runs in a thread."""

    carrier: _Carrier | None = None


_running = _Running()


def _carrier_to(loop: asyncio.AbstractEventLoop) -> _Carrier:
    """Return the carrier into a loop; the calling thread, in which the loop mostly runs, keeps the one it used last."""
    carrier = _running.carrier
    if carrier is None or carrier.loop() is not loop:
        carrier = _running.carrier = _Carrier(loop)
    return carrier


def ask_async(actor_ref: pykka.ActorRef[Any], message: object) -> asyncio.Future[Any]:
    """Ask an actor from a coroutine without blocking the loop.

    Arguments:
        actor_ref: the actor to ask.
        message: the message; for a call, a mapping with its arguments.

    Returns:
        A future of the running loop with the answer or the error. Cancelling it, also by
        `asyncio.timeout`, gives up waiting; the message is handled all the same.

    Raises:
        RuntimeError: no loop runs in this thread.
    """
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    try:
        ask_into(actor_ref, message, AsyncReply(future))
    except (ActorStopped, Overloaded) as error:
        future.set_exception(error)
    return future


def ask_into(actor_ref: pykka.ActorRef[Any], message: object, reply: Reply) -> None:
    """Ask an actor without waiting: its answer is put into ``reply``, in whichever thread it comes up.

    Arguments:
        actor_ref: the actor to ask.
        message: the message; for a call, a mapping with its arguments, or a `Request`.
        reply: takes the answer. Where this function raises, it takes none.

    Raises:
        ActorStopped: the actor does not run any more.
        Overloaded: too many messages wait for it already.
    """
    if not actor_ref.is_alive():
        raise ActorStopped
    inbox = actor_ref.actor_inbox
    if isinstance(inbox, Inbox):
        inbox.send(message, reply)
    else:  # a stock actor of Pykka; it types the reply as one of its futures, and only ever settles it
        inbox.put(Envelope(message, reply_to=cast("pykka.Future[Any]", reply)))
