"""The reference to an actor: Pykka's own, with a shorter way into the inbox."""

from __future__ import annotations

from typing import Any

import pykka

from ._future import ActorStopped, Future
from ._inbox import Inbox

__all__ = ["ActorRef"]


class ActorRef(pykka.ActorRef[Any]):
    """A `pykka.ActorRef` whose `ask` and `tell` do the same with fewer steps in between."""

    actor_inbox: Inbox

    def ask(self, message: Any, *, block: bool = True, timeout: float | None = None) -> Any:  # noqa: ANN401 - as Pykka
        """Send a message and wait for the answer.

        Arguments:
            message: what to send.
            block: whether to wait; otherwise a future with the answer is returned.
            timeout: how many seconds to wait at most; None waits for ever.

        Raises:
            ActorStopped: the actor does not run any more; where nobody waits, the future has it.
            Overloaded: too many messages wait for it already.
            pykka.Timeout: the seconds are over.
            Exception: the answer is an error.
        """
        future: Future[Any] = Future()
        if self.actor_stopped.is_set():
            future.set_exception((ActorStopped, ActorStopped(), None))
        else:
            self.actor_inbox.send(message, future)
        return future.get(timeout=timeout) if block else future

    def tell(self, message: Any) -> None:  # noqa: ANN401 - as Pykka
        """Send a message without waiting for an answer.

        Raises:
            ActorStopped: the actor does not run any more.
            Overloaded: too many messages wait for it already.
        """
        if self.actor_stopped.is_set():
            raise ActorStopped
        self.actor_inbox.send(message, None)
