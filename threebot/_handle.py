"""The handle of a running workload manager: every documented call is a method of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MethodType
from typing import Any, Self, cast

from ..actors import CALLS, CallActor, call_of
from ..actors import Directory as AnyDirectory
from ..actors import Phonebook as AnyPhonebook
from ..bcdb import Store
from ..errors import InputError
from ..schema import Registry
from ._calls import Calls
from ._directory import Directory
from ._near_miss import near_miss
from ._phonebook import Phonebook
from ._records import PackageRecord, Records
from ._stopper import Stopper
from ._watched import ActorClass, ActorRef

__all__ = ["Parts", "WorkloadManager"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What runs behind a handle."""

    place: str
    store: Store
    registry: Registry
    phonebook: AnyPhonebook
    directory: AnyDirectory
    records: Records
    actors: Mapping[str, ActorRef]
    calls: Calls
    restarts: Callable[[], dict[str, int]]
    stopper: Stopper


class WorkloadManager:
    """A running workload manager, made by `start`; it stops with its ``with`` block, or by `stop`.

    Every documented call is a method that takes its arguments by name, asks the call's actor and
    returns its reply (``docs/calls.md``). So is every call of the other packages that run. All of
    them raise errors of `workloadmanager.errors`; `Unavailable` where the actor is being started
    again, or where no answer came in time and nothing is known of the outcome.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __enter__(self) -> Self:
        """Return the handle itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def __repr__(self) -> str:
        """Say where the store is and what runs."""
        if not self.running:
            return "<WorkloadManager, stopped>"
        packages = [name for name, record in self.packages.items() if record.status == "running"]
        return f"<WorkloadManager on {self._parts.place}, {len(self.actors)} calls of {', '.join(packages)}>"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a call of another package as a method."""
        actor_ref = None if name.startswith("_") else self._parts.actors.get(name)
        if actor_ref is None:
            raise AttributeError(f'there is no call "{name}"{near_miss(name, dir(self))}')
        return MethodType(_call_method(name, actor_ref.actor_class), self)

    def __dir__(self) -> Iterator[str]:
        """Name the calls of other packages too, for completion."""
        return iter({*super().__dir__(), *self._parts.actors})

    @property
    def running(self) -> bool:
        """Whether it runs; a handle that was stopped stays stopped."""
        return self._parts.stopper.running

    @property
    def actors(self) -> Mapping[str, ActorRef]:
        """The Pykka references of the actors by the name of their call; one that died is replaced here."""
        return self._parts.actors

    @property
    def phonebook(self) -> Phonebook:
        """Who is who: the phonebook that is kept in the store, or the one that `start` was given."""
        return cast("Phonebook", self._parts.phonebook)

    @property
    def directory(self) -> Directory:
        """Farms and nodes: the directory that is kept in the store, or the one that `start` was given."""
        return cast("Directory", self._parts.directory)

    @property
    def store(self) -> Store:
        """The document store."""
        return self._parts.store

    @property
    def registry(self) -> Registry:
        """The schemas of all packages."""
        return self._parts.registry

    @property
    def packages(self) -> Mapping[str, PackageRecord]:
        """What became of each package that was found, by its name."""
        return self._parts.records

    @property
    def restarts(self) -> dict[str, int]:
        """How often each actor was started again, by the name of its call."""
        return self._parts.restarts()

    async def acall(self, name: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - arguments and reply are the call's own
        """Make a call from a coroutine; its loop goes on meanwhile.

        Arguments:
            name: the call.
            arguments: its arguments.

        Returns:
            The reply of the call.

        Raises:
            NotFound: there is no such call.
            Unavailable: the actor does not run just now, or did not answer in time.
            WorkloadManagerError: the call refused.
        """
        return await self._parts.calls.ask_async(name, arguments)

    def stop(self) -> None:
        """Stop the actors, finish what was submitted to the store, and close it; stopping twice is no error."""
        self._parts.stopper.stop()


def _call_method(name: str, actor_class: ActorClass) -> Callable[..., Any]:
    """Make the method of a call, with the signature and the docstring of its actor."""

    def method(self: WorkloadManager, *positional: object, **arguments: object) -> object:
        if positional:
            example = next(iter(_parameters(actor_class)), "argument")
            raise InputError(f"{name} takes its arguments by name: wm.{name}({example}=…)", call=name)
        return self._parts.calls.ask(name, arguments)

    method.__name__ = name
    method.__qualname__ = f"{WorkloadManager.__qualname__}.{name}"
    method.__doc__ = inspect.getdoc(actor_class)
    if parameters := _parameters(actor_class):
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


for _name, _actor_class in CALLS.items():
    for _alias in (_name, *call_of(_actor_class).aliases):
        setattr(WorkloadManager, _alias, _call_method(_alias, _actor_class))
