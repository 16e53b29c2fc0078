"""What the nodes' client decodes, and what it fails on: one small function for each type of a field.

A field's type takes a JSON value as Python's ``json`` reads it and returns what the client makes of it, or raises
`Refused`. In every type but a date, null is the zero value.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

Type: TypeAlias = Callable[[Any], Any]
Object: TypeAlias = Callable[[Any], dict[str, Any]]

LARGEST = 2**63 - 1


class Refused(ValueError):
    """The client can not decode this."""


def integer(value: Any, *, lowest: int = -LARGEST - 1, highest: int = LARGEST) -> int:
    """Read a whole number of 64 bits: 10.0 and "10" are none."""
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise Refused(f"{value!r} is no whole number from {lowest} to {highest}")
    return value


def byte(value: Any) -> int:
    """Read a whole number from 0 to 255."""
    return integer(value, lowest=0, highest=255)


def enumeration(size: int) -> Type:
    """Read the number of one of so many names; their texts are refused."""
    return lambda value: integer(value, lowest=0, highest=size - 1)


def number(value: Any) -> float:
    """Read any number."""
    if value is None:
        return 0.0
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Refused(f"{value!r} is no number")
    return float(value)


def text(value: Any) -> str:
    """Read a text; a number is none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(f"{value!r} is no text")
    return value


def boolean(value: Any) -> bool:
    """Read true or false; 0 and 1 are neither."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Refused(f"{value!r} is neither true nor false")
    return value


def binary(value: Any) -> bytes:
    """Read base64 text."""
    try:
        return base64.b64decode(text(value), validate=True)
    except binascii.Error as error:
        raise Refused(f"{value!r} is no base64") from error


def anything(value: Any) -> Any:
    """Keep any JSON value."""
    return value


def date(value: Any) -> int:
    """Read a date: seconds since 1970, or the text of one; null and a number in a text are none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, bool) or not isinstance(value, str):
        raise Refused(f"{value!r} is no date")
    return _date_of_text(value) if value else 0


_DATE = re.compile(
    r"(?:(?P<first>\d{2,4})/)??(?P<month>\d{2})/(?P<last>\d{2,4})"
    r"(?: (?P<hour>\d{1,2})(?P<half>am|pm)?:(?P<minute>\d{2}))?"
)
THIS_YEAR = 2020
"""The year that a date of two parts is in."""


def _date_of_text(value: str) -> int:
    found = _DATE.fullmatch(value)
    if found is None:
        raise Refused(f"{value!r} is no date")
    year, day = _year_and_day(found["first"], found["last"])
    hour = int(found["hour"] or 0) + (12 if found["half"] == "pm" else 0)
    try:
        moment = datetime(year, int(found["month"]), day, hour, int(found["minute"] or 0), tzinfo=UTC)
    except ValueError as error:
        raise Refused(f"{value!r} is no date") from error
    return int(moment.timestamp())


def _year_and_day(first: str | None, last: str) -> tuple[int, int]:
    """Four digits are the year, at either end; else the first part is, and its century is ours."""
    if first is None:
        return THIS_YEAR, int(last)
    if len(first) == len(last) == 4:
        raise Refused(f"{first} and {last} are both years")
    year, day = (last, first) if len(last) == 4 else (first, last)
    return int(year) + (2000 if len(year) == 2 else 0), int(day)


def address(value: Any) -> str:
    """Read an IP address without a mask; it may be empty."""
    try:
        return str(ipaddress.ip_address(value)) if text(value) else ""
    except ValueError as error:
        raise Refused(f"{value!r} is no address") from error


def address_range(value: Any) -> str:
    """Read an address with a mask as a number of bits; it may be empty, and host bits are kept."""
    given = text(value)
    if not given:
        return ""
    _, slash, bits = given.partition("/")
    try:
        if not slash or not bits.isdecimal():
            raise Refused(f"{value!r} has no mask")
        return str(ipaddress.ip_interface(given))
    except ValueError as error:
        raise Refused(f"{value!r} is no range") from error


def hardware_address(value: Any) -> str:
    """Read a MAC address; it may be empty."""
    if text(value) and not re.fullmatch(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}", value):
        raise Refused(f"{value!r} is no hardware address")
    return text(value)


def email(value: Any) -> str:
    """Read an address for mail; it may be empty."""
    if text(value) and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise Refused(f"{value!r} is no address for mail")
    return text(value)


def list_of(item: Type) -> Type:
    """Read a list; a text or an object is none."""

    def read(value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise Refused(f"{value!r} is no list")
        return [item(each) for each in value]

    return read


def mapping_of(item: Type) -> Object:
    """Read an object with any keys; the JSON text of one is none."""

    def read(value: Any) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Refused(f"{value!r} is no object")
        return {key: item(each) for key, each in value.items()}

    return read


def structure(fields: dict[str, Type], *, needed: Iterable[str] = ()) -> Object:
    """Read an object: unknown keys are ignored, missing ones zero, and the case of keys does not matter."""
    needed = tuple(needed)

    def read(value: Any) -> dict[str, Any]:
        given = {key.lower(): each for key, each in mapping_of(anything)(value).items()}
        missing = [name for name in needed if name not in given]
        if missing:
            raise Refused(f"without {', '.join(missing)}")
        return {name: _field(read_one, given, name) for name, read_one in fields.items()}

    return read


def _field(read: Type, given: dict[str, Any], name: str) -> Any:
    if name not in given:
        return 0 if read is date else read(None)
    try:
        return read(given[name])
    except Refused as error:
        raise Refused(f"{name}: {error}") from error


def optional(read: Type) -> Type:
    """Read what may be left out as a whole: missing or null, it is nothing."""
    return lambda value: None if value is None else read(value)


class GedisError(NamedTuple):
    """What the client makes of an error reply."""

    text: str
    typed: bool = False
    level: int = 0
    context: str = ""
    category: str = ""


_error = structure(
    {"message": text, "level": lambda value: integer(value, lowest=0), "context": text, "cat": text},
)


def error_of(line: str) -> GedisError:
    """Read an error line: the start of what follows ``ERR``, if that is a JSON object; else the line is the error."""
    rest = line.removeprefix("ERR ")
    try:
        value, _ = json.JSONDecoder().raw_decode(rest.lstrip())
        fields = _error(value if isinstance(value, dict) else "no object")
    except ValueError:
        return GedisError(line)
    return GedisError(
        fields["message"], typed=True, level=fields["level"], context=fields["context"], category=fields["cat"]
    )
