"""A documented call: one actor, one public method, and the schemas that its docstring declares."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pykka.messages import ProxyCall

from ..errors import InputError, Problem, SchemaError, WorkloadManagerError
from ..schema import NOT_SET, Block, Blocks, Reference, Schema, read_blocks
from ._actor import Actor
from ._context import Context

__all__ = ["Call", "CallActor", "call_of"]


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
    """

    name: str
    aliases: tuple[str, ...]
    help: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    blocks: Blocks


class CallActor(Actor):
    """The base of the documented calls.

    A subclass has exactly one public method, named as the call, whose keyword-only parameters are the
    arguments: one without a default is required. Its class docstring holds an ``in`` block with the
    same fields and an ``out`` block with the reply. A message is a mapping of arguments by name; so is
    what a proxy's call is given. Both are converted by the ``in`` schema before the method runs.

    Arguments:
        context: what the host provides.
    """

    _call: ClassVar[Call]
    _aliases: ClassVar[tuple[str, ...]] = ()
    _subject: ClassVar[str] = ""
    """An argument that the call is all about: paths of mistakes start inside it."""

    def __init_subclass__(cls) -> None:
        """Read what the subclass declares; one without a public method is a base for others."""
        super().__init_subclass__()
        public = [name for name in vars(cls) if not name.startswith("_") and not hasattr(Actor, name)]
        if not public:
            return
        if len(public) > 1:
            raise TypeError(f"{cls.__name__} has more than its call in public: {', '.join(public)}")
        cls._call = _read_call(cls, public[0])

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._input = _input_schema(self._call, context)
        self._output = _block_schema(self._call, context, "out", self._call.blocks.output)

    def on_receive(self, message: object) -> object:
        """Answer a call.

        Arguments:
            message: a mapping of the arguments by name.

        Raises:
            InputError: the message is no mapping, or an argument is unknown, missing or does not fit.
        """
        if not isinstance(message, Mapping):
            raise InputError(f"a message to {self._call.name} is a mapping of its arguments by name")
        arguments = self._read(self._prepare(message))
        return getattr(self, self._call.name)(**arguments)

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments in the form that the schema takes; calls that take several forms override it."""
        return message

    def _read(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that were given, converted; all mistakes at once."""
        problems: list[Problem] = []
        given: Mapping[str, Any] = message
        try:
            converted = self._input.convert(message, now=self._context.clock())
        except InputError as error:
            problems.extend(error.errors)
        else:
            given = {name: getattr(converted, name) for name in message if message[name] is not None}
        arguments = {name: value for name, value in given.items() if not _is_unset(value)}
        missing = [name for name in self._call.required if name not in arguments]
        problems.extend(Problem(f"is missing; {self._call.name} needs it", path=name) for name in missing)
        if problems:
            raise InputError.of(self._placed(problem) for problem in problems)
        return arguments

    def _placed(self, problem: Problem) -> Problem:
        """Say a mistake in the words of the caller, who has never seen the url of the block."""
        path = problem.path.removeprefix(f"{self._subject}.") if self._subject else problem.path
        message = problem.message.replace(f"no field of {self._input.url}", f"no argument of {self._call.name}", 1)
        return replace(problem, path=path, message=message)

    def _handle_receive(self, message: object) -> object:
        # A proxy's call is a message as well, so that its arguments are checked like all others.
        if isinstance(message, ProxyCall) and message.attr_path == (self._call.name,):
            if message.args:
                raise InputError(f"the arguments of {self._call.name} are given by name")
            return self.on_receive(message.kwargs)
        return super()._handle_receive(message)

    def _refusal(self, error: BaseException) -> WorkloadManagerError:
        refusal = super()._refusal(error)
        if refusal.call and refusal.call != self._call.name:
            refusal = copy.copy(refusal)  # the store may give one error to several calls
        refusal.call = self._call.name
        return refusal


def call_of(actor_class: type[CallActor]) -> Call:
    """Return what an actor's call declares."""
    return actor_class._call  # noqa: SLF001 - private, so that a proxy shows nothing but the call


def _is_unset(value: object) -> bool:
    if isinstance(value, str):
        return not value
    return value is None or (isinstance(value, int) and value == NOT_SET)


def _input_schema(call: Call, context: Context) -> Schema:
    """Register the ``in`` block of a call.

    Raises:
        SchemaError: there is none, or its fields are not the parameters of the call's method.
    """
    schema = _block_schema(call, context, "in", call.blocks.input)
    fields = {each.name for each in schema.properties}
    parameters = {*call.required, *call.optional}
    if fields != parameters:
        different = ", ".join(sorted(fields ^ parameters))
        raise SchemaError(f"the fields of the block 'in' of {call.name} and the parameters differ in {different}")
    return schema


def _block_schema(call: Call, context: Context, name: str, block: Block | None) -> Schema:
    source = f"the docstring of {call.name}"
    if block is None:
        raise SchemaError(f"{source} has no block '{name}'")
    url = f"actors.{context.namespace}.{call.name}.{name}"
    added = context.registry.add_block(block.text, url=url, source=source, line=block.line)
    if isinstance(added, Reference):
        return _referred(context, added.url, source, added.line)
    for each in added.properties:
        if each.reference:
            _referred(context, each.reference, source, each.line, each.name)
    return added


def _referred(context: Context, url: str, source: str, line: int, name: str = "") -> Schema:
    """Return the schema that a block refers to; a call that refers to none would fail whenever it is made."""
    try:
        return context.registry.get(url)
    except InputError as error:
        raise SchemaError.of([Problem(error.message, path=name, source=source, line=line)]) from error


def _read_call(cls: type[CallActor], name: str) -> Call:
    blocks = read_blocks(cls.__doc__ or "")
    parameters = inspect.signature(getattr(cls, name)).parameters.values()
    arguments = {one.name: one.default is one.empty for one in parameters if one.kind is one.KEYWORD_ONLY}
    return Call(
        name=name,
        aliases=cls._aliases,
        help=blocks.help,
        required=tuple(argument for argument, required in arguments.items() if required),
        optional=tuple(argument for argument, required in arguments.items() if not required),
        blocks=blocks,
    )
