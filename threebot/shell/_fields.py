"""Explaining a model in the shell: its fields, with their types and what the model's comments say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from ...errors import InputError
from ...schema import Property, Schema
from ._fragments import Line, Style, plain
from ._tables import Column, grid

__all__ = ["Explanation", "fields"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Lines for a person; printing it shows them."""

    lines: list[Line]

    def __repr__(self) -> str:
        return plain(self.lines)


@dataclass(frozen=True, slots=True)
class Row:
    """A field as it is explained."""

    name: str
    type: str
    help: str


COLUMNS = (
    Column("field", lambda row: row.name),
    Column("type", lambda row: row.type),
    Column("what it is", lambda row: row.help),
)


def fields(model: object) -> Explanation:
    """Explain the fields of a model: ``fields(Reservation)``.

    Arguments:
        model: a class of the models, or an object of one.

    Raises:
        InputError: it is neither.
    """
    schema = getattr(model, "__schema__", None)
    if not isinstance(schema, Schema):
        raise InputError("fields explains a class of the models or an object of one, as fields(Reservation)")
    rows = [Row(each.name, _type_of(schema, each), _help_of(each)) for each in schema.properties]
    heading: Line = [(Style.HEADING, schema.type.__name__), (Style.DIM, f"  {schema.url}")]
    about: list[Line] = [[(Style.TEXT, schema.help)]] if schema.help else []
    return Explanation([heading, *about, *grid(COLUMNS, rows)])


def _type_of(schema: Schema, each: Property) -> str:
    """Return the Python type of a field, as ``list[ReservationContainer]``."""
    annotation = schema.type.__annotations__[each.name]
    inner = get_args(annotation)
    name = getattr(annotation, "__name__", str(annotation))
    return f"{name}[{', '.join(getattr(one, '__name__', str(one)) for one in inner)}]" if inner else name


def _help_of(each: Property) -> str:
    """Return what a field is, and the names that it takes where these are given."""
    choices = f"one of {', '.join(each.choices)}" if each.choices else ""
    return "; ".join(part for part in (each.help, choices) if part)
