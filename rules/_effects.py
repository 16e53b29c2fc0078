"""What the rows of the transition table do (``docs/states.md``): each returns a new case, none changes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from ._case import Case
from ._enums import CATEGORY_OF, Purpose, ResultState, WorkloadKind
from ._events import CustomerSigned, Reported, Signed
from ._gwid import format_gwid
from ._shapes import Result
from ._step import Step, with_fields

__all__ = [
    "Effect",
    "count_signature",
    "keep_customer_signature",
    "mark_deleted",
    "nothing",
    "queue_all",
    "store_result",
]

Effect: TypeAlias = Callable[[Case, Any], Step]
"""What a row does to a case, given the event of its trigger; the moves are the engine's."""

_FIELD_OF = {
    Purpose.provision: "signatures_provision",
    Purpose.farmer: "signatures_farmer",
    Purpose.delete: "signatures_delete",
}


def nothing(case: Case, _event: object) -> Step:
    """Leave the case as it is."""
    return Step(case)


def keep_customer_signature(case: Case, event: CustomerSigned) -> Step:
    """Keep the customer's signature in the reservation."""
    reservation = with_fields(case.reservation, customer_signature=event.signature)
    return Step(case.holding(reservation))


def count_signature(case: Case, event: Signed) -> Step:
    """Add a signature to those of its purpose."""
    field = _FIELD_OF[event.purpose]
    counted = [*getattr(case.reservation, field), with_fields(event.entry, tid=event.tid)]
    return Step(case.holding(with_fields(case.reservation, **{field: counted})))


def queue_all(case: Case, _event: object) -> Step:
    """Put every workload into the queue of every node it is on."""
    return Step(case, enqueue=tuple((placement.node_id, placement.workload_id) for placement in case.placements))


def store_result(case: Case, event: Reported) -> Step:
    """Keep what a node reported, in place of what it reported before, and take its queue row out."""
    return _with_result(case, event, event.result)


def mark_deleted(case: Case, event: Reported) -> Step:
    """Keep a workload's result as deleted, whatever state was sent, and take its queue row out."""
    state = type(event.result.state)(int(ResultState.deleted))
    return _with_result(case, event, with_fields(event.result, state=state))


def _with_result(case: Case, event: Reported, result: Result) -> Step:
    """Keep a result under the workload's own id and category: real nodes send other ones now and then."""
    (kind,) = {placement.kind for placement in case.placements if placement.workload_id == event.workload_id}
    category = type(result.category)(CATEGORY_OF[WorkloadKind(kind)])
    gwid = format_gwid(case.reservation.id, event.workload_id)
    result = with_fields(result, workload_id=gwid, category=category)
    results, reporters = list(case.reservation.results), list(case.reporters)
    position = case.result_position(event.workload_id, event.node_id)
    if position is None:
        results.append(result)
        reporters.append(event.node_id)
    else:
        results[position] = result
    reservation = with_fields(case.reservation, results=results)
    return Step(
        replace(case, reservation=reservation, reporters=tuple(reporters)),
        dequeue=((event.node_id, event.workload_id),),
    )
