"""In which form payloads arrive and replies leave: JSON or MessagePack."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum

import msgspec

from ...actors import Stored
from ...errors import InputError, Internal, WorkloadManagerError
from ...schema import Schema
from .._words import error_words, shown
from ._replies import bulk, error_line
from ._stored import StoredReplies

__all__ = ["Encode", "Format", "json_reply", "msgpack_reply", "read_format"]

logger = logging.getLogger(__name__)

Encode = Callable[[object], bytes]
"""Makes the bytes of a reply; it never raises."""

_JSON = msgspec.json.Encoder()
_MSGPACK = msgspec.msgpack.Encoder()
_STORED = StoredReplies()


class Format(StrEnum):
    """A form of payloads and replies (``docs/gedis.md``, "Formats")."""

    auto = "auto"
    """A payload says by its first byte which of the two it is; a reply follows the payload."""

    json = "json"
    """JSON text in UTF-8."""

    msgpack = "msgpack"
    """MessagePack."""


def read_format(value: object, path: str) -> Format:
    """Return the format that somebody names, in whatever case.

    Raises:
        InputError: there is no such format.
    """
    try:
        return Format(value.lower() if isinstance(value, str) else "")
    except ValueError:
        raise InputError(f"must be auto, json or msgpack, not {shown(value)}", path=path) from None


def json_reply(reply: object) -> bytes:
    """Return a reply as JSON in a bulk string."""
    try:
        if type(reply) is Stored:
            return _STORED.reply(reply)
        return bulk(_JSON.encode(reply))
    except Exception as error:  # noqa: BLE001 - a reply of a foreign actor may hold anything
        return _broken(error)


def msgpack_reply(reply: object) -> bytes:
    """Return a reply as MessagePack in a bulk string; an object of a schema in its stored form."""
    schema = getattr(type(reply), "__schema__", None)
    try:
        if type(reply) is Stored:
            return bulk(reply.data())
        return bulk(schema.encode(reply) if isinstance(schema, Schema) else _MSGPACK.encode(reply))
    except Exception as error:  # noqa: BLE001 - as above
        return _broken(error)


def _broken(error: Exception) -> bytes:
    """Say that a reply has no form; what it holds stays out of the log as well."""
    if isinstance(error, WorkloadManagerError):
        return error_line(error)
    logger.error("a reply could not be written: %s", error_words(error))
    return error_line(Internal("the reply can not be written; the log of the host has the details"))
