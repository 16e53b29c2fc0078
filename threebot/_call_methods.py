"""The calls as methods of a handle, with the signatures and the docstrings of their actors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..actors import CallActor, call_of
from ..errors import InputError
from ._watched import ActorClass

__all__ = ["call_method"]


def call_method(
    owner: type,
    name: str,
    actor_class: ActorClass,
    make: Callable[[Any, str, Mapping[str, Any]], object],
    *,
    called: str,
) -> Callable[..., Any]:
    """Return a call as a method, which takes the arguments of the call by name.

    Arguments:
        owner: the class that has the method.
        name: the name of the call, or an alias of it.
        actor_class: the actor of the call.
        make: makes a call, by the object, the name and the arguments.
        called: what an object of the class is called in examples.
    """
    parameters = _parameters(actor_class)

    def method(self: object, *positional: object, **arguments: object) -> object:
        if positional:
            example = next(iter(parameters), "argument")
            raise InputError(f"{name} takes its arguments by name: {called}.{name}({example}=…)", call=name)
        return make(self, name, arguments)

    method.__name__ = name
    method.__qualname__ = f"{owner.__qualname__}.{name}"
    method.__doc__ = inspect.getdoc(actor_class)
    if issubclass(actor_class, CallActor):
        handle = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        signature = inspect.Signature([handle, *parameters.values()])
        method.__signature__ = signature  # type: ignore[attr-defined]  # functions take it, their type does not say so
    return method


def _parameters(actor_class: ActorClass) -> dict[str, inspect.Parameter]:
    """Return the parameters of a call; a plain actor's are not known."""
    if not issubclass(actor_class, CallActor):
        return {}
    declared = _signature(getattr(actor_class, call_of(actor_class).name)).parameters
    return {key: one for key, one in declared.items() if one.kind is one.KEYWORD_ONLY}


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return a signature with its types; with their text where a name in it is known to type checkers alone."""
    try:
        return inspect.signature(function, eval_str=True)
    except (NameError, AttributeError, TypeError, SyntaxError):
        return inspect.signature(function)
