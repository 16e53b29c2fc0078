"""The calls as a client knows them: their names on the wire, and the schemas of what comes back."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...actors import CALLS, CallActor, Schemas, call_of, schemas_of
from ...actors.reservation_get import history_schema
from ...models import FOLDER
from ...schema import Registry, Schema
from ..directory import CALLS as DIRECTORY_CALLS
from ..phonebook import CALLS as PHONEBOOK_CALLS

__all__ = ["ALL_CALLS", "Catalogue", "Entry", "catalogue"]

ALL_CALLS: Mapping[str, type[CallActor]] = {**CALLS, **DIRECTORY_CALLS, **PHONEBOOK_CALLS}
"""The actor of each call of this package, by its name in the process of the server."""

_reading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Entry:
    """A call, as a client makes it.

    Attributes:
        name: the name of the call.
        command: its name on the wire.
        schemas: of its arguments, and of its reply.
    """

    name: str
    command: str
    schemas: Schemas


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a client knows of the calls without asking a server.

    Attributes:
        registry: the models, and the schemas of the calls.
        entries: the calls by their names and aliases.
        history: the schema of the reply of ``reservation_get`` that tells the history too.
    """

    registry: Registry
    entries: Mapping[str, Entry]
    history: Schema


def catalogue() -> Catalogue:
    """Return the catalogue, which is made once; every client's objects are of the same types."""
    with _reading:
        return _catalogue()


@functools.cache
def _catalogue() -> Catalogue:
    registry = Registry(clock=lambda: int(time.time()))
    registry.add_folder(FOLDER)
    entries = {}
    for name, command, actor_class in _commands():
        call = call_of(actor_class)
        entry = Entry(name, command, schemas_of(call, registry))
        entries.update(dict.fromkeys((name, *call.aliases), entry))
    return Catalogue(registry, entries, history_schema(registry))


def _commands() -> Iterator[tuple[str, str, type[CallActor]]]:
    """Yield each call with its name on the wire (``docs/gedis.md``)."""
    for name, actor_class in CALLS.items():
        yield name, f"tfgrid.workloads.workload_manager.{name}", actor_class
    for package, calls in (("directory", DIRECTORY_CALLS), ("phonebook", PHONEBOOK_CALLS)):
        for name, actor_class in calls.items():
            actor, _, method = name.partition("_")
            yield name, f"tfgrid.{package}.{actor}.{method}", actor_class
