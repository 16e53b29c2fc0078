"""What the fuzz test works with: a grid full of secrets, and connections without sockets."""

from __future__ import annotations

import base64
import json
import queue
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import workloadmanager
from workloadmanager import signing
from workloadmanager.actors import CALLS, Context, call_of
from workloadmanager.rules import Settings
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot._calls import Calls  # what a server asks the actors with
from workloadmanager.threebot.directory import CALLS as DIRECTORY_CALLS
from workloadmanager.threebot.gedis._budget import Budget
from workloadmanager.threebot.gedis._exchange import Exchange  # the part that has no sockets
from workloadmanager.threebot.gedis._login import Login
from workloadmanager.threebot.gedis._names import Names
from workloadmanager.threebot.gedis._secrets import Secrets
from workloadmanager.threebot.gedis._services import Services
from workloadmanager.threebot.gedis._session import Session
from workloadmanager.threebot.gedis._slot import Slot
from workloadmanager.threebot.phonebook import CALLS as PHONEBOOK_CALLS

from .strictness import LIMITS, pack, read_replies

NOW: Final = 1_700_000_000
SECRETS: Final = {
    "operator": "secret-of-the-operator",
    "node:node-3": "secret-of-the-third-node",
    "user:4": "secret-of-a-bystander",
}
_MARK = "planted-4c1d"
_SECONDS = 15
"""How long an answer may take before it is taken for one that never comes."""
_MOST_TURNS = 100_000


class Grid:
    """A workload manager whose stored reservations hold secrets, with the way to its actors that a server has.

    Attributes:
        manager: it.
        services: what the sessions share.
        calls: the way to the actors.
        budget: the bytes that all connections share.
        answers: what the actors answered, and no connection has taken yet.
        planted: every text that a stranger, a bystander and a node of nobody's may never see, as bytes.
        customer: the key of user 1, whose all reservations are.
        bystander: the key of user 4, who is no party of anything.
        operator: the key of the operator.
        idle: the key of a node that runs nothing.
        nodes: the keys of the nodes that run what is reserved.
    """

    def __init__(self, manager: WorkloadManager) -> None:
        parts = manager._parts
        self.manager = manager
        self.keys = [signing.Key(bytes([number]) * 32) for number in range(1, 5)]
        self.customer, self.farmer, self.signer, self.bystander = self.keys
        self.operator, self.idle, *self.nodes = [signing.Key(bytes([number]) * 32) for number in range(5, 9)]
        self._signatures: list[str] = []
        self._join()
        self.running = self._deployed()
        self.ending = self._deployed()
        self._sign("delete", self.customer, self.ending.id, 1)
        self.waiting = manager.reservation_register(reservation=self._signed())
        self.planted = (_MARK.encode(), *(form for text in self._signatures for form in _forms(text)))
        context = Context(
            parts.store, parts.registry, parts.phonebook, parts.directory, lambda: NOW, Settings(), lambda _: None
        )
        self._login = Login.start(context, (self.operator.public_key,))
        self.calls = Calls({**manager.actors, "_login": self._login}, timeout=60)
        self.budget = Budget(LIMITS)
        self.answers: queue.SimpleQueue[tuple[Slot, object, BaseException | None]] = queue.SimpleQueue()
        self.services = Services(
            names=Names(workloads=CALLS, directory=DIRECTORY_CALLS, phonebook=PHONEBOOK_CALLS),
            registry=parts.registry,
            clock=lambda: NOW,
            version="1.2.3",
            secrets=Secrets(SECRETS),
            limits=LIMITS,
            login="_login",
        )

    def stop(self) -> None:
        """Stop what is not the manager's own."""
        self._login.stop()

    def settle(self) -> None:
        """Wait for the next answer of an actor, and give it to its connection."""
        slot, value, error = self.answers.get(timeout=_SECONDS)
        slot.exchange.settle(slot, value, error)

    def counts(self) -> dict[str, int]:
        """Return how many of each thing are stored."""
        manager = self.manager
        return {
            "reservation_register": len(manager.reservation_list().reservations),
            "users_register": len(manager.phonebook.list()),
            "farms_register": len(manager.directory.list_farms()),
            "nodes_add": len(manager.directory.list_nodes()),
        }

    def _join(self) -> None:
        manager = self.manager
        for name, key in zip(("customer", "farmer", "signer", "bystander"), self.keys, strict=True):
            manager.phonebook.add(name=f"{name}.example", public_key=key.public_key)
        farm = manager.directory.add_farm(name="hillside", farmer_tid=2)
        for node_id in (*(node.node_id for node in (*self.nodes, self.idle)), "node-3"):
            manager.directory.add_node(node_id=node_id, farm_id=farm.id)

    def _signed(self) -> dict[str, Any]:
        """Return a reservation of every kind of workload, with all that its parties keep to themselves."""
        # The same text twice would be the same registration.
        data = _data([node.node_id for node in self.nodes], f"with {len(self._signatures)} signatures before it")
        text = json.dumps({**data, "unknown": _MARK})
        signature = signing.sign(self.customer, "customer", json=text, form="plain")
        self._signatures.append(signature)
        return {"customer_tid": 1, "data_reservation": data, "json": text, "customer_signature": signature}

    def _deployed(self) -> Any:
        """Register a reservation and bring it to where its nodes run it, one of which has reported."""
        manager = self.manager
        made = manager.reservation_register(reservation=self._signed())
        self._sign("provision", self.signer, made.id, 3)
        self._sign("farmer", self.farmer, made.id, 2)
        gwid = f"{made.id}-2"
        signature = signing.sign_result(self.nodes[0], state=1, data_json="{}")
        self._signatures.append(signature)
        result = {"category": "volume", "workload_id": gwid, "state": 1, "data_json": "{}", "signature": signature}
        manager.set_workload_result(global_workload_id=gwid, result=result)
        return manager.reservation_get(reservation_id=made.id)

    def _sign(self, purpose: str, key: signing.Key, reservation_id: int, tid: int) -> None:
        text = self.manager.reservation_get(reservation_id=reservation_id).json
        signature = signing.sign(key, purpose, json=text, reservation_id=reservation_id, tid=tid)
        self._signatures.append(signature)
        call = getattr(self.manager, f"sign_{purpose}")
        call(reservation_id=reservation_id, tid=tid, signature=signature)


def start_grid() -> WorkloadManager:
    """Start a workload manager whose clock stands."""
    return workloadmanager.start(":memory:", clock=lambda: NOW)


def _data(node_ids: list[str], description: str) -> dict[str, Any]:
    one, two = node_ids
    everywhere = {"stats_aggregator": [{"addr": "192.0.2.1", "port": 1, "secret": _MARK}]}
    here = {"node_id": one, **everywhere}
    resources = [
        {
            "node_id": node_id,
            "iprange": f"10.1.{number}.0/24",
            "wireguard_listen_port": 5000,
            "wireguard_private_key_encrypted": _MARK,
        }
        for number, node_id in enumerate((one, two))
    ]
    return {
        "networks": [
            {"workload_id": 1, "name": "net", "iprange": "10.1.0.0/16", "network_resources": resources, **everywhere}
        ],
        "volumes": [{"workload_id": 2, "size": 1, **here}],
        "zdbs": [{"workload_id": 3, "size": 1, "password": _MARK, **here}],
        "containers": [
            {
                "workload_id": 4,
                "flist": "https://hub.example/a.flist",
                "hub_url": "zdb://hub.example",
                "environment": {"TOKEN": _MARK},
                "secret_environment": {"TOKEN": _MARK},
                "volumes": [{"volume_id": "-2", "mountpoint": "/data"}],
                "network_connection": [{"network_id": "net", "ipaddress": "10.1.0.5"}],
                **here,
            }
        ],
        "kubernetes": [
            {
                "workload_id": 5,
                "size": 1,
                "network_id": "net",
                "ipaddress": "10.1.0.6",
                "cluster_secret": _MARK,
                **here,
            }
        ],
        "signing_request_provision": {"signers": [3], "quorum_min": 1},
        "signing_request_delete": {"signers": [1], "quorum_min": 1},
        "description": description,
        "expiration_provisioning": NOW + 600,
        "expiration_reservation": NOW + 86400,
    }


def _forms(signature: str) -> Iterable[bytes]:
    """Yield a signature in every form in which a reply could hold it."""
    raw = bytes.fromhex(signature)
    return raw, base64.b64encode(raw), signature.encode(), signature.upper().encode()


@dataclass
class Wire:
    """A connection without a socket, whose answers are settled in the test's own thread.

    Attributes:
        grid: what is behind it.
        is_open: whether who does not log in is a guest.
        hurries: whether others want their turn all the time, so that as little as possible is done at once.
        replies: the bytes that came back.
    """

    grid: Grid
    is_open: bool = False
    hurries: bool = False
    replies: bytearray = field(default_factory=bytearray)
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        """Connect."""
        grid = self.grid
        session = Session(grid.services, peer="192.0.2.7:4000", is_open=self.is_open)
        self.exchange = Exchange(
            session, LIMITS, grid.calls, lambda *answer: grid.answers.put(answer), budget=grid.budget
        )

    def send(self, *pieces: bytes) -> bytes:
        """Send bytes, wait until all that was asked is answered, and return what came back; a hang fails the test."""
        before = len(self.replies)
        for piece in pieces:
            self.exchange.received(piece)
            self.take()
        while self.exchange.busy:
            self.grid.settle()
            self.take()
        return bytes(self.replies[before:])

    def ask(self, *words: str | bytes) -> Any:
        """Send a command, and return its one reply."""
        (reply,) = read_replies(self.send(pack(*words)))
        return reply

    def take(self) -> None:
        """Let it do what it can without an answer, and take what comes back."""
        for _ in range(_MOST_TURNS):
            self.replies += self.exchange.outgoing(0.0 if self.hurries else float("inf"))
            if not self.exchange.goes_on:
                return
        raise AssertionError("it goes on for ever")


CALLS_BY_NAME: Final = {
    **{f"tfgrid.workloads.workload_manager.{name}": call_of(actor) for name, actor in CALLS.items()},
    **{f"tfgrid.directory.{name.replace('_', '.', 1)}": call_of(actor) for name, actor in DIRECTORY_CALLS.items()},
    **{f"tfgrid.phonebook.{name.replace('_', '.', 1)}": call_of(actor) for name, actor in PHONEBOOK_CALLS.items()},
}
"""Every call by its name on the wire."""
