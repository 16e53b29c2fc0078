"""One good reservation, and a grid around it, for the tests of the rules."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from workloadmanager.rules import (
    Case,
    CustomerSigned,
    DeadlinePassed,
    DeleteSigned,
    Event,
    FarmerSigned,
    NextAction,
    OperatorDeleted,
    ProvisionSigned,
    ResultReported,
    Settings,
    Step,
    Surroundings,
    VolumeFact,
    WorkloadDeleted,
    apply,
    check_registration,
    farmers_of,
    open_case,
    placements_of,
)
from workloadmanager.schema import Registry, Schema

NOW = 1_800_000_000
CUSTOMER = 1

DATA: dict[str, Any] = {
    "description": "a small shop",
    "signing_request_provision": {"signers": [2, 3, 4], "quorum_min": 2},
    "signing_request_delete": {"signers": [2, 3], "quorum_min": 2},
    "networks": [
        {
            "name": "shop",
            "workload_id": 1,
            "iprange": "10.10.0.0/16",
            "network_resources": [
                {
                    "node_id": "node-1",
                    "iprange": "10.10.1.0/24",
                    "wireguard_listen_port": 6001,
                    "peers": [
                        {
                            "public_key": "one",
                            "iprange": "10.10.2.0/24",
                            "allowed_iprange": ["10.10.2.0/24", "100.64.10.2/32"],
                            "endpoint": "[2001:db8::2]:6002",
                        }
                    ],
                },
                {
                    "node_id": "node-2",
                    "iprange": "10.10.2.0/24",
                    "wireguard_listen_port": 6002,
                    "peers": [{"public_key": "two", "iprange": "10.10.1.0/24", "allowed_iprange": ["10.10.1.0/24"]}],
                },
            ],
        }
    ],
    "volumes": [{"workload_id": 2, "node_id": "node-1", "size": 10, "type": "SSD"}],
    "containers": [
        {
            "workload_id": 3,
            "node_id": "node-1",
            "flist": "https://hub.example.org/shop.flist",
            "hub_url": "zdb://hub.example.org:9900",
            "environment": {"LANG": "en"},
            "secret_environment": {"TOKEN": "00ff"},
            "volumes": [{"volume_id": "-2", "mountpoint": "/data"}],
            "network_connection": [{"network_id": "shop", "ipaddress": "10.10.1.10"}],
            "stats_aggregator": [{"addr": "192.0.2.1", "port": 6379, "secret": "s"}],
        },
        {
            "workload_id": 4,
            "node_id": "node-2",
            "flist": "https://hub.example.org/web.flist",
            "hub_url": "zdb://hub.example.org:9900",
            "volumes": [{"volume_id": "77-1", "mountpoint": "/pictures"}],
            "network_connection": [{"network_id": "elsewhere", "ipaddress": "172.20.1.10"}],
        },
    ],
    "zdbs": [{"workload_id": 5, "node_id": "node-2", "size": 20, "mode": "user", "disk_type": "ssd"}],
    "kubernetes": [
        {"workload_id": 6, "node_id": "node-1", "size": 1, "network_id": "shop", "ipaddress": "10.10.1.11"},
        {"workload_id": 7, "node_id": "node-2", "size": 2, "network_id": "shop", "ipaddress": "10.10.2.11"},
    ],
    "expiration_provisioning": NOW + 600,
    "expiration_reservation": NOW + 86_400,
}
"""A network over two nodes, a volume, a container that mounts it, one that mounts another's, a zdb, two machines."""


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The schemas of the package's own models."""
    models = Registry()
    models.add_folder(files("workloadmanager.models"))
    models.resolve()
    return models


@dataclass
class Grid:
    """Makes documents, events and cases; the farmers are 21 (node-1) and 22 (node-2)."""

    registry: Registry
    now: int = NOW
    customer: int = CUSTOMER
    settings: Settings = field(default_factory=Settings)

    def schema(self, name: str) -> Schema:
        """The schema of a model of the workloads family."""
        return self.registry.get(f"tfgrid.workloads.{name}")

    def surroundings(self, **changes: Any) -> Surroundings:
        """What the phonebook, the directory and the store know."""
        known = Surroundings(
            known_tids=frozenset({1, 2, 3, 4, 21, 22}),
            farmers={"node-1": 21, "node-2": 22},
            volumes={"77-1": VolumeFact(CUSTOMER, "node-2"), "78-1": VolumeFact(9, "node-2")},
        )
        return replace(known, **changes)

    def data(self, **changes: Any) -> dict[str, Any]:
        """The good sample, with top-level fields replaced."""
        return {**copy.deepcopy(DATA), **changes}

    def reservation(self, **changes: Any) -> Any:
        """A reservation of the good sample, as it comes in; ``changes`` are to its data."""
        document = {"json": "{}", "customer_tid": CUSTOMER, "data_reservation": self.data(**changes)}
        return self.schema("reservation.1").convert(document)

    def problems(self, reservation: Any, *, settings: Settings | None = None, **surroundings: Any) -> list[Any]:
        """What registration says about a reservation."""
        known = self.surroundings(**surroundings)
        return check_registration(reservation, known, now=self.now, settings=settings or self.settings)

    def open(self, *, signed: bool = False, reservation: Any = None, **changes: Any) -> Step:
        """Register a reservation, with or without the customer's signature."""
        document = reservation or self.reservation(**changes)
        document.id, document.epoch = 12, self.now
        document.customer_signature = "cc" * 64 if signed else ""
        return open_case(
            document,
            farmers=farmers_of(document.data_reservation, self.surroundings(), self.settings),
            placements=placements_of(document.data_reservation),
            customer_signed=signed,
        )

    def entry(self, tid: int) -> Any:
        """What is kept of a signature."""
        return self.schema("reservation.signing.signature.1").new(tid=tid, signature="ab" * 64, epoch=self.now)

    def result(self, state: str = "ok", **fields: Any) -> Any:
        """What is kept of a result."""
        return self.schema("reservation.result.1").new(state=state, epoch=self.now, **fields)

    def customer_signed(self) -> CustomerSigned:
        """The customer signs."""
        return CustomerSigned("cd" * 64)

    def provision(self, tid: int) -> ProvisionSigned:
        """Somebody signs for provision."""
        return ProvisionSigned(tid, self.entry(tid))

    def farmer(self, tid: int) -> FarmerSigned:
        """Somebody signs as farmer."""
        return FarmerSigned(tid, self.entry(tid))

    def delete(self, tid: int) -> DeleteSigned:
        """Somebody signs for delete."""
        return DeleteSigned(tid, self.entry(tid))

    def operator_deleted(self) -> OperatorDeleted:
        """The operator decides the deletion."""
        return OperatorDeleted()

    def report(self, workload_id: int, node_id: str, state: str = "ok", **fields: Any) -> ResultReported:
        """A node reports."""
        return ResultReported(workload_id, node_id, self.result(state, **fields))

    def gone(self, workload_id: int, node_id: str) -> WorkloadDeleted:
        """A node reports that a workload is gone."""
        return WorkloadDeleted(workload_id, node_id, self.result())

    def follow(self, case: Case, *events: Event, now: int = 0) -> Step:
        """Apply events one after another; return the last step."""
        step = Step(case, changed=False)
        for event in events:
            step = apply(step.case, event, now or self.now)
        return step

    def way_to(self, state: NextAction) -> Iterator[Event]:
        """The shortest way from a registration without a signature to a state."""
        if state is NextAction.create:
            return
        if state is NextAction.invalid:
            yield DeadlinePassed()
            return
        yield self.customer_signed()
        if state >= NextAction.pay:
            yield from (self.provision(2), self.provision(3))
        if state >= NextAction.deploy:
            yield from (self.farmer(21), self.farmer(22))
        if state >= NextAction.delete:
            yield from (self.delete(2), self.delete(3))
        if state is NextAction.deleted:
            yield from (self.gone(workload_id, node_id) for workload_id, node_id in self.everywhere())

    def everywhere(self) -> Iterator[tuple[int, str]]:
        """Every workload on every node of the good sample."""
        yield from ((1, "node-1"), (1, "node-2"), (2, "node-1"), (3, "node-1"))
        yield from ((4, "node-2"), (5, "node-2"), (6, "node-1"), (7, "node-2"))

    def case(self, state: NextAction, *more: Event) -> Case:
        """The good sample in some state, reached by events."""
        now = self.now + 600 if state is NextAction.invalid else self.now
        case = self.follow(self.open().case, *self.way_to(state), now=now).case
        assert case.state is state
        return self.follow(case, *more).case


@pytest.fixture
def grid(registry: Registry) -> Grid:
    """A grid with two nodes, and everything to make events with."""
    return Grid(registry)


@pytest.fixture(scope="session")
def place() -> Callable[[Any, str, Any], None]:
    """Put a value at a path of a document, whatever the model would say about it."""

    def put(document: Any, path: str, value: Any) -> None:
        *way, last = path.replace("[", ".[").split(".")
        for step in way:
            document = document[int(step[1:-1])] if step.startswith("[") else getattr(document, step)
        if last.startswith("["):
            document[int(last[1:-1])] = value
        else:
            msgspec.structs.force_setattr(document, last, value)  # the model would refuse some of them

    return put
