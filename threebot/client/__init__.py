"""The client: the calls of a workload manager that runs elsewhere, and the agent of a node (``docs/client.md``)."""

from ._client import Client
from ._connect import connect
from ._node_agent import NodeAgent, Round
from ._results import Workload

__all__ = ["Client", "NodeAgent", "Round", "Workload", "connect"]
