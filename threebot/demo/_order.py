"""The first half of the story: a grid is set up, an order is made, and those who must agree sign."""

from __future__ import annotations

import json
import time

from ... import signing
from ._host_stage import HostStage
from ._parties import Cast, Node
from ._reservation import build_data, build_small_data
from ._stage import Stage

__all__ = [
    "cosigner_signs_again",
    "customer_registers",
    "customer_signs",
    "directory_is_filled",
    "farmers_sign",
    "first_cosigner_signs",
    "host_starts",
    "other_order_waits",
    "phonebook_is_filled",
    "second_cosigner_signs",
]

HOUR, MONTH = 3600, 30 * 24 * 3600


def host_starts(stage: HostStage) -> None:
    """Start the package on a store that does not exist yet."""
    stage.begin()
    stage.expect(not stage.manager.reservation_list().reservations, "the store should be empty, and is not")
    stage.screen.done("host", f"starts {len(stage.manager.actors)} actors on a fresh LMDB store")


def phonebook_is_filled(stage: HostStage) -> None:
    """Everybody makes a key; the phonebook gets the public halves."""

    def enrol(name: str, key: signing.Key) -> int:
        return stage.manager.phonebook.add(name=name, public_key=key.public_key).id

    stage.cast = Cast.enrolled(enrol)
    stage.screen.done("host", f"enters {len(stage.cast.people)} people and their public keys in the phonebook")


def directory_is_filled(stage: HostStage) -> None:
    """Each farmer has a farm with one node, whose id is its public key."""
    north, south = stage.cast.farmers
    stage.nodes = (Node("node north", north, "2020"), Node("node south", south, "2019"))
    for node in stage.nodes:
        farm = stage.manager.directory.add_farm(name=f"farm {node.place}", farmer_tid=node.farmer.tid)
        stage.manager.directory.add_node(node_id=node.node_id, farm_id=farm.id)
        stage.screen.done(node.farmer.name, f"adds farm {node.place} with its node {node.node_id[:8]}…")


def customer_registers(stage: Stage) -> None:
    """The customer writes the order down and registers it, not signed yet."""
    customer, cosigners, now = stage.cast.customer, stage.cast.cosigners, int(time.time())
    north, south = stage.nodes
    data = build_data(
        nodes=(north.node_id, south.node_id),
        signers=[person.tid for person in cosigners],
        deleters=[customer.tid, *(person.tid for person in cosigners[:2])],
        expiration_provisioning=now + HOUR,
        expiration_reservation=now + MONTH,
    )
    stage.json = json.dumps(data)
    order = {"customer_tid": customer.tid, "json": stage.json}
    reservation = stage.calls_of(customer).reservation_register(reservation=order)
    stage.reservation_id = reservation.id
    stage.expect(reservation.json == stage.json, "the json text should be kept byte for byte, and is not")
    action = f"registers reservation {reservation.id}: 6 workloads on 2 nodes"
    stage.done(customer.name, action, reservation.next_action, should_be="create")


def customer_signs(stage: Stage) -> None:
    """The customer's own signature makes the order one."""
    stage.signs(stage.cast.customer, "customer", "signs it", counted=1, should_be="sign")


def first_cosigner_signs(stage: Stage) -> None:
    """One of three agrees; two are needed."""
    stage.signs(stage.cast.cosigners[0], "provision", "agrees", counted=1, should_be="sign")


def cosigner_signs_again(stage: Stage) -> None:
    """Signers are counted, not signatures."""
    stage.signs(stage.cast.cosigners[0], "provision", "signs again", counted=1, should_be="sign")


def second_cosigner_signs(stage: Stage) -> None:
    """The second one has an old client, whose signature does not say what it is for."""
    action = "agrees, with an old plain signature"
    stage.signs(stage.cast.cosigners[1], "provision", action, counted=2, should_be="pay", form="plain")


def farmers_sign(stage: Stage) -> None:
    """Both farmers say that they were paid."""
    first, second = stage.cast.farmers
    stage.signs(first, "farmer", "was paid, and signs", counted=1, should_be="pay")
    stage.signs(second, "farmer", "was paid, and signs", counted=2, should_be="deploy")


def other_order_waits(stage: HostStage) -> None:
    """A second order, which nobody signs, so that the lists have something to leave out."""
    customer, now = stage.cast.customer, int(time.time())
    data = build_small_data(
        node_id=stage.nodes[1].node_id, expiration_provisioning=now + HOUR, expiration_reservation=now + MONTH
    )
    order = {"customer_tid": customer.tid, "data_reservation": data}
    other = stage.manager.reservation_register(reservation=order)
    stage.others.append(other.id)
    action = f"registers reservation {other.id}, a volume on node south"
    stage.done(customer.name, action, other.next_action, should_be="create")
