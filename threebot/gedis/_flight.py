"""What is with the actors on behalf of a connection, and how much more may be."""

from __future__ import annotations

from ._ask import Ask
from ._budget import Budget
from ._limits import Limits
from ._slot import Slot

__all__ = ["Flight"]

_FIRST = 8
"""The commands that are with an actor at once before it is known how large its replies are."""


class Flight:
    """The commands of one connection that were asked of an actor and are not answered: all of one actor's.

    An actor is asked for no more at once than may be kept if each reply is as large as the largest so far. Where
    that says nothing of the next one, as with lists, a page is reckoned with.

    Arguments:
        limits: what the connection may cost.
        budget: the bytes that all connections share.

    Attributes:
        window: how many replies may be owed at once.
        is_closed: whether nothing may be handled before what is in flight is answered.
    """

    __slots__ = (
        "_actor", "_budget", "_bytes", "_largest", "_limits", "_most_lists", "_number", "_varies",
        "is_closed", "window",
    )  # fmt: skip

    def __init__(self, limits: Limits, budget: Budget) -> None:
        self.window = _FIRST
        self._limits = limits
        self._budget = budget
        self._number = 0
        self._bytes = 0
        self._actor = ""
        self._varies = False
        self.is_closed = False
        self._most_lists = max(limits.maximum_unsent_bytes // limits.maximum_page_bytes, 1)
        self._largest: dict[str, int] = {}  # bytes of the largest reply of each actor so far

    def admits(self, slot: Slot) -> bool:
        """Return whether the turn of a command has come, and whether there is room for it."""
        ask = slot.ask
        if self._number and (ask.alone or ask.name != self._actor):
            return False
        if not ask.size:
            return True
        if self._number and self._bytes + ask.size > self._limits.maximum_waiting_bytes:
            return False
        return self._budget.with_actors(slot).admit(slot)

    def enter(self, ask: Ask) -> None:
        """Take note that an actor is asked."""
        if ask.name != self._actor or ask.varies is not self._varies:
            self._actor, self._varies = ask.name, ask.varies
            self._resize()
        self._number += 1
        self._bytes += ask.size
        self.is_closed = ask.alone

    def leave(self, ask: Ask) -> None:
        """Take note that it is answered, or that nobody waits for its answer any more."""
        self._number -= 1
        self._bytes -= ask.size
        if not self._number:
            self.is_closed = False

    def release(self, slot: Slot) -> None:
        """Give back what a command has of the budget: its actor has done with it, or was never asked."""
        if slot.ask.size:
            self._budget.with_actors(slot).release(slot)

    def learn(self, name: str, size: int) -> None:
        """Learn from the size of an actor's reply how many may be owed at once."""
        if size > self._largest.get(name, 0):
            self._largest[name] = size
            self._resize()

    def _resize(self) -> None:
        largest = self._largest.get(self._actor)
        most = self._limits.maximum_unsent_bytes // largest if largest else _FIRST
        self.window = max(1, min(most, self._most_lists) if self._varies else most)
