"""What nodes report: results in both forms, who may, and deletions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workloadmanager.errors import Conflict, InputError, PermissionDenied
from workloadmanager.rules import Settings


@pytest.mark.parametrize("form", ["2019", "2020"])
@pytest.mark.parametrize("state", ["ok", "error"])
def test_a_signed_result_is_stored_and_leaves_the_queue(grid: Any, form: str, state: str) -> None:
    """Hex over state, message and data, or base64 over message and data."""
    grid.deployed()
    reply = grid.report(grid.node, "1-1", state, form=form, message="disk full" if state == "error" else "")
    assert reply
    assert reply.next_action == "deploy"
    (result,) = grid.call("reservation_get", reservation_id=1).results
    assert (result.workload_id, result.state, result.category) == ("1-1", state, "volume")
    assert result.data_json == '{"ip":"\\u003cnil\\u003e"}'
    assert grid.store.statistics().pending == 0


@pytest.mark.parametrize("value", [{"volume_id": "1-1"}, None, [1, "é"], 5], ids=str)
def test_data_may_be_an_embedded_value(grid: Any, value: object) -> None:
    """It is kept, and verified, as compact JSON text."""
    grid.deployed()
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    result = {**grid.node.result("1-1", data_json=text), "data_json": value}
    grid.call("set_workload_result", global_workload_id="1-1", result=result)
    assert grid.call("reservation_get", reservation_id=1).results[0].data_json == text


def test_an_embedded_value_verifies_with_the_escapes_of_the_nodes_own_text(grid: Any) -> None:
    """Containers without an IPv6 address are reported with angle brackets, which nodes escape before they sign."""
    grid.deployed()
    signed = grid.node.result("1-1")
    embedded = {**signed, "data_json": json.loads(signed["data_json"])}
    grid.call("set_workload_result", global_workload_id="1-1", result=embedded)
    assert grid.call("reservation_get", reservation_id=1).results[0].data_json == signed["data_json"]


def test_a_signature_may_be_bytes(grid: Any) -> None:
    """As an object of the schema has it."""
    grid.deployed()
    result = grid.node.result("1-1")
    result["signature"] = bytes.fromhex(result["signature"])
    made = grid.context.documents.result.new(**result)
    grid.call("set_workload_result", global_workload_id="1-1", result=made)
    assert grid.call("reservation_get", reservation_id=1).results[0].signature == result["signature"]


@pytest.mark.parametrize(
    "change", [{"message": "other"}, {"data_json": "{}"}, {"state": "error"}, {"signature": "ab" * 64}], ids=str
)
def test_a_result_that_was_changed_on_the_way_is_denied(grid: Any, change: dict[str, Any]) -> None:
    """All of it is signed."""
    grid.deployed()
    before = grid.content()
    result = {**grid.node.result("1-1"), **change}
    with pytest.raises(PermissionDenied, match="verify"):
        grid.call("set_workload_result", global_workload_id="1-1", result=result)
    assert grid.content() == before


@pytest.mark.parametrize("settings", [Settings(maximum_document_bytes=2000)], ids=["2000 bytes"])
def test_a_result_has_a_size(grid: Any) -> None:
    """Message and data together, at most as much as a reservation: every reader of the reservation gets it."""
    grid.deployed()
    grid.report(grid.node, "1-1", message="é" * 500, data_json="x" * 1000)
    before = grid.content()
    with pytest.raises(InputError, match="the result has 2001 bytes; the most is 2000") as caught:
        grid.report(grid.node, "1-1", message="é" * 500, data_json="x" * 1001)
    assert caught.value.path == "result"
    assert grid.content() == before


def test_a_later_result_takes_the_place_of_the_earlier(grid: Any) -> None:
    """One per workload and node."""
    grid.deployed()
    grid.report(grid.node, "1-1", "error")
    grid.report(grid.node, "1-1", "ok")
    (result,) = grid.call("reservation_get", reservation_id=1).results
    assert result.state == "ok"


def test_the_node_of_a_networks_result_is_the_one_whose_key_verifies(grid: Any) -> None:
    """Each of them reports for itself."""
    grid.deployed(grid.large())
    grid.report(grid.second_node, "1-1")
    assert "1-1" in grid.polled(grid.node, cursor=2)
    assert "1-1" not in grid.polled(grid.second_node, cursor=2)


def test_kubernetes_results_with_category_0_are_kubernetes(grid: Any) -> None:
    """Real nodes send 0 for them."""
    grid.deployed(grid.large())
    result = {**grid.second_node.result("1-5"), "category": 0}
    grid.call("set_workload_result", global_workload_id="1-5", result=result)
    assert grid.call("reservation_get", reservation_id=1).results[0].category == "kubernetes"


def keyless(grid: Any) -> Any:
    """Return the data of a reservation on a node whose key nobody knows."""
    return grid.data(volumes=[{"workload_id": 1, "node_id": grid.keyless.node_id, "size": 1}])


def test_a_result_of_a_node_without_a_known_key_is_denied(grid: Any) -> None:
    """Unless the operator allows it; the message says so."""
    grid.deployed(keyless(grid))
    with pytest.raises(PermissionDenied, match="unsigned_results"):
        grid.report(grid.keyless, "1-1")


@pytest.mark.parametrize("settings", [Settings(unsigned_results=True)], ids=["unsigned"])
def test_the_operator_may_allow_unsigned_results_of_such_nodes(grid: Any) -> None:
    """Of nodes whose key is known they are still refused."""
    grid.deployed(keyless(grid))
    assert grid.call("set_workload_result", global_workload_id="1-1", result={"state": "ok"}).next_action == "deploy"
    grid.deployed()
    with pytest.raises(PermissionDenied):
        grid.call("set_workload_result", global_workload_id="2-1", result={"state": "ok"})


@pytest.mark.parametrize("settings", [Settings(unknown_nodes="declared", unsigned_results=True)], ids=["declared"])
def test_a_node_that_the_directory_does_not_know_has_no_key_there(grid: Any) -> None:
    """Where the operator takes such nodes, and results without a signature."""
    volume = {"workload_id": 1, "node_id": "unknown-node", "size": 1, "farmer_tid": 11}
    grid.deployed(grid.data(volumes=[volume]))
    assert grid.call("set_workload_result", global_workload_id="1-1", result={"state": "ok"}).next_action == "deploy"


def test_the_directory_may_know_a_key_that_the_id_does_not_tell(grid: Any) -> None:
    """A result then has to verify with it."""
    grid.keyless.public_key_hex = grid.keyless.key.verify_key.encode().hex()
    grid.deployed(keyless(grid))
    with pytest.raises(PermissionDenied):
        grid.call("set_workload_result", global_workload_id="1-1", result={"state": "ok"})
    assert grid.report(grid.keyless, "1-1").next_action == "deploy"


def test_a_result_counts_as_a_deletion_once_that_was_decided(grid: Any) -> None:
    """With state deleted; ok and error are conflicts then."""
    grid.deleting()
    with pytest.raises(Conflict):
        grid.report(grid.node, "1-1", "ok")
    assert grid.report(grid.node, "1-1", "deleted").next_action == "deleted"


@pytest.mark.parametrize(
    "arguments",
    [
        {"workload_id": "1-1"},
        {"workload_id": 1, "reservation_id": 1},
        {"workload_id": "1", "reservation_id": "1"},
        {"workload_id": "1-1", "reservation_id": 1},
    ],
    ids=str,
)
def test_a_workload_is_reported_deleted_by_its_gwid_or_its_number(grid: Any, arguments: dict[str, Any]) -> None:
    """With one node on it, no node need be named."""
    grid.deleting()
    reply = grid.call("workload_deleted", **arguments)
    assert reply
    assert reply.next_action == "deleted"
    (result,) = grid.call("reservation_get", reservation_id=1).results
    assert (result.state, result.workload_id, result.category) == ("deleted", "1-1", "volume")


def test_a_deletion_that_is_reported_again_changes_nothing(grid: Any) -> None:
    """Nodes do so, also when all is over."""
    grid.deleting(grid.large())
    grid.call("workload_deleted", workload_id="1-2")
    before = grid.content()
    assert grid.call("workload_deleted", workload_id="1-2").next_action == "delete"
    assert grid.content() == before
    for gwid in ("1-3", "1-4", "1-5"):
        grid.call("workload_deleted", workload_id=gwid)
    for machine in (grid.node, grid.second_node):
        grid.call("workload_deleted", workload_id="1-1", node_id=machine.node_id)
    before = grid.content()
    assert grid.call("workload_deleted", workload_id="1-2").next_action == "deleted"
    assert grid.content() == before


def test_a_networks_deletion_has_to_say_which_node_reports(grid: Any) -> None:
    """It is on several."""
    grid.deleting(grid.large())
    with pytest.raises(InputError) as caught:
        grid.call("workload_deleted", workload_id="1-1")
    assert caught.value.path == "node_id"


def test_a_deletion_that_was_not_decided_is_a_conflict(grid: Any) -> None:
    """In deploy the workload is to run."""
    grid.deployed()
    before = grid.content()
    with pytest.raises(Conflict):
        grid.call("workload_deleted", workload_id="1-1")
    assert grid.content() == before


def test_a_deletion_reported_after_the_deadline_counts_before_any_sweep(grid: Any) -> None:
    """The reservation goes on to delete in the same change."""
    grid.deployed()
    grid.clock.now += 3600
    assert grid.call("workload_deleted", workload_id="1-1").next_action == "deleted"
    calls = [entry.call for entry in grid.call("reservation_get", reservation_id=1, history=True).history]
    assert calls[-2:] == ["deadline", "workload_deleted"]
