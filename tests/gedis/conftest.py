"""What the tests of the server share: hosts with a server, servers with a clock that is moved by hand, clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager.actors import CALLS
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Gedis, Limits
from workloadmanager.threebot.gedis._budget import Budget
from workloadmanager.threebot.gedis._names import Names  # what is behind the doorway, with a clock of the test's own
from workloadmanager.threebot.gedis._secrets import Secrets
from workloadmanager.threebot.gedis._server import Server
from workloadmanager.threebot.gedis._services import Services

from .hosting import NAMES, Client, Clock, Gate, Logged, logged, write_gates
from .wiring import Wire

Host = Callable[..., WorkloadManager]
Connect = Callable[..., Client]
Serve = Callable[..., Server]


@pytest.fixture
def gates(tmp_path: Path) -> Path:
    """The folder of a package whose calls answer when they are let."""
    return write_gates(tmp_path)


@pytest.fixture
def host(gates: Path) -> Iterator[Host]:
    """Start hosts that stop with the test: ``host(gedis="tcp://127.0.0.1:0")``."""
    with ExitStack() as running:

        def start_one(**options: Any) -> WorkloadManager:
            manager = running.enter_context(workloadmanager.start(":memory:", packages=[gates], **options))
            for name in NAMES:  # a test that fails does not keep its actors waiting
                running.callback(Gate(manager, name).open)
            return manager

        yield start_one


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect clients that close with the test: ``connect(address)``."""
    with ExitStack() as clients:

        def connect_one(address: str, **options: Any) -> Client:
            client = Client(address, **options)
            clients.callback(client.close)
            return client

        yield connect_one


@pytest.fixture
def monotonic() -> Clock:
    """The seconds of the server, which are moved by hand."""
    return Clock()


@pytest.fixture
def services() -> Callable[[WorkloadManager, Gedis], Services]:
    """Make what the sessions of a server share."""

    def make(manager: WorkloadManager, options: Gedis) -> Services:
        packages = [("test.gates", {name: manager.actors[name].actor_class for name in NAMES})]
        return Services(
            names=Names(workloads=CALLS, packages=packages),
            registry=manager.registry,
            clock=lambda: 1_600_000_000,
            version="1.0.0",
            secrets=Secrets(options.secrets),
            limits=options.limits,
        )

    return make


@pytest.fixture
def serve(monotonic: Clock, services: Callable[[WorkloadManager, Gedis], Services]) -> Iterator[Serve]:
    """Serve a host's calls with the clock of the test: ``serve(manager, Gedis(…))``."""
    with ExitStack() as servers:

        def serve_one(manager: WorkloadManager, options: Gedis) -> Server:
            calls = manager._parts.calls
            server = Server(options, services(manager, options), calls, monotonic=monotonic, pause=0.005)
            server.start()
            servers.callback(server.stop)
            return server

        yield serve_one


@pytest.fixture
def manager(host: Host) -> WorkloadManager:
    """A host whose calls answer when they are let."""
    return host()


@pytest.fixture
def wire(
    manager: WorkloadManager, services: Callable[[WorkloadManager, Gedis], Services], monotonic: Clock
) -> Callable[..., Wire]:
    """Make exchanges: ``wire(maximum_outstanding=2)``."""

    def make(budget: Budget | None = None, **limits: int) -> Wire:
        options = Gedis(limits=Limits(**limits))
        return Wire(manager, services(manager, options), options.limits, monotonic, budget)

    return make


@pytest.fixture
def log() -> Iterator[Logged]:
    """What the server logs."""
    with logged() as handler:
        yield handler
