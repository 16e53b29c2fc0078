"""JSON and MessagePack as clients send them: an object each, whose fields are there once, of a bounded size."""

from __future__ import annotations

import json
import re
from typing import Any

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import msgspec

from ...errors import InputError
from .._words import in_line

__all__ = ["decode_json", "decode_msgpack", "raw_text"]


def _refuse_extension(code: int, _data: memoryview) -> object:
    """Take no extension of MessagePack but its time."""
    raise ValueError(f"no call takes an extension type, as this of code {code}")


_JSON = msgspec.json.Decoder(dict[str, Any])
_JSON_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])
_JSON_BACK = msgspec.json.Encoder()
_MSGPACK = msgspec.msgpack.Decoder(dict[str, Any], ext_hook=_refuse_extension)
_MSGPACK_BACK = msgspec.msgpack.Encoder()

_MOST_VALUES = 2**18
"""The values of a JSON payload, as the signs before and between them count them.

The largest reservation that may be stored has fewer: an encoded one of 1 MiB, with as many values as the kinds
allow, and its text beside it. So many are decoded in some 30 ms, in which nothing else can run.
"""
_MOST_CONTAINERS = 2**17
"""The objects and lists of a MessagePack payload, as the bytes that can begin one count them."""
_LONGEST_BINARY = 2**21
"""The bytes of a MessagePack payload, of which each may be a value; a reservation has half as many at the most."""

_NO_SIGNS = bytes(each for each in range(256) if each not in b",:[{")
_NO_CONTAINERS = bytes(each for each in range(256) if not (0x80 <= each < 0xA0 or 0xDC <= each < 0xE0))

_COLON_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u003[aA]")
_HALF_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_NEAR_THE_END = 64
_LONGEST_NAMED = 64 * 1024
"""The bytes up to which it is worth while to look for the name of a field that is given twice."""


def decode_json(payload: bytes) -> dict[str, Any]:
    """Return the object of a JSON text.

    Raises:
        InputError: it is no JSON, or no object; it has too many values; or an object in it has a field twice, of
            which each reader might take another one.
    """
    if len(payload) > _MOST_VALUES and _has_too_many(payload):
        raise InputError(f"the payload holds more than {_MOST_VALUES} values")
    try:
        arguments = _JSON.decode(payload)
        # Written again, an object that had a field twice has a colon less; none in a text is lost.
        again = _JSON_BACK.encode(arguments)
        if again != payload and again.count(b":") != payload.count(b":") + _escaped_colons(payload):
            _name_twin_of_json(payload)
    except InputError:
        raise
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise InputError(f"the payload is no JSON object in UTF-8: {_json_mistake(payload, error)}") from error
    return arguments


def decode_msgpack(payload: bytes) -> dict[str, Any]:
    """Return the map of a MessagePack payload.

    Raises:
        InputError: it is no MessagePack, or no map with texts as its keys; it is too long, or has too many lists and
            maps; or a map in it has a key twice.
    """
    if len(payload) > _LONGEST_BINARY:
        raise InputError(f"a MessagePack payload has at most {_LONGEST_BINARY} bytes; send a larger one as JSON")
    if len(payload) > _MOST_CONTAINERS and len(payload.translate(None, _NO_CONTAINERS)) > _MOST_CONTAINERS:
        raise InputError(f"the payload may hold more than {_MOST_CONTAINERS} lists and maps; send it as JSON")
    try:
        arguments = _MSGPACK.decode(payload)
        if _MSGPACK_BACK.encode(arguments) != payload:
            msgpack.unpackb(payload, object_pairs_hook=_refuse_twins, strict_map_key=False, use_list=False)
    except InputError:
        raise
    except (RecursionError, msgpack.StackError) as error:
        raise _too_deep() from error
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"the payload is no MessagePack map: {_mistake(payload, error)}") from error
    return arguments


def raw_text(text: bytes, outer: str, inner: str) -> str:
    """Return a value inside an argument as the text in which it was sent.

    Arguments:
        text: a JSON payload that `decode_json` took.
        outer: the argument, an object.
        inner: the field in it.
    """
    argument = _JSON_RAW.decode(text)[outer]
    return bytes(_JSON_RAW.decode(argument)[inner]).decode()


def _has_too_many(payload: bytes) -> bool:
    """Return whether a JSON text has more values than one may have; what looks like it inside texts counts as none."""
    if len(payload.translate(None, _NO_SIGNS)) <= _MOST_VALUES:
        return False
    plain = payload.replace(b"\\\\", b"").replace(b'\\"', b"")
    if plain.count(b'"') > 2 * _MOST_VALUES:
        return True
    outside = b"".join(plain.split(b'"')[::2])
    return len(outside.translate(None, _NO_SIGNS)) > _MOST_VALUES


def _escaped_colons(payload: bytes) -> int:
    return len(_COLON_ESCAPED.findall(payload)) if b"\\u003" in payload else 0


def _name_twin_of_json(payload: bytes) -> None:
    """Raise that a field is there twice; with its name, unless the text is long."""
    if len(payload) > _LONGEST_NAMED:
        raise InputError("a field is given twice in one object")
    json.loads(payload, object_pairs_hook=_refuse_twins)


def _refuse_twins(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[Any] = set()
        twin = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # `add` returns None
        raise InputError(f'the field "{in_line(str(twin))}" is given twice in one object')
    return made


def _json_mistake(payload: bytes, error: Exception) -> str:
    words = str(error)
    # Where the other half would be behind the end, it is the text that is called too short.
    if "surrogate" in words or ("truncated" in words and _HALF_ESCAPED.search(payload[-_NEAR_THE_END:])):
        return r"a text in it has half a character, an escape from \ud800 to \udfff without its other half"
    return _mistake(payload, error)


def _mistake(payload: bytes, error: Exception) -> str:
    """Say what a decoder found, without what it read."""
    if not payload:
        return "it is empty; without arguments, send {} or nothing at all"
    if isinstance(error, UnicodeDecodeError):
        return "a text in it is not UTF-8"
    words = str(error).removesuffix(" - at `$[...]`").removeprefix("JSON is malformed: ")
    words = words.removeprefix("MessagePack data is malformed: ").replace(
        "Input data was truncated", "it ends too early"
    )
    return in_line(words.replace("`", "'"))


def _too_deep() -> InputError:
    return InputError("the payload is nested too deep")
