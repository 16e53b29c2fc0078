"""The base of all actors: a Pykka actor that works in batches and never leaves a caller without an answer."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from concurrent.futures import Future as StoreFuture
from typing import Any, ClassVar, cast

import pykka

from ..errors import Internal, Unavailable, WorkloadManagerError
from ._caller import Request
from ._future import ActorStopped, Future, Reply
from ._inbox import Envelopes, Inbox, refuse
from ._pykka import Envelope

__all__ = ["Actor"]

logger = logging.getLogger(__name__)

_PLAIN = (dict, Request)


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

    _inbox_limit: ClassVar[int] = 10_000
    _batch: ClassVar[int] = 64

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return Future()

    @classmethod
    def _create_actor_inbox(cls) -> Inbox:  # a static method of Pykka's, which calls it on the instance
        return Inbox(cls._inbox_limit)

    def _actor_loop_running(self) -> None:
        inbox = cast("Inbox", self.actor_inbox)
        while not self.actor_stopped.is_set():
            self._work_together(inbox.take(self._batch))

    def _actor_loop_teardown(self) -> None:
        cast("Inbox", self.actor_inbox).close()

    def _work_together(self, envelopes: Envelopes) -> None:
        """Handle messages that were taken together, in their order."""
        for envelope in envelopes:
            if self.actor_stopped.is_set():
                refuse(envelope)
            else:
                self._work(envelope)

    def _work(self, envelope: Envelope[Any]) -> None:
        """Handle one message and see to its answer; nothing a handler raises leaves this method."""
        message, reply = envelope.message, envelope.reply_to
        try:
            # A call's arguments are a plain dict or a Request: none of the messages that Pykka looks for first.
            plain = type(message) in _PLAIN
            response = self.on_receive(message) if plain else self._handle_receive(message)
        except Exception as error:  # noqa: BLE001 - the border between a handler and its caller
            self._fail(reply, error)
        except BaseException:  # noqa: BLE001 - it ends the actor, and its caller is answered first
            self._end(reply)
        else:
            if isinstance(response, StoreFuture):
                response.add_done_callback(lambda settled: self._deliver(reply, settled))
            elif reply is not None:
                self._settle(reply, response)

    def _deliver(self, reply: Reply | None, settled: StoreFuture[Any]) -> None:
        """Answer with what a pending reply came to."""
        try:
            value = settled.result()
        except BaseException as error:  # noqa: BLE001 - whatever the store answers, also an exit, belongs to the caller
            refusal = self._refusal(error)
            if reply is None:
                logger.info("%s refused a message that nobody waits for: %s", self, refusal)
            else:
                self._settle_error(reply, refusal)
        else:
            if reply is not None:
                self._settle(reply, value)

    def _fail(self, reply: Reply | None, error: Exception) -> None:
        """Answer with an error. Where nobody waits, what was not expected ends the actor, as in Pykka."""
        if reply is not None:
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

    def _end(self, reply: Reply | None) -> None:
        """End all actors: the interpreter was asked to stop, or worse, inside a handler."""
        logger.exception("%s was ended from within; all actors stop", self)
        if reply is not None:
            self._settle_error(reply, ActorStopped())
        try:
            self._stop()
        except BaseException as error:  # noqa: BLE001 - `on_stop` asks for it too, and whoever waits needs an answer
            self._handle_failure(type(error), error, error.__traceback__)
        pykka.ActorRegistry.stop_all(block=False)

    def _refusal(self, error: BaseException) -> WorkloadManagerError:
        """Return what a caller is told of an error."""
        if isinstance(error, WorkloadManagerError):
            return error
        if isinstance(error, CancelledError | pykka.ActorDeadError | pykka.Timeout):
            return Unavailable("a part of the package that is needed does not answer; try again after a moment")
        logger.error("%s failed", self, exc_info=error)
        return Internal("a fault in the package, not in what was sent; the log of the host has the details")

    def _settle(self, reply: Reply, value: object) -> None:
        try:
            reply.set(value)
        except Exception:
            logger.exception("an answer of %s could not be delivered", self)

    def _settle_error(self, reply: Reply, error: WorkloadManagerError) -> None:
        try:
            # A refusal is an answer: the frames of this thread are of no use to the one who asked.
            reply.set_exception((type(error), error, None))
        except Exception:
            logger.exception("an error of %s could not be delivered", self)
