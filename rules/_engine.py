"""The engine: runs the transition table on a case, an event and now, and says what came of it (``docs/states.md``)."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Conflict
from . import _effects as effects
from ._case import Case, Placement
from ._enums import NextAction, Purpose, Trigger
from ._events import (
    CustomerSigned,
    DeadlinePassed,
    DeleteSigned,
    Event,
    FarmerSigned,
    Made,
    OperatorDeleted,
    ProvisionSigned,
    Registered,
    ResultReported,
)
from ._guards import says_deleted
from ._moments import moment
from ._quorum import quorum
from ._shapes import Reservation
from ._step import Step, with_fields, with_state
from ._table import Row, rows_of

__all__ = ["apply", "next_deadline", "open_case", "waits_for"]

_DEADLINES = {state: tuple([row.deadline for row in rows_of(state, Trigger.deadline)]) for state in NextAction}
"""The fields of the data that hold the deadlines of a state, by state."""


def open_case(
    reservation: Reservation, *, farmers: Sequence[int], placements: Sequence[Placement], customer_signed: bool
) -> Step:
    """Begin a reservation: the ``register`` rows of the table, and what follows from them at once.

    Arguments:
        reservation: what `check_registration` found no problem in; the caller sets id and epoch, before or after.
            What it holds in the other fields of the server (next action, signatures, results) is dropped,
            and so is the customer's signature unless it verified.
        farmers: the threebot ids of its farmers, from `farmers_of`.
        placements: where its workloads run, from `placements_of`.
        customer_signed: whether its customer's signature verified.

    Returns:
        The first step, whose case is to be stored.
    """
    clean = with_fields(
        reservation,
        customer_signature=reservation.customer_signature if customer_signed else "",
        signatures_provision=[],
        signatures_farmer=[],
        signatures_delete=[],
        results=[],
    )
    case = with_state(Case(clean, tuple(farmers), tuple(placements)), NextAction.create)
    event = Registered(customer_signed)
    (row,) = (row for row in rows_of(None, Trigger.register) if row.guard(case, event, 0))
    return _follow(case, row, event, 0)


def apply(case: Case, event: Event, now: int) -> Step:
    """Let an event happen to a reservation.

    Arguments:
        case: the reservation; it stays as it is.
        event: what happened. Its signature was verified and its reporter found before.
        now: seconds since 1970.

    Returns:
        What came of it. A repeat of what was counted or reported before comes to no change, and so does
        `DeadlinePassed` before a deadline is due.

    Raises:
        Conflict: the state does not allow it, or a deadline of the reservation has passed.
        PermissionDenied: the signer or the node is not one that may.
    """
    if isinstance(event, DeadlinePassed):
        row = _row_for(case, event, now)
        return Step(case, changed=False) if row is None else _follow(case, row, event, now)
    _refuse_after_deadline(case, now)
    if _is_repeat(case, event):
        return Step(case, changed=False)
    row = _row_for(case, event, now)
    if row is None:
        raise Conflict(_refusal(case, event))
    row.permit(case, event)
    return _follow(case, row, event, now)


def next_deadline(case: Case) -> int:
    """Return when the reservation's next deadline falls, in seconds since 1970; 0 in a state without one."""
    data = case.reservation.data_reservation
    return min([getattr(data, field) for field in _DEADLINES[case.state]], default=0)


def waits_for(case: Case) -> str:
    """Return what a reservation waits for, in words, with the signatures that are missing."""
    match case.state:
        case NextAction.create:
            return f"the signature of its customer, {case.reservation.customer_tid}"
        case NextAction.sign:
            return f"signatures for provision ({quorum(case, Purpose.provision)})"
        case NextAction.pay:
            return f"the signatures of its farmers ({quorum(case, Purpose.farmer)})"
        case NextAction.deploy:
            return f"the results of its nodes, or signatures for delete ({quorum(case, Purpose.delete)})"
        case NextAction.delete:
            waiting = case.not_yet_deleted()
            return f"its nodes to report {len(waiting)} of {len(case.placements)} workloads as deleted"
        case NextAction.invalid:
            return "nothing: a deadline passed before it was deployed, and it has to be registered anew"
    return "nothing: it is over"


def _follow(case: Case, row: Row, event: Event | Registered, now: int) -> Step:
    """Take a row, then every row that applies at once, and add up what they do."""
    step = Step(case)
    following: Row | None = row
    while following is not None:
        step = _take(step, following, event)
        following = _row_at_once(step.case, now)
    return step


def _take(step: Step, row: Row, event: Event | Registered) -> Step:
    done = row.effect(step.case, event)
    moved = row.target is not row.state
    return Step(
        case=with_state(done.case, row.target) if moved else done.case,
        moves=(*step.moves, row.target) if moved else step.moves,
        enqueue=step.enqueue + done.enqueue,
        dequeue=step.dequeue + done.dequeue,
    )


def _row_for(case: Case, event: Event, now: int) -> Row | None:
    rows = rows_of(case.state, event.trigger)
    return next((row for row in rows if row.guard(case, event, now)), None)


def _row_at_once(case: Case, now: int) -> Row | None:
    rows = rows_of(case.state, Trigger.at_once)
    return next((row for row in rows if row.guard(case, None, now)), None)


def _is_repeat(case: Case, event: Made) -> bool:
    """Say whether the case holds already what the event brings; an invalid reservation takes no repeat either."""
    if case.state is NextAction.invalid:
        return False
    match event:
        case CustomerSigned():
            return bool(case.reservation.customer_signature)
        case ProvisionSigned() | FarmerSigned() | DeleteSigned():
            return event.tid in quorum(case, event.purpose).signed
        case OperatorDeleted():
            return case.state in (NextAction.delete, NextAction.deleted)
        case ResultReported() if not says_deleted(case, event, 0):
            return case.state is NextAction.deploy and _is_reported(case, event)
    return case.is_reported_deleted(event.workload_id, event.node_id)


def _is_reported(case: Case, event: ResultReported) -> bool:
    """Say whether a node has reported this very result already."""
    if case.result_position(event.workload_id, event.node_id) is None:
        return False
    return effects.store_result(case, event).case == case


def _refuse_after_deadline(case: Case, now: int) -> None:
    deadline = next_deadline(case)
    if deadline and now >= deadline:
        data = case.reservation.data_reservation
        provisioning = case.state is not NextAction.deploy and deadline == data.expiration_provisioning
        field = "expiration_provisioning" if provisioning else "expiration_reservation"
        raise Conflict(
            f"reservation {case.reservation.id} in {case.state.name} expired at {moment(deadline)}, "
            f"its {field}: this comes too late"
        )


def _refusal(case: Case, event: Made) -> str:
    """Say why the table has no row: the state, the event, and what the state waits for."""
    what = str(event.trigger)
    if isinstance(event, ResultReported):
        what += f" with a result {'deleted' if says_deleted(case, event, 0) else 'ok or error'}"
    return (
        f"reservation {case.reservation.id} is in {case.state.name}, where {what} is not possible; "
        f"it waits for {waits_for(case)}"
    )
