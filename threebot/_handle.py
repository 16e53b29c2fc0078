"""The handle of a running workload manager: every documented call is a method of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MethodType
from typing import Any, Self, cast

from ..actors import CALLS, call_of
from ..actors import Directory as AnyDirectory
from ..actors import Phonebook as AnyPhonebook
from ..bcdb import Store
from ..schema import Registry
from ._call_methods import call_method
from ._calls import Calls
from ._near_miss import near_miss
from ._records import PackageRecord, Records
from ._stopper import Stopper
from ._watched import ActorClass, ActorRef
from .directory import Directory
from .phonebook import Phonebook

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
    addresses: Callable[[], tuple[str, ...]]
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
    def addresses(self) -> tuple[str, ...]:
        """Where other processes reach it, as ``tcp://127.0.0.1:8901``: the ports are those that it has got.

        Empty where `start` was given no ``gedis``, and after the stop.
        """
        return self._parts.addresses()

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
    return call_method(WorkloadManager, name, actor_class, _ask, called="wm")


def _ask(manager: WorkloadManager, name: str, arguments: Mapping[str, Any]) -> object:
    return manager._parts.calls.ask(name, arguments)  # noqa: SLF001 - a method of the class, made here


for _name, _actor_class in CALLS.items():
    for _alias in (_name, *call_of(_actor_class).aliases):
        setattr(WorkloadManager, _alias, _call_method(_alias, _actor_class))
