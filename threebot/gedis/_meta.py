"""The description of all calls that ``system.api_meta`` returns, made of their docstrings and the models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ...actors import Call, schemas_of
from ...errors import NotFound
from ...schema import NOT_SET, NOT_SET_64, Kind, Property, Registry, Schema
from .._near_miss import near_miss
from .._words import in_line
from ._formats import Encode
from ._names import OWN_NAMESPACE, Names, Route

__all__ = ["ApiMeta"]

_OF_A_CALL = "actors."
"""What the url of a schema begins with that is a block of a call's docstring."""

_LIST = "L"
_NOT_SET = {"I": NOT_SET, "I64": NOT_SET_64}
_PYTHON = {
    "I": "int",
    "I64": "int",
    "F": "float",
    "P": "float",
    "B": "bool",
    "T": "int",
    "D": "int",
    "E": "int",
    "ipport": "int",
    "bytes": "bytes",
    "dict": "dict",
    "json": "object",
}
"""The Python types of what is no text, by the letters of the schema language."""


class ApiMeta:
    """Describes the calls and the schemas that they use (``docs/gedis.md``, "What calls there are").

    Arguments:
        names: the calls by their names on the wire.
        registry: the schemas of all packages.
        version: the version of this package.
        own: the calls that the server answers itself; they are described behind the others.
    """

    def __init__(self, names: Names, registry: Registry, version: str, own: Sequence[Call] = ()) -> None:
        self._routes = [*names.routes, *(_own_route(call) for call in own)]
        self._registry = registry
        self._version = version
        self._packages = sorted({_package(route) for route in self._routes})
        self._replies: dict[tuple[str, Encode], bytes] = {}

    def reply(self, package: str, encode: Encode) -> bytes:
        """Return the description as the bytes of a reply, which are made once.

        Arguments:
            package: keeps the calls of this package; empty for all.
            encode: makes the bytes.

        Raises:
            NotFound: no package of this name has calls.
        """
        name = package.lower().rpartition(".")[2]
        made = self._replies.get((name, encode))
        if made is None:
            made = self._replies[name, encode] = encode(self.describe(name))
        return made

    def describe(self, package: str = "") -> dict[str, Any]:
        """Return the description as plain data: the version, the calls, and the schemas that they use.

        Raises:
            NotFound: no package of this name has calls.
        """
        if package and package not in self._packages:
            shown = in_line(package)
            raise NotFound(f'no package "{shown}" has calls{near_miss(shown, self._packages)}', path="package")
        routes = [route for route in self._routes if package in ("", _package(route))]
        schemas = {route.name: schemas_of(route.call, self._registry, namespace=route.namespace) for route in routes}
        used = self._used(schema for pair in schemas.values() for schema in pair)
        return {
            "version": self._version,
            "packages": [package] if package else self._packages,
            "calls": [_call(route, *schemas[route.name]) for route in routes],
            "schemas": {url: _schema(used[url]) for url in sorted(used) if not url.startswith(_OF_A_CALL)},
        }

    def _used(self, schemas: Iterable[Schema]) -> dict[str, Schema]:
        """Return some schemas and all that these refer to, by their urls."""
        used: dict[str, Schema] = {}
        waiting = list(schemas)
        while waiting:
            schema = waiting.pop()
            if schema.url not in used:
                used[schema.url] = schema
                waiting += [self._registry.get(each.reference) for each in schema.properties if each.reference]
        return used


def _own_route(call: Call) -> Route:
    """Return where a call leads that goes to no actor."""
    return Route(call.name, call, OWN_NAMESPACE, (call.name,), is_list=False, has_history=False)


def _package(route: Route) -> str:
    return route.namespace.rpartition(".")[2]


def _call(route: Route, arguments: Schema, reply: Schema) -> dict[str, Any]:
    call = route.call
    inline = reply.url.startswith(_OF_A_CALL)
    return {
        "name": route.name,
        "package": _package(route),
        "command": route.names[0],
        "names": list(route.names),
        "help": call.help,
        "access": str(call.access),
        "arguments": [{**_property(each), "required": each.name in call.required} for each in arguments.properties],
        "reply": {"fields": [_property(each) for each in reply.properties]} if inline else {"schema": reply.url},
    }


def _schema(schema: Schema) -> dict[str, Any]:
    return {"help": schema.help, "id": schema.has_id, "fields": [_property(each) for each in schema.properties]}


def _property(each: Property) -> dict[str, Any]:
    """Describe a property: what is not said of it is not there."""
    facts: dict[str, Any] = {"name": each.name, "type": f"({each.kind.name})", "python": _python(each.kind)}
    if each.reference:
        facts["schema"] = each.reference
    if each.choices:
        facts["choices"] = list(each.choices)
    if each.help:
        facts["help"] = each.help
    if not each.kind.draws and each.default is not None:
        unset = each.default == _NOT_SET.get(each.kind.name)
        facts["default"] = None if unset else msgspec.to_builtins(each.default)
    return facts


def _python(kind: Kind) -> str:
    name = kind.name
    if name.startswith(_LIST):
        return f"list[{_named(name.removeprefix(_LIST))}]"
    return _named(name)


def _named(letters: str) -> str:
    return "object" if letters == "O" else _PYTHON.get(letters, "str")
