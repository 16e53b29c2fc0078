"""Every state with every event, and what the steps do besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from workloadmanager.errors import Conflict, PermissionDenied
from workloadmanager.rules import (
    TABLE,
    DeadlinePassed,
    Event,
    NextAction,
    ResultReported,
    ResultState,
    Step,
    Trigger,
    apply,
    next_deadline,
    open_case,
    placements_of,
    waits_for,
)

EVENTS: dict[str, Callable[[Any], Event]] = {
    "sign_customer": lambda grid: grid.customer_signed(),
    "sign_provision": lambda grid: grid.provision(4),
    "sign_farmer": lambda grid: grid.farmer(22),
    "sign_delete": lambda grid: grid.delete(3),
    "operator_delete": lambda grid: grid.operator_deleted(),
    "set_workload_result ok": lambda grid: grid.report(2, "node-1", "ok"),
    "set_workload_result error": lambda grid: grid.report(2, "node-1", "error"),
    "set_workload_result deleted": lambda grid: grid.report(2, "node-1", "deleted"),
    "workload_deleted": lambda grid: grid.gone(2, "node-1"),
}
"""One event of each kind that no way to a state has used, but for the deadline."""

ALLOWED = {
    ("create", "sign_customer"),
    ("create", "sign_provision"),
    ("sign", "sign_provision"),
    ("pay", "sign_farmer"),
    ("create", "sign_delete"),
    ("sign", "sign_delete"),
    ("pay", "sign_delete"),
    ("deploy", "sign_delete"),
    ("create", "operator_delete"),
    ("sign", "operator_delete"),
    ("pay", "operator_delete"),
    ("deploy", "operator_delete"),
    ("deploy", "set_workload_result ok"),
    ("deploy", "set_workload_result error"),
    ("delete", "workload_deleted"),
    ("delete", "set_workload_result deleted"),
}
"""What the rules allow, written down once more and apart from the table."""

REPEATS = {
    *((state, "sign_customer") for state in ("sign", "pay", "deploy", "delete", "deleted")),
    *((state, "sign_farmer") for state in ("deploy", "delete", "deleted")),
    *((state, "sign_delete") for state in ("delete", "deleted")),
    *((state, "operator_delete") for state in ("delete", "deleted")),
    ("deleted", "workload_deleted"),
    ("deleted", "set_workload_result deleted"),
}
"""What the case holds already in a state, so that it succeeds without change."""


def snapshot(case: Any) -> bytes:
    """A case as bytes."""
    return msgspec.msgpack.encode([case.farmers, case.placements, case.reporters, case.reservation])


@pytest.mark.parametrize("state", list(NextAction), ids=lambda state: state.name)
@pytest.mark.parametrize("name", EVENTS)
def test_every_state_with_every_event_is_a_step_a_repeat_or_a_conflict(grid: Any, state: NextAction, name: str) -> None:
    """What is not in the table is a conflict, and nothing is ever changed in place."""
    case = grid.case(state)
    before = snapshot(case)
    if (state.name, name) in ALLOWED:
        step = apply(case, EVENTS[name](grid), grid.now)
        assert step.changed
        assert snapshot(step.case) != before
    elif (state.name, name) in REPEATS:
        step = apply(case, EVENTS[name](grid), grid.now)
        assert not step.changed
        assert (step.case, step.moves, step.enqueue, step.dequeue) == (case, (), (), ())
    else:
        with pytest.raises(
            Conflict, match=f"reservation 12 is in {state.name}, where {name.split()[0]}.* not possible"
        ):
            apply(case, EVENTS[name](grid), grid.now)
    assert snapshot(case) == before


def test_the_table_allows_what_is_written_down_and_nothing_else() -> None:
    """The pairs of state and event of the table are those of the list above."""
    pairs = {(state, name.split()[0]) for state, name in ALLOWED}
    others = {Trigger.register, Trigger.at_once, Trigger.deadline}
    rows = {(row.state.name, str(row.trigger)) for row in TABLE if row.state is not None and row.trigger not in others}
    assert rows == pairs


def test_the_table_moves_as_is_written_down_and_not_otherwise() -> None:
    """Every arrow from one state to another, once more and apart from the table."""
    moves = {(row.state.name if row.state is not None else "", row.target.name) for row in TABLE}
    assert {(origin, target) for origin, target in moves if origin != target} == {
        ("", "create"),
        ("", "sign"),
        ("create", "sign"),
        ("sign", "pay"),
        ("pay", "deploy"),
        ("deploy", "delete"),
        ("delete", "deleted"),
        *((origin, "deleted") for origin in ("create", "sign", "pay")),
        *((origin, "invalid") for origin in ("create", "sign", "pay")),
    }


@pytest.mark.parametrize("state", list(NextAction), ids=lambda state: state.name)
def test_a_deadline_that_is_not_due_changes_nothing_in_any_state(grid: Any, state: NextAction) -> None:
    """The clock may look at every reservation at any time."""
    case = grid.case(state)
    step = apply(case, DeadlinePassed(), grid.now)
    assert not step.changed
    assert step.case is case


@pytest.mark.parametrize("state", [NextAction.create, NextAction.sign, NextAction.pay], ids=lambda state: state.name)
@pytest.mark.parametrize("after", [600, 86_400])
def test_both_deadlines_end_a_reservation_that_was_never_deployed(grid: Any, state: NextAction, after: int) -> None:
    """It becomes invalid at the second itself, and nothing is queued."""
    case = grid.case(state)
    assert not apply(case, DeadlinePassed(), grid.now + 599).changed
    step = apply(case, DeadlinePassed(), grid.now + after)
    assert step.moves == (NextAction.invalid,)
    assert step.enqueue == ()


def test_the_reservations_own_deadline_counts_alone(grid: Any) -> None:
    """An expiration of the reservation that comes before that of provisioning ends it as well."""
    step = grid.open(expiration_provisioning=grid.now + 900, expiration_reservation=grid.now + 60)
    assert next_deadline(step.case) == grid.now + 60
    assert apply(step.case, DeadlinePassed(), grid.now + 60).moves == (NextAction.invalid,)


def test_a_deployed_reservation_goes_to_delete_at_its_end(grid: Any) -> None:
    """Every workload is queued for every node; the deadline for provisioning is over by then."""
    case = grid.case(NextAction.deploy)
    assert not apply(case, DeadlinePassed(), grid.now + 86_399).changed
    step = apply(case, DeadlinePassed(), grid.now + 86_400)
    assert step.moves == (NextAction.delete,)
    assert sorted(step.enqueue) == sorted((node, workload) for workload, node in grid.everywhere())


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (NextAction.create, 600),
        (NextAction.sign, 600),
        (NextAction.pay, 600),
        (NextAction.deploy, 86_400),
        (NextAction.delete, 0),
        (NextAction.invalid, 0),
        (NextAction.deleted, 0),
    ],
    ids=lambda value: value.name if isinstance(value, NextAction) else "",
)
def test_next_deadline_is_the_one_that_the_state_has(grid: Any, state: NextAction, after: int) -> None:
    """States without a deadline say 0."""
    assert next_deadline(grid.case(state)) == (grid.now + after if after else 0)


@pytest.mark.parametrize("state", [NextAction.create, NextAction.sign, NextAction.pay, NextAction.deploy])
@pytest.mark.parametrize("name", EVENTS)
def test_nothing_happens_any_more_after_a_deadline(grid: Any, state: NextAction, name: str) -> None:
    """Between the second of a deadline and the sweep, no event gets in, and the refusal says which and when."""
    deployed = state is NextAction.deploy
    field = "expiration_reservation" if deployed else "expiration_provisioning"
    deadline = grid.now + (86_400 if deployed else 600)
    shown = "2027-01-16 08:00:00 UTC" if deployed else "2027-01-15 08:10:00 UTC"
    with pytest.raises(Conflict, match=f"expired at {shown}, its {field}"):
        apply(grid.case(state), EVENTS[name](grid), deadline)


def test_the_refusal_names_the_deadline_that_passed(grid: Any) -> None:
    """Before deployment it may be that of the reservation itself."""
    case = grid.open(expiration_provisioning=grid.now + 900, expiration_reservation=grid.now + 60).case
    with pytest.raises(Conflict, match="its expiration_reservation"):
        apply(case, grid.customer_signed(), grid.now + 60)


def test_a_deadline_beyond_every_calendar_is_still_told(grid: Any, place: Callable[[Any, str, Any], None]) -> None:
    """A number stands for a moment that has no date."""
    far = 10**15
    case = grid.open().case
    place(case.reservation, "data_reservation.expiration_provisioning", far)
    place(case.reservation, "data_reservation.expiration_reservation", far)
    with pytest.raises(Conflict, match=f"expired at {far} seconds since 1970"):
        apply(case, grid.customer_signed(), far)


def test_a_registration_without_a_signature_waits_for_it(grid: Any) -> None:
    """It is in create."""
    step = grid.open()
    assert (step.case.state, step.moves, step.changed) == (NextAction.create, (NextAction.create,), True)


def test_a_signed_registration_waits_for_its_signers(grid: Any) -> None:
    """It is in sign, with the customer's signature kept."""
    step = grid.open(signed=True)
    assert step.moves == (NextAction.sign,)
    assert step.case.reservation.customer_signature == "cc" * 64


def test_one_event_moves_several_steps(grid: Any) -> None:
    """A signed registration without signers waits for its farmers at once."""
    step = grid.open(signed=True, signing_request_provision={})
    assert step.moves == (NextAction.sign, NextAction.pay)


def test_signatures_may_come_before_the_customers(grid: Any) -> None:
    """In what order they arrive within create and sign makes no difference."""
    early = grid.follow(grid.open().case, grid.provision(3), grid.provision(2))
    assert (early.case.state, early.moves) == (NextAction.create, ())
    step = grid.follow(early.case, grid.customer_signed())
    assert step.moves == (NextAction.sign, NextAction.pay)


def test_the_last_farmer_starts_the_deployment(grid: Any) -> None:
    """Every workload is queued for every node it is on."""
    case = grid.case(NextAction.pay, grid.farmer(21))
    assert case.state is NextAction.pay
    step = apply(case, grid.farmer(22), grid.now)
    assert step.moves == (NextAction.deploy,)
    assert sorted(step.enqueue) == sorted((node, workload) for workload, node in grid.everywhere())


def test_a_reservation_without_farmers_is_not_stuck_in_pay(grid: Any) -> None:
    """Of no farmers all have signed."""
    reservation = grid.reservation(signing_request_provision={})
    reservation.id, reservation.customer_signature = 12, "cc" * 64
    placements = placements_of(reservation.data_reservation)
    step = open_case(reservation, farmers=(), placements=placements, customer_signed=True)
    assert step.moves == (NextAction.sign, NextAction.pay, NextAction.deploy)


@pytest.mark.parametrize("state", [NextAction.create, NextAction.sign, NextAction.pay], ids=lambda state: state.name)
def test_what_never_ran_is_deleted_directly(grid: Any, state: NextAction) -> None:
    """The delete quorum ends it, and no node hears of it."""
    step = grid.follow(grid.case(state), grid.delete(2), grid.delete(3))
    assert step.moves == (NextAction.deleted,)
    assert step.enqueue == ()


@pytest.mark.parametrize("state", [NextAction.create, NextAction.sign, NextAction.pay], ids=lambda state: state.name)
def test_the_operator_deletes_what_never_ran_directly(grid: Any, state: NextAction) -> None:
    """No signature is counted, and no node hears of it."""
    step = apply(grid.case(state), grid.operator_deleted(), grid.now)
    assert (step.moves, step.enqueue, step.dequeue) == ((NextAction.deleted,), (), ())
    assert step.case.reservation.signatures_delete == []


def test_the_operator_deletes_what_runs_on_every_node(grid: Any) -> None:
    """Every workload is queued for every node it is on, also those that were reported long ago."""
    case = grid.case(NextAction.deploy, grid.report(2, "node-1"), grid.delete(2))
    step = apply(case, grid.operator_deleted(), grid.now)
    assert step.moves == (NextAction.delete,)
    assert sorted(step.enqueue) == sorted((node, workload) for workload, node in grid.everywhere())
    assert [entry.tid for entry in step.case.reservation.signatures_delete] == [2]


def test_what_is_over_is_not_deleted_by_the_operator_either(grid: Any) -> None:
    """What is invalid never ran."""
    with pytest.raises(Conflict, match="is in invalid, where operator_delete is not possible"):
        apply(grid.case(NextAction.invalid), grid.operator_deleted(), grid.now + 600)


def test_signatures_for_delete_before_deployment_count_after_it(grid: Any) -> None:
    """One of two in pay, the other in deploy."""
    case = grid.case(NextAction.pay, grid.delete(3), grid.farmer(21), grid.farmer(22))
    assert grid.follow(case, grid.delete(2)).moves == (NextAction.delete,)


def test_the_delete_quorum_queues_what_a_result_had_taken_out(grid: Any) -> None:
    """A node that reported long ago has to hear of the deletion too."""
    case = grid.case(NextAction.deploy, grid.report(2, "node-1"), grid.delete(2))
    assert ("node-1", 2) in grid.follow(case, grid.delete(3)).enqueue


def test_a_result_is_kept_under_the_workloads_own_id_and_category(grid: Any) -> None:
    """Kubernetes results arrive with category 0, and some nodes send the local number as id."""
    case = grid.case(NextAction.deploy)
    event = ResultReported(6, "node-1", grid.result("ok", category="zdb", workload_id="6"))
    step = apply(case, event, grid.now)
    (result,) = step.case.reservation.results
    assert (str(result.category), result.workload_id) == ("kubernetes", "12-6")
    assert step.case.reporters == ("node-1",)
    assert step.dequeue == (("node-1", 6),)


@pytest.mark.parametrize(
    ("workload_id", "category"),
    [(1, "network"), (2, "volume"), (3, "container"), (5, "zdb"), (6, "kubernetes")],
)
def test_every_kind_of_workload_has_its_category(grid: Any, workload_id: int, category: str) -> None:
    """The numbers of categories and kinds differ."""
    node = dict(grid.everywhere())[workload_id]
    step = apply(grid.case(NextAction.deploy), grid.report(workload_id, node), grid.now)
    assert str(step.case.reservation.results[0].category) == category


def test_a_new_result_replaces_the_earlier_one_of_that_node(grid: Any) -> None:
    """And leaves that of the other node alone."""
    events = (
        grid.report(1, "node-1", "error", message="no"),
        grid.report(1, "node-2", "ok"),
        grid.report(1, "node-1", "ok"),
    )
    case = grid.case(NextAction.deploy, *events)
    assert case.reporters == ("node-1", "node-2")
    assert [str(result.state) for result in case.reservation.results] == ["ok", "ok"]


def test_the_same_result_again_changes_nothing(grid: Any) -> None:
    """A node that did not get its answer sends it again, and that is no second step."""
    report = grid.report(1, "node-1", "ok", message="up")
    case = grid.case(NextAction.deploy, report)
    assert apply(case, report, grid.now) == Step(case, changed=False)


def test_a_result_that_differs_in_anything_is_a_step(grid: Any) -> None:
    """Also in its message alone."""
    case = grid.case(NextAction.deploy, grid.report(1, "node-1", "ok", message="up"))
    assert apply(case, grid.report(1, "node-1", "ok", message="up again"), grid.now).changed


@pytest.mark.parametrize("workload_id", [2, 9], ids=["elsewhere", "unknown"])
def test_only_the_workloads_own_node_reports(grid: Any, workload_id: int) -> None:
    """Another node is refused, in deploy and in delete."""
    with pytest.raises(PermissionDenied, match=f"workload 12-{workload_id} does not run on node 'node-2'"):
        apply(grid.case(NextAction.deploy), grid.report(workload_id, "node-2"), grid.now)
    with pytest.raises(PermissionDenied, match=f"workload 12-{workload_id} does not run on node 'node-2'"):
        apply(grid.case(NextAction.delete), grid.gone(workload_id, "node-2"), grid.now)


def test_a_workload_that_is_gone_is_marked_deleted(grid: Any) -> None:
    """Whatever the state of the result that came says."""
    step = apply(grid.case(NextAction.delete), grid.gone(2, "node-1"), grid.now)
    (result,) = step.case.reservation.results
    assert result.state == ResultState.deleted
    assert step.dequeue == (("node-1", 2),)
    assert step.moves == ()


def test_reporting_a_workload_gone_again_changes_nothing(grid: Any) -> None:
    """By either call."""
    case = grid.case(NextAction.delete, grid.gone(2, "node-1"))
    assert not apply(case, grid.gone(2, "node-1"), grid.now).changed
    assert not apply(case, grid.report(2, "node-1", "deleted"), grid.now).changed


def test_the_last_report_ends_the_reservation(grid: Any) -> None:
    """With reports of both kinds."""
    *others, (workload_id, node_id) = grid.everywhere()
    case = grid.case(NextAction.delete, *(grid.gone(*each) for each in others))
    assert case.state is NextAction.delete
    step = apply(case, grid.report(workload_id, node_id, "deleted"), grid.now)
    assert step.moves == (NextAction.deleted,)


def test_what_was_deleted_before_it_ran_takes_no_report(grid: Any) -> None:
    """There is nothing to repeat there: no node ever had it."""
    case = grid.case(NextAction.sign, grid.delete(2), grid.delete(3))
    with pytest.raises(Conflict, match="is in deleted, where workload_deleted is not possible"):
        apply(case, grid.gone(2, "node-1"), grid.now)


def test_an_invalid_reservation_takes_no_repeat(grid: Any) -> None:
    """Whoever signs again learns that it is over."""
    pay = grid.case(NextAction.pay)
    invalid = apply(pay, DeadlinePassed(), grid.now + 600).case
    for event in (grid.customer_signed(), grid.provision(2)):
        with pytest.raises(Conflict, match="registered anew"):
            apply(invalid, event, grid.now + 600)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (NextAction.create, "the signature of its customer, 1"),
        (NextAction.sign, "signatures for provision (0 of 2, missing 2, 3, 4)"),
        (NextAction.pay, "the signatures of its farmers (0 of 2, missing 21, 22)"),
        (NextAction.deploy, "the results of its nodes, or signatures for delete (0 of 2, missing 2, 3)"),
        (NextAction.delete, "its nodes to report 8 of 8 workloads as deleted"),
        (NextAction.invalid, "nothing: a deadline passed before it was deployed, and it has to be registered anew"),
        (NextAction.deleted, "nothing: it is over"),
    ],
    ids=lambda value: value.name if isinstance(value, NextAction) else "",
)
def test_every_state_says_what_it_waits_for(grid: Any, state: NextAction, words: str) -> None:
    """With who is missing."""
    assert waits_for(grid.case(state)) == words
