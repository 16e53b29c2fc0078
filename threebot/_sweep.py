"""The sweep: an actor that sleeps until the next deadline, and moves on what is due then."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, cast

import pykka

from ..actors import Context, expire_due
from ..errors import WorkloadManagerError

__all__ = ["Alarm", "Sweep"]

logger = logging.getLogger(__name__)

LONGEST = 60.0
"""The longest sleep in seconds. The clock may be put forward or back meanwhile: the next look is never far away."""
SHORTEST = 1.0
"""The shortest sleep in seconds; a deadline is a whole second."""


class _Tick(NamedTuple):
    """What the inbox hands out when nothing came: an envelope of Pykka's shape that nobody waits for."""

    message: object = None
    reply_to: None = None


class _Inbox:
    """An inbox that wakes its actor when a time is over."""

    def __init__(self) -> None:
        self.patience = LONGEST
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self.put, self.empty = self._queue.put, self._queue.empty

    def get(self) -> Any:  # noqa: ANN401 - an envelope of Pykka, which has no public name
        """Return the next message, or a tick where none comes in time."""
        try:
            return self._queue.get(timeout=self.patience)
        except Empty:
            return _Tick()


@dataclass(slots=True)
class Alarm:
    """Wakes the sweep when a deadline comes up before the one it sleeps for.

    Arguments:
        wake: tells the sweep; it may be gone just then, and looks by itself when it is started again.

    Attributes:
        planned: the second that the sweep sleeps for; infinite while it looks around.
        woken: whether it was waked since it last looked; once is enough, however many deadlines come up.
    """

    wake: Callable[[], None]
    planned: float = float("inf")
    woken: bool = False

    def note(self, deadline: int) -> None:
        """Take note of a deadline, in seconds since 1970; called in the store's own thread after a change."""
        if deadline < self.planned and not self.woken:
            self.woken = True
            self.wake()

    def looking(self) -> None:
        """Take note that the sweep looks around: what comes up from here on wakes it again."""
        self.woken = False
        self.planned = float("inf")


class Sweep(pykka.ThreadingActor):
    """Applies deadlines at their time; any message makes it look at once, and answers how many moved.

    A store that does not answer is tried again after the longest sleep; the lists and polls look for
    due deadlines by themselves (``docs/states.md``, "Deadlines").

    Arguments:
        context: the host; its clock says what is due.
        alarm: tells of deadlines that come up.
    """

    def __init__(self, context: Context, alarm: Alarm) -> None:
        super().__init__()
        self._context = context
        self._alarm = alarm

    @staticmethod
    def _create_actor_inbox() -> _Inbox:
        return _Inbox()

    def on_start(self) -> None:
        """Apply what became due while nothing ran."""
        self._look()

    def on_receive(self, _message: object) -> int:
        """Look at once, whatever the message is; return how many reservations moved."""
        return self._look()

    def _look(self) -> int:
        """Apply what is due, and plan the next look."""
        self._alarm.looking()
        moved = deadline = 0
        try:
            moved = expire_due(self._context)
            with self._context.store.read() as reader:
                deadline = reader.next_deadline()
        except WorkloadManagerError as error:
            logger.warning("deadlines could not be applied; they are tried again in %g s: %s", LONGEST, error)
        patience = min(max(deadline - self._context.clock(), SHORTEST), LONGEST) if deadline else LONGEST
        cast("_Inbox", self.actor_inbox).patience = patience
        self._alarm.planned = deadline or float("inf")
        return moved
