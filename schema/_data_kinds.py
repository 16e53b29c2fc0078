"""The types of time and of free data: ``T D bytes dict json``."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from ._conversion import MAXIMUM_DEPTH, Conversion, Place, Refusal, field_name, shown
from ._dates import LATEST, read_date
from ._kinds import Kind, ScalarKind, checked_text, just
from ._values import Kept, Plain

__all__ = ["BytesKind", "DateKind", "DayKind", "DictKind", "JsonKind", "copy_plain"]

_PLAIN_LEAVES = frozenset({str, bool, type(None)})
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_SECONDS_PER_DAY = 86400


class DateKind(Kind):
    """``T``: seconds since 1970, or a date text; ``""`` is the default, 0, which means "not set"."""

    name = "T"
    annotation = int

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return Annotated[int, Meta(ge=0, le=LATEST)]

    def read(self, value: object, conversion: Conversion, place: Place) -> int | UnsetType:  # noqa: ARG002  (it has no parts)
        if isinstance(value, str):
            if not value:
                return UNSET
            value = read_date(checked_text(value), conversion.now)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refusal(f"must be seconds since 1970 as a whole number, or a date text, not {shown(value)}")
        if not 0 <= value <= LATEST:
            raise Refusal(f"must be from 0 to {LATEST} seconds since 1970, not {shown(value)}")
        return int(value)

    def empty(self) -> int:
        return 0

    def human(self, value: Kept) -> str | None:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


class DayKind(DateKind):
    """``D``: as ``T``, put back to the midnight before it (UTC)."""

    name = "D"

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return Annotated[int, Meta(ge=0, le=LATEST, multiple_of=_SECONDS_PER_DAY)]

    def read(self, value: object, conversion: Conversion, place: Place) -> int | UnsetType:
        second = super().read(value, conversion, place)
        return second if isinstance(second, UnsetType) else second - second % _SECONDS_PER_DAY

    def human(self, value: Kept) -> str | None:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d") if value else None


class BytesKind(ScalarKind):
    """``bytes``: bytes, or their base64 as text; never guessed."""

    name = "bytes"
    annotation = bytes

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return bytes

    def take(self, value: object) -> bytes:
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
        if not isinstance(value, str):
            raise Refusal(f"must be base64 text, not {shown(value)}")
        try:
            return base64.b64decode(checked_text(value), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal(f"must be base64 text, not {shown(value)}") from error

    def empty(self) -> bytes:
        return b""

    def human(self, value: Kept) -> str:
        return bytes(value).hex()


class DictKind(Kind):
    """``dict``: an object with text keys and JSON values; an object of a schema is taken as its data."""

    name = "dict"
    annotation: Any = dict[str, Any]
    raw = True

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return just(_is_flat)

    def read(self, value: object, conversion: Conversion, place: Place) -> Plain:
        data = _data_of(value)
        if not isinstance(data, Mapping):
            raise Refusal(f"must be an object, not {shown(value)}")
        return _read_plain(data, conversion, place, conversion.depth)

    def read_default(self, text: str) -> Plain:
        return self.read(_parse(text), Conversion(), "")

    def empty(self) -> dict[str, Any]:
        return {}

    def human(self, value: Kept) -> Plain:
        return copy_plain(value)


class JsonKind(DictKind):
    """``json``: a JSON value; a text is read as JSON text, and must not hold a mere text."""

    name = "json"
    annotation = Any

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return just(_is_number)  # an object or a list, which msgspec would take as it is, has to be copied

    def read(self, value: object, conversion: Conversion, place: Place) -> Plain:
        data = _parse(value) if isinstance(value, str) else _data_of(value)
        if isinstance(data, str):
            raise Refusal("must be a JSON value, or the JSON text of anything but a text")
        return UNSET if data is None else _read_plain(data, conversion, place, conversion.depth)


def _is_flat(value: object) -> bool:
    """Return whether a value is an object that has no parts which could be shared or wrong."""
    return type(value) is dict and all(type(key) is str and _is_leaf(part) for key, part in value.items())


def _is_number(value: object) -> bool:
    """Return whether a value is a number or a truth: a text would be read as JSON, and null is none."""
    return not isinstance(value, str | None) and _is_leaf(value)


def _is_leaf(value: Any) -> bool:  # noqa: ANN401 - whatever an object or a list holds
    kind = type(value)
    if kind is int:
        return bool(_LOWEST <= value <= _HIGHEST)
    if kind is float:
        return math.isfinite(value)
    return kind in _PLAIN_LEAVES


def _data_of(value: object) -> object:
    schema = getattr(type(value), "__schema__", None)
    return value if schema is None else schema.to_dict(value)


def _parse(text: str) -> Plain:
    try:
        return json.loads(checked_text(text))
    except (ValueError, RecursionError) as error:
        raise Refusal(f"must be JSON text, not {shown(text)}") from error


def _read_plain(value: object, conversion: Conversion, place: Place, depth: int) -> Plain:
    """Return a new copy of JSON data; mistakes inside are noted with their place."""
    if depth > MAXIMUM_DEPTH:
        raise Refusal(f"must not be nested more than {MAXIMUM_DEPTH} deep")
    if isinstance(value, Mapping):
        conversion.make_room(len(value))
        pairs = ((_key(key, conversion, place), item, (place, field_name(key))) for key, item in value.items())
        return {key: _read_part(item, conversion, inner, depth) for key, item, inner in pairs}
    if isinstance(value, list | tuple):
        conversion.make_room(len(value))
        return [_read_part(item, conversion, (place, position), depth) for position, item in enumerate(value)]
    if isinstance(value, str):
        return checked_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and _LOWEST <= value <= _HIGHEST:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise Refusal(f"must be a JSON value, not {shown(value)}")


def _read_part(value: object, conversion: Conversion, place: Place, depth: int) -> Plain:
    try:
        return _read_plain(value, conversion, place, depth + 1)
    except Refusal as refusal:
        conversion.add(place, str(refusal))
        return None


def _key(key: object, conversion: Conversion, place: Place) -> str:
    try:
        return checked_text(key)
    except Refusal as refusal:
        conversion.add(place, f"has a key that {refusal}")
        return ""


def copy_plain(value: Plain) -> Plain:
    """Return a copy of JSON data that shares nothing that can be changed."""
    if isinstance(value, dict):
        return {key: copy_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_plain(item) for item in value]
    return value
