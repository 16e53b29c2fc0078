"""Reservations and workloads of a decentralised grid, as a 3Bot package of Pykka actors.

`start` starts it; ``README.md`` and ``docs/embedding.md`` show how it is used. `connect` leads to one that runs
elsewhere, and a `NodeAgent` does the work of a node: ``docs/client.md``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workloadmanager.threebot import start
    from workloadmanager.threebot.client import NodeAgent, connect

__all__ = ["NodeAgent", "connect", "start"]

_HOMES = {
    "NodeAgent": "workloadmanager.threebot.client",
    "connect": "workloadmanager.threebot.client",
    "start": "workloadmanager.threebot",
}


def __getattr__(name: str) -> object:
    """Import what a public name stands for when it is first used; whoever needs a part alone waits for no other."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(import_module(_HOMES[name]), name))


def __dir__() -> list[str]:
    """Return the names of the module, also of what was not imported yet."""
    return sorted({*globals(), *__all__})
