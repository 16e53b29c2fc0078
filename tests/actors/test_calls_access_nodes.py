"""What sessions of nodes may do, what guests are taken for, and whose results are taken."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.actors import HOST, Caller, Role
from workloadmanager.errors import InputError, NotFound, PermissionDenied
from workloadmanager.rules import Settings

OPERATOR = Caller(Role.operator)
GUEST = Caller(Role.guest)
STRANGER = Caller(Role.stranger)


def user(tid: int) -> Caller:
    """A session of a threebot."""
    return Caller(Role.user, tid=tid)


def node(machine: Any) -> Caller:
    """A session of a node."""
    return Caller(Role.node, node_id=machine.node_id)


def test_a_node_polls_for_itself(grid: Any) -> None:
    """Whether it says so or not."""
    grid.deployed(grid.large())
    own = grid.polled(grid.second_node)
    assert own == ["1-1", "1-4", "1-5"]
    for arguments in ({}, {"node_id": ""}, {"node_id": grid.second_node.node_id}):
        reply = grid.call_as(node(grid.second_node), "workloads_list", **arguments)
        assert [one.workload_id for one in reply.workloads] == own


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("workloads_list", {}),
        ("workload_deleted", {"workload_id": "1-1"}),
        ("set_workload_result", {"global_workload_id": "1-1", "result": {"state": "ok"}}),
    ],
)
def test_a_node_speaks_for_no_other_node(grid: Any, call: str, arguments: dict[str, Any]) -> None:
    """Neither to hear nor to tell."""
    grid.deleting(grid.large())
    with pytest.raises(PermissionDenied, match="speaks for itself alone") as refused:
        grid.call_as(node(grid.node), call, node_id=grid.second_node.node_id, **arguments)
    assert refused.value.path == "node_id"


def test_a_node_gets_no_workload_that_is_not_on_it(grid: Any) -> None:
    """A network it gets as the part that is on it."""
    grid.deployed(grid.large())
    assert grid.call_as(node(grid.second_node), "workload_get", gwid="1-5").workload_id == "1-5"
    network = grid.call_as(node(grid.second_node), "workload_get", gwid="1-1")
    assert network.content["node_id"] == grid.second_node.node_id
    with pytest.raises(PermissionDenied, match="workload 1-5 does not run on node") as refused:
        grid.call_as(node(grid.node), "workload_get", gwid="1-5")
    assert refused.value.path == "gwid"
    with pytest.raises(NotFound):
        grid.call_as(node(grid.node), "workload_get", gwid="1-9")


def test_a_node_reports_a_network_deleted_without_saying_who_it_is(grid: Any) -> None:
    """Its session does."""
    grid.deleting(grid.large())
    grid.call_as(node(grid.second_node), "workload_deleted", workload_id="1-1")
    assert "1-1" in grid.polled(grid.node)
    assert "1-1" not in grid.polled(grid.second_node)
    with pytest.raises(PermissionDenied, match="workload 1-5 does not run on node"):
        grid.call_as(node(grid.node), "workload_deleted", workload_id="1-5")


def test_a_node_reports_no_result_of_another(grid: Any) -> None:
    """Also where it has a good one at hand."""
    grid.deployed(grid.large())
    with pytest.raises(PermissionDenied):
        grid.call_as(
            node(grid.node),
            "set_workload_result",
            global_workload_id="1-5",
            result=grid.second_node.result("1-5"),
        )
    own = {"global_workload_id": "1-1", "result": grid.node.result("1-1")}
    assert grid.call_as(node(grid.node), "set_workload_result", **own).next_action == "deploy"


def test_users_do_not_report_deletions(grid: Any) -> None:
    """Not of their own workloads either: they sign for the deletion."""
    grid.deleting()
    with pytest.raises(PermissionDenied, match="for nodes and the operator, and this session is user:1"):
        grid.call_as(user(1), "workload_deleted", workload_id="1-1")


@pytest.mark.parametrize("caller", [HOST, OPERATOR, GUEST], ids=str)
def test_host_operator_and_guests_report_deletions_of_any_node(grid: Any, caller: Caller) -> None:
    """As nodes do that are not logged in."""
    grid.deleting()
    assert grid.call_as(caller, "workload_deleted", workload_id="1-1").next_action == "deleted"


def test_a_guests_report_is_of_the_node_that_polled_from_there(grid: Any) -> None:
    """A network's node does not say which one it is."""
    grid.deleting(grid.large())
    there = Caller(Role.guest, nodes=(grid.second_node.node_id, grid.third_node.node_id))
    grid.call_as(there, "workload_deleted", workload_id="1-1")
    assert "1-1" in grid.polled(grid.node)
    assert "1-1" not in grid.polled(grid.second_node)


@pytest.mark.parametrize("both", [True, False])
def test_where_that_is_not_clear_the_report_has_to_say_it(grid: Any, *, both: bool) -> None:
    """Both nodes of the network polled from there, or neither did."""
    grid.deleting(grid.large())
    nodes = (grid.node.node_id, grid.second_node.node_id) if both else (grid.third_node.node_id,)
    with pytest.raises(InputError, match="say which one reports"):
        grid.call_as(Caller(Role.guest, nodes=nodes), "workload_deleted", workload_id="1-1")


def test_what_a_guest_says_counts_more_than_where_it_is(grid: Any) -> None:
    """And so does a signature."""
    grid.deleting(grid.large())
    there = Caller(Role.guest, nodes=(grid.second_node.node_id,))
    grid.call_as(there, "workload_deleted", workload_id="1-1", node_id=grid.node.node_id)
    assert "1-1" not in grid.polled(grid.node)
    result = grid.node.result("1-2", "deleted")
    grid.call_as(there, "set_workload_result", global_workload_id="1-2", result=result)
    assert "1-2" not in grid.polled(grid.node)


def keyless(grid: Any) -> Any:
    """Bring a reservation to deploy whose node has no known key."""
    return grid.deployed(grid.data(volumes=[{"workload_id": 1, "node_id": grid.keyless.node_id, "size": 1}]))


@pytest.mark.parametrize("caller", [STRANGER, user(1), GUEST], ids=str)
def test_a_signed_result_is_taken_from_whoever_brings_it(grid: Any, caller: Caller) -> None:
    """The signature says which node it is from."""
    grid.deployed()
    result = grid.node.result("1-1")
    assert grid.call_as(caller, "set_workload_result", global_workload_id="1-1", result=result).next_action == "deploy"


@pytest.mark.parametrize("settings", [Settings(unsigned_results=True)], ids=["unsigned"])
@pytest.mark.parametrize("caller", [HOST, OPERATOR, GUEST, Caller(Role.node, "node-without-key")], ids=str)
def test_unsigned_results_are_taken_where_the_operator_allows_them(grid: Any, caller: Caller) -> None:
    """From the node itself, and from those who are trusted."""
    keyless(grid)
    unsigned = {"global_workload_id": "1-1", "result": {"state": "ok"}}
    assert grid.call_as(caller, "set_workload_result", **unsigned).next_action == "deploy"


@pytest.mark.parametrize("settings", [Settings(unsigned_results=True)], ids=["unsigned"])
@pytest.mark.parametrize("caller", [STRANGER, user(1)], ids=str)
def test_unsigned_results_are_not_taken_from_strangers_and_users(grid: Any, caller: Caller) -> None:
    """Anybody could say anything."""
    keyless(grid)
    with pytest.raises(PermissionDenied, match="counts at open servers and for nodes that are logged in"):
        grid.call_as(caller, "set_workload_result", global_workload_id="1-1", result={"state": "ok"})


@pytest.mark.parametrize("caller", [HOST, OPERATOR, GUEST, Caller(Role.node, "node-without-key")], ids=str)
def test_unsigned_results_are_refused_to_all_where_the_operator_does_not_allow_them(grid: Any, caller: Caller) -> None:
    """To the node itself too."""
    keyless(grid)
    with pytest.raises(PermissionDenied, match="unsigned_results"):
        grid.call_as(caller, "set_workload_result", global_workload_id="1-1", result={"state": "ok"})
