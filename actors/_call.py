"""A documented call: one actor, one public method, and the schemas that its docstring declares."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pykka.messages import ProxyCall

from ..errors import InputError, Problem, WorkloadManagerError
from ..schema import NOT_SET
from ._access import check_access
from ._actor import Actor
from ._caller import HOST, Caller, Request
from ._context import Context
from ._declaration import Access, Call, read_call, schemas_of

__all__ = ["CallActor", "call_of"]

_SIMPLE: Mapping[str, type] = {"I": int, "S": str, "B": bool}
"""The types of the schema language whose values mostly arrive as they are kept."""


class CallActor(Actor):
    """The base of the documented calls.

    A subclass has exactly one public method, named as the call, whose keyword-only parameters are the
    arguments: one without a default is required. Its class docstring holds an ``in`` block with the
    same fields and an ``out`` block with the reply. A message is a mapping of arguments by name, or a
    `Request`, which says who makes the call as well; what a proxy's call is given is a mapping too. All
    are converted by the ``in`` schema before the method runs.

    While the method runs, ``self._caller`` is who makes the call. What runs later, as in the store's
    thread, has to be given it: by then another call may be under way.

    Arguments:
        context: what the host provides.
    """

    _call: ClassVar[Call]
    _aliases: ClassVar[tuple[str, ...]] = ()
    _access: ClassVar[Access] = Access.operator
    _subject: ClassVar[str] = ""
    """An argument that the call is all about: paths of mistakes start inside it."""
    _unknown: ClassVar[Literal["refuse", "ignore"]] = "refuse"
    """What to do with arguments and fields that the ``in`` block does not have."""

    def __init_subclass__(cls) -> None:
        """Read what the subclass declares; one without a public method is a base for others."""
        super().__init_subclass__()
        public = [name for name in vars(cls) if not name.startswith("_") and not hasattr(Actor, name)]
        if not public:
            return
        if len(public) > 1:
            raise TypeError(f"{cls.__name__} has more than its call in public: {', '.join(public)}")
        cls._call = read_call(cls, public[0], aliases=cls._aliases, access=cls._access)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._request = Request({})
        self._caller: Caller = HOST
        self._input, self._output = schemas_of(self._call, context.registry, namespace=context.namespace)
        self._names = frozenset((*self._call.required, *self._call.optional))
        self._required = frozenset(self._call.required)
        self._simple = {one.name: _SIMPLE[one.kind.name] for one in self._input.properties if one.kind.name in _SIMPLE}

    def on_receive(self, message: object) -> object:
        """Answer a call.

        Arguments:
            message: a mapping of the arguments by name, or a `Request`.

        Raises:
            InputError: the message is no mapping, or an argument is unknown, missing or does not fit.
            PermissionDenied: the caller may not make this call.
        """
        if type(message) is Request:
            request = message
            check_access(self._call, request.caller)
        elif type(message) is dict or isinstance(message, Mapping):  # the first alone takes no time
            request = Request(message)
        else:
            raise InputError(f"a message to {self._call.name} is a mapping of its arguments by name")
        self._request, self._caller = request, request.caller
        arguments = self._read(self._prepare(request.arguments))
        return getattr(self, self._call.name)(**arguments)

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments in the form that the schema takes; calls that take several forms override it."""
        return message

    def _read(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that were given, converted; all mistakes at once."""
        if self._is_plain(message):
            return dict(message)
        problems: list[Problem] = []
        given: Mapping[str, Any] = message
        try:
            converted = self._input.convert(message, unknown=self._unknown, now=self._context.clock())
        except InputError as error:
            problems.extend(error.errors)
        else:
            named = [name for name in message if message[name] is not None and name in self._names]
            given = {name: getattr(converted, name) for name in named}
        arguments = {name: value for name, value in given.items() if not _is_unset(value)}
        missing = [name for name in self._call.required if name not in arguments]
        problems.extend(Problem(f"is missing; {self._call.name} needs it", path=name) for name in missing)
        if problems:
            raise InputError.of(self._placed(problem) for problem in problems)
        return arguments

    def _is_plain(self, message: Mapping[str, Any]) -> bool:
        """Return whether arguments are what converting them would return: truths, numbers in range, and texts."""
        simple = self._simple
        for name, value in message.items():
            kind = type(value)
            if kind is not simple.get(name):
                return False
            if kind is int:
                if not 0 <= value < NOT_SET:
                    return False
            elif kind is str and not (value and value.isascii()):
                return False
        return self._required <= message.keys()

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
