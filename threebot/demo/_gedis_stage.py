"""The stage of the story over gedis: a server, two nodes and everybody's clients."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...schema import to_json
from ...signing import Key
from ..client import Client, connect
from ._child import Child
from ._node_process import NodeProcess
from ._parties import Node, Person
from ._programs import Programs
from ._server import Server
from ._signals import undisturbed
from ._stage import Stage
from ._talk import Deed

__all__ = ["GedisStage"]


@dataclass(slots=True, kw_only=True)
class GedisStage(Stage):
    """Where everybody makes calls of a server, and is who has the key.

    Attributes:
        folder: where everything is kept; empty at the beginning.
        programs: what the processes run.
        server: the server.
        operator: the client of who runs the server, who knows its secret.
        stranger: a client that does not log in.
        clients: those of people, by their names.
        farms: the ids of the farms, by the names of their nodes.
        at_work: the nodes' processes, by the names of the nodes.
        deed: what the nodes do at the moment.
        unreported: the places whose report the server has not acknowledged yet: a node's name and a global workload id.
        restarts: how often the server was started again.
        kept: the reservation and its history before the server went away, as JSON text.
    """

    keeper: str = "operator"
    folder: Path
    programs: Programs
    server: Server = field(init=False)
    operator: Client = field(init=False)
    stranger: Client = field(init=False)
    clients: dict[str, Client] = field(default_factory=dict)
    farms: dict[str, int] = field(default_factory=dict)
    at_work: dict[str, NodeProcess] = field(default_factory=dict)
    deed: Deed = Deed.nothing
    unreported: set[tuple[str, str]] = field(default_factory=set)
    restarts: int = 0
    kept: str = ""

    @property
    def calls(self) -> Client:
        """The operator's client."""
        return self.operator

    def calls_of(self, person: Person) -> Client:
        """Return the client of a person, who logs in with the own key."""
        if person.name not in self.clients:
            self.clients[person.name] = self._connect(role=f"user:{person.tid}", key=person.key)
        return self.clients[person.name]

    def calls_of_node(self, node: Node) -> Client:
        """Return a client that logs in as a node, beside the node's own."""
        return self._connect(role=f"node:{node.node_id}", key=node.key)

    @property
    def state_after_report(self) -> str:
        """The state that the reservation should be in when a report was acknowledged, the last one or another."""
        if self.deed is Deed.deploy:
            return "deploy"
        return "delete" if self.unreported else "deleted"

    def facts(self) -> tuple[str, ...]:
        """Return how often the server was started again."""
        return (f"{self.restarts} restarts",)

    def begin(self) -> None:
        """Start the server, and connect to it as its operator and as a stranger."""
        secret = secrets.token_hex(32)
        self.server = Server(
            self.programs.workloadmanager, self.folder, secret=secret, patience=self.patience, keep=self._keep
        )
        self.server.start()
        self.operator = self._connect(role="operator", secret=secret)
        self.stranger = self._connect()

    def begin_node(self, node: Node) -> int:
        """Start a node, or start it again, and return the id of its process; it has yet to join the grid."""
        if node.name not in self.at_work:
            self.at_work[node.name] = NodeProcess(
                node, self.programs.node, self.folder, patience=self.patience, keep=self._keep
            )
        return self.at_work[node.name].start(self.server.address, self.farms[node.name])

    def now(self) -> str:
        """Return the reservation with its history, as JSON text."""
        return to_json(self.operator.reservation_get(reservation_id=self.reservation_id, history=True))

    def _connect(self, *, role: str | None = None, key: Key | None = None, secret: str | None = None) -> Client:
        client = connect(self.server.address, role=role, key=key, secret=secret, timeout=self.patience)
        return self.running.enter_context(client)

    def _keep(self, start: Callable[[], Child]) -> Child:
        with undisturbed():
            return self.running.enter_context(start())
