"""How much of a list one reply holds (``docs/lists.md``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

__all__ = ["Page"]

T = TypeVar("T")


class Page:
    """The room that is left in one reply. Whatever its size, what comes first has room.

    Arguments:
        limit: how many things it holds; 0 for any number.
        size: the stored bytes with which it is full; 0 for any number.
    """

    __slots__ = ("_limit", "_number", "_size", "_taken")

    def __init__(self, limit: int, size: int) -> None:
        self._limit = limit
        self._size = size
        self._number = 0
        self._taken = 0

    def has_room(self, number: int = 1) -> bool:
        """Return whether so many more things have room."""
        if not self._number:
            return True
        in_number = not self._limit or self._number + number <= self._limit
        return in_number and (not self._size or self._taken < self._size)

    def take(self, number: int, size: int) -> None:
        """Take in so many things, which are stored in so many bytes together."""
        self._number += number
        self._taken += size

    def filled_from(self, things: Iterator[T]) -> Iterator[T]:
        """Yield things for as long as one more has room; whoever uses one takes it in."""
        if self.has_room():
            for thing in things:
                yield thing
                if not self.has_room():
                    return
