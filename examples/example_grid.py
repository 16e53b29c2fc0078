"""The grid that the examples run on: six people, two farms with a node each.

    python examples/example_grid.py            # prints the commands that set this grid up
    python examples/example_grid.py | sh -e    # sets it up in your own store

The keys are made of words that everybody can read here. That is good for examples, where everyone has to be
everyone, and for nothing else: on a grid of your own each party makes its key with `signing.Key.generate()`
and keeps it.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from workloadmanager import signing
from workloadmanager.threebot import WorkloadManager


class Person(NamedTuple):
    """Somebody in the phonebook: the threebot id, the name and the key."""

    tid: int
    name: str
    key: signing.Key


class Node(NamedTuple):
    """A node in the directory: its farm, its farmer's threebot id, and its key, which is its id."""

    farm_id: int
    farm: str
    farmer_tid: int
    key: signing.Key


def example_key(word: str) -> signing.Key:
    """Return the key that a word stands for in the examples."""
    return signing.Key(hashlib.sha256(f"workload manager example: {word}".encode()).digest())


NAMES = ("customer", "co-signer-a", "co-signer-b", "co-signer-c", "farmer-north", "farmer-south")
PEOPLE = tuple(Person(tid, name, example_key(name)) for tid, name in enumerate(NAMES, start=1))
CUSTOMER, COSIGNERS, FARMERS = PEOPLE[0], PEOPLE[1:4], PEOPLE[4:]
NODES = (
    Node(1, "farm-north", FARMERS[0].tid, example_key("node-north")),
    Node(2, "farm-south", FARMERS[1].tid, example_key("node-south")),
)


def fill(manager: WorkloadManager) -> None:
    """Enter the people and the nodes into a workload manager's phonebook and directory."""
    for person in PEOPLE:
        manager.phonebook.add(name=person.name, public_key=person.key.public_key, tid=person.tid)
    for node in NODES:
        farm = manager.directory.add_farm(name=node.farm, farmer_tid=node.farmer_tid)
        manager.directory.add_node(node_id=node.key.node_id, farm_id=farm.id)


def commands() -> Iterator[str]:
    """Yield the commands that set the grid up from a terminal, keys included."""
    for person in PEOPLE:
        yield f"echo {person.key.seed_hex()} | workloadmanager key import {person.name} - --no-passphrase"
        yield f"workloadmanager user add {person.name} --key {person.name} --tid {person.tid}"
    farmers = {person.tid: person.name for person in FARMERS}
    for node in NODES:
        yield f"workloadmanager farm add {node.farm} --farmer {farmers[node.farmer_tid]}"
        yield f"workloadmanager node add {shlex.quote(node.key.node_id)} --farm {node.farm_id}"


if __name__ == "__main__":
    print("\n".join(commands()))
