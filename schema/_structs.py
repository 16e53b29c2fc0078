"""The Python types of schemas: generated `msgspec.Struct` classes, in a full and a lazy view."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ._compound_kinds import ListKind, ObjectKind
from ._quick import QuickTypes

if TYPE_CHECKING:
    from ._property import Property
    from ._schema import Schema

__all__ = ["StructMaker", "StructType", "View", "type_name"]

StructType = type[msgspec.Struct]
"""The type of a schema's objects."""

_FieldDefinition = tuple[str, Any, Any]
_Promise = tuple[str, "Schema"]


class View(NamedTuple):
    """A type of a schema, and what decodes MessagePack to it."""

    type: StructType
    decoder: msgspec.msgpack.Decoder[Any]


class StructMaker:
    """Makes the types of the schemas of one registry, each once.

    A schema may refer to itself through a list, directly or by way of others. The type that is
    being made is then named in the annotation of the other, and put there when it exists.

    Attributes:
        quick: the types of the quick way of a conversion.
    """

    def __init__(self) -> None:
        self.quick = QuickTypes()
        self._lock = threading.RLock()
        self._full: dict[str, StructType] = {}
        self._views: dict[tuple[str, bool], View] = {}
        self._open: set[str] = set()
        self._promised: list[tuple[StructType, str, Schema]] = []

    def forget(self) -> None:
        """Drop all types: a url has a newer schema, which those that refer to it must take up."""
        with self._lock:
            self._full.clear()
            self._views.clear()
            self.quick.forget()

    def full(self, schema: Schema) -> StructType:
        """Return the type of a schema's objects, which is made on the first call."""
        return self._full.get(schema.md5) or self._make_full(schema)

    def view(self, schema: Schema, *, lazy: bool) -> View:
        """Return one of the two views of a schema, which is made on the first call.

        Arguments:
            schema: the schema.
            lazy: whether objects, lists of objects and free data stay bytes.
        """
        return self._views.get((schema.md5, lazy)) or self._make_view(schema, lazy=lazy)

    def _make_view(self, schema: Schema, *, lazy: bool) -> View:
        with self._lock:
            made = self._make_lazy(schema) if lazy else self.full(schema)
            return self._views.setdefault((schema.md5, lazy), View(made, msgspec.msgpack.Decoder(made)))

    def _make_lazy(self, schema: Schema) -> StructType:
        return _define(schema, [_lazy_field(each) for each in schema.properties], {})

    def _make_full(self, schema: Schema) -> StructType:
        with self._lock:
            if schema.md5 in self._full:
                return self._full[schema.md5]
            self._open.add(schema.md5)
            promises: list[_Promise] = []
            try:
                fields = [self._field(each, promises) for each in schema.properties]
                made = _define(schema, fields, {"__setattr__": _setter(schema)})
            finally:
                self._open.discard(schema.md5)
            self._full[schema.md5] = made
            self._promised += [(made, name, target) for name, target in promises]
            self._keep_promises()
            return made

    def _field(self, each: Property, promises: list[_Promise]) -> _FieldDefinition:
        kind = each.kind
        if isinstance(kind, ObjectKind):
            return each.name, self._annotation(kind, promises), msgspec.field(default_factory=kind.empty)
        if isinstance(kind, ListKind) and isinstance(kind.element, ObjectKind):
            return each.name, _list_of(self._annotation(kind.element, promises)), _default(each)
        return each.name, _annotation(each), _default(each)

    def _annotation(self, kind: ObjectKind, promises: list[_Promise]) -> StructType | str:
        target = kind.schema
        if target.md5 not in self._open:
            return self.full(target)
        promises.append((f"__type_{target.md5}__", target))
        return promises[-1][0]

    def _keep_promises(self) -> None:
        for holder, name, target in self._promised:
            if target.md5 in self._full:
                setattr(holder, name, self._full[target.md5])
        self._promised = [promise for promise in self._promised if promise[2].md5 not in self._full]


def type_name(url: str) -> str:
    """Return the name of a schema's type: ``tfgrid.workloads.reservation.data.1`` is ``ReservationData``.

    A block of a call's docstring is named by the call alone: ``WorkloadGetIn``.
    """
    parts = [part for part in url.split(".") if not part.isdigit()]
    chosen = parts[3:] if _is_of_a_call(url) else parts[2:]
    chosen = chosen or parts[-1:]
    name = "".join(word[:1].upper() + word[1:] for part in chosen for word in re.split(r"\W|_", part))
    return name if name.isidentifier() else f"Schema{name}"


def _is_of_a_call(url: str) -> bool:
    return url.startswith("actors.")


def _list_of(annotation: object) -> object:
    return f"list[{annotation}]" if isinstance(annotation, str) else list[annotation]  # type: ignore[valid-type]  # made as the program runs


def _annotation(each: Property) -> object:
    return _list_of(each.kind.element.annotation) if isinstance(each.kind, ListKind) else each.kind.annotation


def _default(each: Property) -> object:
    if isinstance(each.default, list | dict):
        return msgspec.field(default_factory=each.fresh if each.default else type(each.default))
    return msgspec.field(default=each.default)


def _lazy_field(each: Property) -> _FieldDefinition:
    if not each.kind.raw:
        return each.name, _annotation(each), _default(each)
    return each.name, msgspec.Raw, msgspec.field(default=msgspec.Raw(msgspec.msgpack.encode(each.fresh())))


def _setter(schema: Schema) -> Callable[[msgspec.Struct, str, object], None]:
    def set_attribute(self: msgspec.Struct, name: str, value: object) -> None:
        schema.assign(self, name, value)

    return set_attribute


def _define(schema: Schema, fields: list[_FieldDefinition], namespace: dict[str, Any]) -> StructType:
    if schema.has_id:
        fields.append(("id", int | msgspec.UnsetType, msgspec.field(default=msgspec.UNSET)))
    return msgspec.defstruct(
        type_name(schema.url),
        fields,
        module="workloadmanager.schema",
        namespace={"__schema__": schema, "__doc__": schema.help or None, **namespace},
        kw_only=True,
        repr_omit_defaults=not _is_of_a_call(schema.url),
    )
