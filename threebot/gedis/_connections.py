"""All connections of a server: how many there may be, what is looked at now and then, and how they end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from ._address import Address
from ._budget import Budget
from ._exchange import Exchange
from ._limits import Limits
from ._turns import Turns

__all__ = ["Connections", "MakeExchange"]

logger = logging.getLogger(__name__)

MakeExchange = Callable[[str, Address], Exchange]
"""Makes what is behind a connection, of the address of the other side and of the one that it came in by."""

_MOST_TURNED_AWAY = 64
"""The connections that are told at one time that there are too many; others are closed without a word."""


class Member(Protocol):
    """A connection, in whichever part of its life."""

    def sweep(self, now: float) -> None:
        """See whether a limit of time is over."""

    def finish(self) -> None:
        """Answer what is in flight, and close."""

    def abort(self) -> None:
        """Close at once."""

    def file_number(self) -> int:
        """Return the number of its socket; below 0 where it is closed."""


class Connections:
    """All connections of a server; it lives in the thread of the server's loop.

    Arguments:
        limits: what they may cost.
        make_exchange: makes what is behind each.
        monotonic: seconds that never go back.
        turns: share out the time of the loop's thread.
        budget: the bytes that all of them share.

    Attributes:
        limits: the same.
        make_exchange: the same.
        monotonic: the same.
        turns: the same.
        budget: the same.
        accepted: how many were let in.
        turned_away: how many were not, because there were too many.
    """

    def __init__(
        self,
        limits: Limits,
        make_exchange: MakeExchange,
        monotonic: Callable[[], float],
        turns: Turns,
        budget: Budget,
    ) -> None:
        self.limits = limits
        self.make_exchange = make_exchange
        self.monotonic = monotonic
        self.turns = turns
        self.budget = budget
        self.accepted = 0
        self.turned_away = 0
        self._reported = 0
        self._arriving: set[Member] = set()
        self._open: set[Member] = set()
        self._leaving: set[Member] = set()  # those that were turned away, and are told so
        self._stopping = False
        self._empty = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open) + len(self._arriving)

    def arrive(self, member: Member) -> bool:
        """Take in a connection that is not ready yet, which counts as well; False where there are too many."""
        if self._is_full():
            return False
        self._arriving.add(member)
        return True

    def enter(self, member: Member) -> bool:
        """Let a connection in; False where there are too many, or the server stops."""
        if self._is_full():
            return False
        self.accepted += 1
        self._open.add(member)
        return True

    def replace(self, member: Member, by: Member) -> None:
        """Go on with another part of the same connection."""
        self._open.discard(member)
        self._open.add(by)

    def turn_away(self, member: Member) -> bool:
        """Let a connection be told that there are too many; False where it is not worth it."""
        if self._stopping or len(self._leaving) >= _MOST_TURNED_AWAY:
            return False
        self._leaving.add(member)
        return True

    def leave(self, member: Member) -> None:
        """Forget a connection that has ended."""
        for members in (self._arriving, self._open, self._leaving):
            members.discard(member)
        if self._stopping and not self._all():
            self._empty.set()

    def sweep(self) -> None:
        """See whether a limit of time is over for any of them."""
        now = self.monotonic()
        for member in tuple(self._open):
            member.sweep(now)
        if self.turned_away > self._reported:
            logger.warning(
                "%d connections were turned away: there may be %d at once",
                self.turned_away - self._reported,
                self.limits.maximum_connections,
            )
            self._reported = self.turned_away

    def file_numbers(self) -> list[int]:
        """Return the numbers of all sockets that are open."""
        return [number for number in (member.file_number() for member in self._all()) if number >= 0]

    async def stop(self, seconds: float) -> None:
        """Answer what is in flight, for some seconds at most, and close every connection."""
        self._stopping = True
        for member in self._all():
            member.finish()
        if self._all():
            try:
                async with asyncio.timeout(seconds):
                    await self._empty.wait()
            except TimeoutError:
                logger.warning("%d connections did not end within %g s, and are cut off", len(self._all()), seconds)
        for member in self._all():
            member.abort()

    def _is_full(self) -> bool:
        if self._stopping:
            return True
        if len(self) < self.limits.maximum_connections:
            return False
        self.turned_away += 1
        return True

    def _all(self) -> tuple[Member, ...]:
        return (*self._arriving, *self._open, *self._leaving)
