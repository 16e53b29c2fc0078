"""The conditions of the transition table: when a row applies, and who may set it off (``docs/states.md``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..errors import PermissionDenied
from ._case import Case
from ._enums import Purpose, ResultState
from ._events import Registered, Reported, ResultReported, Signed
from ._gwid import format_gwid
from ._quorum import quorum, signers_of

__all__ = [
    "Guard",
    "Permit",
    "all_reported_deleted",
    "always",
    "anybody",
    "does_not_say_deleted",
    "is_due",
    "may_sign",
    "quorum_reached",
    "runs_there",
    "says_deleted",
    "with_customer",
    "without_customer",
]

Guard: TypeAlias = Callable[[Case, Any, int], bool]
"""Whether a row applies to a case, the event of its trigger and now. The table pairs events with their guards."""

Permit: TypeAlias = Callable[[Case, Any], None]
"""Raises `PermissionDenied` unless the one behind the event may do this."""


def always(_case: Case, _event: object, _now: int) -> bool:
    """Apply without a condition."""
    return True


def without_customer(_case: Case, event: Registered, _now: int) -> bool:
    """Apply to a registration without the customer's signature."""
    return not event.customer_signed


def with_customer(_case: Case, event: Registered, _now: int) -> bool:
    """Apply to a registration that the customer signed."""
    return event.customer_signed


def says_deleted(_case: Case, event: ResultReported, _now: int) -> bool:
    """Apply to a result whose state is deleted."""
    return int(event.result.state) == ResultState.deleted


def does_not_say_deleted(_case: Case, event: ResultReported, _now: int) -> bool:
    """Apply to a result whose state is ok or error."""
    return int(event.result.state) != ResultState.deleted


def all_reported_deleted(case: Case, _event: object, _now: int) -> bool:
    """Apply once every workload is reported as deleted by every node it is on."""
    return not case.not_yet_deleted()


def quorum_reached(purpose: Purpose) -> Guard:
    """Return a guard that applies once enough have signed for a purpose."""

    def guard(case: Case, _event: object, _now: int) -> bool:
        return quorum(case, purpose).reached

    return guard


def is_due(field: str) -> Guard:
    """Return a guard that applies from the second that a field of the data names."""

    def guard(case: Case, _event: object, now: int) -> bool:
        deadline: int = getattr(case.reservation.data_reservation, field)
        return now >= deadline

    return guard


def anybody(_case: Case, _event: object) -> None:
    """Let everybody do it: the one signature that counts was verified, or the operator or the clock did it."""


def may_sign(case: Case, event: Signed) -> None:
    """Let those sign whom the reservation names for this purpose.

    Raises:
        PermissionDenied: the threebot is not among them; the message says who is.
    """
    purpose = event.purpose
    reservation = case.reservation
    if purpose is Purpose.provision and not reservation.data_reservation.signing_request_provision.signers:
        raise PermissionDenied(
            f"reservation {reservation.id} names no signers for provision: "
            f"the signature of its customer, {reservation.customer_tid}, is all it needs",
            path="tid",
        )
    allowed = signers_of(case, purpose)
    if event.tid not in allowed:
        raise PermissionDenied(
            f"threebot {event.tid} may not sign reservation {reservation.id} for {purpose}; "
            f"those who may: {', '.join(map(str, allowed)) or 'nobody'}",
            path="tid",
        )


def runs_there(case: Case, event: Reported) -> None:
    """Let a node report on the workloads that it has.

    Raises:
        PermissionDenied: the workload does not run on that node.
    """
    nodes = [placement.node_id for placement in case.placements if placement.workload_id == event.workload_id]
    if event.node_id not in nodes:
        raise PermissionDenied(
            f"workload {format_gwid(case.reservation.id, event.workload_id)} does not run on node {event.node_id!r}",
            path="node_id",
        )
