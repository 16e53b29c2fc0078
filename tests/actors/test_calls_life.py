"""The whole life of a reservation through the calls, on both stores."""

from __future__ import annotations

from typing import Any


def test_a_reservation_of_every_kind_lives_from_register_to_deleted(grid: Any) -> None:
    """Registered, signed, paid, deployed, reported, deleted: each state is entered once, in order."""
    requests = {"signers": [2, 3, 9], "quorum_min": 2}
    reservation = grid.register(grid.large(signing_request_provision=requests, signing_request_delete=requests))
    assert (reservation.id, reservation.next_action) == (1, "create")

    assert grid.signed(reservation).next_action == "sign"
    first = grid.sign("provision", grid.partner, reservation)
    assert (first.next_action, first.signed, first.needed, first.missing) == ("sign", [2], 2, [3, 9])
    again = grid.sign("provision", grid.partner, reservation)
    assert again.signed == [2]
    second = grid.sign("provision", grid.third, reservation)
    assert (second.next_action, second.signed, second.missing) == ("pay", [2, 3], [])

    assert grid.sign("farmer", grid.farmer, reservation).missing == [12]
    assert grid.polled(grid.node) == []
    assert grid.sign("farmer", grid.second_farmer, reservation).next_action == "deploy"

    assert grid.polled(grid.node) == ["1-1", "1-3", "1-2"]
    assert grid.polled(grid.second_node, cursor=2) == ["1-1", "1-4", "1-5"]
    for machine, gwids in ((grid.node, ["1-1", "1-3", "1-2"]), (grid.second_node, ["1-1", "1-4", "1-5"])):
        for gwid in gwids:
            assert grid.report(machine, gwid).next_action == "deploy"
    assert grid.polled(grid.node, cursor=2) == []
    assert len(grid.call("reservation_get", reservation_id=1).results) == 6

    grid.sign("delete", grid.partner, reservation)
    assert grid.sign("delete", grid.stranger, reservation).next_action == "delete"
    polled = grid.call("workloads_list", node_id=grid.node.node_id, cursor=2).workloads
    assert [(one.workload_id, one.to_delete) for one in polled] == [("1-1", True), ("1-3", True), ("1-2", True)]
    for machine, gwids in ((grid.node, ["1-1", "1-3", "1-2"]), (grid.second_node, ["1-4", "1-5"])):
        for gwid in gwids:
            grid.call("workload_deleted", workload_id=gwid, node_id=machine.node_id)
    assert grid.state(reservation) == "delete"
    assert grid.polled(grid.node, cursor=0) == []
    assert grid.report(grid.second_node, "1-1", "deleted").next_action == "deleted"

    told = grid.call("reservation_get", reservation_id=1, history=True)
    moves = [(entry.from_state, entry.to_state) for entry in told.history if entry.from_state != entry.to_state]
    assert moves == [
        ("", "create"),
        ("create", "sign"),
        ("sign", "pay"),
        ("pay", "deploy"),
        ("deploy", "delete"),
        ("delete", "deleted"),
    ]
