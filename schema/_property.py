"""Properties: the lines of a schema, understood."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import UNSET

from ._compound_kinds import EnumerationKind, ListKind, ObjectKind
from ._conversion import Refusal
from ._data_kinds import copy_plain
from ._draft import Entry
from ._expression import Expression, Malformed, read_expression
from ._kind_table import make_kind
from ._kinds import Kind
from ._values import Kept

if TYPE_CHECKING:
    from ._schema import Schema

__all__ = ["Property", "read_property", "split_key"]

_KEY = re.compile(r"(?:(?P<ordinal>[0-9]{1,9})\s*:+\s*)?(?P<unique>&?)\s*(?P<name>[^*]*)(?P<index>\**)")


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a schema.

    Attributes:
        name: its name, which is a Python identifier.
        kind: its type.
        default: the value of a property that nobody gave; None for an ``(O)``, whose default is a new object.
        reference: the url of the schema that its objects follow; empty for other types than ``(O)`` and ``(LO)``.
        index: its index marker: ``""``, ``*``, ``**``, ``***`` or ``&``.
        unique: whether no two documents may share its value: marked ``&``, or called ``name``.
        help: what its comments say.
        expression: its expression without the comment, as it was written.
        line: its line in the source, from 1.
    """

    name: str
    kind: Kind
    default: Kept
    reference: str
    index: str
    unique: bool
    help: str
    expression: str
    line: int

    @property
    def choices(self) -> tuple[str, ...]:
        """The names that an ``(E)`` takes, in the order of their numbers; empty for other types."""
        return tuple(map(str, self.kind.enumeration)) if isinstance(self.kind, EnumerationKind) else ()

    def fresh(self) -> Kept:
        """Return the default as a value of its own, which may be changed without harm to others."""
        if self.kind.draws or isinstance(self.kind, ObjectKind):
            return self.kind.draw()
        return copy_plain(self.default)


def split_key(key: str) -> tuple[int | None, str, str]:
    """Cut the key of a property into its explicit ordinal, its name and its index marker.

    Raises:
        Malformed: the marker is none of ``*``, ``**``, ``***`` and ``&``.
    """
    match = _KEY.fullmatch(key)
    ordinal, unique, name, index = match.group("ordinal", "unique", "name", "index") if match else (None, "", key, "")
    if len(index) > 3 or (unique and index):
        raise Malformed(f"the marker of '{key}' is none of name*, name**, name*** and &name")
    return None if ordinal is None else int(ordinal), name.rstrip(), unique or index


def read_property(entry: Entry, name: str, index: str, lookup: Callable[[str], Schema]) -> Property:
    """Understand a line of a schema.

    Arguments:
        entry: the line.
        name: the property's name, without ordinal and marker.
        index: its marker.
        lookup: finds the schema of a url, for references.

    Raises:
        Malformed: the name, the type or the default does not follow the language.
    """
    _check_name(name)
    expression = read_expression(entry.value)
    kind = make_kind(expression, "".join(part.capitalize() for part in name.split("_")), lookup)
    element = kind.element if isinstance(kind, ListKind) else kind
    return Property(
        name=name,
        kind=kind,
        default=_read_default(kind, element, expression),
        reference=element.url if isinstance(element, ObjectKind) else "",
        index=index,
        unique=index == "&" or name == "name",
        help=" ".join(part for part in (entry.help, expression.comment) if part),
        expression=expression.text,
        line=entry.line,
    )


def _read_default(kind: Kind, element: Kind, expression: Expression) -> Kept:
    """Return the default of a property; for ``(E)``, and for objects without ``!``, that text says something else."""
    text = expression.default.strip()
    names_values = isinstance(kind, EnumerationKind)
    names_schema = isinstance(element, ObjectKind) and not expression.reference
    if expression.parted and not isinstance(kind, EnumerationKind | ListKind):
        raise Malformed(f"the default {text} has quotes in quotes")
    default: Kept = UNSET
    try:
        if text and not names_values and not names_schema:
            default = kind.read_default(text)
    except Refusal as refusal:
        raise Malformed(f"the default {refusal}") from refusal
    if default is not UNSET:
        return default
    return None if isinstance(kind, ObjectKind) else kind.empty()


def _check_name(name: str) -> None:
    if name == "id":
        raise Malformed("the name 'id' is taken: a stored object carries its number under it")
    if not name.isidentifier() or not name.isascii():
        raise Malformed(f"'{name}' is no name: a name has letters, digits and _ only, and begins with no digit")
    if keyword.iskeyword(name):
        raise Malformed(f"'{name}' is a word of Python and cannot be a name")
    if name.startswith("__") and name.endswith("__"):
        raise Malformed(f"'{name}' cannot be a name: those with two underscores at both ends belong to Python")
