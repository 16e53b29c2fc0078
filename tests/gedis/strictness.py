"""The protocol written a second time, and strictly: which bytes are commands, and which are replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workloadmanager.threebot.gedis import Limits

LIMITS: Final = Limits(
    maximum_request_bytes=128 * 1024,
    maximum_page=5,
    maximum_page_bytes=16 * 1024,
    maximum_unsent_bytes=64 * 1024,
    maximum_waiting_bytes=32 * 1024,
    maximum_total_waiting_bytes=256 * 1024,
)
KINDS: Final = {"input", "not_found", "permission", "conflict", "overloaded", "unavailable"}
"""The kinds of errors that a client may cause; ``internal`` would be a fault of the package."""


def pack(*words: str | bytes) -> bytes:
    """Return a command as its bytes."""
    parts = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


_PING: Final = b"PING\r\n"
_LINES: Final = (b"\r\n", b"*0\r\n", b"*-1\r\n", _PING)
"""What may stand between commands: nothing, in three forms, and the one command that is no array."""


class Begun(Exception):
    """The bytes end in the middle of a command."""


class Fault(Exception):
    """The bytes are no command."""


def split(data: bytes) -> tuple[list[list[bytes]], str]:
    """Return the whole commands of some bytes, and how they end.

    They end ``clean``, ``begun`` or with a ``fault``. Written apart from the server's own reader, byte for byte.
    """
    commands: list[list[bytes]] = []
    at = 0
    while at < len(data):
        lines = [each for each in _LINES if each == data[at : at + len(each)].upper()]
        if lines:
            at += len(lines[0])
            commands += [[b"PING"]] * (lines[0] == _PING)
            continue
        if any(each.startswith(data[at:].upper()) for each in _LINES):
            return commands, "begun"
        try:
            end, parts = _command(data, at)
        except Begun:
            return commands, "begun"
        except Fault:
            return commands, "fault"
        commands.append(parts)
        at = end
    return commands, "clean"


def _command(data: bytes, at: int) -> tuple[int, list[bytes]]:
    begin = at
    at, count = _header(data, at, b"*")
    if not 1 <= count <= LIMITS.maximum_arguments:
        raise Fault
    parts = []
    for _ in range(count):
        at, size = _header(data, at, b"$")
        if at + size + 2 - begin > LIMITS.maximum_request_bytes:
            raise Fault
        if not b"\r\n".startswith(data[at + size : at + size + 2]):
            raise Fault
        if at + size + 2 > len(data):
            raise Begun
        parts.append(data[at : at + size])
        at += size + 2
    return at, parts


def _header(data: bytes, at: int, mark: bytes) -> tuple[int, int]:
    """Return the number of a header, and where what it announces begins."""
    if not mark.startswith(data[at : at + 1]):
        raise Fault
    end = at + 1
    while data[end : end + 1].isdigit():
        end += 1
    digits = data[at + 1 : end]
    if (
        len(digits) > (3 if mark == b"*" else 10)
        or (len(digits) > 1 and digits[:1] == b"0")
        or not b"\r\n".startswith(data[end : end + 2])
    ):
        raise Fault
    if not digits and end < len(data):
        raise Fault
    if end + 2 > len(data):
        raise Begun
    return end + 2, int(digits)


@dataclass(frozen=True)
class Refusal:
    """An error reply.

    Attributes:
        facts: what it says.
    """

    facts: Mapping[str, Any]


def read_replies(data: bytes) -> list[Any]:
    """Return the replies in some bytes; whatever is not exactly a row of replies fails the test."""
    replies = []
    at = 0
    while at < len(data):
        at, reply = _reply(data, at)
        replies.append(reply)
    return replies


def _reply(data: bytes, at: int) -> tuple[int, Any]:
    end = data.index(b"\r\n", at)
    kind, line = data[at : at + 1], data[at + 1 : end]
    at = end + 2
    if kind == b"+":
        assert b"\r" not in line, line
        assert b"\n" not in line, line
        return at, line
    if kind == b"-":
        return at, Refusal(_facts(line))
    if kind == b"_":
        assert line == b""
        return at, None
    assert line.removeprefix(b"-").isdigit(), line
    number = int(line)
    if kind == b":":
        return at, number
    if kind in (b"$", b"="):
        if number < 0:
            assert line == b"-1"
            return at, None
        assert data[at + number : at + number + 2] == b"\r\n", data[at : at + number + 9]
        return at + number + 2, data[at : at + number]
    assert kind in (b"*", b"%"), data[at - 20 : at + 20]
    items = []
    for _ in range(number * (2 if kind == b"%" else 1)):
        at, item = _reply(data, at)
        items.append(item)
    return at, items


def _facts(line: bytes) -> dict[str, Any]:
    """Return what an error says, once it is seen that it has the form that nodes read."""
    assert line.startswith(b"ERR {"), line
    assert line.isascii(), line
    assert all(byte >= 0x20 for byte in line), line
    facts: dict[str, Any] = json.loads(line.removeprefix(b"ERR "))
    assert isinstance(facts["message"], str), facts
    assert facts["message"], facts
    assert facts["level"] == 40
    assert isinstance(facts["context"], str)
    assert facts["cat"] in KINDS, facts
    assert facts["kind"] == facts["cat"]
    assert set(facts) <= {"message", "level", "context", "cat", "kind", "path", "call", "errors"}, facts
    assert all(isinstance(facts.get(name, ""), str) for name in ("path", "call")), facts
    for problem in facts.get("errors", ()):
        assert set(problem) <= {"message", "path"}, problem
        assert all(isinstance(value, str) for value in problem.values()), problem
    return facts
