"""What a connection keeps of a command on its way: the place of its reply, and the bytes that it takes meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ...actors import ErrorDetails
from ...errors import WorkloadManagerError
from ._ask import Ask

if TYPE_CHECKING:
    from ._exchange import Exchange

__all__ = ["Deliver", "Slot"]


class Slot(msgspec.Struct, eq=False):
    """The place of one reply among those of its connection; an actor puts its answer here, from its own thread.

    Attributes:
        exchange: the connection.
        ask: what the actor is asked.
        asked: when it was asked, in the seconds of the exchange; infinite while it is not.
        admitted: whether it has the bytes of the budget that it takes.
        is_answered: whether there is an answer, or too much time has gone by.
        value: the answer.
        error: the error that is the answer instead.
        data: the bytes of the reply, where they were made already.
    """

    exchange: Exchange
    ask: Ask
    asked: float = inf
    admitted: bool = False
    is_answered: bool = False
    value: object = None
    error: BaseException | None = None
    data: bytes | None = None

    @property
    def actor(self) -> str:
        """The actor that is asked."""
        return self.ask.name

    @property
    def size(self) -> int:
        """The bytes that are kept of the command until it is answered."""
        return self.ask.size

    def let_in(self) -> None:
        """Let the connection go on: there is room."""
        self.exchange.woken()

    def set(self, value: object = None) -> None:
        """Answer with a value."""
        self.exchange.deliver(self, value, None)

    def set_exception(self, exc_info: ErrorDetails | None = None) -> None:
        """Answer with an error; without one, with the error that is being handled."""
        _, error, _ = exc_info or sys.exc_info()
        if isinstance(error, WorkloadManagerError):
            # The frames that it came through hold the arguments of the call, and this slot.
            error.__traceback__ = error.__cause__ = error.__context__ = None
        self.exchange.deliver(self, None, error or RuntimeError("there is no error to answer with"))


Deliver: TypeAlias = Callable[[Slot, object, BaseException | None], None]
"""Takes an answer from whichever thread, and sees that the loop's calls `Exchange.settle` with it, later."""
