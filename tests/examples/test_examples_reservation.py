"""The example reservation is one that a customer would make, in each form in which it exists."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey

from workloadmanager import signing
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.demo._reservation import build_data  # the demo's own, held to be as good as ours

Load = Callable[[str], Any]

FRESH = {"wireguard_private_key_encrypted", "wireguard_public_key", "public_key", "password", "cluster_secret"}
"""The fields that are made anew each time."""


def without_fresh_keys(value: Any) -> Any:
    """Return plain data with its keys and secrets blanked."""
    if isinstance(value, list):
        return [without_fresh_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    blank: dict[str, Any] = dict.fromkeys(FRESH & value.keys(), "made anew")
    if "secret_environment" in value:
        blank["secret_environment"] = dict.fromkeys(value["secret_environment"], "made anew")
    return {**{name: without_fresh_keys(item) for name, item in value.items()}, **blank}


def secrets_of(data: Any) -> Iterator[tuple[str, str]]:
    """Yield the node id and the sealed text of every secret."""
    for network in data["networks"]:
        for resource in network["network_resources"]:
            yield resource["node_id"], resource["wireguard_private_key_encrypted"]
    for container in data["containers"]:
        for sealed in container["secret_environment"].values():
            yield container["node_id"], sealed
    for zdb in data["zdbs"]:
        yield zdb["node_id"], zdb["password"]
    for machine in data["kubernetes"]:
        yield machine["node_id"], machine["cluster_secret"]


@pytest.fixture
def stored(examples: Path) -> Any:
    """The reservation of the JSON file."""
    return json.loads((examples / "reservation.json").read_text(encoding="utf-8"))


@pytest.fixture
def keys(load: Load) -> dict[str, signing.Key]:
    """The keys of the example nodes by their ids."""
    return {node.key.node_id: node.key for node in load("example_grid").NODES}


def test_the_file_is_what_the_script_prints(stored: Any, load: Load) -> None:
    """But for keys and secrets, which are made anew each time."""
    built = load("make_reservation").build_template()
    assert without_fresh_keys(stored) == without_fresh_keys(built)


def test_the_file_passes_every_check_whenever_it_is_registered(stored: Any, manager: WorkloadManager) -> None:
    """Its times are relative, so that they are never in the past; without a signature it waits for one."""
    reservation = manager.reservation_register(reservation=stored)
    assert reservation.next_action == "create"
    asked = reservation.data_reservation
    assert asked.expiration_provisioning == pytest.approx(time.time() + 3600, abs=60)
    assert asked.expiration_reservation == pytest.approx(time.time() + 30 * 24 * 3600, abs=60)


def test_the_signed_one_passes_every_check(load: Load, manager: WorkloadManager) -> None:
    """With the customer's signature it waits for its co-signers at once."""
    signed = load("make_reservation").build_signed(int(time.time()))
    reservation = manager.reservation_register(reservation=signed)
    assert reservation.next_action == "sign"
    assert reservation.json == signed["json"]


def test_the_demo_orders_as_much(load: Load, manager: WorkloadManager) -> None:
    """The demo's own builder makes a reservation with the same workloads, which passes the checks too."""
    grid, now = load("example_grid"), int(time.time())
    data = build_data(
        nodes=tuple(node.key.node_id for node in grid.NODES),
        signers=[2, 3, 4],
        deleters=[1, 2, 3],
        expiration_provisioning=now + 3600,
        expiration_reservation=now + 7200,
    )
    order = {"customer_tid": 1, "data_reservation": data}
    assert manager.reservation_register(reservation=order).next_action == "create"
    ours = without_fresh_keys(load("make_reservation").build_template()["data_reservation"])
    assert without_ends(without_fresh_keys(data)) == without_ends(ours)


def without_ends(data: dict[str, Any]) -> dict[str, Any]:
    """Return a reservation's data without its times and ssh keys."""
    machines = [{**machine, "ssh_keys": []} for machine in data["kubernetes"]]
    ends = ("expiration_provisioning", "expiration_reservation")
    return {**data, "kubernetes": machines, **dict.fromkeys(ends, 0)}


def test_every_secret_opens_with_its_node_s_key(stored: Any, keys: dict[str, signing.Key]) -> None:
    """What is sealed in the file is for the node that it is on."""
    opened = [signing.unseal(keys[node_id], sealed) for node_id, sealed in secrets_of(stored["data_reservation"])]
    assert len(opened) == 6
    assert all(opened)


def test_the_machines_of_the_cluster_share_a_secret(stored: Any, keys: dict[str, signing.Key]) -> None:
    """Each has it sealed to its own node."""
    machines = stored["data_reservation"]["kubernetes"]
    shared = {signing.unseal(keys[machine["node_id"]], machine["cluster_secret"]) for machine in machines}
    assert len(shared) == 1


def test_the_wireguard_keys_are_pairs_that_the_peers_know(stored: Any, keys: dict[str, signing.Key]) -> None:
    """The public key beside each sealed private one is its own, and the other node's peer has it."""
    north, south = stored["data_reservation"]["networks"][0]["network_resources"]
    for here, there in ((north, south), (south, north)):
        private = signing.unseal(keys[here["node_id"]], here["wireguard_private_key_encrypted"])
        public = base64.b64encode(bytes(PrivateKey(base64.b64decode(private)).public_key)).decode()
        assert here["wireguard_public_key"] == public
        assert there["peers"][0]["public_key"] == public
        assert there["peers"][0]["allowed_iprange"] == [here["iprange"]]


def test_it_has_every_kind_of_workload_on_two_nodes(stored: Any, keys: dict[str, signing.Key]) -> None:
    """Workload ids run from 1 to 6 over all kinds, and both nodes have something to do."""
    data = stored["data_reservation"]
    kinds = ("networks", "volumes", "containers", "zdbs", "kubernetes")
    workloads = [workload for kind in kinds for workload in data[kind]]
    assert [workload["workload_id"] for workload in workloads] == [1, 2, 3, 4, 5, 6]
    assert {workload["node_id"] for workload in workloads[1:]} == set(keys)
