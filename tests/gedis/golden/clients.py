"""The nodes' client at its five dates: how it connects, what it sends, and what it makes of the replies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .decoding import GedisError, Refused, error_of, list_of, structure
from .documents import Workload, farm, farm_id, node, reservation, workload, workloads
from .epochs import Epoch
from .wire import Connection, Reply, argument, dial

T = TypeVar("T")

POOL = 5
IDLE = 60
"""Seconds after which an idle connection is closed."""
DOUBT = 10
"""Seconds after which an idle connection is tried with a PING before it is used again."""


class CallFailed(Exception):
    """The client's call failed: the server refused, or its reply is not what the client takes."""

    def __init__(self, reason: str, error: GedisError | None = None) -> None:
        super().__init__(reason)
        self.error = error


class Client:
    """A client of one epoch, which keeps every connection it made, for their bytes to be looked at.

    Arguments:
        epoch: which of the five.
        address: the url of the server, as it is in a node's settings: ``tcp://[SECRET@]host:port`` or ``unix:///path``.
        clock: returns the time in seconds, by which connections grow old.
        source: the address it calls from; empty for any.
    """

    def __init__(self, epoch: Epoch, address: str, *, clock: Callable[[], float], source: str = "") -> None:
        self.epoch = epoch
        self.connections: list[Connection] = []
        self._url = address
        self._clock = clock
        self._source = source
        self._idle: list[tuple[float, Connection]] = []
        self._in_use = 0
        self.unasked = b""
        """What the server sent beside one reply for each command."""

    # The connection

    def open(self) -> Connection:
        """Dial, and say on every new connection what the client always says."""
        connection = Connection(dial(self._url, source=self._source))
        self.connections.append(connection)
        name = urlsplit(self._url).username
        try:
            if name:
                self._accepted(connection.ask("AUTH", name))
            self._accepted(connection.ask("config_format", "json"))
        except CallFailed:
            self._close(connection)
            raise
        return connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection: a new one at each time, or one of the pool."""
        if self._in_use == POOL:
            raise CallFailed("the pool is exhausted")
        connection = self._kept() or self.open()
        self._in_use += 1
        try:
            yield connection
        finally:
            self._in_use -= 1
            if self.epoch.pooled:
                self._idle.append((self._clock(), connection))
            else:
                self._close(connection)

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._close(self._idle.pop()[1])

    def _kept(self) -> Connection | None:
        now = self._clock()
        while self._idle and self._idle[0][0] + IDLE < now:
            self._close(self._idle.pop(0)[1])
        if not self._idle:
            return None
        since, connection = self._idle.pop()
        if since + DOUBT < now and connection.ask("PING").text != "PONG":
            raise CallFailed("no PONG")
        return connection

    def _close(self, connection: Connection) -> None:
        self.unasked += connection.close()

    # The call

    def call(self, name: str, arguments: Mapping[str, Any]) -> Reply:
        """Make a call that returns nothing: whatever is no error is success."""
        with self.connection() as connection:
            return self._accepted(connection.ask(name, argument(dict(arguments))))

    def fetch(self, name: str, arguments: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        """Make a call that returns a value: JSON in a bulk or simple string, decoded in full."""
        reply = self.call(name, arguments)
        if reply.text is None:
            raise CallFailed(f"unexpected reply {reply}")
        try:
            return read(json.loads(reply.text, parse_constant=_no_json))
        except ValueError as error:
            raise CallFailed(str(error)) from error

    @staticmethod
    def _accepted(reply: Reply) -> Reply:
        if reply.kind == "-":
            error = error_of(reply.value.decode())
            raise CallFailed(error.text, error)
        return reply

    # The calls on workloads

    def poll(self, node_id: str, cursor: int = 0) -> list[Workload]:
        """Ask what to run and what to delete."""
        return self._workloads("workloads_list", {"node_id": node_id, "cursor": cursor}, workloads(self.epoch))

    def get(self, gwid: str) -> Workload:
        """Ask for one workload."""
        return self._workloads("workload_get", {"gwid": gwid}, workload(self.epoch))

    def feedback(self, gwid: str, result: Mapping[str, Any]) -> Reply:
        """Report the result of a workload."""
        name = f"{self.epoch.workloads}.set_workload_result"
        return self.call(name, {"global_workload_id": gwid, "result": result})

    def deleted(self, gwid: str) -> Reply:
        """Report that a workload is deleted, without saying who reports."""
        assert self.epoch.deletes, f"{self.epoch} never sends it"
        return self.call(f"{self.epoch.workloads}.workload_deleted", {"workload_id": gwid})

    def delete(self, reservation_id: int) -> Reply:
        """Ask for the deletion of a reservation, without a signature, its id a text."""
        assert self.epoch.deletes, f"{self.epoch} never sends it"
        return self.call(f"{self.epoch.workloads}.sign_delete", {"reservation_id": str(reservation_id)})

    def reserve(self, wanted: Mapping[str, Any]) -> int:
        """Register a reservation; its id alone is used, but the reply is decoded in full."""
        found: dict[str, Any] = self._workloads(
            "reservation_register", {"reservation": wanted}, reservation(self.epoch)
        )
        identity: int = found["id"]
        return identity

    def _workloads(self, call: str, arguments: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        return self.fetch(f"{self.epoch.workloads}.{call}", arguments, read)

    # The calls on nodes and farms

    def tell_node(self, method: str, **arguments: Any) -> Reply:
        """Make a call about a node that returns nothing."""
        return self.call(f"{self.epoch.directory}.nodes.{method}", arguments)

    def add_node(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Add a node."""
        return self._directory("nodes.add", {"node": entry}, node(self.epoch))

    def get_node(self, node_id: str) -> dict[str, Any]:
        """Ask for a node."""
        return self._directory("nodes.get", {"node_id": node_id}, node(self.epoch))

    def list_nodes(self, *, farm_id: int = 0, country: str = "", city: str = "") -> list[dict[str, Any]]:
        """Ask for the nodes of a farm or of a place."""
        read = structure({"nodes": list_of(node(self.epoch))})
        found = self._directory("nodes.list", {"farm_id": farm_id, "country": country, "city": city}, read)
        listed: list[dict[str, Any]] = found["nodes"]
        return listed

    def register_farm(self, entry: Mapping[str, Any]) -> int:
        """Register a farm."""
        return self._directory("farms.register", {"farm": entry}, farm_id)

    def get_farm(self, identity: int) -> dict[str, Any]:
        """Ask for a farm."""
        return self._directory("farms.get", {"farm_id": identity}, farm)

    def list_farms(self, *, country: str = "", city: str = "") -> list[dict[str, Any]]:
        """Ask for the farms of a place."""
        found = self._directory("farms.list", {"country": country, "city": city}, structure({"farms": list_of(farm)}))
        listed: list[dict[str, Any]] = found["farms"]
        return listed

    def _directory(self, call: str, arguments: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        return self.fetch(f"{self.epoch.directory}.{call}", arguments, read)


class Poller:
    """How a node polls: from 0 at its boot, then from one above the highest reservation that it has seen.

    Arguments:
        client: the client.
        node_id: the node that polls.
    """

    def __init__(self, client: Client, node_id: str) -> None:
        self.client = client
        self.node_id = node_id
        self.cursor = 0

    def poll(self) -> list[Workload]:
        """Poll once; after a reply that does not decode, later clients go on by one.

        Raises:
            CallFailed: the call failed. The node tries again ten seconds later.
        """
        try:
            found = self.client.poll(self.node_id, self.cursor)
        except CallFailed as failure:
            if self.client.epoch.moves_on and isinstance(failure.__cause__, Refused):
                self.cursor += 1
            raise
        self.cursor = max([self.cursor, *(int(one.gwid.partition("-")[0]) + 1 for one in found)])
        return found


def _no_json(word: str) -> None:
    raise Refused(f"{word} is no JSON")
