"""The data of the benchmarks: nodes, and reservations as customers make them, the same in every run."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec

from workloadmanager import signing
from workloadmanager.rules import NextAction
from workloadmanager.schema import Registry

__all__ = ["CUSTOMERS", "DAY", "FARMS", "NODES", "Document", "Documents", "key_of", "named_nodes"]

CUSTOMERS = 50
"""How many customers there are; their threebot ids are 1 to 50."""

FARMS = 20
"""How many farms there are, each with a farmer of its own, whose threebot ids follow the customers'."""

NODES = 2000
"""How many nodes there are; each reservation is on four of them."""

DAY = 24 * 3600

_SECONDS_APART = 5
_STATES = {
    NextAction.create: 5,
    NextAction.pay: 10,
    NextAction.deploy: 55,
    NextAction.invalid: 10,
    NextAction.deleted: 20,
}
"""How many of a hundred reservations are in each state."""

_PAID = (NextAction.deploy, NextAction.deleted)


def key_of(word: str) -> signing.Key:
    """Return the key that a word stands for."""
    return signing.Key(_digest(word))


def named_nodes(number: int = NODES) -> list[str]:
    """Return the ids of so many nodes: each is a public key."""
    return [key_of(f"node {position}").node_id for position in range(number)]


@dataclass(frozen=True, slots=True)
class Document:
    """A stored reservation, in what both sides of a benchmark need of it.

    Attributes:
        id: the reservation id.
        state: the number of its next action.
        epoch: seconds since 1970 at which it was registered.
        node_ids: the four nodes it is on.
        reporters: the node that sent each of its results.
        reservation: the reservation, an object of the schema.
    """

    id: int
    state: int
    epoch: int
    node_ids: tuple[str, ...]
    reporters: tuple[str, ...]
    reservation: msgspec.Struct


class Documents:
    """Makes reservations: a network and a container on one node, two volumes and a zdb on three others.

    Like real ones they hold everything twice: as the text that the customer signed, written compactly and
    without defaults, and as data. Those that were paid carry a farmer's signature and a node's result. The
    signatures have the right size and are nobody's, but for those of `signed`.

    Arguments:
        registry: has the models.
        node_ids: the nodes to choose from, four or more.
        now: seconds since 1970; the last reservation is registered then.
        orders: numbers of which each is in one reservation of `signed` alone; from 1 on by default.
    """

    def __init__(self, registry: Registry, node_ids: list[str], now: int, orders: Iterator[int] | None = None) -> None:
        self.node_ids = node_ids
        self._schema = registry.get("tfgrid.workloads.reservation.1")
        self._now = now
        self._random = random.Random(20_000)  # noqa: S311 - the same choice in every run is what is wanted
        self._orders = count(1) if orders is None else orders

    def stored(self, number: int) -> Iterator[Document]:
        """Yield so many reservations in the order of their ids, which begin at 1."""
        states = self._random.choices(list(_STATES), list(_STATES.values()), k=number)
        for reservation_id, state in enumerate(states, start=1):
            yield self._document(reservation_id, state, self._now - (number - reservation_id) * _SECONDS_APART)

    def signed(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return a reservation as a customer sends it to be registered, with a signature of its own, and its nodes."""
        sent, nodes = self.unsigned()
        key = key_of(f"user {sent['customer_tid']}")
        return sent | {"customer_signature": signing.sign(key, "customer", json=sent["json"], form="plain")}, nodes

    def unsigned(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the same without a signature, as of a customer who signs later."""
        order = next(self._orders)
        customer = 1 + order % CUSTOMERS
        nodes = self._random.sample(self.node_ids, 4)
        data = self._data(nodes, f"order {order}")
        return {"customer_tid": customer, "json": _compact(data), "data_reservation": data}, tuple(nodes)

    def _document(self, reservation_id: int, state: NextAction, epoch: int) -> Document:
        nodes = self._random.sample(self.node_ids, 4)
        data = self._data(nodes, f"shop {reservation_id}")
        reservation: dict[str, Any] = {
            "id": reservation_id,
            "epoch": epoch,
            "next_action": int(state),
            "customer_tid": 1 + reservation_id % CUSTOMERS,
            "json": _compact(data),
            "data_reservation": data,
            "customer_signature": "" if state is NextAction.create else _filler(f"customer {reservation_id}", 64),
        }
        if state in _PAID:
            reservation["signatures_farmer"] = [
                {"tid": CUSTOMERS + 1, "signature": _filler(f"farmer {reservation_id}", 64), "epoch": epoch + 60}
            ]
            reservation["results"] = [_result(reservation_id, epoch + 120)]
        return Document(
            id=reservation_id,
            state=int(state),
            epoch=epoch,
            node_ids=tuple(nodes),
            reporters=(nodes[0],) if state in _PAID else (),
            reservation=self._schema.convert(reservation),
        )

    def _data(self, nodes: list[str], description: str) -> dict[str, Any]:
        first, second, third, fourth = nodes
        return {
            "description": description,
            "networks": [_network(first)],
            "containers": [_container(first)],
            "volumes": [_volume(3, second), _volume(4, third)],
            "zdbs": [{"workload_id": 5, "node_id": fourth, "size": 50, "disk_type": 1}],
            "expiration_provisioning": self._now + DAY,
            "expiration_reservation": self._now + 30 * DAY,
        }


def _network(node_id: str) -> dict[str, Any]:
    resource = {
        "node_id": node_id,
        "iprange": "10.20.1.0/24",
        "wireguard_private_key_encrypted": _filler(f"sealed for {node_id}", 80),
        "wireguard_public_key": base64.b64encode(_digest(f"wireguard of {node_id}")).decode(),
        "wireguard_listen_port": 7001,
    }
    return {"workload_id": 1, "name": "shop", "iprange": "10.20.0.0/16", "network_resources": [resource]}


def _container(node_id: str) -> dict[str, Any]:
    return {
        "workload_id": 2,
        "node_id": node_id,
        "flist": "https://hub.grid.tf/shop.flist",
        "hub_url": "zdb://hub.grid.tf:9900",
        "network_connection": [{"network_id": "shop", "ipaddress": "10.20.1.10"}],
        "capacity": {"cpu": 2, "memory": 2048},
    }


def _volume(workload_id: int, node_id: str) -> dict[str, Any]:
    return {"workload_id": workload_id, "node_id": node_id, "size": 20}


def _result(reservation_id: int, epoch: int) -> dict[str, Any]:
    return {
        "category": "container",
        "workload_id": f"{reservation_id}-2",
        "data_json": '{"id":"shop","ipv4":"10.20.1.10"}',
        "signature": _filler(f"result {reservation_id}", 64),
        "state": "ok",
        "epoch": epoch,
    }


def _compact(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def _digest(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()


def _filler(word: str, size: int) -> str:
    """Return hex of so many bytes that do not repeat."""
    return hashlib.shake_256(word.encode()).hexdigest(size)
