"""The shapes of what the directory holds: objects of the models ``tfgrid.directory.*``."""

from __future__ import annotations

from typing import Any, Protocol

from ...actors import Farm, Node

__all__ = [
    "Amount",
    "FarmEntry",
    "Interface",
    "Location",
    "NodeEntry",
    "Price",
    "Proof",
    "PublicInterface",
]


class Location(Protocol):
    """A place on earth: an object of ``tfgrid.directory.location.1``."""

    city: str
    country: str
    latitude: float
    longitude: float


class Price(Protocol):
    """What a farmer asks in one currency: an object of ``tfgrid.directory.node.resource.price.1``."""

    currency: int
    cru: float
    mru: float
    hru: float
    sru: float
    nru: float


class Amount(Protocol):
    """An amount of each resource: an object of ``tfgrid.directory.node.resource.amount.1``."""

    cru: int
    mru: int
    hru: int
    sru: int


class Interface(Protocol):
    """A network interface: an object of ``tfgrid.directory.node.iface.1``."""

    name: str
    addrs: list[str]
    gateway: list[str]


class PublicInterface(Protocol):
    """How a node is connected to the internet: an object of ``tfgrid.directory.node.public_iface.1``."""

    master: str
    type: int
    ipv4: str
    ipv6: str
    gw4: str
    gw6: str
    version: int


class Proof(Protocol):
    """What a node told of its hardware: an object of ``tfgrid.directory.node.proof.1``."""

    created: int
    hardware_hash: str
    disk_hash: str
    hardware: dict[str, Any]
    disks: dict[str, Any]
    hypervisor: list[str]


class FarmEntry(Farm, Protocol):
    """A farm of the directory that is kept in bcdb: an object of ``tfgrid.directory.farm.1``."""

    id: int
    name: str
    threebot_id: int
    location: Location
    resource_prices: list[Price]
    prefix_zero: str


class NodeEntry(Node, Protocol):
    """A node of the directory that is kept in bcdb: an object of ``tfgrid.directory.node.2``."""

    node_id: str
    farm_id: int
    created: int
    updated: int
    uptime: int
    location: Location
    total_resources: Amount
    used_resources: Amount
    reserved_resources: Amount
    proofs: list[Proof]
    ifaces: list[Interface]
    public_config: PublicInterface
    approved: bool
    public_key_hex: str
    wg_ports: list[int]
