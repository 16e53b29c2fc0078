"""The way out: what the connections ask in one round of the loop goes to the actors together, at its end."""

from __future__ import annotations

from typing import Protocol

from ...actors import Reply
from ...errors import Unavailable
from .._calls import Calls

__all__ = ["Asker", "Asking"]

_MOST_TOGETHER = 64
"""The questions with which the actors begin, also where the round goes on; about what one takes at once."""


class Asker(Protocol):
    """The way to the actors, as a connection sees it; `Calls` is one."""

    @property
    def timeout(self) -> float:
        """How many seconds an answer may take."""

    def ask_into(self, name: str, message: object, reply: Reply) -> None:
        """Ask an actor without waiting, now or soon.

        Raises:
            WorkloadManagerError: it can not be asked; where that comes up later, it is put into the reply.
        """

    def told(self, name: str, error: BaseException) -> BaseException:
        """Return an error with which an actor answered as the one who asked is told it."""

    def late(self, name: str) -> Unavailable:
        """Return what somebody is told whose answer did not come within the time."""


class Asking:
    """Collects what is asked, and hands it to the actors together.

    An actor that is asked wakes at once, and from then on its thread and that of the loop take the interpreter from
    each other at every system call. Asked at the end of a round, it has a whole batch, and the loop is about to sleep.

    Arguments:
        calls: the way to the actors.
    """

    __slots__ = ("_calls", "_waiting")

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._waiting: list[tuple[str, object, Reply]] = []

    @property
    def timeout(self) -> float:
        """How many seconds an answer may take."""
        return self._calls.timeout

    def ask_into(self, name: str, message: object, reply: Reply) -> None:
        """Ask an actor at the end of the round; that it can not be asked is an answer like any other."""
        self._waiting.append((name, message, reply))
        if len(self._waiting) >= _MOST_TOGETHER:
            self.hand_over()

    def hand_over(self) -> None:
        """Ask now, in the order in which it was to be asked."""
        waiting, self._waiting = self._waiting, []
        ask_into = self._calls.ask_into
        for name, message, reply in waiting:
            try:
                ask_into(name, message, reply)
            except Exception as error:  # noqa: BLE001 - it belongs to the one who asked, and the loop goes on
                reply.set_exception((type(error), error, None))

    def told(self, name: str, error: BaseException) -> BaseException:
        """Return an error with which an actor answered as the one who asked is told it."""
        return self._calls.told(name, error)

    def late(self, name: str) -> Unavailable:
        """Return what somebody is told whose answer did not come within the time."""
        return self._calls.late(name)
