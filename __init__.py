"""Reservations and workloads of a decentralised grid, as a 3Bot package of Pykka actors.

`start` starts it; ``README.md`` and ``docs/embedding.md`` show how it is used.
"""

from workloadmanager.threebot import start

__all__ = ["start"]
