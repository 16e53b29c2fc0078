"""A small grid for the tests of the client: a server, people and nodes with keys, a clock that is set, a bad line."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager import schema, signing
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.client import Client, connect

NOW = 1_800_000_000
HOUR = 3600


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: int = NOW

    def __call__(self) -> int:
        """Return the time."""
        return self.now


def key_of(word: str) -> signing.Key:
    """Return the key that a word stands for in these tests."""
    return signing.Key(word.encode().ljust(32, b"."))


@dataclass
class Grid:
    """A customer, a farmer with two nodes, and the workload manager that serves them."""

    manager: WorkloadManager
    clock: Clock
    customer: signing.Key = field(default_factory=lambda: key_of("customer"))
    farmer: signing.Key = field(default_factory=lambda: key_of("farmer"))
    node: signing.Key = field(default_factory=lambda: key_of("node one"))
    other: signing.Key = field(default_factory=lambda: key_of("node two"))

    def fill(self) -> None:
        """Enter everybody into phonebook and directory, the customer as 1, the farmer as 2."""
        for name in ("customer", "farmer"):
            self.manager.phonebook.add(name=name, public_key=getattr(self, name).public_key)
        farm = self.manager.directory.add_farm(name="farm", farmer_tid=2)
        for key in (self.node, self.other):
            self.manager.directory.add_node(node_id=key.node_id, farm_id=farm.id)

    def order(self, workloads: int = 1, **changes: Any) -> dict[str, Any]:
        """Return a reservation of some volumes on the first node."""
        volumes = [
            {"workload_id": number, "node_id": self.node.node_id, "size": number, "type": "SSD"}
            for number in range(1, workloads + 1)
        ]
        data = {
            "volumes": volumes,
            "expiration_provisioning": self.clock.now + HOUR,
            "expiration_reservation": self.clock.now + 24 * HOUR,
            **changes,
        }
        return {"customer_tid": 1, "data_reservation": data}

    def signed_order(self, workloads: int = 1) -> dict[str, Any]:
        """Return a reservation with the signature of its customer."""
        reservation = self.manager.registry.get("tfgrid.workloads.reservation.1").new(**self.order(workloads))
        text = json_of(reservation.data_reservation)
        return {
            "customer_tid": 1,
            "json": text,
            "customer_signature": signing.sign(self.customer, "customer", json=text, form="plain"),
        }

    def deployed(self, workloads: int = 1, **changes: Any) -> Any:
        """Register a reservation, and let everybody sign until it is to be deployed."""
        reservation = self.manager.reservation_register(reservation=self.order(workloads, **changes))
        self.manager.sign_customer(reservation_id=reservation.id, signature=self.signature("customer", reservation))
        self.sign("farmer", reservation)
        return reservation

    def sign(self, purpose: str, reservation: Any) -> Any:
        """Let the customer sign for deletion, or the farmer that it is paid."""
        tid = 2 if purpose == "farmer" else 1
        signature = self.signature(purpose, reservation)
        call = getattr(self.manager, f"sign_{purpose}")
        return call(reservation_id=reservation.id, tid=tid, signature=signature)

    def signature(self, purpose: str, reservation: Any) -> str:
        """Return a signature of the one whose purpose it is."""
        key, tid = (self.farmer, 2) if purpose == "farmer" else (self.customer, 1)
        return signing.sign(key, purpose, json=reservation.json, reservation_id=reservation.id, tid=tid)

    def stored(self, reservation: Any) -> Any:
        """Return a reservation as it is stored now."""
        return self.manager.reservation_get(reservation_id=reservation.id)

    def count(self) -> int:
        """Return how many reservations are stored."""
        return len(self.manager.reservation_list().reservations)


def json_of(data: Any) -> str:
    """Return the JSON text of a reservation's data."""
    return schema.to_json(data)


Open = Callable[..., AbstractContextManager[Grid]]


@pytest.fixture(scope="session")
def open_grid() -> Open:
    """Open a grid: ``open_grid(path, gedis=…)``; what a path has already stays."""

    @contextmanager
    def open_one(path: str | Path = ":memory:", clock: Clock | None = None, **options: Any) -> Iterator[Grid]:
        clock = clock or Clock()
        with workloadmanager.start(path, clock=clock, **options) as manager:
            grid = Grid(manager, clock)
            grid.fill()
            yield grid

    return open_one


@pytest.fixture
def grid(open_grid: Open) -> Iterator[Grid]:
    """A grid whose server listens on a free port of this machine."""
    with open_grid(gedis="tcp://127.0.0.1:0") as opened:
        yield opened


@pytest.fixture
def address(grid: Grid) -> str:
    """Where the server of the grid listens."""
    return str(grid.manager.addresses[0])


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    """A client of the server."""
    with connect(address, timeout=20) as connected:
        yield connected


@pytest.fixture(params=["process", "wire"])
def calls(request: pytest.FixtureRequest) -> Any:
    """The calls of the grid: the handle in this process, or a client over the wire. They are the same."""
    if request.param == "wire":
        return request.getfixturevalue("client")
    return request.getfixturevalue("grid").manager


class Line:
    """A TCP proxy in front of a server, which loses what it is told to lose.

    Attributes:
        requests: what was forwarded, in the order in which it came.
        connections: how many clients connected.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._faults: list[tuple[bytes, str]] = []
        self._open = True
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._sockets: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self._threads[0].start()

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def lose(self, fault: str, word: bytes, times: int = 1) -> None:
        """Lose a ``request`` with a word in it, its ``reply``, or ``half`` of that; or answer it with ``silence``."""
        self._faults += [(word, fault)] * times

    def close(self) -> None:
        """Close everything."""
        self._open = False
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while self._open:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(client)
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self._target) as server:
            self._sockets.append(server)
            while request := client.recv(65536):
                fault = self._fault(request)
                if fault == "request":
                    return
                self.requests.append(request)
                server.sendall(request)
                if fault == "silence":
                    client.recv(1)  # until the other side gives up
                    return
                reply = _whole_reply(server)
                if fault == "reply":
                    return
                client.sendall(reply[: len(reply) // 2] if fault == "half" else reply)
                if fault == "half":
                    return

    def _fault(self, request: bytes) -> str:
        for position, (word, fault) in enumerate(self._faults):
            if word in request:
                del self._faults[position]
                return fault
        return ""


def _whole_reply(server: socket.socket) -> bytes:
    """Return one reply: a line, and the bytes that it announces."""
    reply = server.recv(65536)
    while reply and not _is_whole(reply):
        reply += server.recv(65536)
    return reply


def _is_whole(reply: bytes) -> bool:
    head, end, body = reply.partition(b"\r\n")
    if not end:
        return False
    return not head.startswith(b"$") or len(body) >= int(head[1:]) + 2


@pytest.fixture
def line_to() -> Iterator[Callable[[str], Line]]:
    """Open a line to a server that can be bad: ``line_to("tcp://127.0.0.1:8901")``."""
    opened: list[Line] = []

    def open_line(address: str) -> Line:
        host, _, port = address.removeprefix("tcp://").rpartition(":")
        opened.append(Line((host, int(port))))
        return opened[-1]

    yield open_line
    for line in opened:
        line.close()


@pytest.fixture
def line(address: str, line_to: Callable[[str], Line]) -> Line:
    """A line to the server of the grid."""
    return line_to(address)
