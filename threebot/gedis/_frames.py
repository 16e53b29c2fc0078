"""Bytes in, commands out: what arrives in pieces becomes whole commands of the Redis protocol."""

from __future__ import annotations

import hiredis

from ._guard import Guard, ProtocolFault
from ._limits import Limits

__all__ = ["Frames", "ProtocolFault"]


_LARGE = 64 * 1024


class Frames:
    """The commands of one connection, however their bytes are cut.

    Arguments:
        limits: how large a command may be.


    Attributes:
        fault: what is wrong with the bytes that arrived; None while nothing is. What follows a fault cannot be
            understood any more: `feed` has returned the commands before it, and returns nothing from then on. The
            connection answers those, then the fault, and is closed.
    """

    __slots__ = ("_guard", "_reader", "_rest", "fault")

    def __init__(self, limits: Limits) -> None:
        self.fault: ProtocolFault | None = None
        self._guard = Guard(limits)
        self._reader = hiredis.Reader()
        self._rest = bytearray()

    @property
    def waits(self) -> bool:
        """Whether a part of a command is there, and the rest of it is not."""
        return bool(self._rest)

    @property
    def size(self) -> int:
        """How many bytes are there of a command that is not whole."""
        return len(self._rest)

    @property
    def needed(self) -> int:
        """How many bytes the command has, as far as its headers say, of which a part is there; 0 if none is."""
        return self._guard.needed if self._rest else 0

    def feed(self, data: bytes) -> list[list[bytes]]:
        """Take bytes in, and return the commands that they complete, in order."""
        guard, rest = self._guard, self._rest
        if self.fault is not None:
            return []
        together: bytes | bytearray = data
        if rest:
            rest += data
            if len(rest) < guard.needed:
                return []
            together = rest
        commands = self._take(together)
        if guard.fault is not None:
            self.fault = guard.fault
            rest.clear()
        elif together is rest:
            del rest[: guard.position]
        elif guard.position < len(data):
            rest += data[guard.position :]
        return commands

    def _take(self, data: bytes | bytearray) -> list[list[bytes]]:
        """Return the whole commands of some bytes; the parser sees none of the bytes around them."""
        guard = self._guard
        commands: list[list[bytes]] = []
        begin = 0
        while True:
            guard.walk(data, begin)
            begin = guard.position
            if guard.count:
                size = begin - guard.begin
                # A parser keeps as much memory as it ever needed; it has nothing else to keep between two pieces.
                reader = self._reader if size <= _LARGE else hiredis.Reader()
                reader.feed(data, guard.begin, size)  # type: ignore[arg-type]  # it reads any buffer; its stub says bytes
                commands += [reader.gets() for _ in range(guard.count)]
            if guard.has_ping:
                commands.append([b"PING"])
            if guard.needed or guard.fault is not None or begin == len(data):
                return commands
