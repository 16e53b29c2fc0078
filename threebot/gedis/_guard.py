"""The guard before the parser: what may be parsed at all.

The parser makes room for as many parts as a header announces before one of them has arrived. So the
headers are walked here first, and only whole, legal commands reach it. Legal is what clients send: an
array of bulk strings. Arrays without parts and empty lines, with which Redis tools separate commands, are skipped.
Of the commands that Redis takes as a line of words there is PING alone, with which tools look who is there.
"""

from __future__ import annotations

import re

from ...errors import InputError
from ._limits import Limits

__all__ = ["Guard", "ProtocolFault"]

_FIRST = re.compile(rb"\*([1-9][0-9]{0,2})\r\n\$(0|[1-9][0-9]{0,9})\r\n").match
_NEXT = re.compile(rb"\r\n\$(0|[1-9][0-9]{0,9})\r\n").match
_EMPTY = re.compile(rb"(?:\*(?:0|-1)\r\n|\r\n)+").match
_PING = re.compile(rb"[Pp][Ii][Nn][Gg]\r\n").match
_FIRST_BEGUN = re.compile(
    rb"\r|[Pp](?:[Ii](?:[Nn](?:[Gg]\r?)?)?)?|\*(?:-|(?:0|-1)\r?|[1-9][0-9]{0,2}(?:\r(?:\n(?:\$(?:(?:0|[1-9][0-9]{0,9})\r?)?)?)?)?)?"
).fullmatch
_NEXT_BEGUN = re.compile(rb"\r?|\r\n(?:\$(?:(?:0|[1-9][0-9]{0,9})\r?)?)?").fullmatch
_MANY = re.compile(rb"\*[1-9][0-9]{3}").match
_LONG = re.compile(rb"(?:\*[1-9][0-9]{0,2})?\r\n\$[1-9][0-9]{10}").match
_HEADED = re.compile(rb"\*[1-9][0-9]{0,2}\r\n").match
_LONGEST_HEADER = 24
_END = b"\r\n"
_NO_PART = "each part of a command is a bulk string: $, its length in bytes, and the bytes"
_NO_COMMAND = (
    "the server speaks the Redis protocol, in which a command is an array of bulk strings that begins with *; "
    "it takes no lines of words but PING, and no HTTP"
)


class ProtocolFault(InputError):
    """What arrived is no command, or one over a limit; nothing behind it can be understood."""


class Guard:
    """Walks over the headers of commands, from one to the next, without a look at what they hold.

    Arguments:
        limits: how large a command may be.

    Attributes:
        count: how many whole commands the last walk found, one right behind the other.
        begin: where the first of them begins.
        position: where the last of them ends.
        needed: how many bytes from there on are needed before another walk can find more; 0 where more may be
            there already, or where nothing is left.
        has_ping: whether it found no such commands, and a PING as a line of words, which ends at ``position``.
        fault: what is wrong with what stands at ``position``; None where nothing is.
    """

    __slots__ = ("_most_bytes", "_most_parts", "begin", "count", "fault", "has_ping", "needed", "position")

    def __init__(self, limits: Limits) -> None:
        self._most_bytes = limits.maximum_request_bytes
        self._most_parts = limits.maximum_arguments
        self.count = self.begin = self.position = self.needed = 0
        self.has_ping = False
        self.fault: ProtocolFault | None = None

    def walk(self, data: bytes | bytearray, begin: int) -> None:
        """Find the next whole commands in some bytes from a place on, up to what is none."""
        most_parts, most_bytes = self._most_parts, self._most_bytes - len(_END)
        position, count = begin, 0
        while (match := _FIRST(data, position)) is not None:
            parts, length = match.groups()
            end, missing = match.end() + int(length), int(parts)
            if missing > most_parts:
                break
            while missing > 1 and (match := _NEXT(data, end)) is not None:
                end = match.end() + int(match[1])
                missing -= 1
            if missing > 1 or end - position > most_bytes or data[end : end + 2] != _END:
                break
            position = end + 2
            count += 1
        self.begin, self.position, self.count = begin, position, count
        self.needed, self.has_ping = 0, False
        if position < len(data):
            try:
                self._walk(data)
            except ProtocolFault as fault:
                self.fault = fault

    def _walk(self, data: bytes | bytearray) -> None:
        """Go on behind what `walk` has passed over already, and say what stands there.

        Raises:
            ProtocolFault: what stands at ``position`` is no command, or one over a limit.
        """
        size = len(data)
        while self.position < size:
            end = self._end_of_command(data, self.position)
            if end > size:
                self.needed = end - self.position
                return
            if end == self.position:  # what is to be skipped stands there
                if self.count:
                    return
                ping = _PING(data, end)
                if ping is not None:
                    self.has_ping = True
                    self.begin = self.position = ping.end()
                    return
                self.begin = self.position = _end_of_empty(data, end)
            else:
                self.position = end
                self.count += 1

    def _end_of_command(self, data: bytes | bytearray, begin: int) -> int:
        """Return where a command ends; where it begins, if something to be skipped is there instead.

        Of one that is not whole, a place behind the data is returned, up to which it goes at least.

        Raises:
            ProtocolFault: it is no command, or over a limit.
        """
        first = _FIRST(data, begin)
        if first is None:
            return self._end_of_odd(data, begin)
        parts, length = first.groups()
        missing = int(parts)
        if missing > self._most_parts:
            raise self._too_many()
        end = first.end() + int(length)
        while missing > 1 and (following := _NEXT(data, end)) is not None:
            end = following.end() + int(following[1])
            missing -= 1
        if end - begin > self._most_bytes - len(_END):
            raise self._too_long()
        if missing == 1 and data[end : end + 2] == _END:
            return end + 2
        return self._end_of_begun(data, end, missing)

    def _end_of_begun(self, data: bytes | bytearray, end: int, missing: int) -> int:
        """Return how far a command goes at least whose parts are there up to a place, and which is not whole.

        Raises:
            ProtocolFault: what stands at that place can not become the next part, or the end.
        """
        piece = bytes(data[end : end + _LONGEST_HEADER])
        begun = piece in (b"", b"\r") if missing == 1 else end + len(piece) >= len(data) and _NEXT_BEGUN(piece)
        if begun:
            return max(end + 2, len(data) + 1)
        if not piece.startswith(_END[: len(piece)]):
            raise ProtocolFault("a part of a command is longer or shorter than its header says")
        if _LONG(piece):
            raise self._too_long()
        raise ProtocolFault(_NO_PART)

    def _end_of_odd(self, data: bytes | bytearray, begin: int) -> int:
        """Return the same for what does not begin as a command does: something to be skipped, or half a header.

        Raises:
            ProtocolFault: it is neither.
        """
        if _EMPTY(data, begin) or _PING(data, begin):
            return begin
        piece = bytes(data[begin : begin + _LONGEST_HEADER])
        if begin + len(piece) == len(data) and _FIRST_BEGUN(piece):
            return len(data) + 1
        if _MANY(piece):
            raise self._too_many()
        if _LONG(piece):
            raise self._too_long()
        if _HEADED(piece):
            raise ProtocolFault(_NO_PART)
        raise ProtocolFault(_NO_COMMAND)

    def _too_many(self) -> ProtocolFault:
        return ProtocolFault(f"a command has at most {self._most_parts} parts")

    def _too_long(self) -> ProtocolFault:
        return ProtocolFault(f"a command has at most {self._most_bytes} bytes")


def _end_of_empty(data: bytes | bytearray, begin: int) -> int:
    empty = _EMPTY(data, begin)
    return begin if empty is None else empty.end()
