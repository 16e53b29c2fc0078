"""The call `workload_get`."""

from __future__ import annotations

from ..rules import Workload, envelope, parse_gwid
from ._call import CallActor
from ._checks import case_of
from ._expiry import expire_due

__all__ = ["WorkloadGet"]


class WorkloadGet(CallActor):
    """Return one workload, in whatever state its reservation is.

    Errors: ``input`` where the id is not of the form ``12-3``; ``not_found`` where there is no such
    workload.

    ```in
    gwid = (S)   # the global workload id, <reservation id>-<workload id>
    ```

    ```out
    !tfgrid.workloads.reservation.workload.1
    ```
    """

    def workload_get(self, *, gwid: str) -> Workload:
        """Answer the call, which the class describes (``docs/lists.md``)."""
        parsed = parse_gwid(gwid)
        context = self._context
        expire_due(context)
        case = case_of(context, parsed, path="gwid")
        return envelope(case, parsed.workload_id, context.documents.workload)
