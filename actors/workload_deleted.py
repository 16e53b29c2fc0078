"""The call `workload_deleted`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, cast

from ..errors import InputError
from ..rules import Gwid, Result, ResultState, format_gwid, parse_gwid
from ..rules import WorkloadDeleted as Deleted
from ._access import acting_node
from ._checks import is_number
from ._declaration import Access
from ._reports import ReportingCall

__all__ = ["WorkloadDeleted"]


class WorkloadDeleted(ReportingCall):
    """Mark a workload as deleted by the node that it was on; after the last one the reservation is deleted.

    ``workload_id`` is the global workload id, as nodes send it; or the number of the workload within
    its reservation, and then ``reservation_id`` says which. A report that is repeated succeeds without
    change. A network is on several nodes, each of which reports: ``node_id`` says which one it is. A session
    of a node reports for that node alone, and need not name it. Users do not report.

    Errors: ``input`` where the ids do not name a workload, or the workload is on several nodes and
    ``node_id`` is missing; ``not_found`` where there is no such workload; ``permission`` for a node that
    the workload is not on, and for users; ``conflict`` where its deletion was not decided.

    ```in
    workload_id = (S)      # <reservation id>-<workload id>, or the workload's number beside reservation_id
    reservation_id = (I)   # the reservation, where workload_id is a number
    node_id = (S)          # the node that reports, where the workload is on several
    ```

    ```out
    next_action = "create,sign,pay,deploy,delete,invalid,deleted" (E)   # the step that is wanted next
    ```
    """

    _access = Access.session

    def workload_deleted(
        self, *, workload_id: str, reservation_id: int | None = None, node_id: str = ""
    ) -> Future[object]:
        """Answer the call, which the class describes (``docs/states.md``)."""
        now = self._context.clock()
        node_id = acting_node(self._caller, node_id)
        gwid = _read_gwid(workload_id, reservation_id)
        found = self._find(gwid, path="workload_id")
        node_id = self._reporter(found.case, gwid.workload_id, node_id=node_id, report=None)
        result = self._context.documents.result.new(
            workload_id=format_gwid(*gwid), state=int(ResultState.deleted), epoch=now
        )
        event = Deleted(gwid.workload_id, node_id, cast("Result", result))
        return self._submit(found, event, node_id, now)

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        workload_id = message.get("workload_id")
        if is_number(workload_id):
            return {**message, "workload_id": str(workload_id)}
        return message


def _read_gwid(workload_id: str, reservation_id: int | None) -> Gwid:
    """Return the workload that is meant.

    Raises:
        InputError: a number without its reservation, or no id at all.
    """
    if reservation_id is not None and reservation_id < 1:
        raise InputError(f"must be 1 or more, not {reservation_id}", path="reservation_id")
    if workload_id.isdecimal():
        if reservation_id is None:
            raise InputError(
                "a workload's number alone does not say of which reservation: give the global workload id, as 12-3, "
                "or reservation_id as well",
                path="workload_id",
            )
        workload_id = f"{reservation_id}-{workload_id}"
    gwid = parse_gwid(workload_id, path="workload_id")
    if reservation_id not in (None, gwid.reservation_id):
        raise InputError(f"is {reservation_id}, but {workload_id} is of another reservation", path="reservation_id")
    return gwid
