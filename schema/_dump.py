"""Dumps of any object, by the schema that it knows."""

from __future__ import annotations

from ..errors import InputError
from ._conversion import shown
from ._schema import Schema
from ._values import Made, Plain

__all__ = ["schema_of", "to_dict", "to_human", "to_json"]


def schema_of(obj: Made) -> Schema:
    """Return the schema that an object was made by.

    Raises:
        InputError: it is no object of a schema.
    """
    schema = getattr(type(obj), "__schema__", None)
    if not isinstance(schema, Schema):
        raise InputError(f"must be an object of a schema, not {shown(obj)}")
    return schema


def to_dict(obj: Made) -> dict[str, Plain]:
    """Return an object as JSON data; see `Schema.to_dict`."""
    return schema_of(obj).to_dict(obj)


def to_json(obj: Made) -> str:
    """Return an object as JSON text; see `Schema.to_json`."""
    return schema_of(obj).to_json(obj)


def to_human(obj: Made) -> dict[str, Plain]:
    """Return an object as people read it; see `Schema.to_human`."""
    return schema_of(obj).to_human(obj)
