"""A grid behind a gedis server: a workload manager, people and nodes with keys, and clients of any epoch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from hashlib import sha256
from typing import Any

import workloadmanager
from workloadmanager import signing
from workloadmanager.signing import Key
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Gedis

from .clients import Client
from .epochs import Epoch
from .payloads import NODE_SEED

NOW = 1_585_000_000
ABSENT = 7_000_000
"""The id that no reservation and no farm has."""


class Clock:
    """A clock that stands until it is moved, on and never back."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the second at which it stands."""
        return self.now


FIRST_NODE = Key(NODE_SEED)
SECOND_NODE = Key(bytes([2]) * 32)
"""The nodes of the first grid at a server."""


class Server:
    """A running workload manager with a customer and a farmer, for one grid or several after each other.

    Arguments:
        clock: its clock.
        gedis: where it listens, and to whom; by default openly, at a loopback address.
    """

    customer = Key(bytes([101]) * 32)
    farmer = Key(bytes([111]) * 32)
    secret = "secret-of-the-operator"  # noqa: S105 - of a server that lives as long as its tests

    def __init__(self, clock: Clock, gedis: Gedis | None = None) -> None:
        self.clock = clock
        gedis = gedis or Gedis(listen=("tcp://127.0.0.1:0",), secrets={"operator": self.secret})
        self.manager: WorkloadManager = workloadmanager.start(":memory:", gedis=gedis, clock=clock)
        self.manager.phonebook.add(name="customer", public_key=self.customer.public_key, tid=1)
        self.manager.phonebook.add(name="farmer", public_key=self.farmer.public_key, tid=11)
        self._grids = 0

    def next_keys(self) -> tuple[Key, Key, Key]:
        """Return the keys of three nodes: for the first grid known ones, then others for each."""
        self._grids += 1
        if self._grids == 1:
            return FIRST_NODE, SECOND_NODE, Key(bytes([77]) * 32)
        first, second, third = (Key(sha256(b"%d of grid %d" % (each, self._grids)).digest()) for each in range(3))
        return first, second, third

    def close(self) -> None:
        """Stop; the store agrees with itself."""
        try:
            assert self.manager.store.check() == []
        finally:
            self.manager.stop()


class Grid:
    """A farm with two nodes, and clients of any epoch, at a server.

    Everything but what a client does is done in the process.

    Arguments:
        clock: the clock of all.
        gedis: the options of a server of its own.
        server: one that runs already, instead of one of its own.

    Attributes:
        node: the key of the first node.
        second_node: the key of the second one.
        new_node: the key of a node that nobody knows yet.
    """

    customer = Server.customer
    farmer = Server.farmer
    secret = Server.secret

    def __init__(self, clock: Clock, gedis: Gedis | None = None, *, server: Server | None = None) -> None:
        self.clock = clock
        self._closing = ExitStack()
        if server is None:
            server = Server(clock, gedis)
            self._closing.callback(server.close)
        self._clients: list[Client] = []
        self.manager = server.manager
        self.farm_id = self.manager.directory.add_farm(name="a farm", farmer_tid=11).id
        self.node, self.second_node, self.new_node = server.next_keys()
        for key in (self.node, self.second_node):
            self.manager.directory.add_node(node_id=key.node_id, farm_id=self.farm_id)

    @property
    def address(self) -> str:
        """The address of the server."""
        address: str = self.manager.addresses[0]
        return address

    @property
    def operator_address(self) -> str:
        """The address as a node has it in its settings where it is to be the operator's."""
        return self.address.replace("tcp://", f"tcp://{self.secret}@")

    def client(self, epoch: Epoch, *, address: str = "", source: str = "") -> Client:
        """Make a client of an epoch."""
        self._clients.append(Client(epoch, address or self.address, clock=self.clock, source=source))
        return self._clients[-1]

    def close(self) -> None:
        """Close, and with it a server of its own; no client was sent more than one reply for a command."""
        with self._closing:
            for client in self._clients:
                client.close()
            assert [client.unasked for client in self._clients if client.unasked] == []

    def volume(self, node: Key | None = None, **changes: Any) -> dict[str, Any]:
        """Return a volume, on the first node."""
        return {"workload_id": 1, "node_id": (node or self.node).node_id, "size": 10, "type": "SSD", **changes}

    def data(self, **lists: Any) -> dict[str, Any]:
        """Return the data of a reservation, of one volume where nothing else is said."""
        now = self.clock()
        times = {"expiration_provisioning": now + 600, "expiration_reservation": now + 3600}
        return {**times, **(lists or {"volumes": [self.volume()]})}

    def every_kind(self) -> dict[str, Any]:
        """Return the data of a reservation of every kind of workload on the first node."""
        one = self.node.node_id
        resource = {
            "node_id": one,
            "iprange": "10.20.1.0/24",
            "wireguard_listen_port": 2000,
            "wireguard_private_key_encrypted": signing.seal(one, "a private key"),
            "wireguard_public_key": "NTZkMDFkNmFlZDcyNDQ2MWI2YWUyYjBjYjVhNzg4ZjQ=",
            "peers": [
                {
                    "public_key": "NTZkMDFkNmFlZDcyNDQ2MWI2YWUyYjBjYjVhNzg4ZjQ=",
                    "endpoint": "37.187.124.71:51820",
                    "allowed_iprange": ["10.20.9.0/24", "100.64.20.9/32"],
                    "iprange": "10.20.9.0/24",
                }
            ],
        }
        statistics = [{"addr": "stats.example.com", "port": 6379, "secret": "00"}]
        return self.data(
            networks=[{"name": "net", "workload_id": 1, "iprange": "10.20.0.0/16", "network_resources": [resource]}],
            containers=[
                {
                    "workload_id": 2,
                    "node_id": one,
                    "flist": "https://hub.grid.tf/example/web.flist",
                    "hub_url": "zdb://hub.grid.tf:9900",
                    "environment": {"LANG": "en", "NAME": "Zoë\n<&>"},
                    "secret_environment": {"PASSWORD": signing.seal(one, "secret")},
                    "entrypoint": "/sbin/web",
                    "interactive": False,
                    "volumes": [{"volume_id": "-3", "mountpoint": "/data"}],
                    "network_connection": [{"network_id": "net", "ipaddress": "10.20.1.10", "public_ip6": True}],
                    "stats_aggregator": statistics,
                    "capacity": {"cpu": 1, "memory": 1024},
                }
            ],
            volumes=[self.volume(workload_id=3)],
            zdbs=[
                {
                    "workload_id": 4,
                    "node_id": one,
                    "size": 5,
                    "mode": "user",
                    "password": signing.seal(one, "a password"),
                    "disk_type": "ssd",
                    "public": True,
                }
            ],
            kubernetes=[
                {
                    "workload_id": 5,
                    "node_id": one,
                    "size": 2,
                    "network_id": "net",
                    "ipaddress": "10.20.1.20",
                    "cluster_secret": signing.seal(one, "a cluster secret"),
                    "master_ips": ["10.20.1.21"],
                    "ssh_keys": ["ssh-ed25519 AAAA someone"],
                }
            ],
        )

    def network(self) -> dict[str, Any]:
        """Return the data of a reservation of a network on both nodes."""
        resources = [
            {"node_id": key.node_id, "iprange": f"10.20.{number}.0/24", "wireguard_listen_port": 2000}
            for number, key in enumerate((self.node, self.second_node), start=1)
        ]
        network = {"name": "net", "workload_id": 1, "iprange": "10.20.0.0/16", "network_resources": resources}
        return self.data(networks=[network])

    def deployed(self, data: Mapping[str, Any] | None = None) -> int:
        """Bring a reservation to deploy, and return its id; of one volume where nothing else is said."""
        wanted = {"customer_tid": 1, "data_reservation": self.data() if data is None else dict(data)}
        stored = self.manager.reservation_register(reservation=wanted)
        self.sign_for_deployment(stored)
        identity: int = stored.id
        return identity

    def sign_for_deployment(self, stored: Any) -> None:
        """Let the customer and the farmer sign."""
        signature = signing.sign(self.customer, "customer", json=stored.json, reservation_id=stored.id, tid=1)
        self.manager.sign_customer(reservation_id=stored.id, signature=signature)
        self._sign(self.farmer, "farmer", stored.id, tid=11)
        assert self.state(stored.id) == "deploy"

    def to_be_deleted(self, reservation_id: int) -> None:
        """Let the customer sign that a reservation is to be deleted."""
        self._sign(self.customer, "delete", reservation_id, tid=1)

    def reservation(self, reservation_id: int) -> Any:
        """Return a reservation as it is stored."""
        return self.manager.reservation_get(reservation_id=reservation_id)

    def state(self, reservation_id: int) -> str:
        """Return the state that a reservation is in."""
        return str(self.reservation(reservation_id).next_action)

    def _sign(self, key: Key, purpose: str, reservation_id: int, *, tid: int) -> None:
        json = self.reservation(reservation_id).json
        signature = signing.sign(key, purpose, json=json, reservation_id=reservation_id, tid=tid)
        call = getattr(self.manager, f"sign_{purpose}")
        call(reservation_id=reservation_id, tid=tid, signature=signature)
