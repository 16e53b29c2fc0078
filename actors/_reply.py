"""Answers for those who do not wait: an actor's reply goes into an asyncio future, or anywhere else."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any, cast

import pykka

from ..errors import Overloaded
from ._future import ActorStopped, ErrorDetails, Reply
from ._pykka import Envelope

__all__ = ["AsyncReply", "ask_async", "ask_into"]


class AsyncReply:
    """Carries one answer from whichever thread settles it into an event loop.

    A caller that was cancelled meanwhile is not told, and neither is a loop that has closed:
    nobody is there to hear it.

    Arguments:
        future: the future of the loop that waits for the answer.
    """

    __slots__ = ("_future",)

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self._future = future

    def set(self, value: object = None) -> None:
        """Answer with a value."""
        self._deliver(value, None)

    def set_exception(self, exc_info: ErrorDetails | None = None) -> None:
        """Answer with an error; without one, with the error that is being handled."""
        _, error, _ = exc_info or sys.exc_info()
        self._deliver(None, error or RuntimeError("there is no error to answer with"))

    def _deliver(self, value: object, error: BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._future.get_loop().call_soon_threadsafe(self._settle, value, error)

    def _settle(self, value: object, error: BaseException | None) -> None:
        if self._future.done():  # cancelled while the actor worked
            return
        if error is None:
            self._future.set_result(value)
        else:
            self._future.set_exception(error)


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
    # Pykka types the reply as one of its futures; its loops and ours only ever settle it.
    actor_ref.actor_inbox.put(Envelope(message, reply_to=cast("pykka.Future[Any]", reply)))
