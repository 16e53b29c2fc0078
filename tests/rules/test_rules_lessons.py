"""The weaknesses of the systems before, each named after its row: what a rule answers, the rule is shown to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from workloadmanager.errors import Conflict, InputError, NotFound, PermissionDenied
from workloadmanager.rules import (
    FORMS,
    TABLE,
    DeadlinePassed,
    NextAction,
    Purpose,
    Report,
    Settings,
    accepted_forms,
    apply,
    check_document_size,
    envelope,
    farmers_of,
    hand_out,
    open_case,
    parse_gwid,
    placements_of,
    quorum,
    reporter_of,
    result_bytes,
    same_data,
    signed_bytes,
    verify,
)

Place = Callable[[Any, str, Any], None]

KEY = SigningKey(b"1" * 32)
PUBLIC = bytes(KEY.verify_key)
JSON = '{"description": ""}'


def signed(purpose: Purpose, form: Any = "bound", reservation_id: int = 12, tid: int = 2) -> str:
    """A signature of the key above."""
    message = signed_bytes(form, json=JSON, purpose=purpose, reservation_id=reservation_id, tid=tid)
    return KEY.sign(message).signature.hex()


def verified(signature: str, purpose: Purpose, reservation_id: int = 12, tid: int = 2, forms: Any = ("bound",)) -> Any:
    """Whether a signature verifies with the key above."""
    return verify(PUBLIC, signature, json=JSON, purpose=purpose, reservation_id=reservation_id, tid=tid, forms=forms)


def handed(grid: Any, case: Any, node_id: str = "") -> list[Any]:
    """The envelopes of a case."""
    return hand_out(case, node_id, grid.schema("reservation.workload.1"))


def test_j1_nobody_but_the_signers_of_the_request_deletes(grid: Any) -> None:
    """Neither a stranger nor the customer who named others."""
    case = grid.case(NextAction.deploy)
    for tid in (1, 4, 9, 21):
        with pytest.raises(PermissionDenied):
            apply(case, grid.delete(tid), grid.now)


def test_j2_one_signer_signing_twice_counts_once(grid: Any) -> None:
    """And the quorum of two waits for a second one."""
    case = grid.case(NextAction.sign, grid.provision(2), grid.provision(2), grid.provision(2))
    assert case.state is NextAction.sign
    assert quorum(case, Purpose.provision).signed == (2,)
    assert len(case.reservation.signatures_provision) == 1


def test_j3_a_quorum_of_nought_is_refused_where_there_are_signers(grid: Any) -> None:
    """Nothing can pass it by accident."""
    (problem,) = grid.problems(grid.reservation(signing_request_provision={"signers": [2], "quorum_min": 0}))
    assert problem.path == "data_reservation.signing_request_provision.quorum_min"


def test_j4_garbage_in_place_of_the_customers_signature_is_a_value_and_moves_nothing() -> None:
    """It does not verify, so there is no event, and deadlines alone lead to invalid."""
    assert not verified("00" * 64, Purpose.customer)
    assert {row.trigger for row in TABLE if row.target is NextAction.invalid} == {"deadline"}


def test_j5_a_signature_that_is_no_hex_text_never_breaks_a_list(grid: Any, place: Place) -> None:
    """Verifying it is a value; and a document that holds one all the same is handed out."""
    assert not verified("not hex", Purpose.customer)
    case = grid.case(NextAction.deploy)
    place(case.reservation, "signatures_provision[0].signature", "not hex")
    place(case.reservation, "customer_signature", "not hex")
    assert len(handed(grid, case)) == 7


def test_j6_a_mount_of_the_same_reservation_leaves_the_signed_data_alone(grid: Any) -> None:
    """It is resolved in what is handed out."""
    case = grid.case(NextAction.deploy)
    assert envelope(case, 3, grid.schema("reservation.workload.1")).content["volumes"][0]["volume_id"] == "12-2"
    assert same_data(case.reservation.data_reservation, grid.reservation().data_reservation) is None


def test_j7_a_registration_keeps_no_signature_that_did_not_verify(grid: Any) -> None:
    """The caller says that it did not, and it is gone."""
    assert not verified("x", Purpose.customer, forms=("plain",))
    reservation = grid.reservation()
    reservation.customer_signature = "x"
    step = open_case(reservation, farmers=(21,), placements=(), customer_signed=False)
    assert step.case.reservation.customer_signature == ""
    assert step.case.state is NextAction.create


def test_j8_a_signature_of_one_reservation_does_not_verify_for_another() -> None:
    """The bound form has the id; the plain one has a digest, by which its one use is known."""
    assert verified(signed(Purpose.customer), Purpose.customer)
    assert not verified(signed(Purpose.customer), Purpose.customer, reservation_id=13)
    plain = signed(Purpose.customer, "plain")
    first, second = (verified(text, Purpose.customer, forms=("plain",)) for text in (plain, plain.upper()))
    assert first.single_use
    assert first.digest == second.digest


def test_j9_a_reservation_on_an_unknown_node_is_refused(grid: Any) -> None:
    """With the path of every place that names it."""
    problems = grid.problems(grid.reservation(), farmers={"node-1": 21})
    assert {problem.path for problem in problems} == {
        "data_reservation.containers[1].node_id",
        "data_reservation.zdbs[0].node_id",
        "data_reservation.networks[0].network_resources[1].node_id",
        "data_reservation.kubernetes[1].node_id",
    }


def test_j10_garbage_in_place_of_a_farmers_signature_does_not_verify() -> None:
    """Which is asked before there is an event."""
    for garbage in ("", "x", "0" * 128, "f" * 128):
        assert not verified(garbage, Purpose.farmer)


def test_j11_a_result_counts_from_that_workloads_node_and_in_deploy_alone(grid: Any) -> None:
    """Another node is not permitted; another state is a conflict."""
    with pytest.raises(PermissionDenied):
        apply(grid.case(NextAction.deploy), grid.report(2, "node-2"), grid.now)
    for state in set(NextAction) - {NextAction.deploy}:
        with pytest.raises(Conflict):
            apply(grid.case(state), grid.report(2, "node-1"), grid.now)
    for state in set(NextAction) - {NextAction.delete, NextAction.deleted}:
        with pytest.raises(Conflict):
            apply(grid.case(state), grid.gone(2, "node-1"), grid.now)


def test_j12_final_states_are_final_and_what_never_ran_is_not_queued(grid: Any) -> None:
    """Expiry of a reservation that was not deployed ends it; nothing revives it."""
    step = apply(grid.case(NextAction.pay), DeadlinePassed(), grid.now + 600)
    assert (step.moves, step.enqueue) == ((NextAction.invalid,), ())
    for state in (NextAction.invalid, NextAction.deleted):
        assert not apply(grid.case(state), DeadlinePassed(), grid.now + 10**6).changed
        assert not [row for row in TABLE if row.state is state]


def test_j13_signatures_that_come_with_a_registration_are_dropped(grid: Any) -> None:
    """So are results, and whatever else is the server's."""
    reservation = grid.reservation()
    reservation.signatures_provision = [grid.entry(2), grid.entry(3)]
    reservation.signatures_farmer = [grid.entry(21), grid.entry(22)]
    reservation.signatures_delete = [grid.entry(2)]
    reservation.results = [grid.result()]
    kept = grid.open(signed=True, reservation=reservation).case.reservation
    assert kept.next_action == "sign"
    assert [kept.signatures_provision, kept.signatures_farmer, kept.signatures_delete, kept.results] == [[]] * 4


def test_j14_a_farmer_with_two_farms_signs_once(grid: Any) -> None:
    """Farmers are a set."""
    surroundings = grid.surroundings(farmers={"node-1": 21, "node-2": 21})
    data = grid.reservation().data_reservation
    farmers = farmers_of(data, surroundings, Settings())
    case = replace(grid.case(NextAction.pay), farmers=farmers)
    assert apply(case, grid.farmer(21), grid.now).moves == (NextAction.deploy,)


def test_j15_a_signature_for_one_purpose_does_not_verify_for_another() -> None:
    """For none of the others."""
    for purpose in Purpose:
        assert [each for each in Purpose if verified(signed(purpose), each)] == [purpose]


def test_j16_an_unset_quorum_is_no_approval(grid: Any) -> None:
    """With signers it is refused, without them the customer has to sign."""
    unset = grid.reservation(signing_request_provision={"signers": [2]})
    (problem,) = grid.problems(unset)
    assert "is not set" in problem.message
    assert not quorum(grid.open(signing_request_provision={}).case, Purpose.provision).reached


def test_j17_a_declared_farmer_is_ignored_and_the_found_ones_are_frozen(grid: Any) -> None:
    """Node, farm, farmer: at registration, and never again."""
    data = grid.data()
    for family in ("volumes", "containers", "zdbs", "networks", "kubernetes"):
        for workload in data[family]:
            workload["farmer_tid"] = 9
    case = grid.open(**data).case
    assert case.farmers == (21, 22)
    assert grid.follow(case, *grid.way_to(NextAction.deleted)).case.farmers == (21, 22)


def test_j18_reading_changes_nothing(grid: Any) -> None:
    """Neither handing out nor counting nor looking at the clock before time."""
    case = grid.case(NextAction.deploy)
    before = msgspec.msgpack.encode(case.reservation)
    handed(grid, case)
    quorum(case, Purpose.delete)
    assert apply(case, DeadlinePassed(), grid.now).case is case
    assert msgspec.msgpack.encode(case.reservation) == before


def test_j19_queue_rows_are_one_per_workload_and_node(grid: Any) -> None:
    """Signing for delete again adds none, and one node's report leaves the other's row alone."""
    case = grid.case(NextAction.deploy, grid.delete(2))
    step = apply(case, grid.delete(3), grid.now)
    assert len(step.enqueue) == len(set(step.enqueue)) == 8
    assert apply(step.case, grid.delete(3), grid.now).enqueue == ()
    assert apply(step.case, grid.gone(1, "node-1"), grid.now).dequeue == (("node-1", 1),)


@pytest.mark.parametrize("state", [NextAction.create, NextAction.sign, NextAction.pay], ids=lambda state: state.name)
def test_j20_provisioning_expires_in_every_state_before_deploy(grid: Any, state: NextAction) -> None:
    """Not in create alone."""
    assert apply(grid.case(state), DeadlinePassed(), grid.now + 600).moves == (NextAction.invalid,)


def test_j21_results_are_kept_by_workload_and_node(grid: Any) -> None:
    """Two nodes of one network have one each."""
    case = grid.case(NextAction.deploy, grid.report(1, "node-1"), grid.report(1, "node-2", "error"))
    assert [(result.workload_id, str(result.state)) for result in case.reservation.results] == [
        ("12-1", "ok"),
        ("12-1", "error"),
    ]
    assert case.reporters == ("node-1", "node-2")


def test_j22_a_refusal_is_one_sentence_for_people(grid: Any) -> None:
    """With the state, the call and what is waited for."""
    with pytest.raises(Conflict) as refused:
        apply(grid.case(NextAction.pay), grid.provision(4), grid.now)
    assert refused.value.message == (
        "reservation 12 is in pay, where sign_provision is not possible; "
        "it waits for the signatures of its farmers (0 of 2, missing 21, 22)"
    )


@pytest.mark.parametrize("claimed", list(NextAction), ids=lambda state: state.name)
def test_t1_a_clients_next_action_is_dropped(grid: Any, claimed: NextAction) -> None:
    """Registering always begins at the beginning."""
    reservation = grid.reservation()
    reservation.next_action = int(claimed)
    assert grid.open(reservation=reservation).case.state is NextAction.create


def test_t2_nobody_confirms_or_fails_a_workload_without_the_nodes_key(grid: Any) -> None:
    """Where it is known; a result of another key, or of none, is not permitted."""
    case, keys = grid.case(NextAction.deploy), {"node-1": PUBLIC}
    forged = SigningKey(b"2" * 32).sign(result_bytes(state=1, message="", data_json="{}")).signature
    for signature in (forged, None):
        with pytest.raises(PermissionDenied):
            reporter_of(case, 2, report=Report(1, "", "{}", signature), node_keys=keys, settings=Settings())


def test_t3_provision_and_delete_do_not_sign_the_same_bytes() -> None:
    """In the bound form; the operator may refuse the others."""
    provision, delete = (
        signed_bytes("bound", json=JSON, purpose=purpose, reservation_id=12, tid=2)
        for purpose in (Purpose.provision, Purpose.delete)
    )
    assert provision != delete
    assert accepted_forms(Purpose.delete, Settings(unbound_signatures="refuse")) == ("bound",)


def test_t6_nothing_is_stuck_in_pay_for_want_of_farmers(grid: Any) -> None:
    """Of no farmers all have signed."""
    case = replace(grid.case(NextAction.sign), farmers=())
    assert grid.follow(case, grid.provision(2), grid.provision(3)).moves == (NextAction.pay, NextAction.deploy)


def test_t8_workloads_of_every_kind_are_found_by_their_node(grid: Any) -> None:
    """Each kind is placed on its nodes; once networks alone were found."""
    placed = {(place.workload_id, place.node_id) for place in placements_of(grid.reservation().data_reservation)}
    assert placed == {
        *((workload_id, "node-1") for workload_id in (1, 2, 3, 6)),
        *((workload_id, "node-2") for workload_id in (1, 4, 5, 7)),
    }


def test_t9_deleting_a_network_marks_the_node_that_reported(grid: Any) -> None:
    """The other node's result stays."""
    results = (grid.report(1, "node-1"), grid.report(1, "node-2"))
    case = grid.case(NextAction.deploy, *results, grid.delete(2), grid.delete(3), grid.gone(1, "node-2"))
    assert dict(zip(case.reporters, (str(each.state) for each in case.reservation.results), strict=True)) == {
        "node-1": "ok",
        "node-2": "deleted",
    }


def test_t10_one_failed_workload_leaves_the_others_alone(grid: Any) -> None:
    """The error stays visible, and the reservation in deploy."""
    case = grid.case(NextAction.deploy, grid.report(3, "node-1", "error", message="no memory"))
    assert case.state is NextAction.deploy
    assert case.reservation.results[0].message == "no memory"
    assert not any(each.to_delete for each in handed(grid, case))


def test_t11_the_provision_quorum_is_enforced(grid: Any) -> None:
    """The customer's signature alone does not replace it."""
    assert grid.case(NextAction.create, grid.customer_signed()).state is NextAction.sign


def test_t12_fields_of_signed_bytes_cannot_slide_into_each_other() -> None:
    """Reservation 1 by threebot 21 is not reservation 12 by threebot 1."""
    ways = [(1, 21), (12, 1), (121, 0)]
    for form in FORMS[:1]:
        texts = {
            signed_bytes(form, json=JSON, purpose=Purpose.delete, reservation_id=reservation_id, tid=tid)
            for reservation_id, tid in ways
        }
        assert len(texts) == len(ways)


def test_t16_two_workloads_of_one_kind_do_not_conflict(grid: Any) -> None:
    """The sample has two containers and two machines."""
    assert grid.problems(grid.reservation()) == []


def test_t21_what_is_sent_has_a_largest_size() -> None:
    """One byte more than the operator's limit is refused, with both figures."""
    limit = Settings().maximum_document_bytes
    assert check_document_size(limit, Settings()) == []
    (problem,) = check_document_size(limit + 1, Settings())
    assert problem.message == f"the reservation has {limit + 1} bytes; the most is {limit}"


def test_t23_what_is_not_there_is_not_found(grid: Any) -> None:
    """An id that could be one is not found; a text that could not is wrong input."""
    with pytest.raises(NotFound):
        envelope(grid.case(NextAction.deploy), 99, grid.schema("reservation.workload.1"))
    with pytest.raises(InputError):
        parse_gwid("12")


def test_t25_farmers_approve_before_anything_runs(grid: Any) -> None:
    """All of them."""
    case = grid.case(NextAction.pay, grid.farmer(21))
    assert handed(grid, case) == []
    assert handed(grid, apply(case, grid.farmer(22), grid.now).case)


def test_t26_a_step_says_every_state_that_was_entered(grid: Any) -> None:
    """So that the history can keep them."""
    case = grid.open(signing_request_provision={}).case
    assert apply(case, grid.customer_signed(), grid.now).moves == (NextAction.sign, NextAction.pay)


def test_pain_18_nonsense_as_a_volume_is_told_what_it_should_be(grid: Any, place: Place) -> None:
    """A whole object printed into the field was once accepted."""
    reservation = grid.reservation()
    place(reservation, "data_reservation.containers[0].volumes[0].volume_id", "Volume(workload_id=2)")
    (problem,) = grid.problems(reservation)
    assert "-<workload id>" in problem.message


def test_pain_25_the_field_in_which_json_and_data_differ_is_named(grid: Any) -> None:
    """Rather than that a signature failed."""
    signed_data = grid.reservation().data_reservation
    sent = grid.reservation(description="another shop").data_reservation
    assert same_data(signed_data, sent) == "description"
