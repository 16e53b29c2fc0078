"""The payload of a command: bytes become the arguments of a call, or one clear error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from ...errors import InputError
from ._decoding import decode_json, decode_msgpack
from ._formats import Encode, Format, json_reply, msgpack_reply, read_format
from ._later import Later

__all__ = ["Payload", "read_payload"]

_AUTO, _JSON, _MSGPACK = Format
"""The formats by themselves: to look a member up in its enumeration costs as much as to decode a small payload."""

_FIRST_BINARY = b"\x80"
"""No JSON text begins with this byte or a higher one, and every MessagePack map does."""

_SMALL = 512
"""The bytes up to which a payload is decoded as soon as it is there."""

_LONGEST_HEADER = 512
_LONGEST_HERE = 64 * 1024


class Payload(msgspec.Struct, frozen=True):
    """What a command was given.

    Attributes:
        arguments: the arguments by name; those of a large payload are decoded when somebody looks at them.
        text: the payload itself, where it is JSON; empty where it is not.
        encode: makes the bytes of the reply.
        size: the bytes of a payload that is not decoded yet; 0 of a small one.
    """

    arguments: Mapping[str, Any]
    text: bytes
    encode: Encode
    size: int = 0

    def here(self) -> Mapping[str, Any]:
        """Return the arguments for who looks at them in the thread of all connections.

        Raises:
            InputError: they are larger than such arguments ever are.
        """
        if self.size > _LONGEST_HERE:
            raise InputError(f"the arguments of this call have at most {_LONGEST_HERE} bytes")
        return self.arguments


def read_payload(command: list[bytes], content: Format, response: Format) -> Payload:
    """Read the payload of a command, and the header where there is one.

    Arguments:
        command: the name, at most one payload, and at most one header: a JSON object with ``content_type`` and
            ``response_type``, each auto, json or msgpack.
        content: the session's format of payloads.
        response: the session's format of replies.

    Raises:
        InputError: a small payload is no object of its format, or the command has more parts.
    """
    parts = len(command)
    if parts == 1:
        return Payload({}, b"", msgpack_reply if response is _MSGPACK else json_reply)
    payload = command[1]
    if parts > 2:
        content, response = _read_header(command, content, response)
    if content is _AUTO:
        content = _MSGPACK if payload[:1] >= _FIRST_BINARY else _JSON
    if response is _AUTO:
        response = content
    encode = msgpack_reply if response is _MSGPACK else json_reply
    decode, text = (decode_msgpack, b"") if content is _MSGPACK else (decode_json, payload)
    if len(payload) > _SMALL:
        return Payload(Later(partial(decode, payload)), text, encode, len(payload))
    return Payload(decode(payload), text, encode)


def _read_header(command: list[bytes], content: Format, response: Format) -> tuple[Format, Format]:
    """Return the formats of one command."""
    if len(command) > 3:
        message = "a call takes its arguments in one payload, a JSON object, and at most a header behind it"
        raise InputError(f"{message}; this command has {len(command) - 1}")
    if len(command[2]) > _LONGEST_HEADER:
        raise InputError(f"the header behind the payload has at most {_LONGEST_HEADER} bytes", path="header")
    try:
        header = decode_json(command[2])
    except InputError as error:
        raise InputError(f"the header behind the payload does not fit: {error.message}", path="header") from error
    if header.get("content_type"):
        content = read_format(header["content_type"], "header.content_type")
    if header.get("response_type"):
        response = read_format(header["response_type"], "header.response_type")
    return content, response
