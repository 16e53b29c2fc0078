"""Proofs: hashed by the server, kept once each, the newest few of a node."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.errors import InputError, NotFound
from workloadmanager.threebot import WorkloadManager

PROOF: dict[str, Any] = {
    "disks": {"/dev/sda": {"size": 500, "model": "disque à plateaux"}},
    "hardware": {"b": 1, "a": [1, 2]},
    "hypervisor": ["kvm"],
}
HARDWARE = hashlib.sha256(b'{"a":[1,2],"b":1}').hexdigest()
DISKS = hashlib.sha256('{"/dev/sda":{"model":"disque à plateaux","size":500}}'.encode()).hexdigest()


def test_a_proof_is_hashed_and_dated_by_the_server(quick: Any, clock: Any) -> None:
    """What is sent of both does not count; the order of keys makes no difference to a hash."""
    sent = {**PROOF, "created": 5, "hardware_hash": "aa", "disk_hash": "bb"}
    receipt = quick.nodes_add_proof(node_id="node-1", proof=sent)
    assert (receipt.hardware_hash, receipt.disk_hash, receipt.created) == (HARDWARE, DISKS, clock.now)
    (proof,) = quick.nodes_get(node_id="node-1").proofs
    assert (proof.hardware, proof.disks, proof.hypervisor) == (PROOF["hardware"], PROOF["disks"], ["kvm"])
    assert (proof.hardware_hash, proof.disk_hash, proof.created) == (HARDWARE, DISKS, clock.now)


def test_the_same_proof_is_kept_once(grid: WorkloadManager, sent: dict[str, Any], node_id: str, clock: Any) -> None:
    """A node tells it at each start; the answer says when it was told first."""
    grid.nodes_add(node=sent)
    first = grid.nodes_add_proof(node_id=node_id, proof=PROOF)
    clock.now += 60
    assert grid.nodes_add_proof(node_id=node_id, proof=PROOF) == first
    other = grid.nodes_add_proof(node_id=node_id, proof={**PROOF, "hypervisor": None})
    assert other.created == clock.now
    assert [proof.hypervisor for proof in grid.directory.list_proofs(node_id)] == [["kvm"], []]
    assert grid.directory.get_node(node_id).proofs == []


def test_the_newest_sixteen_are_kept(grid: WorkloadManager, sent: dict[str, Any], node_id: str) -> None:
    """Of each node; those of others are not touched."""
    grid.nodes_add(node=sent)
    grid.directory.add_node(node_id="node-2", farm_id=2)
    grid.nodes_add_proof(node_id="node-2", proof=PROOF)
    for number in range(20):
        grid.nodes_add_proof(node_id=node_id, proof={"disks": {"number": number}, "hardware": {}})
    kept = [proof.disks["number"] for proof in grid.directory.list_proofs(node_id)]
    assert kept == list(range(4, 20))
    assert len(grid.directory.list_proofs("node-2")) == 1


@pytest.mark.parametrize(
    ("proof", "path", "message"),
    [
        ({"disks": {"a": "x" * 65_536}, "hardware": {}}, "proof.disks", "at most 65536 bytes"),
        ({"disks": {}, "hardware": {str(n): n for n in range(9000)}}, "proof.hardware", "at most 65536 bytes"),
        ({"disks": {}, "hardware": [1]}, "proof.hardware", "must be an object"),
        ({"disks": "{}", "hardware": {}}, "proof.disks", "must be an object"),
        ({"disks": {}, "hardware": {"a": "\ud800"}}, "proof.hardware.a", "half a character"),
        ({"hypervisor": "kvm"}, "proof.hypervisor", "must be a list"),
        ({"hypervisor": ["k" * 256]}, "proof.hypervisor[0]", "at most 255 characters"),
        ({"hypervisor": ["k"] * 1025}, "proof.hypervisor", "at most 1024 entries"),
    ],
)
def test_a_mistake_is_refused(quick: Any, proof: dict[str, Any], path: str, message: str) -> None:
    """One mistake, one error with its path, and nothing is kept."""
    with pytest.raises(InputError, match=message) as refusal:
        quick.nodes_add_proof(node_id="node-1", proof=proof)
    assert refusal.value.path == path
    assert quick.nodes_get(node_id="node-1").proofs == []


def test_a_proof_of_nobody_is_not_found(quick: Any) -> None:
    """The node has to be added first."""
    with pytest.raises(NotFound, match='no node "node-9" in the directory; add it first'):
        quick.nodes_add_proof(node_id="node-9", proof=PROOF)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hardware=st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_what_was_told_comes_back(quick: Any, hardware: dict[str, Any]) -> None:
    """Whatever the firmware says; telling it in another order is the same proof."""
    receipt = quick.nodes_add_proof(node_id="node-1", proof={"disks": {}, "hardware": hardware})
    turned = dict(reversed(hardware.items()))
    assert quick.nodes_add_proof(node_id="node-1", proof={"disks": {}, "hardware": turned}) == receipt
    assert hardware in [proof.hardware for proof in quick.directory.list_proofs("node-1")]
