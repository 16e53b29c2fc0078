"""The weaknesses of earlier systems that a call answers, each named after its row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workloadmanager.errors import Conflict, InputError, PermissionDenied, WorkloadManagerError

REQUEST = {"signers": [2, 3], "quorum_min": 2}


def denied(grid: Any, call: str, **arguments: Any) -> WorkloadManagerError:
    """Return the error of a call that is refused and leaves no trace."""
    before = grid.content()
    with pytest.raises(WorkloadManagerError) as caught:
        grid.call(call, **arguments)
    assert grid.content() == before
    return caught.value


def test_j1_nobody_deletes_for_others(grid: Any) -> None:
    """A deletion is signed by who may, with their key."""
    reservation = grid.deployed()
    forged = grid.stranger.sign(reservation, "delete")
    as_customer = denied(grid, "sign_delete", reservation_id=1, tid=1, signature=forged)
    as_stranger = denied(grid, "sign_delete", reservation_id=1, tid=9, signature=forged)
    unsigned = denied(grid, "sign_delete", reservation_id=1)
    assert {type(as_customer), type(as_stranger), type(unsigned)} == {PermissionDenied}


def test_j2_one_signer_does_not_reach_a_quorum_of_two(grid: Any) -> None:
    """However often, and in whatever form they sign."""
    reservation = grid.register(grid.data(signing_request_provision=REQUEST))
    grid.signed(reservation)
    for form in ("bound", "id-bound", "plain", "bound"):
        reply = grid.sign("provision", grid.partner, reservation, form)
        assert (reply.next_action, reply.signed) == ("sign", [2])


def test_j4_garbage_in_sign_customer_does_no_harm(grid: Any) -> None:
    """The customer signs afterwards as if nothing had been."""
    reservation = grid.register()
    for signature in ("garbage", "00" * 64, grid.stranger.sign(reservation, "customer")):
        assert denied(grid, "sign_customer", reservation_id=1, signature=signature).kind == "permission"
    assert grid.signed(reservation).next_action == "pay"


@pytest.mark.parametrize("call", ["sign_provision", "sign_delete", "sign_farmer", "sign_customer"])
def test_j5_and_j10_what_is_no_hex_is_never_stored(grid: Any, call: str) -> None:
    """So that no later read can fail for it."""
    grid.register(grid.data(signing_request_provision=REQUEST))
    tid = {} if call == "sign_customer" else {"tid": 11 if call == "sign_farmer" else 2}
    denied(grid, call, reservation_id=1, signature="zz" * 64, **tid)
    assert [one.id for one in grid.call("reservation_list").reservations] == [1]


def test_j6_what_was_signed_is_never_changed(grid: Any) -> None:
    """A volume of the same reservation is resolved when it is handed out."""
    reservation = grid.deployed(grid.large())
    envelope = grid.call("workload_get", gwid="1-2")
    assert envelope.content["volumes"][0]["volume_id"] == "1-3"
    stored = grid.call("reservation_get", reservation_id=1)
    assert stored.data_reservation.containers[0].volumes[0].volume_id == "-3"
    assert stored.json == reservation.json


def test_j7_a_bad_customer_signature_does_not_register(grid: Any) -> None:
    """It would never have become valid."""
    reservation = {"customer_tid": 1, "data_reservation": grid.data(), "customer_signature": "x"}
    assert denied(grid, "reservation_register", reservation=reservation).kind == "permission"


def test_j8_a_public_signature_does_not_register_again(grid: Any) -> None:
    """Who copies it from a reservation gets that reservation, and no second one."""
    text = grid.register().json
    signature = grid.customer.sign_text(text, "customer")
    signed = grid.register({}, json=text, customer_signature=signature)
    public = grid.call("reservation_get", reservation_id=signed.id)
    copied = grid.register({}, json=public.json, customer_signature=public.customer_signature)
    assert copied.id == signed.id
    assert sum(grid.store.statistics().reservations.values()) == 2


def test_j8_a_public_signature_does_not_register_for_another_customer(grid: Any) -> None:
    """It does not verify with their key."""
    text = grid.register().json
    signature = grid.customer.sign_text(text, "customer")
    fields = {"customer_tid": 2, "json": text, "customer_signature": signature}
    assert denied(grid, "reservation_register", reservation=fields).kind == "permission"


def test_j9_an_unknown_node_does_not_register(grid: Any) -> None:
    """It has no farmer who could ever sign."""
    data = grid.data(volumes=[{"workload_id": 1, "node_id": "nowhere", "size": 1}])
    error = denied(grid, "reservation_register", reservation={"customer_tid": 1, "data_reservation": data})
    assert error.path == "data_reservation.volumes[0].node_id"


def test_j11_a_result_has_to_be_the_nodes_own(grid: Any) -> None:
    """Signed by that workload's node, once the reservation is deployed."""
    reservation = grid.register()
    result = grid.node.result("1-1")
    early = denied(grid, "set_workload_result", global_workload_id="1-1", result=result)
    assert isinstance(early, Conflict)
    grid.signed(reservation)
    grid.sign("farmer", grid.farmer, reservation)
    foreign = grid.second_node.result("1-1")
    assert denied(grid, "set_workload_result", global_workload_id="1-1", result=foreign).kind == "permission"
    unsigned = {"state": "ok", "data_json": "{}"}
    assert denied(grid, "set_workload_result", global_workload_id="1-1", result=unsigned).kind == "permission"


def test_j11_a_deletion_is_not_reported_before_it_was_decided(grid: Any) -> None:
    """In no state but delete, and the repeat in deleted."""
    reservation = grid.register()
    assert denied(grid, "workload_deleted", workload_id="1-1").kind == "conflict"
    grid.signed(reservation)
    assert denied(grid, "workload_deleted", workload_id="1-1").kind == "conflict"
    grid.sign("farmer", grid.farmer, reservation)
    assert denied(grid, "workload_deleted", workload_id="1-1").kind == "conflict"


def test_j12_what_never_ran_is_not_queued_for_deletion(grid: Any) -> None:
    """And what is deleted stays so after its deadline."""
    never = grid.register()
    gone = grid.register()
    grid.sign("delete", grid.customer, gone)
    grid.clock.now += 10_000
    assert (grid.state(never), grid.state(gone)) == ("invalid", "deleted")
    assert grid.store.statistics().pending == 0


def test_j13_signatures_inside_a_registration_are_dropped(grid: Any) -> None:
    """A farmer's signature copied from an equal reservation does not carry over."""
    first = grid.deployed()
    copied = grid.call("reservation_get", reservation_id=first.id)
    fields = {"customer_tid": 1, "data_reservation": copied.data_reservation}
    for name in ("signatures_farmer", "signatures_provision", "signatures_delete", "results"):
        fields[name] = [{"tid": 11, "signature": "aa"}] if name != "results" else [{"workload_id": "1-1"}]
    second = grid.call("reservation_register", reservation=fields)
    assert (second.signatures_farmer, second.signatures_provision, second.signatures_delete) == ([], [], [])
    assert second.results == []
    assert grid.signed(second).next_action == "pay"


def test_j14_a_farmer_with_two_farms_signs_once(grid: Any) -> None:
    """Nodes 1 and 3 are in two farms of the same farmer."""
    volumes = [
        {"workload_id": 1, "node_id": grid.node.node_id, "size": 1},
        {"workload_id": 2, "node_id": grid.third_node.node_id, "size": 1},
    ]
    reservation = grid.register(grid.data(volumes=volumes))
    grid.signed(reservation)
    reply = grid.sign("farmer", grid.farmer, reservation)
    assert (reply.next_action, reply.signed, reply.needed) == ("deploy", [11], 1)


def test_j15_and_t3_a_signature_for_one_purpose_does_not_count_for_another(grid: Any) -> None:
    """Neither bound, where it does not verify, nor id-bound, where it is a replay."""
    reservation = grid.register(grid.data(signing_request_provision=REQUEST, signing_request_delete=REQUEST))
    bound = grid.partner.sign(reservation, "provision")
    assert denied(grid, "sign_delete", reservation_id=1, tid=2, signature=bound).kind == "permission"
    unbound = grid.partner.sign(reservation, "provision", "id-bound")
    grid.call("sign_provision", reservation_id=1, tid=2, signature=unbound)
    assert denied(grid, "sign_delete", reservation_id=1, tid=2, signature=unbound).kind == "conflict"


def test_t3_a_repeated_signature_counts_for_its_purpose_alone(grid: Any) -> None:
    """Who was counted already and sends another form leaves nothing that a listener could use elsewhere."""
    data = grid.data(signing_request_provision=REQUEST, signing_request_delete=REQUEST)
    reservation = grid.register(data)
    grid.sign("provision", grid.partner, reservation, "bound")
    grid.sign("provision", grid.partner, reservation, "plain")
    overheard = grid.partner.sign(reservation, "provision", "plain")
    error = denied(grid, "sign_delete", reservation_id=1, tid=2, signature=overheard)
    assert error.kind == "conflict"


def test_j17_a_declared_farmer_does_not_count(grid: Any) -> None:
    """The farmer is the one of the node's farm, as it was at registration."""
    volume = {"workload_id": 1, "node_id": grid.node.node_id, "size": 1, "farmer_tid": 9}
    reservation = grid.register(grid.data(volumes=[volume]))
    grid.signed(reservation)
    with pytest.raises(PermissionDenied):
        grid.sign("farmer", grid.stranger, reservation)
    grid.directory.farms[1].threebot_id = 12  # sold since: who signs was frozen
    with pytest.raises(PermissionDenied):
        grid.sign("farmer", grid.second_farmer, reservation)
    assert grid.sign("farmer", grid.farmer, reservation).next_action == "deploy"


def test_j18_reading_changes_nothing(grid: Any) -> None:
    """However often; state changes on events and deadlines only."""
    grid.deployed()
    before = grid.content()
    for _ in range(3):
        grid.call("reservation_get", reservation_id=1)
        grid.call("reservation_list")
        grid.call("workloads_list", node_id=grid.node.node_id)
        grid.call("workload_get", gwid="1-1")
    assert grid.content() == before


def test_j19_queue_rows_are_unique_and_leave_per_node(grid: Any) -> None:
    """Signing a deletion again adds none, and one node's report takes its own row alone."""
    reservation = grid.deleting(grid.large())
    assert grid.store.statistics().pending == 6
    grid.sign("delete", grid.customer, reservation)
    assert grid.store.statistics().pending == 6
    grid.call("workload_deleted", workload_id="1-1", node_id=grid.node.node_id)
    assert grid.store.statistics().pending == 5
    assert "1-1" in grid.polled(grid.second_node, cursor=2)


def test_j20_a_reservation_expires_in_pay_too(grid: Any) -> None:
    """Not in create alone."""
    reservation = grid.register()
    grid.signed(reservation)
    grid.clock.now += 600
    assert grid.state(reservation) == "invalid"


def test_t1_a_client_does_not_choose_the_state(grid: Any) -> None:
    """Nor the id, nor the epoch."""
    fields = {"id": 77, "next_action": "deploy", "epoch": 5}
    reservation = grid.register(**fields)
    assert (reservation.id, reservation.next_action, reservation.epoch) == (1, "create", grid.clock.now)


def test_t2_nobody_fails_or_confirms_for_a_node(grid: Any) -> None:
    """Neither by claiming its id nor with a result of another workload."""
    grid.deployed()
    forger = type(grid.node)(grid.node.node_id, grid.stranger.key, 1)
    for state in ("error", "ok"):
        arguments = {"global_workload_id": "1-1", "result": forger.result("1-1", state), "node_id": forger.node_id}
        assert denied(grid, "set_workload_result", **arguments).kind == "permission"


def test_t4_stored_state_is_shown_state(grid: Any) -> None:
    """A list by state returns reservations in that state, and in no other."""
    for bring in (grid.register, grid.deployed, grid.deleting):
        bring()
    grid.clock.now += 600
    for state in ("create", "sign", "pay", "deploy", "delete", "invalid", "deleted"):
        listed = grid.call("reservation_list", state=state).reservations
        assert {str(one.next_action) for one in listed} <= {state}
    assert len(grid.call("reservation_list").reservations) == 3


def test_t7_a_page_that_is_cut_tells_where_to_go_on(grid: Any) -> None:
    """Nothing behind the highest id that was returned is skipped, though more waits in the queue."""
    for _ in range(5):
        grid.deployed()
    page = grid.polled(grid.node, limit=2)
    assert page == ["1-1", "2-1"]
    grid.report(grid.node, "1-1")
    grid.report(grid.node, "2-1")
    assert grid.polled(grid.node, cursor=3, limit=2) == ["3-1", "4-1"]


def test_t9_a_networks_deletion_counts_for_the_node_that_reports(grid: Any) -> None:
    """The other node's part still runs, and is still told."""
    grid.deleting(grid.large())
    grid.report(grid.second_node, "1-1", "deleted")
    assert "1-1" not in grid.polled(grid.second_node)
    assert "1-1" in grid.polled(grid.node)


def test_t10_one_failed_workload_does_not_take_the_others_down(grid: Any) -> None:
    """The error stays visible; the reservation stays in deploy."""
    reservation = grid.deployed(grid.large())
    grid.report(grid.node, "1-2", "error", message="no flist")
    assert grid.state(reservation) == "deploy"
    (result,) = grid.call("reservation_get", reservation_id=1).results
    assert (result.state, result.message) == ("error", "no flist")


def test_t23_ids_that_do_not_exist_are_not_found(grid: Any) -> None:
    """Deleting an unknown reservation is no fault of the server's."""
    signature = "ab" * 64
    assert denied(grid, "sign_delete", reservation_id=5, tid=1, signature=signature).kind == "not_found"


def test_t25_nothing_runs_before_its_farmers_agreed(grid: Any) -> None:
    """All of them."""
    reservation = grid.register(grid.large())
    grid.signed(reservation)
    grid.sign("farmer", grid.farmer, reservation)
    assert grid.polled(grid.node) == []
    grid.sign("farmer", grid.second_farmer, reservation)
    assert len(grid.polled(grid.node)) == 3


def test_t26_every_accepted_event_is_kept(grid: Any) -> None:
    """When, which call, who, from state, to state; refused ones and repeats are not."""
    reservation = grid.register(grid.data(signing_request_provision=REQUEST))
    grid.clock.now += 1
    grid.signed(reservation)
    grid.clock.now += 1
    grid.sign("provision", grid.partner, reservation)
    grid.sign("provision", grid.partner, reservation)
    with pytest.raises(PermissionDenied):
        grid.sign("provision", grid.stranger, reservation)
    grid.clock.now += 1
    grid.sign("provision", grid.third, reservation, "plain")
    grid.sign("farmer", grid.farmer, reservation)
    grid.report(grid.node, "1-1", "error")
    grid.sign("delete", grid.customer, reservation)
    grid.call("workload_deleted", workload_id="1-1")
    told = grid.call("reservation_get", reservation_id=1, history=True).history
    start = reservation.epoch
    node_id = grid.node.node_id
    assert [(one.epoch - start, one.call, one.who, one.from_state, one.to_state) for one in told] == [
        (0, "reservation_register", "1", "", "create"),
        (1, "sign_customer", "1", "create", "sign"),
        (2, "sign_provision", "2", "sign", "sign"),
        (3, "sign_provision", "3", "sign", "pay"),
        (3, "sign_farmer", "11", "pay", "deploy"),
        (3, "set_workload_result", node_id, "deploy", "deploy"),
        (3, "sign_delete", "1", "deploy", "delete"),
        (3, "workload_deleted", node_id, "delete", "deleted"),
    ]


def test_a_message_that_does_not_verify_says_which_field_differs(grid: Any) -> None:
    """A client that signed one thing and sent another learns what."""
    text = json.dumps(grid.data(description="signed"))
    fields = {"customer_tid": 1, "json": text, "data_reservation": grid.data(description="sent")}
    fields["customer_signature"] = grid.customer.sign_text(text, "customer")
    error = denied(grid, "reservation_register", reservation=fields)
    assert isinstance(error, InputError)
    assert error.path == "data_reservation.description"
