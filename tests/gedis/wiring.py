"""An exchange for the tests, which are its connection and its loop."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import hiredis

from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Limits
from workloadmanager.threebot.gedis._budget import Budget
from workloadmanager.threebot.gedis._exchange import Exchange  # the part that has no sockets
from workloadmanager.threebot.gedis._services import Services
from workloadmanager.threebot.gedis._session import Session
from workloadmanager.threebot.gedis._slot import Slot

from .hosting import word_of


class Wire:
    """An exchange whose answers are settled by the test, in the test's own thread."""

    def __init__(
        self,
        manager: WorkloadManager,
        services: Services,
        limits: Limits,
        clock: Callable[[], float],
        budget: Budget | None = None,
    ) -> None:
        self.answers: queue.SimpleQueue[tuple[Slot, object, BaseException | None]] = queue.SimpleQueue()
        session = Session(services, peer="127.0.0.1:1", is_open=True)
        calls = manager._parts.calls
        self.exchange = Exchange(
            session, limits, calls, lambda *answer: self.answers.put(answer), budget=budget, monotonic=clock
        )
        self.exchange.woken = self.go_on
        self._reader = hiredis.Reader()

    def receive(self, data: bytes) -> None:
        """Let bytes arrive, as a connection does."""
        self.exchange.received(data)
        self.go_on()

    def settle(self, number: int = 1) -> None:
        """Wait for so many answers of actors, and take them in."""
        for _ in range(number):
            self.exchange.settle(*self.answers.get(timeout=30))
            self.go_on()

    def go_on(self) -> None:
        """Do what there is to do, and take what is ready."""
        while True:
            self._reader.feed(self.exchange.outgoing())
            if not self.exchange.goes_on:
                return

    def replies(self) -> list[Any]:
        """Take what is ready, and return the replies in it."""
        self.go_on()
        replies = []
        while (reply := self._reader.gets()) is not False:
            replies.append(reply)
        return replies

    def words(self) -> list[str]:
        """Take what is ready, and return the words of the replies; PONG for that of a PING."""
        return [reply.decode() if reply in (b"PONG", b"OK") else word_of(reply) for reply in self.replies()]
