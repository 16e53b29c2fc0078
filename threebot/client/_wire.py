"""What goes over the wire: arguments as JSON, replies as MessagePack, errors as the JSON of an error line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ... import errors
from ...errors import InputError, Internal, Problem, Unavailable, WorkloadManagerError
from ...schema import to_dict
from .._words import in_line

__all__ = ["HEADER", "encode_arguments", "read_error", "read_json"]

HEADER = b'{"content_type":"json","response_type":"msgpack"}'
"""Asks for the reply to one call as MessagePack, in which every number and every byte keeps its type."""

_KINDS: dict[str, type[WorkloadManagerError]] = {
    each.kind: each
    for each in (
        errors.InputError,
        errors.NotFound,
        errors.PermissionDenied,
        errors.Conflict,
        errors.Overloaded,
        errors.Unavailable,
        errors.Internal,
    )
}


class _Told(msgspec.Struct):
    """One mistake of an error line."""

    message: str = ""
    path: str = ""


class _Line(msgspec.Struct):
    """An error line: what servers of the time send, and what this package's servers add."""

    message: str
    context: str | None = None
    kind: str = ""
    path: str = ""
    call: str = ""
    errors: list[_Told] = []


_LINE = msgspec.json.Decoder(_Line)


def encode_arguments(name: str, arguments: Mapping[str, Any]) -> bytes:
    """Return the arguments of a call as JSON; objects of schemas become objects, bytes base64, enumerations numbers.

    Raises:
        InputError: JSON has no form for an argument.
    """
    given = {key: _plain(value) for key, value in arguments.items()}
    try:
        return msgspec.json.encode(given, enc_hook=_as_plain)
    except WorkloadManagerError as error:
        error.call = error.call or name
        raise
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(f"the arguments have no JSON form: {in_line(str(error))}", call=name) from error


def read_json(body: object, place: str) -> dict[str, Any]:
    """Return the JSON object of a reply that no schema describes.

    Raises:
        Unavailable: it is none.
    """
    try:
        return msgspec.json.decode(body if isinstance(body, bytes) else b"", type=dict[str, Any])
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unavailable(f"what answers at {place} is no workload manager: it sent no JSON object") from error


def read_error(text: str, *, call: str, place: str) -> WorkloadManagerError:
    """Return the error that an error line stands for, as it is raised in the process of the server.

    Arguments:
        text: the line without its first word.
        call: the call that was made, for servers that do not say which it was.
        place: where the server is, for what no workload manager says.
    """
    try:
        line = _LINE.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Unavailable(f"what answers at {place} is no workload manager: it says {in_line(text)!r}", call=call)
    kind = _KINDS.get(line.kind, Internal)
    message = in_line(line.message) if kind is Internal else line.message
    if line.path:
        message = message.removeprefix(f"{line.path}: ")
    return kind(message, path=line.path, call=line.call or line.context or call, errors=_problems(line))


def _problems(line: _Line) -> Iterator[Problem]:
    return (Problem(each.message, path=each.path) for each in line.errors)


def _plain(value: object) -> object:
    """Return an object of a schema as plain data; a lazy one holds MessagePack, which is no part of JSON."""
    return to_dict(value) if isinstance(value, msgspec.Struct) and hasattr(type(value), "__schema__") else value


def _as_plain(value: object) -> object:
    """Return what JSON can hold for a value that the encoder does not know."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} cannot be sent")
