"""A small grid for the tests of the calls: a store of each kind, people and nodes with keys, a clock that is set."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import base58
import msgspec
import pykka
import pytest
from nacl.signing import SigningKey

from workloadmanager.actors import CALLS, CallActor, Caller, Context, Request
from workloadmanager.bcdb import Store, Transaction, open_store
from workloadmanager.errors import NotFound
from workloadmanager.models import FOLDER
from workloadmanager.rules import Form, Purpose, Settings, result_bytes, signed_bytes
from workloadmanager.schema import Registry

NOW = 1_800_000_000


@dataclass
class Person:
    """A user of the phonebook, who can sign."""

    tid: int
    name: str
    key: SigningKey

    @property
    def pubkey(self) -> str:
        """The public key, as the phonebook has it."""
        return self.key.verify_key.encode().hex()

    def sign(self, reservation: Any, purpose: str, form: Form = "bound") -> str:
        """Return a signature over a stored reservation."""
        number = reservation.id if form != "plain" else 0
        return self.sign_text(reservation.json, purpose, form, number)

    def sign_text(self, json: str, purpose: str, form: Form = "plain", reservation_id: int = 0) -> str:
        """Return a signature over a json text."""
        message = signed_bytes(form, json=json, purpose=Purpose(purpose), reservation_id=reservation_id, tid=self.tid)
        return self.key.sign(message).signature.hex()


@dataclass
class Machine:
    """A node of the directory, which can sign results."""

    node_id: str
    key: SigningKey
    farm_id: int
    public_key_hex: str = ""

    def result(
        self,
        gwid: str,
        state: str = "ok",
        *,
        data_json: str = '{"ip":"\\u003cnil\\u003e"}',
        message: str = "",
        form: str = "2020",
    ) -> dict[str, Any]:
        """Return a signed result in the form of 2020 (hex) or of 2019 (base64)."""
        number = ["error", "ok", "deleted"].index(state)
        signed = result_bytes(state=number if form == "2020" else None, message=message, data_json=data_json)
        raw = self.key.sign(signed).signature
        signature = raw.hex() if form == "2020" else base64.b64encode(raw).decode()
        return {
            "workload_id": gwid,
            "state": state,
            "message": message,
            "data_json": data_json,
            "signature": signature,
            "epoch": NOW,
        }


@dataclass
class Farmstead:
    """A farm of the directory."""

    farm_id: int
    threebot_id: int


@dataclass
class PlainPhonebook:
    """A phonebook that is a dictionary."""

    users: dict[int, Person] = field(default_factory=dict)

    def get(self, tid: int) -> Person:
        """Return a user."""
        if tid not in self.users:
            raise NotFound(f"nobody has threebot id {tid}")
        return self.users[tid]


@dataclass
class PlainDirectory:
    """A directory of two dictionaries."""

    nodes: dict[str, Machine] = field(default_factory=dict)
    farms: dict[int, Farmstead] = field(default_factory=dict)

    def get_node(self, node_id: str) -> Machine:
        """Return a node."""
        if node_id not in self.nodes:
            raise NotFound(f"there is no node {node_id}")
        return self.nodes[node_id]

    def get_farm(self, farm_id: int) -> Farmstead:
        """Return a farm."""
        if farm_id not in self.farms:
            raise NotFound(f"there is no farm {farm_id}")
        return self.farms[farm_id]


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: int = NOW

    def __call__(self) -> int:
        """Return the time."""
        return self.now


class Running(dict[str, pykka.ActorRef[CallActor]]):
    """The actors of the calls, each started when it is first asked for."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, name: str) -> pykka.ActorRef[CallActor]:
        self[name] = CALLS[name].start(self._context)
        return self[name]


class Grid:
    """The people, the nodes, the store and the running calls."""

    def __init__(self, store: Store, registry: Registry, settings: Settings) -> None:
        self.store = store
        self.clock = Clock()
        self.phonebook = PlainPhonebook()
        self.directory = PlainDirectory()
        self.deadlines: list[int] = []
        self.customer = self._person(1, "customer")
        self.partner = self._person(2, "partner")
        self.third = self._person(3, "third")
        self.stranger = self._person(9, "stranger")
        self.farmer = self._person(11, "farmer")
        self.second_farmer = self._person(12, "second farmer")
        self.directory.farms = {1: Farmstead(1, 11), 2: Farmstead(2, 12), 3: Farmstead(3, 11)}
        self.node = self._machine(1, farm_id=1)
        self.second_node = self._machine(2, farm_id=2)
        self.third_node = self._machine(3, farm_id=3)
        self.keyless = Machine("node-without-key", self._key(4), 1)
        self.directory.nodes[self.keyless.node_id] = self.keyless
        self.context = Context(
            store=store,
            registry=registry,
            phonebook=self.phonebook,
            directory=self.directory,
            clock=self.clock,
            settings=settings,
            deadline_hook=self.deadlines.append,
        )
        self.refs = Running(self.context)

    def call(self, name: str, /, **arguments: Any) -> Any:
        """Ask the actor of a call."""
        return self.refs[name].ask(arguments, timeout=20)

    def call_as(self, caller: Caller, name: str, /, **arguments: Any) -> Any:
        """Ask the actor of a call on somebody's behalf."""
        return self.refs[name].ask(Request(arguments, caller), timeout=20)

    def stop(self) -> None:
        """Stop the calls."""
        while self.refs:
            self.refs.popitem()[1].stop(timeout=20)

    def content(self) -> bytes:
        """Return everything that is stored, to compare before and after."""
        stream = io.BytesIO()
        self.store.export(stream)
        return stream.getvalue()

    def damage(self, reservation_id: int, body: bytes = b"\xc1") -> None:
        """Store a reservation in a form that no version can read."""

        def change(transaction: Transaction) -> None:
            record = transaction.get(reservation_id)
            assert record is not None
            transaction.replace(msgspec.structs.replace(record, body=body))

        self.store.write(change)

    def data(self, **changes: Any) -> dict[str, Any]:
        """Return the data of a reservation of one volume on the first node."""
        return {
            "description": "a volume",
            "volumes": [{"workload_id": 1, "node_id": self.node.node_id, "size": 10, "type": "SSD"}],
            "expiration_provisioning": NOW + 600,
            "expiration_reservation": NOW + 3600,
            **changes,
        }

    def large(self, **changes: Any) -> dict[str, Any]:
        """Return the data of a reservation of every kind of workload, with a network on both nodes."""
        one, two = self.node.node_id, self.second_node.node_id
        return {
            "networks": [
                {
                    "name": "net",
                    "workload_id": 1,
                    "iprange": "10.20.0.0/16",
                    "network_resources": [
                        {"node_id": one, "iprange": "10.20.1.0/24", "wireguard_listen_port": 2000},
                        {"node_id": two, "iprange": "10.20.2.0/24", "wireguard_listen_port": 2000},
                    ],
                }
            ],
            "containers": [
                {
                    "workload_id": 2,
                    "node_id": one,
                    "flist": "https://hub.grid.tf/example/web.flist",
                    "hub_url": "zdb://hub.grid.tf:9900",
                    "volumes": [{"volume_id": "-3", "mountpoint": "/data"}],
                    "network_connection": [{"network_id": "net", "ipaddress": "10.20.1.10"}],
                    "capacity": {"cpu": 1, "memory": 1024},
                }
            ],
            "volumes": [{"workload_id": 3, "node_id": one, "size": 10}],
            "zdbs": [{"workload_id": 4, "node_id": two, "size": 5}],
            "kubernetes": [
                {
                    "workload_id": 5,
                    "node_id": two,
                    "size": 1,
                    "network_id": "net",
                    "ipaddress": "10.20.2.10",
                    "cluster_secret": "00",
                    "ssh_keys": ["ssh-ed25519 AAAA someone"],
                }
            ],
            "expiration_provisioning": NOW + 600,
            "expiration_reservation": NOW + 3600,
            **changes,
        }

    def register(self, data: Mapping[str, Any] | None = None, **fields: Any) -> Any:
        """Register a reservation; without data, of one volume."""
        reservation = {"customer_tid": 1, "data_reservation": self.data() if data is None else data, **fields}
        return self.call("reservation_register", reservation=reservation)

    def signed(self, reservation: Any) -> Any:
        """Let the customer sign."""
        signature = self.customer.sign(reservation, "customer")
        return self.call("sign_customer", reservation_id=reservation.id, signature=signature)

    def sign(self, purpose: str, person: Person, reservation: Any, form: Form = "bound") -> Any:
        """Let somebody sign for a purpose."""
        signature = person.sign(reservation, purpose, form)
        return self.call(f"sign_{purpose}", reservation_id=reservation.id, tid=person.tid, signature=signature)

    def deployed(self, data: Mapping[str, Any] | None = None) -> Any:
        """Register a reservation and bring it to deploy."""
        reservation = self.register(data)
        self.signed(reservation)
        self.sign("farmer", self.farmer, reservation)
        if self.state(reservation) == "pay":
            self.sign("farmer", self.second_farmer, reservation)
        return reservation

    def deleting(self, data: Mapping[str, Any] | None = None) -> Any:
        """Register a reservation and bring it to delete."""
        reservation = self.deployed(data)
        self.sign("delete", self.customer, reservation)
        return reservation

    def state(self, reservation: Any) -> str:
        """Return the state that is stored."""
        return str(self.call("reservation_get", reservation_id=reservation.id).next_action)

    def report(self, machine: Machine, gwid: str, state: str = "ok", **details: Any) -> Any:
        """Let a node report on a workload."""
        result = machine.result(gwid, state, **details)
        return self.call("set_workload_result", global_workload_id=gwid, result=result)

    def polled(self, machine: Machine | None = None, **arguments: Any) -> list[str]:
        """Return the ids of the workloads that a poll returns."""
        node_id = machine.node_id if machine else ""
        return [one.workload_id for one in self.call("workloads_list", node_id=node_id, **arguments).workloads]

    def _person(self, tid: int, name: str) -> Person:
        person = Person(tid, name, self._key(100 + tid))
        self.phonebook.users[tid] = person
        return person

    def _machine(self, number: int, farm_id: int) -> Machine:
        key = self._key(number)
        machine = Machine(base58.b58encode(key.verify_key.encode()).decode(), key, farm_id)
        self.directory.nodes[machine.node_id] = machine
        return machine

    @staticmethod
    def _key(number: int) -> SigningKey:
        return SigningKey(bytes([number]) * 32)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Return the models, loaded once: nothing changes them but the blocks of the calls, which are always the same."""
    registry = Registry()
    registry.add_folder(FOLDER)
    return registry


@pytest.fixture(scope="module", params=["memory", "lmdb"])
def open_grid(
    request: pytest.FixtureRequest, registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Grid]]:
    """Return a function that opens a grid on an empty store of each kind; in the end the store agrees with itself."""

    @contextmanager
    def open_one(settings: Settings | None = None) -> Iterator[Grid]:
        in_memory = request.param == "memory"
        with open_store(":memory:" if in_memory else tmp_path_factory.mktemp("store") / "store") as store:
            grid = Grid(store, registry, settings or Settings())
            try:
                yield grid
            finally:
                grid.stop()
            assert store.check() == []

    return open_one


@pytest.fixture
def settings() -> Settings:
    """Return the settings; a test that wants others parametrizes this name."""
    return Settings()


@pytest.fixture
def grid(open_grid: Callable[..., AbstractContextManager[Grid]], settings: Settings) -> Iterator[Grid]:
    """Return a grid whose calls run, on each store."""
    with open_grid(settings) as grid:
        yield grid
