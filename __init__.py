"""Reservations and workloads of a decentralised grid, as a 3Bot package of Pykka actors.

`start` starts it; ``README.md`` and ``docs/embedding.md`` show how it is used. `connect` leads to one that runs
elsewhere, and a `NodeAgent` does the work of a node: ``docs/client.md``.
"""

from workloadmanager.threebot import start
from workloadmanager.threebot.client import NodeAgent, connect

__all__ = ["NodeAgent", "connect", "start"]
