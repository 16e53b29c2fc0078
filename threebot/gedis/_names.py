"""The names of the calls on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...actors import Call, CallActor, call_of
from ...errors import NotFound
from .._watched import ActorClass
from .._words import in_line
from ._guesses import Guesses

__all__ = ["OWN_NAMESPACE", "Names", "Route"]

OWN_NAMESPACE = "tfgrid.workloadmanager"
_WORKLOADS = ("tfgrid.workloads.workload_manager", "tfgrid.directory.workload_manager", "default.workload_manager")
_DIRECTORY = ("tfgrid.directory", "default")
_PHONEBOOK = ("tfgrid.phonebook",)
_OBJECTS = "(LO)"
"""The type of a field that lists objects."""
_LONG = frozenset({"nodes_get"})
"""The calls whose reply is one object, in which there may be long lists."""
_HISTORY = "history"
"""The argument that asks for a history."""
_MOST_SPELLINGS = 4096
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """Where a command goes.

    Attributes:
        name: the actor that answers, by its name in the process.
        call: what the actor declares.
        namespace: author and package, with which the urls of its schemas begin.
        names: its names on the wire: that for today's clients first, then the older ones, then the aliases.
        is_list: whether a list of objects makes its reply as large as a page.
        has_history: whether its reply may tell a history as well.
    """

    name: str
    call: Call
    namespace: str
    names: tuple[str, ...]
    is_list: bool
    has_history: bool


class Names:
    """The names of all calls on the wire, in whatever case they arrive (``docs/gedis.md``, "Names").

    Arguments:
        workloads: the calls of the workload manager, by the names of their actors.
        directory: the calls of the directory: ``nodes_add`` is ``tfgrid.directory.nodes.add`` on the wire.
        phonebook: the calls of the phonebook: ``users_register`` is ``tfgrid.phonebook.users.register``.
        packages: the calls of other packages: ``<author>.<package>``, and the actors by their names. Those that
            are no `CallActor` are left out: nothing says what they take, nor who may ask them.
        others: names of commands that go to no actor, for guesses at what somebody meant.

    Attributes:
        routes: where each call goes, in the order in which they were given.
    """

    def __init__(
        self,
        *,
        workloads: Mapping[str, ActorClass] | None = None,
        directory: Mapping[str, ActorClass] | None = None,
        phonebook: Mapping[str, ActorClass] | None = None,
        packages: Iterable[tuple[str, Mapping[str, ActorClass]]] = (),
        others: Iterable[str] = (),
    ) -> None:
        self.routes: list[Route] = []
        self._by_name: dict[str, Route] = {}
        self._add(workloads or {}, OWN_NAMESPACE, _WORKLOADS)
        self._add(directory or {}, OWN_NAMESPACE, _DIRECTORY, dotted=True)
        self._add(phonebook or {}, OWN_NAMESPACE, _PHONEBOOK, dotted=True)
        for namespace, actors in packages:
            self._add(actors, namespace, (namespace,))
        self._by_spelling = {name.encode(): route for name, route in self._by_name.items()}
        self._guesses = Guesses({**{name: name for name in others}, **self._by_name})

    def find(self, name: bytes) -> Route | None:
        """Return where a command goes; None where there is no such call.

        The spellings that arrive are remembered, the first few thousand of them, so that looking one up again
        costs no more than a dictionary does.
        """
        route = self._by_spelling.get(name)
        if route is None and len(name) <= _LONGEST_NAME and not name.islower():
            route = self._by_name.get(name.decode("ascii", "replace").lower())
            if route is not None and len(self._by_spelling) < _MOST_SPELLINGS:
                self._by_spelling[name] = route
        return route

    def unknown(self, name: bytes) -> NotFound:
        """Return the error for a name that neither a call nor another command has."""
        text = in_line(name[:_LONGEST_NAME].decode(errors="replace"))
        near = self._guesses.near(text)
        guess = f'; did you mean "{near}"?' if near else ""
        return NotFound(f'there is no command "{text}"{guess}')

    def _add(
        self, actors: Mapping[str, ActorClass], namespace: str, prefixes: tuple[str, ...], *, dotted: bool = False
    ) -> None:
        for name, actor_class in actors.items():
            if not issubclass(actor_class, CallActor):
                continue
            call = call_of(actor_class)
            shown = [each.replace("_", ".", 1) if dotted else each for each in (name, *call.aliases)]
            names = tuple(f"{prefix}.{each}".lower() for each in shown for prefix in prefixes)
            is_list = name in _LONG or (call.blocks.output is not None and _OBJECTS in call.blocks.output.text)
            route = Route(name, call, namespace, names, is_list, has_history=_HISTORY in call.optional)
            self.routes.append(route)
            for each in names:
                self._by_name.setdefault(each, route)
