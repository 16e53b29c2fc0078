"""The quick way of a conversion, for data whose values are all kept as they are.

Most of what is sent is such data: texts that are texts, numbers in range, no field that nobody knows. A second type
of each schema takes these values and no others, so that msgspec looks through all of them in one go. What it does not
take, be it right or wrong, goes the long way, `Schema.read_object`, which alone says what is accepted and what a
mistake is called. So it is no fault not to take a value; of each that is taken, the same has to come out.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from ._compound_kinds import ListKind, ObjectKind
from ._conversion import MAXIMUM_DEPTH, MOST_PARTS
from ._kinds import Nothing

if TYPE_CHECKING:
    from ._kinds import Kind
    from ._property import Property
    from ._schema import Schema

__all__ = ["QuickTypes", "is_plain"]

_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})
_ID = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


def is_plain(value: object) -> bool:
    """Return whether a value is a dict of nothing but dicts, lists, texts, numbers, bytes and None, at every depth.

    All are of Python's own types, so that there is one way to write and to read them: a set is no list, and the value
    of an enumeration is no number. And there are not more than `Schema.convert` reads; what holds itself has no end.
    """
    if type(value) is not dict:
        return False
    parts: list[Any] = list(value.values())
    for part in parts:  # they become more on the way
        kind = type(part)
        if kind is str or kind is int:
            continue
        if kind is dict:
            parts.extend(part.values())
        elif kind is list:
            parts.extend(part)
        elif kind not in _SCALARS:
            return False
        if len(parts) > MOST_PARTS:
            return False
    return True


class _Quick(NamedTuple):
    """A type of the quick way, and how many objects lie in each other in one of it."""

    type: type[Any]
    height: int


_NONE = _Quick(Nothing, 0)


class QuickTypes:
    """The types of the quick way of one registry's schemas, each made when it is first asked for.

    Their objects are thrown away: that one could be made says all. So what is absent has no default but None. Where a
    schema leads back to itself, and where objects may be too deep in each other, nothing is taken.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: dict[str, _Quick] = {}
        self._open: set[str] = set()

    def forget(self) -> None:
        """Drop all types, because a url has a newer schema."""
        with self._lock:
            self._made.clear()

    def of(self, schema: Schema) -> type[Any]:
        """Return the type that takes just those objects of a schema whose values are kept as they are."""
        return (self._made.get(schema.md5) or self._make(schema)).type

    def _make(self, schema: Schema) -> _Quick:
        with self._lock:
            made = self._made.get(schema.md5)
            if made is None:
                self._open.add(schema.md5)
                try:
                    made = self._made[schema.md5] = self._define(schema)
                finally:
                    self._open.discard(schema.md5)
            return made

    def _define(self, schema: Schema) -> _Quick:
        inner: list[_Quick] = [_NONE]
        fields = [_field(each, self._annotation(each.kind, inner)) for each in schema.properties]
        if schema.has_id:
            fields.append(("id", _ID, None))
        made = msgspec.defstruct("Quick", fields, kw_only=True, forbid_unknown_fields=True, gc=False)
        return _Quick(made, 1 + max(quick.height for quick in inner))

    def _annotation(self, kind: Kind, inner: list[_Quick]) -> Any:  # noqa: ANN401 - whatever msgspec takes for a type
        if isinstance(kind, ListKind):
            return list[self._annotation(kind.element, inner)]  # type: ignore[misc]  # made as the program runs
        if not isinstance(kind, ObjectKind):
            return kind.quick
        quick = _NONE if kind.schema.md5 in self._open else self._make(kind.schema)
        if quick.height >= MAXIMUM_DEPTH:
            return Nothing
        inner.append(quick)
        return quick.type


def _field(each: Property, annotation: object) -> tuple[str, Any] | tuple[str, Any, Any]:
    # A new object draws such a value, which only the long way does. With nothing to take and no default, none is made.
    return (each.name, Nothing) if each.kind.draws else (each.name, annotation, None)
