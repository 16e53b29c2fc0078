"""The replies that a connection owes, in the order of its commands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ._slot import Slot

__all__ = ["Owed"]


class Owed:
    """The places of the replies for all commands that were handled, oldest first.

    Arguments:
        encoded: returns the bytes of a reply that is answered.
        monotonic: seconds that never go back.

    Attributes:
        asks: how many of them are replies of actors.
        slots: the places themselves, to be looked at alone.
    """

    __slots__ = ("_encoded", "_monotonic", "asks", "slots")

    def __init__(self, encoded: Callable[[Slot], bytes], monotonic: Callable[[], float]) -> None:
        self.asks = 0
        self._encoded = encoded
        self._monotonic = monotonic
        self.slots: deque[Slot | bytes] = deque()

    @property
    def is_ready(self) -> bool:
        """Whether the oldest is there."""
        first = self.slots[0] if self.slots else None
        return isinstance(first, bytes) or (first is not None and first.is_answered)

    def add(self, reply: Slot | bytes) -> None:
        """Owe another reply, which is there already or is an actor's."""
        self.slots.append(reply)
        if isinstance(reply, Slot):
            self.asks += 1

    def clear(self) -> None:
        """Owe nothing any more."""
        self.slots.clear()
        self.asks = 0

    def late(self, due: float) -> list[Slot]:
        """Return those that were asked of an actor until a time, and are not answered."""
        late = []
        for slot in self.slots:
            if isinstance(slot, Slot) and not slot.is_answered:
                if slot.asked > due:
                    break
                late.append(slot)
        return late

    def take(self, taken: list[bytes], most: int, until: float) -> int:
        """Take out replies that are there and in turn, one at the least; return how many bytes they have.

        Arguments:
            taken: where they go.
            most: the bytes from which on no more are taken.
            until: the time from which on no more are encoded.
        """
        size = 0
        slots = self.slots
        while slots and size < most:
            first = slots[0]
            if not isinstance(first, Slot):
                data = first
            elif not first.is_answered or (size and self._monotonic() > until):
                break
            else:
                data = first.data or self._encoded(first)
                self.asks -= 1
            slots.popleft()
            taken.append(data)
            size += len(data)
        return size
