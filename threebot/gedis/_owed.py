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
    """

    __slots__ = ("_encoded", "_monotonic", "_slots", "asks")

    def __init__(self, encoded: Callable[[Slot], bytes], monotonic: Callable[[], float]) -> None:
        self.asks = 0
        self._encoded = encoded
        self._monotonic = monotonic
        self._slots: deque[Slot | bytes] = deque()

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def is_ready(self) -> bool:
        """Whether the oldest is there."""
        first = self._slots[0] if self._slots else None
        return isinstance(first, bytes) or (first is not None and first.is_answered)

    def add(self, reply: Slot | bytes) -> None:
        """Owe another reply, which is there already or is an actor's."""
        self._slots.append(reply)
        if not isinstance(reply, bytes):
            self.asks += 1

    def clear(self) -> None:
        """Owe nothing any more."""
        self._slots.clear()
        self.asks = 0

    def late(self, due: float) -> list[Slot]:
        """Return those that were asked of an actor until a time, and are not answered."""
        late = []
        for slot in self._slots:
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
        slots = self._slots
        while slots and size < most:
            first = slots[0]
            if isinstance(first, bytes):
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
