"""Replies as bytes of the Redis protocol, in its second and third version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ...errors import Problem, WorkloadManagerError

__all__ = ["OK", "PONG", "Reply", "bulk", "error_line", "integer", "reply", "simple", "verbatim"]

OK = b"+OK\r\n"
PONG = b"+PONG\r\n"

_LEVEL = 40
"""The level of an error in the log records that the framework of the time sent as its errors."""

_ERROR = json.JSONEncoder(separators=(",", ":"))

Reply = str | bytes | int | None | list["Reply"] | Mapping[str, "Reply"]
"""A reply of a session command."""


def simple(text: str) -> bytes:
    """Return a simple string; the text is one line."""
    return b"+%b\r\n" % text.encode()


def integer(number: int) -> bytes:
    """Return an integer."""
    return b":%d\r\n" % number


def bulk(body: bytes) -> bytes:
    """Return a bulk string, whose length counts bytes."""
    return b"$%d\r\n%b\r\n" % (len(body), body)


def verbatim(text: str, protocol: int) -> bytes:
    """Return a text for people: a verbatim string in the third version of the protocol, a bulk string before."""
    body = text.encode()
    return b"=%d\r\ntxt:%b\r\n" % (len(body) + 4, body) if protocol >= 3 else bulk(body)


def reply(value: Reply, protocol: int) -> bytes:
    """Return a reply that is made of others; a mapping is a flat array in the second version of the protocol."""
    if value is None:
        return b"_\r\n" if protocol >= 3 else b"$-1\r\n"
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, str):
        return bulk(value.encode())
    if isinstance(value, bytes):
        return bulk(value)
    if isinstance(value, Mapping):
        head = b"%%%d\r\n" % len(value) if protocol >= 3 else b"*%d\r\n" % (2 * len(value))
        return head + _joined((part for pair in value.items() for part in pair), protocol)
    return b"*%d\r\n" % len(value) + _joined(value, protocol)


def _joined(parts: Iterable[Reply], protocol: int) -> bytes:
    return b"".join(reply(part, protocol) for part in parts)


def error_line(error: WorkloadManagerError, call: str = "") -> bytes:
    """Return an error: one line of ASCII with a JSON object, as nodes read it (``docs/gedis.md``, "Errors").

    Arguments:
        error: the error.
        call: the call that refused, where the error does not say.
    """
    call = error.call or call
    facts: dict[str, object] = {
        "message": _words(error),
        "level": _LEVEL,
        "context": call,
        "cat": error.kind,
        "kind": error.kind,
    }
    if error.path:
        facts["path"] = error.path
    if call:
        facts["call"] = call
    if error.errors:
        facts["errors"] = [_facts(problem) for problem in error.errors]
    return b"-ERR %b\r\n" % _ERROR.encode(facts).encode()


def _facts(problem: Problem) -> dict[str, str]:
    """Return a mistake without its source, which is a file of the host."""
    return {"message": problem.message, "path": problem.path} if problem.path else {"message": problem.message}


def _words(error: WorkloadManagerError) -> str:
    """Return the sentence of an error; where it names a file of the host, only the mistakes themselves."""
    if not any(problem.source for problem in error.errors):
        return str(error)
    return "; ".join(str(Problem(problem.message, problem.path)) for problem in error.errors)
