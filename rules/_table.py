"""The transition table: every step that a reservation can take, as data (``docs/states.md``).

This is the one place that says what may happen. What is not in it is a conflict and changes nothing;
the diagram and the table in the docs are drawn from it, and the tests run every state with every event.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import _effects as effects
from . import _guards as guards
from ._effects import Effect
from ._enums import NextAction, Purpose, Trigger
from ._guards import Guard, Permit

__all__ = ["TABLE", "Row", "rows_of"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        state: the state it starts from; None for a reservation that is about to be registered.
        trigger: what sets it off.
        condition: when it applies, in words.
        target: the state it leads to; the same as ``state`` where it stays.
        besides: what else it does, in words; empty for nothing.
        guard: whether it applies, as a function of the case, the event and now.
        permit: who may; raises `PermissionDenied` for anybody else.
        effect: what it does to the case and to the nodes' queues.
        deadline: for a deadline, the field of the data that holds it; empty otherwise.
    """

    state: NextAction | None
    trigger: Trigger
    condition: str
    target: NextAction
    besides: str = ""
    guard: Guard = guards.always
    permit: Permit = guards.anybody
    effect: Effect = effects.nothing
    deadline: str = ""


_CREATE, _SIGN, _PAY = NextAction.create, NextAction.sign, NextAction.pay
_DEPLOY, _DELETE = NextAction.deploy, NextAction.delete
_INVALID, _DELETED = NextAction.invalid, NextAction.deleted
_BEFORE_DEPLOY = (_CREATE, _SIGN, _PAY)


def _counting(state: NextAction, purpose: Purpose) -> Row:
    """A signature that is counted and moves nothing by itself."""
    farmer = purpose == Purpose.farmer
    who = "tid is a farmer of this reservation" if farmer else "signer listed"
    return Row(
        state,
        Trigger(f"sign_{purpose}"),
        f"{who}, verifies, not counted yet",
        state,
        "count it",
        permit=guards.may_sign,
        effect=effects.count_signature,
    )


def _deadline(state: NextAction, field: str, target: NextAction) -> Row:
    """A deadline, at which the reservation moves without anybody asking."""
    starts_deletion = target == _DELETE
    return Row(
        state,
        Trigger.deadline,
        f"now ≥ {field}",
        target,
        "queue every (node, gwid)" if starts_deletion else "",
        guard=guards.is_due(field),
        effect=effects.queue_all if starts_deletion else effects.nothing,
        deadline=field,
    )


TABLE: tuple[Row, ...] = (
    Row(
        None,
        Trigger.register,
        "valid; no customer signature",
        _CREATE,
        "id, epoch",
        guard=guards.without_customer,
    ),
    Row(
        None,
        Trigger.register,
        "valid; customer signature verifies",
        _SIGN,
        "id, epoch",
        guard=guards.with_customer,
    ),
    Row(
        _CREATE,
        Trigger.sign_customer,
        "verifies",
        _SIGN,
        "keep it",
        effect=effects.keep_customer_signature,
    ),
    _counting(_CREATE, Purpose.provision),
    _counting(_SIGN, Purpose.provision),
    Row(
        _SIGN,
        Trigger.at_once,
        "provision quorum reached",
        _PAY,
        guard=guards.quorum_reached(Purpose.provision),
    ),
    _counting(_PAY, Purpose.farmer),
    Row(
        _PAY,
        Trigger.at_once,
        "every farmer has signed",
        _DEPLOY,
        "queue every (node, gwid)",
        guard=guards.quorum_reached(Purpose.farmer),
        effect=effects.queue_all,
    ),
    Row(
        _DEPLOY,
        Trigger.set_workload_result,
        "from that workload's node; ok or error",
        _DEPLOY,
        "store the result, take the queue row out",
        guard=guards.does_not_say_deleted,
        permit=guards.runs_there,
        effect=effects.store_result,
    ),
    *(_counting(state, Purpose.delete) for state in (*_BEFORE_DEPLOY, _DEPLOY)),
    *(
        Row(
            state,
            Trigger.at_once,
            "delete quorum reached",
            _DELETED,
            guard=guards.quorum_reached(Purpose.delete),
        )
        for state in _BEFORE_DEPLOY
    ),
    Row(
        _DEPLOY,
        Trigger.at_once,
        "delete quorum reached",
        _DELETE,
        "queue every (node, gwid)",
        guard=guards.quorum_reached(Purpose.delete),
        effect=effects.queue_all,
    ),
    *(
        Row(
            state,
            Trigger.operator_delete,
            "the operator decides it",
            _DELETED,
        )
        for state in _BEFORE_DEPLOY
    ),
    Row(
        _DEPLOY,
        Trigger.operator_delete,
        "the operator decides it",
        _DELETE,
        "queue every (node, gwid)",
        effect=effects.queue_all,
    ),
    Row(
        _DELETE,
        Trigger.workload_deleted,
        "from that workload's node, once",
        _DELETE,
        "mark it deleted, take the queue row out",
        permit=guards.runs_there,
        effect=effects.mark_deleted,
    ),
    Row(
        _DELETE,
        Trigger.set_workload_result,
        "from that workload's node, once; deleted",
        _DELETE,
        "mark it deleted, take the queue row out",
        guard=guards.says_deleted,
        permit=guards.runs_there,
        effect=effects.mark_deleted,
    ),
    Row(
        _DELETE,
        Trigger.at_once,
        "every (gwid, node) is reported deleted",
        _DELETED,
        guard=guards.all_reported_deleted,
    ),
    *(_deadline(state, "expiration_provisioning", _INVALID) for state in _BEFORE_DEPLOY),
    *(_deadline(state, "expiration_reservation", _INVALID) for state in _BEFORE_DEPLOY),
    _deadline(_DEPLOY, "expiration_reservation", _DELETE),
)
"""The transition table."""


_ROWS = {
    (state, trigger): tuple(row for row in TABLE if row.state is state and row.trigger is trigger)
    for state in (None, *NextAction)
    for trigger in Trigger
}


def rows_of(state: NextAction | None, trigger: Trigger) -> tuple[Row, ...]:
    """Return the rows that start from a state with a trigger, in the order of the table."""
    return _ROWS[state, trigger]
