"""Entries without the marks that the schema language has for what nobody set."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec

from ...schema import NOT_SET, schema_of

__all__ = ["replaced", "settled"]

T = TypeVar("T")

_NOTHING: dict[str, tuple[object, object]] = {"I": (NOT_SET, 0), "iprange": ("::/128", ""), "ipaddr": ("0.0.0.0", "")}  # noqa: S104 - nothing listens on it
"""What stands for "not set" in the language, and what does in an entry, by the kind of the field."""


def settled(entry: T) -> T:
    """Return an object in which numbers that nobody set are 0, and addresses and ranges are empty.

    A node reads its entry back and takes it at its word: it would wait for a version of its public
    interface above 2147483647, and give itself the address ``::/128``.
    """
    properties = schema_of(cast("msgspec.Struct", entry)).properties
    changes = {each.name: _settled(each.kind.name, getattr(entry, each.name)) for each in properties}
    return replaced(entry, **changes)


def replaced(entry: T, **fields: Any) -> T:  # noqa: ANN401 - fields of a generated type
    """Return a copy of an object with other values in some of its fields, taken as they are."""
    return cast("T", msgspec.structs.replace(cast("msgspec.Struct", entry), **fields))


def _settled(kind: str, value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return settled(value)
    unset, nothing = _NOTHING.get(kind.removeprefix("L"), (None, None))
    if isinstance(value, list):
        return [_settled("", item) for item in value if unset is None or item != unset]
    return value if unset is None or value != unset else nothing
