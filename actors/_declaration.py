"""What a call declares: its name and arguments, who may make it, and the schemas of its docstring."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..errors import InputError, Problem, SchemaError
from ..schema import Block, Blocks, Reference, Registry, Schema, read_blocks

__all__ = ["Access", "Call", "Schemas", "read_call", "schemas_of"]

OWN_NAMESPACE = "tfgrid.workloadmanager"


class Access(StrEnum):
    """Who may make a call through a server (``docs/access.md``); the call itself may narrow it further."""

    anybody = "anybody"
    """Everybody: what the call is sent carries a signature of its own."""

    session = "session"
    """Whoever is logged in, and everybody at a server that is open."""

    operator = "operator"
    """The operator alone."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a call declares.

    Attributes:
        name: the name of the call, which is that of the actor's public method.
        aliases: other names that it answers to.
        help: what it does, for people: the docstring without its blocks.
        required: the arguments that have to be given.
        optional: the arguments that may be left out.
        blocks: the blocks of the docstring.
        access: who may make it through a server.
    """

    name: str
    aliases: tuple[str, ...]
    help: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    blocks: Blocks
    access: Access


class Schemas(NamedTuple):
    """The schemas of a call: of its arguments, and of its reply."""

    input: Schema
    output: Schema


def read_call(cls: type, name: str, *, aliases: tuple[str, ...], access: Access) -> Call:
    """Read the declaration of a call from the class of its actor and the method of its name."""
    blocks = read_blocks(cls.__doc__ or "")
    parameters = inspect.signature(getattr(cls, name)).parameters.values()
    arguments = {one.name: one.default is one.empty for one in parameters if one.kind is one.KEYWORD_ONLY}
    return Call(
        name=name,
        aliases=aliases,
        help=blocks.help,
        required=tuple(argument for argument, required in arguments.items() if required),
        optional=tuple(argument for argument, required in arguments.items() if not required),
        blocks=blocks,
        access=access,
    )


def schemas_of(call: Call, registry: Registry, *, namespace: str = OWN_NAMESPACE) -> Schemas:
    """Register the blocks of a call and return their schemas; doing it again changes nothing.

    Arguments:
        call: the call.
        registry: has the models that the blocks refer to.
        namespace: author and package, with which the urls of the blocks begin.

    Raises:
        SchemaError: a block is missing or refers to what is not there, or the fields of the block ``in`` are
            not the parameters of the call's method.
    """
    schema = _block_schema(call, registry, namespace, "in", call.blocks.input)
    fields = {each.name for each in schema.properties}
    parameters = {*call.required, *call.optional}
    if fields != parameters:
        different = ", ".join(sorted(fields ^ parameters))
        raise SchemaError(f"the fields of the block 'in' of {call.name} and the parameters differ in {different}")
    return Schemas(schema, _block_schema(call, registry, namespace, "out", call.blocks.output))


def _block_schema(call: Call, registry: Registry, namespace: str, name: str, block: Block | None) -> Schema:
    source = f"the docstring of {call.name}"
    if block is None:
        raise SchemaError(f"{source} has no block '{name}'")
    url = f"actors.{namespace}.{call.name}.{name}"
    added = registry.add_block(block.text, url=url, source=source, line=block.line)
    if isinstance(added, Reference):
        return _referred(registry, added.url, source, added.line)
    for each in added.properties:
        if each.reference:
            _referred(registry, each.reference, source, each.line, each.name)
    return added


def _referred(registry: Registry, url: str, source: str, line: int, name: str = "") -> Schema:
    """Return the schema that a block refers to; a call that refers to none would fail whenever it is made."""
    try:
        return registry.get(url)
    except InputError as error:
        raise SchemaError.of([Problem(error.message, path=name, source=source, line=line)]) from error
