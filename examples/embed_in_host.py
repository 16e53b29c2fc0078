"""A host that embeds the package and has its own phonebook and directory.

    python examples/embed_in_host.py

The workload manager asks its host three questions: who is this threebot id, which farm is this node in, and who
owns this farm. A host that knows the answers from elsewhere, say from a database of its members, passes two
objects with these methods to `start`. Nothing else about users, farms and nodes is needed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from example_grid import COSIGNERS, CUSTOMER, FARMERS, NODES, PEOPLE, Person
from make_reservation import build_signed

import workloadmanager
from workloadmanager import signing
from workloadmanager.errors import NotFound
from workloadmanager.threebot import WorkloadManager


@dataclass(frozen=True)
class Member:
    """A user, as the workload manager wants to see one: a name, and a public key in hex."""

    name: str
    pubkey: str


@dataclass(frozen=True)
class Machine:
    """A node: the farm it stands in, and its public key in hex, or nothing where its id is its key."""

    farm_id: int
    public_key_hex: str = ""


@dataclass(frozen=True)
class Site:
    """A farm: the threebot id of its farmer."""

    threebot_id: int


class Members:
    """The host's phonebook."""

    def __init__(self) -> None:
        self._members = {person.tid: Member(person.name, person.key.public_key) for person in PEOPLE}

    def get(self, tid: int, /) -> Member:
        """Return a member, or raise `NotFound`, which the workload manager passes on."""
        try:
            return self._members[tid]
        except KeyError:
            raise NotFound(f"threebot {tid} is no member here") from None


class Inventory:
    """The host's directory."""

    def __init__(self) -> None:
        self._machines = {node.key.node_id: Machine(node.farm_id) for node in NODES}
        self._sites = {node.farm_id: Site(node.farmer_tid) for node in NODES}

    def get_node(self, node_id: str, /) -> Machine:
        """Return a node, or raise `NotFound`."""
        try:
            return self._machines[node_id]
        except KeyError:
            raise NotFound(f"node {node_id} is not in the inventory") from None

    def get_farm(self, farm_id: int, /) -> Site:
        """Return a farm, or raise `NotFound`."""
        try:
            return self._sites[farm_id]
        except KeyError:
            raise NotFound(f"farm {farm_id} is not in the inventory") from None


def sign(manager: WorkloadManager, person: Person, purpose: str, reservation_id: int) -> None:
    """Let somebody sign, and print where that leads."""
    reservation = manager.reservation_get(reservation_id=reservation_id)
    signature = signing.sign(person.key, purpose, json=reservation.json, reservation_id=reservation_id, tid=person.tid)
    call = {"provision": manager.sign_provision, "farmer": manager.sign_farmer}[purpose]
    reply = call(reservation_id=reservation_id, tid=person.tid, signature=signature)
    print(f"{person.name} signs: {len(reply.signed)} of {reply.needed}, next action {reply.next_action}")


def main() -> None:
    """Start the package with the host's own parts, and take a reservation up to its deployment."""
    with workloadmanager.start(path=":memory:", phonebook=Members(), directory=Inventory()) as manager:
        reservation = manager.reservation_register(reservation=build_signed(int(time.time())))
        print(f"{CUSTOMER.name} registers reservation {reservation.id}, next action {reservation.next_action}")
        for cosigner in COSIGNERS[:2]:
            sign(manager, cosigner, "provision", reservation.id)
        for farmer in FARMERS:
            sign(manager, farmer, "farmer", reservation.id)
        for node in NODES:
            workloads = manager.workloads_list(node_id=node.key.node_id).workloads
            print(f"node {node.key.node_id[:8]}… is handed {', '.join(str(each.type) for each in workloads)}")


if __name__ == "__main__":
    main()
