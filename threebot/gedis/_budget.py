"""The bytes that all connections hold together: what arrives, what is with actors, and what was not taken yet."""

from __future__ import annotations

import itertools
from typing import Protocol

from ._limits import Limits

__all__ = ["LARGE", "Budget", "Claim", "Share", "Unsent"]

LARGE = 64 * 1024
"""The bytes from which on a payload is a large one."""


class Claim(Protocol):
    """A claim to some bytes of a share.

    Attributes:
        admitted: whether it has them; it is false at first, and the share sees to it.
    """

    admitted: bool

    @property
    def actor(self) -> str:
        """For whom they are; empty where that is not known."""

    @property
    def size(self) -> int:
        """The bytes, always the same."""

    def let_in(self) -> None:
        """Take note that it waited, and now has its bytes; called by the share, and quick."""


class Share:
    """A number of bytes that are claimed; a claim to more than all of them is let in alone.

    What finds no room waits, in the order of arrival. Claims for one actor have half of it at the most: one that is
    slow, or hangs, holds up those who want to ask it, and nobody else.

    Arguments:
        size: the bytes.
        has_actors: whether there are several actors, so that none has more than half.
    """

    def __init__(self, size: int, *, has_actors: bool = True) -> None:
        self._size = size
        self._most = size // 2 if has_actors else size
        self._taken = 0
        self._taken_for: dict[str, int] = {}
        self._waiting: dict[str, dict[Claim, int]] = {}  # those for each actor, with their places in the order
        self._places = itertools.count()

    @property
    def is_waited_for(self) -> bool:
        """Whether a claim waits."""
        return bool(self._waiting)

    def admit(self, claim: Claim) -> bool:
        """Return whether a claim has its bytes now; if not, it waits, until it is let in or released."""
        if claim.admitted:
            return True
        if not self._waiting and self._fits(claim):
            self._take(claim)
            return True
        waiting = self._waiting.setdefault(claim.actor, {})
        if claim not in waiting:
            waiting[claim] = next(self._places)
            self._let_in(claim)
        return claim.admitted

    def release(self, claim: Claim) -> None:
        """Take note that a claim is over, whether it was let in or not; doing it again changes nothing."""
        if claim.admitted:
            claim.admitted = False
            self._taken -= claim.size
            self._taken_for[claim.actor] -= claim.size
            if not self._taken_for[claim.actor]:
                del self._taken_for[claim.actor]
        else:
            self._forget(claim)
        if self._waiting:
            self._let_in()

    def _let_in(self, asking: Claim | None = None) -> None:
        """Let in those who waited for longest, while there is room; who asks just now is told otherwise."""
        while True:
            heads = (next(iter(waiting.items())) for waiting in self._waiting.values())
            first = min((head for head in heads if self._is_within(head[0])), key=_place, default=None)
            if first is None or not self._fits(first[0]):
                return
            claim = first[0]
            self._forget(claim)
            self._take(claim)
            if claim is not asking:
                claim.let_in()

    def _is_within(self, claim: Claim) -> bool:
        """Return whether the actor of a claim may have so much more."""
        taken = self._taken_for.get(claim.actor, 0)
        return not taken or taken + claim.size <= self._most

    def _fits(self, claim: Claim) -> bool:
        return self._is_within(claim) and (not self._taken or self._taken + claim.size <= self._size)

    def _take(self, claim: Claim) -> None:
        claim.admitted = True
        self._taken += claim.size
        self._taken_for[claim.actor] = self._taken_for.get(claim.actor, 0) + claim.size

    def _forget(self, claim: Claim) -> None:
        waiting = self._waiting.get(claim.actor)
        if waiting is not None and waiting.pop(claim, None) is not None and not waiting:
            del self._waiting[claim.actor]


def _place(waiting: tuple[Claim, int]) -> int:
    return waiting[1]


class Budget:
    """The bytes that all connections of a server may hold together, in four parts, so that none uses up the others'.

    Arguments:
        limits: has the bytes of all four together.

    Attributes:
        arriving: has the large commands of which a good part is there already, and those that wait after that.
        unsent: the bytes of replies that were given to the system's care, and were not taken by the other sides.
    """

    def __init__(self, limits: Limits) -> None:
        self._part = max(limits.maximum_total_waiting_bytes // 4, 1)
        self.arriving = Share(self._part, has_actors=False)
        self.unsent = 0
        self._small = Share(self._part)
        self._large = Share(self._part)

    @property
    def is_tight(self) -> bool:
        """Whether so much is unsent that who takes nothing is given nothing more."""
        return self.unsent > self._part

    def with_actors(self, claim: Claim) -> Share:
        """Return the share of a payload that is with an actor."""
        return self._large if claim.size >= LARGE else self._small


class Unsent:
    """The bytes of replies that one connection has not taken, as the budget knows them.

    Arguments:
        budget: counts those of all connections.
    """

    __slots__ = ("_budget", "_bytes")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._bytes = 0

    def note(self, number: int) -> None:
        """Take note of how many they are now."""
        self._budget.unsent += number - self._bytes
        self._bytes = number
