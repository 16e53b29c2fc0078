"""The Redis protocol as the nodes' client wrote and read it: version 2, by hand, so that every byte is seen."""

from __future__ import annotations

import json
import socket
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

PATIENCE = 20.0
"""Seconds after which a server that does not answer fails the test; the real client would wait for ever."""

_ESCAPES = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})


class Reply(NamedTuple):
    """One reply: the character it begins with, and what it holds."""

    kind: str
    value: Any

    @property
    def text(self) -> str | None:
        """The text of a bulk or simple string; None for every other reply, and for nil and an empty bulk."""
        return self.value.decode() if self.kind in "$+" and self.value else None


def command(*words: str) -> bytes:
    """Write a command: an array of bulk strings, whose lengths count bytes."""
    bulks = (word.encode() for word in words)
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(bulk), bulk) for bulk in bulks)


def compact(value: Any) -> str:
    """Write JSON as the client does: no spaces, five characters escaped, the order of objects kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def argument(names: dict[str, Any]) -> str:
    """Write the one argument of a call: named arguments, whose names alone are in alphabetical order."""
    return compact(dict(sorted(names.items())))


def read_reply(stream: BinaryIO) -> Reply:
    """Read one reply of version 2, and nothing after it."""
    line = stream.readline()
    assert line.endswith(b"\r\n"), f"the server closed the connection, or wrote half a line: {line!r}"
    kind, rest = chr(line[0]), line[1:-2]
    assert kind in "+-:$*", f"no reply of version 2: {line!r}"
    assert b"\r" not in rest, f"a line in a line: {line!r}"
    if kind == "$":
        return Reply(kind, _bulk(stream, int(rest)))
    if kind == "*":
        return Reply(kind, [read_reply(stream) for _ in range(int(rest))] if int(rest) >= 0 else None)
    return Reply(kind, int(rest) if kind == ":" else rest)


def _bulk(stream: BinaryIO, size: int) -> bytes | None:
    if size < 0:
        return None
    data = stream.read(size + 2)
    assert len(data) == size + 2, f"{size} bytes were announced, then came {len(data) - 2}"
    assert data.endswith(b"\r\n"), f"the announced length {size} is not that of the text, in bytes"
    return data[:-2]


def dial(url: str, *, source: str = "") -> socket.socket:
    """Connect to ``tcp://host:port`` or ``unix:///path``.

    Arguments:
        url: where the server listens.
        source: the address to call from; empty for any.
    """
    parts = urlsplit(url)
    if parts.scheme == "unix":
        local = socket.socket(socket.AF_UNIX)
        local.settimeout(PATIENCE)
        local.connect(parts.path)
        return local
    assert parts.scheme == "tcp", f"the client knows no {parts.scheme}"
    place = (parts.hostname or "", parts.port or 0)
    return socket.create_connection(place, timeout=PATIENCE, source_address=(source, 0) if source else None)


class Connection:
    """A connection that keeps what went over it."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._stream = connected.makefile("rb")
        self.sent = b""
        self.replies: list[Reply] = []

    def ask(self, *words: str) -> Reply:
        """Send a command and read the one reply to it."""
        data = command(*words)
        self.sent += data
        self._socket.sendall(data)
        self.replies.append(read_reply(self._stream))
        return self.replies[-1]

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sent += data
        self._socket.sendall(data)

    def read(self) -> Reply:
        """Read one reply."""
        self.replies.append(read_reply(self._stream))
        return self.replies[-1]

    def close(self) -> bytes:
        """Close, and return what the server had sent beside one reply for each command: nothing, if it is right."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            return self._stream.read()
        finally:
            self._stream.close()
            self._socket.close()
