"""The way back: what actors answer in their threads is brought into the thread of the server's loop, in batches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque

from ...actors import once_together
from ._exchange import Exchange
from ._slot import Slot

__all__ = ["Outbox"]

logger = logging.getLogger(__name__)

_MOST_TOGETHER = 2048
"""The answers after which the loop looks again at what arrives."""


class Outbox:
    """Collects answers, and wakes the loop once for all that come until it looks; if it sleeps.

    Whoever runs the loop may say when it sleeps, as the server does: then it is not waked while it is awake, and looks
    here before it sleeps. Without that, it is taken for asleep whenever it is not known to have been waked.

    Arguments:
        loop: the loop whose thread the connections live in.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answers: deque[tuple[Slot, object, BaseException | None]] = deque()
        self._woken = False
        self._is_awake = False
        self._tell = self._wake  # one object, so that it is known as the same one

    def put(self, slot: Slot, value: object, error: BaseException | None) -> None:
        """Take an answer, in whichever thread it comes up.

        No lock is needed so that no answer is left lying. The answer is in before the flag is read. Who
        finds it unset sets it, and then always wakes the loop. Who finds it set relies on a look at the answers
        that is still to come: by `_settle`, for which the loop was waked, or by `before_sleep`, if the loop is awake.
        Both unset the flag before they look, so that the look finds this answer. Two who find it unset at the
        same instant both wake the loop, and the second look finds nothing.
        """
        self._answers.append((slot, value, error))
        if not self._woken:
            once_together(self._tell)

    def before_sleep(self) -> bool:
        """Give what came while the loop was awake to the connections.

        Returns:
            Whether the loop must not sleep: the connections may have given it something to do, or more has come. If
            not, whoever answers from now on wakes it.
        """
        if not self._answers:
            self._woken = self._is_awake = False
            if not self._answers:
                return False
            self.after_sleep()
        self._settle()
        return True

    def after_sleep(self) -> None:
        """Take note that the loop is awake, and will look here before it sleeps."""
        self._woken = self._is_awake = True

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits for the answer
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        """Give the answers to their connections, and let each connection send once for all of its own."""
        self._woken = self._is_awake
        answers = self._answers
        changed: dict[Exchange, None] = {}
        # For those that come meanwhile the loop is waked again, or looks again: other work of it goes in between.
        for _ in range(min(len(answers), _MOST_TOGETHER)):
            slot, value, error = answers.popleft()
            changed[slot.exchange] = None
            try:
                slot.exchange.settle(slot, value, error)
            except Exception:
                logger.exception("an answer of %s could not be passed on", slot.ask.name)
        if answers:
            self._wake()
        for exchange in changed:
            try:
                exchange.changed()
            except Exception:
                logger.exception("replies could not be sent")
