"""The call `workload_get`."""

from __future__ import annotations

from ..rules import Workload, envelope, parse_gwid
from ._access import check_placed, handed_out
from ._checks import case_of
from ._declaration import Access
from ._view import ReadingCall

__all__ = ["WorkloadGet"]


class WorkloadGet(ReadingCall):
    """Return one workload, in whatever state its reservation is.

    A session of a node gets the workloads that are on it. One of a user gets those of reservations that are
    none of theirs without secrets, environment and signature.

    Errors: ``input`` where the id is not of the form ``12-3``; ``not_found`` where there is no such
    workload; ``permission`` for a node that the workload is not on.

    ```in
    gwid = (S)   # the global workload id, <reservation id>-<workload id>
    ```

    ```out
    !tfgrid.workloads.reservation.workload.1
    ```
    """

    _access = Access.session

    def workload_get(self, *, gwid: str) -> Workload:
        """Answer the call, which the class describes (``docs/lists.md``)."""
        parsed = parse_gwid(gwid)
        context, caller = self._context, self._caller
        with self._view as reader:
            case = case_of(context, reader, parsed, path="gwid")
        check_placed(caller, case, parsed.workload_id, path="gwid")
        shown = handed_out(caller, case)
        return envelope(shown, parsed.workload_id, context.documents.workload, node_id=caller.node_id)
