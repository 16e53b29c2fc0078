"""The inbox of an actor: bounded, and never silent about what it can not pass on."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import Any

import pykka

from ..errors import Overloaded
from ._future import ActorStopped, Reply
from ._pykka import ActorStop, Envelope

__all__ = ["Inbox", "Letter", "Letters", "refuse"]

Letter = tuple[object, Reply | None]
"""A message, and where its answer goes. What waits is a plain tuple: Pykka's envelope costs ten times as much."""

Letters = list[Letter]
"""Messages that were taken together."""


class Inbox:
    """The messages that wait for one actor, oldest first.

    `put`, `get` and `empty` are what Pykka asks of an inbox.

    Arguments:
        limit: how many messages may wait. The message that stops the actor is let in beyond it.
            Callers that come at the same instant may exceed it by their number.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._closed = False
        self._queue: SimpleQueue[Letter] = SimpleQueue()
        self._add, self._next, self._count = self._queue.put, self._queue.get, self._queue.qsize
        self.empty = self._queue.empty

    def put(self, envelope: Envelope[Any], /) -> None:
        """Let the message in an envelope of Pykka wait, as `send` does."""
        self.send(envelope.message, envelope.reply_to)

    def get(self) -> Envelope[Any]:
        """Wait for a message and return it in an envelope of Pykka."""
        message, reply = self._next()
        return Envelope(message, reply_to=reply)  # type: ignore[arg-type]  # it is only ever settled

    def send(self, message: object, reply: Reply | pykka.Future[Any] | None) -> None:
        """Let a message wait; a message to a closed inbox is answered with `ActorStopped` instead.

        Arguments:
            message: the message.
            reply: where its answer goes; None where nobody waits for one.

        Raises:
            Overloaded: the limit is reached; nothing was kept.
        """
        if self._count() >= self._limit and not isinstance(message, ActorStop):
            raise Overloaded(f"{self._limit} messages wait for this actor already; try again after a moment")
        self._add((message, reply))
        # Looked at after the message is in: either this caller sees that the inbox closed, or the
        # one who closes it still finds the message.
        if self._closed:
            self._refuse_all()

    def take(self, most: int) -> Letters:
        """Wait for a message and return it with those behind it, ``most`` together."""
        following = self._next
        letters = [following()]
        # Nobody else takes messages out while the actor lives, so that what is counted is there.
        waiting = self._count()
        if waiting:
            letters += [following() for _ in range(min(waiting, most - 1))]
        return letters

    def close(self) -> None:
        """Answer every message that waits, and each that comes from now on, with `ActorStopped`."""
        self._closed = True
        self._refuse_all()

    def _refuse_all(self) -> None:
        while True:
            try:
                refuse(self._queue.get_nowait())
            except Empty:
                return


def refuse(letter: Letter) -> None:
    """Answer a message that its actor does not handle any more; one who asked it to stop has what they wanted."""
    message, reply = letter
    if reply is None:
        return
    if isinstance(message, ActorStop):
        reply.set(None)
    else:
        reply.set_exception((ActorStopped, ActorStopped(), None))
