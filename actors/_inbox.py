"""The inbox of an actor: bounded, and never silent about what it can not pass on."""

from __future__ import annotations

import queue
from typing import Any

from ..errors import Overloaded
from ._future import ActorStopped
from ._pykka import ActorStop, Envelope

__all__ = ["Envelopes", "Inbox", "refuse"]

Envelopes = list[Envelope[Any]]
"""Messages with where their answers go."""


class Inbox:
    """The messages that wait for one actor, oldest first.

    Arguments:
        limit: how many messages may wait. The message that stops the actor is let in beyond it.
            Callers that come at the same instant may exceed it by their number.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._closed = False
        self._queue: queue.SimpleQueue[Envelope[Any]] = queue.SimpleQueue()
        self._put, self.get, self.empty = self._queue.put, self._queue.get, self._queue.empty

    def put(self, envelope: Envelope[Any], /) -> None:
        """Let a message wait; a message to a closed inbox is answered with `ActorStopped` instead.

        Raises:
            Overloaded: the limit is reached; nothing was kept.
        """
        if self._queue.qsize() >= self._limit and not isinstance(envelope.message, ActorStop):
            raise Overloaded(f"{self._limit} messages wait for this actor already; try again after a moment")
        self._put(envelope)
        # Looked at after the message is in: either this caller sees that the inbox closed, or the
        # one who closes it still finds the message.
        if self._closed:
            self._refuse_all()

    def take(self, most: int) -> Envelopes:
        """Wait for a message and return it with those behind it, ``most`` together."""
        first = self.get()
        # Nobody else takes messages out while the actor lives, so that what is counted is there.
        waiting = min(self._queue.qsize(), most - 1)
        return [first, *(self.get() for _ in range(waiting))] if waiting else [first]

    def close(self) -> None:
        """Answer every message that waits, and each that comes from now on, with `ActorStopped`."""
        self._closed = True
        self._refuse_all()

    def _refuse_all(self) -> None:
        while True:
            try:
                refuse(self._queue.get_nowait())
            except queue.Empty:
                return


def refuse(envelope: Envelope[Any]) -> None:
    """Answer a message that its actor does not handle any more; one who asked it to stop has what they wanted."""
    if envelope.reply_to is None:
        return
    if isinstance(envelope.message, ActorStop):
        envelope.reply_to.set(None)
    else:
        envelope.reply_to.set_exception((ActorStopped, ActorStopped(), None))
