"""The base of all actors: a Pykka actor that works in batches and never leaves a caller without an answer."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from concurrent.futures import Future as StoreFuture
from typing import Any, ClassVar

import pykka

from ..errors import Internal, Unavailable, WorkloadManagerError
from ._caller import Request
from ._future import ActorStopped, Future, Reply
from ._inbox import Inbox, Letters, refuse
from ._reference import ActorRef

__all__ = ["Actor"]

logger = logging.getLogger(__name__)


class Actor(pykka.ThreadingActor):
    """A `pykka.ThreadingActor` with a lighter future and inbox, and with pending replies.

    What Pykka promises of actors stays: `ask`, `tell`, proxies, timeouts, the registry, `stop`.
    Beyond that:

    - A handler may return a `concurrent.futures.Future`, as `Store.submit` does. The one who asked
      is answered when it is settled; the actor goes on with its next message meanwhile.
    - An inbox over its limit refuses with `Overloaded` at once.
    - Whoever waits when the actor stops or dies is answered with `Unavailable`.
    - A refusal (`WorkloadManagerError`) is an answer like any other. What was not expected is
      logged once with its traceback, and answered as `Internal` without any detail of the host.

    Its thread is a daemon: a process whose owner forgot to stop the actors can end.
    """

    use_daemon_thread = True
    actor_inbox: Inbox

    _inbox_limit: ClassVar[int] = 10_000
    _batch: ClassVar[int] = 64

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - as Pykka
        super().__init__(*arguments, **named)
        self._actor_ref = ActorRef(self)

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return Future()

    @classmethod
    def _create_actor_inbox(cls) -> Inbox:  # a static method of Pykka's, which calls it on the instance
        return Inbox(cls._inbox_limit)

    def _actor_loop_running(self) -> None:
        take, most = self.actor_inbox.take, self._batch
        stopped = self.actor_stopped.is_set
        while not stopped():
            self._work_together(take(most))

    def _actor_loop_teardown(self) -> None:
        self.actor_inbox.close()

    def _work_together(self, letters: Letters) -> None:
        """Handle messages that were taken together, in their order; nothing a handler raises leaves this method.

        It is one loop on purpose: it runs just after the threads were switched, when a call inside it
        costs several times what it costs otherwise.
        """
        on_receive = self.on_receive
        following = iter(letters)
        for message, reply in following:
            kind = type(message)
            # A call's arguments are a plain dict or a Request: none of the messages that Pykka looks for first.
            plain = kind is dict or kind is Request
            try:
                response = on_receive(message) if plain else self._handle_receive(message)
                if isinstance(response, StoreFuture):
                    self._await(reply, response)
                elif reply is not None:
                    reply.set(response)
            except BaseException as error:  # noqa: BLE001 - the border between a handler and its caller
                self._fail(reply, error)
            else:
                if plain:
                    continue  # what stops an actor is a message of Pykka's, or an error
            if self.actor_stopped.is_set():
                for letter in following:
                    refuse(letter)

    def _await(self, reply: Reply | None, pending: StoreFuture[Any]) -> None:
        """Answer when a pending reply is settled, in the thread in which that happens."""
        pending.add_done_callback(lambda settled: self._deliver(reply, settled))

    def _deliver(self, reply: Reply | None, settled: StoreFuture[Any]) -> None:
        """Answer with what a pending reply came to."""
        try:
            value = settled.result()
            if reply is not None:
                reply.set(value)
        except BaseException as error:  # noqa: BLE001 - whatever the store answers, also an exit, belongs to the caller
            refusal = self._refusal(error)
            if reply is None:
                logger.info("%s refused a message that nobody waits for: %s", self, refusal)
            else:
                self._settle_error(reply, refusal)

    def _fail(self, reply: Reply | None, error: BaseException) -> None:
        """Answer with an error. Where nobody waits, what was not expected ends the actor, as in Pykka."""
        if not isinstance(error, Exception):
            self._end(reply, error)
        elif reply is not None:
            self._settle_error(reply, self._refusal(error))
        elif isinstance(error, WorkloadManagerError):
            logger.info("%s refused a message that nobody waits for: %s", self, error)
        else:
            details = (type(error), error, error.__traceback__)
            self._handle_failure(*details)
            try:
                self.on_failure(*details)
            except BaseException as another:  # noqa: BLE001 - the actor ends anyway; its log says why
                self._handle_failure(type(another), another, another.__traceback__)

    def _end(self, reply: Reply | None, error: BaseException) -> None:
        """End all actors: the interpreter was asked to stop, or worse, inside a handler."""
        logger.error("%s was ended from within; all actors stop", self, exc_info=error)
        if reply is not None:
            self._settle_error(reply, ActorStopped())
        try:
            self._stop()
        except BaseException as another:  # noqa: BLE001 - `on_stop` asks for it too, and whoever waits needs an answer
            self._handle_failure(type(another), another, another.__traceback__)
        pykka.ActorRegistry.stop_all(block=False)

    def _refusal(self, error: BaseException) -> WorkloadManagerError:
        """Return what a caller is told of an error."""
        if isinstance(error, WorkloadManagerError):
            return error
        if isinstance(error, CancelledError | pykka.ActorDeadError | pykka.Timeout):
            return Unavailable("a part of the package that is needed does not answer; try again after a moment")
        logger.error("%s failed", self, exc_info=error)
        return Internal("a fault in the package, not in what was sent; the log of the host has the details")

    def _settle_error(self, reply: Reply, error: WorkloadManagerError) -> None:
        try:
            # A refusal is an answer: the frames of this thread are of no use to the one who asked.
            reply.set_exception((type(error), error, None))
        except Exception:
            logger.exception("an answer of %s could not be delivered", self)
