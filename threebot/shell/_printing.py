"""Readable printing of schema objects: names for enums, dates in UTC, nothing unset, no secret.

The rules of what is masked are in ``docs/shell.md``. The value itself is never changed: what is
masked on the screen is there in full as an attribute, and in the JSON output of the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ...errors import WorkloadManagerError
from ...schema import NOT_SET, schema_of, to_human
from ._fields import Explanation
from ._fragments import Fragment, Line, Style, visible
from ._tables import columns_of, duration, grid, rows_of, schema_behind

__all__ = ["MASK", "describe", "describe_mapping", "mistakes"]

MASK = "********"
"""What is shown in place of a secret, whatever its length."""

SECRETS = frozenset({"cluster_secret", "password", "secret", "wireguard_private_key_encrypted"})
SECRET_MAPPINGS = frozenset({"environment", "secret_environment"})
SIGNATURES = frozenset({"customer_signature", "signature"})
SIGNATURE_SHOWN = 16
INDENT = "  "
LONGEST_LABEL = 24
"""A name that is longer pushes its own value aside, and not the whole column."""


def describe(value: object) -> list[Line] | None:
    """Return the lines that show a schema object, or a list of them; None where this is neither.

    Arguments:
        value: an object of a schema, a reply with one list of objects, or a list of objects of one schema.
    """
    if isinstance(value, Explanation):
        return value.lines
    rows = rows_of(value)
    if rows is not None:
        schema = schema_behind(rows[0]) if rows else None
        columns = columns_of(schema.url) if schema else None
        return _several(rows) if columns is None else grid(columns, rows)
    schema = schema_behind(value)
    return None if schema is None else _one(value if type(value) is schema.type else schema.convert(value))


def describe_mapping(document: Mapping[str, Any]) -> list[Line]:
    """Return the lines that show plain data by the same rules as a schema object."""
    return list(_mapping(document, ""))


def _several(rows: list[msgspec.Struct]) -> list[Line]:
    """Return the lines of objects that have no table of their own, one after another."""
    if not rows:
        return [[(Style.DIM, "nothing there")]]
    return [line for row in rows for line in _one(row)]


def _one(value: msgspec.Struct) -> list[Line]:
    """Return the heading and the fields of one object."""
    document = _without_blanks(value)
    identity = document.pop("id", None)
    heading: Line = [(Style.HEADING, _noun(schema_of(value).url))]
    if identity is not None:
        heading.append((Style.HEADING, f" {identity}"))
    return [heading, *_mapping(document, INDENT)]


def _without_blanks(value: msgspec.Struct) -> dict[str, Any]:
    """Return the human form of an object, without the objects in it that say nothing but their defaults."""
    document = dict(to_human(value))
    for name in list(document):
        held = getattr(value, name)
        if isinstance(held, msgspec.Struct):
            document[name] = None if held == schema_of(held).new() else _without_blanks(held)
        elif isinstance(held, list) and held and isinstance(held[0], msgspec.Struct):
            document[name] = [_without_blanks(item) for item in held]
    return document


def _noun(url: str) -> str:
    """Return what an object is called: the last part of its url that is no version number."""
    parts = [part for part in url.split(".") if not part.isdigit()]
    return " ".join(parts[-2:] if parts[-1] in {"data", "request", "signature"} else parts[-1:])


def _is_unset(value: object) -> bool:
    """Tell whether a field says nothing: absent, the "not set" number, or an empty text, list or mapping."""
    return value is None or value in ("", [], {}, b"", NOT_SET)


def _mapping(document: Mapping[str, Any], indent: str) -> Iterator[Line]:
    """Yield the fields that are set: the short ones first, their values in one column, then the blocks."""
    fields = {name: value for name, value in document.items() if not _is_unset(value)}
    if not fields:
        yield [(Style.DIM, f"{indent}nothing set")]
        return
    lengths = [len(visible(name)) for name, value in fields.items() if _is_short(value)]
    width = max((length for length in lengths if length <= LONGEST_LABEL), default=0)
    for name, value in sorted(fields.items(), key=lambda field: not _is_short(field[1])):
        yield from _field(name, value, indent, width)


def _is_short(value: object) -> bool:
    """Tell whether a value stands behind its name rather than below it."""
    if isinstance(value, Mapping):
        return False
    return not (isinstance(value, list) and any(isinstance(item, Mapping) for item in value))


def _field(name: str, value: object, indent: str, width: int) -> Iterator[Line]:
    """Yield one field: on a line, or as a block below its name."""
    label = (Style.NAME, f"{indent}{visible(name)}")
    if _is_short(value):
        yield [(Style.NAME, f"{indent}{visible(name):{width}}"), (Style.DIM, "  "), *_short(name, value)]
        return
    yield [label]
    if isinstance(value, Mapping):
        inner = dict.fromkeys(value, MASK) if name in SECRET_MAPPINGS else value
        yield from _mapping(inner, indent + INDENT)
    elif isinstance(value, list):
        yield from _items(name, value, indent + INDENT)


def _items(name: str, items: Iterable[object], indent: str) -> Iterator[Line]:
    """Yield the items of a list, each with a dash before its first line."""
    for item in items:
        if isinstance(item, Mapping):
            lines = list(_mapping(item, indent + INDENT))
            (style, text), *rest = lines[0]
            yield [(Style.DIM, f"{indent}- "), (style, text.removeprefix(indent + INDENT)), *rest]
            yield from lines[1:]
        else:
            yield [(Style.DIM, f"{indent}- "), *_short(name, item)]


def _short(name: str, value: object) -> list[Fragment]:
    """Return a value that fits on a line."""
    if isinstance(value, list):
        separated: list[Fragment] = []
        for item in value:
            separated += [(Style.DIM, ", "), *_short(name, item)]
        return separated[1:]
    return [_scalar(name, value)]


def _scalar(name: str, value: object) -> Fragment:
    """Return one value, masked or shortened where its field asks for it."""
    if value == MASK or name in SECRETS or name.endswith("_"):
        return Style.SECRET, MASK
    if isinstance(value, bool):
        return Style.WORD, "yes" if value else "no"
    if name == "duration" and isinstance(value, int):
        return Style.NUMBER, f"{duration(value)} ({value} s)"
    if isinstance(value, int | float):
        return Style.NUMBER, str(value)
    text = str(value)
    if name == "json":
        return Style.DIM, f"{len(text)} characters"
    if name in SIGNATURES and len(text) > SIGNATURE_SHOWN:
        return Style.DIM, f"{visible(text[:SIGNATURE_SHOWN])}… ({len(text)} characters)"
    return Style.TEXT, visible(text)


def mistakes(error: WorkloadManagerError) -> list[str]:
    """Return what an error says, one line for each mistake that was found."""
    if len(error.errors) > 1:
        return [visible(str(problem)) for problem in error.errors]
    return [visible(str(error))]
