"""The call `workloads_list`."""

from __future__ import annotations

from ._call import CallActor
from ._checks import whole_numbers
from ._expiry import expire_due
from ._polling import poll

__all__ = ["WorkloadsList"]


class WorkloadsList(CallActor):
    """Return the workloads of reservations in deploy or delete: what a node polls for.

    Whatever ``epoch`` and ``cursor`` say, everything in the node's pending queue is in the reply: what
    was signed late, and what is to be deleted, reaches a node that has moved its cursor on. A workload
    leaves the queue when the node reports on it. What the node reported deleted is not listed again.

    The order is that of the reservation ids; within one, networks come first, then zdbs, volumes,
    containers and kubernetes machines. A reservation is never split over two pages, and a page never
    skips one: a node's next cursor is one above the highest reservation id that it has seen.

    Errors: ``input`` for a negative number.

    ```in
    node_id = (S)   # the node that polls; left out, the workloads of all nodes
    epoch = (I)     # those of reservations registered after this second
    cursor = (I)    # those of reservations with this id or a higher one
    limit = (I)     # at most so many from the cursor on, though never less than one reservation; 0 for all
    ```

    ```out
    workloads = (LO) !tfgrid.workloads.reservation.workload.1
    ```
    """

    def workloads_list(self, *, node_id: str = "", epoch: int = 0, cursor: int = 0, limit: int = 0) -> object:
        """Answer the call, which the class describes (``docs/lists.md``)."""
        whole_numbers(epoch=epoch, cursor=cursor, limit=limit)
        context = self._context
        expire_due(context)
        with context.store.read() as reader:
            workloads = poll(context, reader, node_id=node_id, epoch=epoch, cursor=cursor, limit=limit)
        return self._output.type(workloads=workloads)
