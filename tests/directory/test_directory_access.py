"""Who may do what in the directory: each role and each call, sent as a server sends them."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.actors import Access, Caller, Role, call_of
from workloadmanager.errors import PermissionDenied
from workloadmanager.threebot.directory import CALLS

ROLES = {
    "operator": Caller(Role.operator),
    "guest": Caller(Role.guest),
    "the node": Caller(Role.node, node_id="node-1"),
    "another node": Caller(Role.node, node_id="node-2"),
    "the farmer": Caller(Role.user, tid=1),
    "another user": Caller(Role.user, tid=2),
    "stranger": Caller(Role.stranger),
}
NODE = {"node_id": "node-1"}
GOOD: dict[str, dict[str, Any]] = {
    "nodes_add": {"node": {**NODE, "farm_id": 1}},
    "nodes_get": NODE,
    "nodes_list": {},
    "nodes_update_total_capacity": {**NODE, "resource": {}},
    "nodes_update_used_capacity": {**NODE, "resource": {}},
    "nodes_update_reserved_capacity": {**NODE, "resources": {}},
    "nodes_uptime_update": {**NODE, "uptime": 1},
    "nodes_add_proof": {**NODE, "proof": {}},
    "nodes_publish_interfaces": {**NODE, "ifaces": []},
    "nodes_set_public_iface": {**NODE, "public": {}},
    "nodes_publish_wg_ports": {**NODE, "ports": []},
    "farms_register": {"farm": {"name": "farm 3", "threebot_id": 1}},
    "farms_get": {"farm_id": 1},
    "farms_list": {},
}
READS = {"nodes_get", "nodes_list", "farms_get", "farms_list"}
FARMERS = {"nodes_set_public_iface", "farms_register"}


def may(role: str, call: str) -> bool:
    """Whether a role may make a call of the table above."""
    if role in ("operator", "guest"):
        return True
    if call in READS:
        return role != "stranger"
    return role == ("the farmer" if call in FARMERS else "the node")


def test_the_table_has_every_call() -> None:
    """And every one of them needs a session."""
    assert list(GOOD) == list(CALLS)
    assert {call_of(actor).access for actor in CALLS.values()} == {Access.session}


@pytest.mark.parametrize("call", GOOD)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_make_a_call_or_not(quick: Any, role: str, call: str) -> None:
    """What is refused changes nothing, and the answer says who the session is or how to log in."""
    before = quick.nodes_get(node_id="node-1")
    if may(role, call):
        quick.ask(call, GOOD[call], ROLES[role])
        return
    with pytest.raises(PermissionDenied, match=r"this session is|log in first") as refusal:
        quick.ask(call, GOOD[call], ROLES[role])
    assert refusal.value.call == call
    assert quick.nodes_get(node_id="node-1") == before
    assert len(quick.farms_list().farms) == 2


@pytest.mark.parametrize(("role", "approved"), [("operator", True), ("guest", False), ("the node", False)])
def test_a_node_is_approved_by_the_operator_alone(quick: Any, role: str, *, approved: bool) -> None:
    """Who else says so is not heard; and nobody takes it back by adding the node again."""
    node = {"node_id": "node-1", "farm_id": 1}
    assert quick.ask("nodes_add", {"node": {**node, "approved": True}}, ROLES[role]).approved is approved
    assert quick.ask("nodes_add", {"node": {**node, "approved": False}}, ROLES[role]).approved is approved


def test_the_host_approves_and_takes_it_back(quick: Any) -> None:
    """In process, by the directory itself or by the call."""
    assert quick.nodes_add(node={"node_id": "node-1", "farm_id": 1, "approved": True}).approved
    assert not quick.directory.approve_node("node-1", approved=False).approved
    assert quick.directory.approve_node("node-1").approved


def test_a_farmer_of_another_farm_decides_nothing_here(quick: Any) -> None:
    """Neither where the node is in nobody's farm that is known."""
    quick.directory.add_node(node_id="node-2", farm_id=2)
    public = {"master": "eth0", "ipv4": "10.0.0.2/24"}
    assert quick.ask("nodes_set_public_iface", {"node_id": "node-2", "public": public}, Caller(Role.user, tid=2))
    for node_id, tid in (("node-2", 1), ("node-9", 1)):
        with pytest.raises(PermissionDenied, match=f"for the farmer of the node, and this session is user:{tid}"):
            quick.ask("nodes_set_public_iface", {"node_id": node_id, "public": public}, Caller(Role.user, tid=tid))
