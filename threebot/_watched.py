"""A watched actor: the same actor class, which also tells its supervisor how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar, TypeAlias, cast

import pykka

from ..actors import Reply
from ..errors import Unavailable

__all__ = ["ActorClass", "ActorRef", "watched"]

ActorClass: TypeAlias = type[pykka.ThreadingActor]
ActorRef: TypeAlias = pykka.ActorRef[Any]


class _Watched(pykka.ThreadingActor):
    """Goes before an actor class; overrides Pykka's own extension points and adds nothing public."""

    # A package that forgets this must not keep the process from ending.
    use_daemon_thread = True

    _ended: ClassVar[staticmethod[[ActorRef], None]]
    _causes: ClassVar[dict[str, BaseException]]

    def _actor_loop(self) -> None:
        try:
            super()._actor_loop()
        except BaseException:  # noqa: BLE001 - the loop itself broke; whoever waits is answered all the same
            self._handle_failure(*sys.exc_info())
            self._actor_loop_teardown()
        finally:
            self._ended(self.actor_ref)

    def _handle_receive(self, message: object) -> object:
        try:
            return super()._handle_receive(message)
        except Exception:
            raise
        except BaseException as error:
            raise self._end_alone(error) from error

    def _end(self, reply: Reply | None, error: BaseException) -> None:
        # What an actor of this package does with such an error, where it does not ask Pykka first.
        refusal = self._end_alone(error)
        if reply is not None:
            reply.set_exception((type(refusal), refusal, None))

    def _end_alone(self, error: BaseException) -> Unavailable:
        """Let `sys.exit` end this actor alone; Pykka would end all actors, and leave the one who asked waiting."""
        self._handle_failure(type(error), error, error.__traceback__)
        return Unavailable("the actor was ended by this message, and is started again")

    def _handle_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exception_value is not None:
            self._causes[self.actor_urn] = exception_value
        super()._handle_failure(exception_type, exception_value, traceback)


def watched(actor_class: ActorClass, ended: Callable[[ActorRef], None], causes: dict[str, BaseException]) -> ActorClass:
    """Return a subclass of the same name whose instances tell how they ended, from their own thread.

    Arguments:
        actor_class: the class to watch; `pykka.ActorRegistry` finds its instances by its name as before.
        ended: is told of each end, as the last thing, when everybody who waited has been answered.
        causes: takes the error that an actor died of, by its urn, before anybody is answered. An
            actor that was asked to stop leaves nothing.
    """
    attributes = {
        "__module__": actor_class.__module__,
        "__qualname__": actor_class.__qualname__,
        "__doc__": actor_class.__doc__,
        "_ended": staticmethod(ended),
        "_causes": causes,
    }
    return cast("ActorClass", type(actor_class.__name__, (_Watched, actor_class), attributes))
