"""What a node is handed: the envelopes of a reservation's workloads (``docs/lists.md``)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from ..errors import NotFound
from ..schema import Schema, to_dict
from ._case import Case, Found, workloads_of
from ._enums import HAND_OUT_ORDER, NextAction, WorkloadKind
from ._gwid import format_gwid, local_workload_id
from ._shapes import Workload

__all__ = ["envelope", "hand_out"]

_PLACE = {kind: place for place, kind in enumerate(HAND_OUT_ORDER)}
_TO_DELETE = (NextAction.delete, NextAction.invalid, NextAction.deleted)


def hand_out(case: Case, node_id: str, workload_schema: Schema) -> list[Workload]:
    """Return the workloads of a reservation that a node is to run or to delete.

    Arguments:
        case: the reservation.
        node_id: the node that asks; empty for all nodes, which shows each workload once.
        workload_schema: the schema of ``tfgrid.workloads.reservation.workload.1``.

    Returns:
        One envelope per workload: networks first, then zdbs, volumes, containers and kubernetes machines. None
        for a reservation that is not in deploy or delete, and none for what was reported as deleted (by this
        node, or by every node it is on where all are asked for).
    """
    if case.state not in (NextAction.deploy, NextAction.delete):
        return []
    wanted = {placement.workload_id for placement in case.not_yet_deleted() if node_id in ("", placement.node_id)}
    found = [each for each in workloads_of(case.reservation.data_reservation) if each.workload.workload_id in wanted]
    found.sort(key=lambda each: _PLACE[each.kind])
    return [_envelope(case, each, node_id, workload_schema) for each in found]


def envelope(case: Case, workload_id: int, workload_schema: Schema, *, node_id: str = "") -> Workload:
    """Return one workload of a reservation, in whatever state it is.

    Arguments:
        case: the reservation.
        workload_id: the workload within it.
        workload_schema: the schema of ``tfgrid.workloads.reservation.workload.1``.
        node_id: the node that it is for; only a network says it.

    Raises:
        NotFound: the reservation has no such workload.
    """
    for found in workloads_of(case.reservation.data_reservation):
        if found.workload.workload_id == workload_id:
            return _envelope(case, found, node_id, workload_schema)
    raise NotFound(f"there is no workload {format_gwid(case.reservation.id, workload_id)}")


def _envelope(case: Case, found: Found, node_id: str, workload_schema: Schema) -> Workload:
    reservation = case.reservation
    expires = reservation.data_reservation.expiration_reservation
    return cast(
        Workload,
        # Made without a look at its parts, which are the store's own and were looked at when they came in.
        workload_schema.type(
            workload_id=format_gwid(reservation.id, found.workload.workload_id),
            user=str(reservation.customer_tid),
            type=_kind_in(workload_schema, found.kind),
            content=_content(case, found, node_id),
            created=reservation.epoch,
            duration=max(1, expires - reservation.epoch),
            signature=reservation.customer_signature,
            to_delete=case.state in _TO_DELETE,
        ),
    )


@lru_cache(maxsize=64)
def _kind_in(workload_schema: Schema, kind: WorkloadKind) -> object:
    """Return a kind in the model's own enumeration."""
    return workload_schema.new(type=int(kind)).type


def _content(case: Case, found: Found, node_id: str) -> dict[str, Any]:
    """Return the workload as plain data; what it mounts of its own reservation gets its global id here.

    The signed data keeps the short form: the server never changes what a customer signed.
    """
    reservation_id = case.reservation.id
    content: dict[str, Any] = to_dict(found.workload)
    content["reservation_id"] = reservation_id
    if found.kind is WorkloadKind.network:
        content["node_id"] = node_id or (found.node_ids[0] if len(found.node_ids) == 1 else "")
    if found.kind is WorkloadKind.container:
        for mount in content["volumes"]:
            local = local_workload_id(mount["volume_id"])
            if local is not None:
                mount["volume_id"] = format_gwid(reservation_id, local)
    return content
