"""The call `workloads_list`."""

from __future__ import annotations

from ._access import own_node
from ._checks import whole_numbers
from ._declaration import Access
from ._page import Page
from ._polling import poll
from ._view import ReadingCall

__all__ = ["WorkloadsList"]


class WorkloadsList(ReadingCall):
    """Return the workloads of reservations in deploy or delete: what a node polls for.

    Whatever ``epoch`` and ``cursor`` say, everything in the node's pending queue is in the reply: what
    was signed late, and what is to be deleted, reaches a node that has moved its cursor on. A workload
    leaves the queue when the node reports on it. What the node reported deleted is not listed again.

    The order is that of the reservation ids; within one, networks come first, then zdbs, volumes,
    containers and kubernetes machines. A reservation is never split over two pages, and a page never
    skips one: a node's next cursor is one above the highest reservation id that it has seen.

    A session of a node is told of that node alone, and need not name it. One of a user gets the workloads of
    reservations that are none of theirs without secrets, environment and signature.

    Errors: ``input`` for a negative number; ``permission`` for a node that names another one.

    ```in
    node_id = (S)   # the node that polls; left out, the session's own, and otherwise the workloads of all nodes
    epoch = (I)     # those of reservations registered after this second
    cursor = (I)    # those of reservations with this id or a higher one
    # at most so many from the cursor on, though never less than one reservation; 0 or left out: all, or as many as
    # a server puts into one page
    limit = (I)
    ```

    ```out
    workloads = (LO) !tfgrid.workloads.reservation.workload.1
    ```
    """

    _access = Access.session

    def workloads_list(self, *, node_id: str = "", epoch: int = 0, cursor: int = 0, limit: int = 0) -> object:
        """Answer the call, which the class describes (``docs/lists.md``)."""
        whole_numbers(epoch=epoch, cursor=cursor, limit=limit)
        node_id = own_node(self._caller, node_id)
        page = Page(limit, self._request.page_bytes)
        with self._view as reader:
            workloads = poll(self._context, reader, self._caller, page, node_id=node_id, epoch=epoch, cursor=cursor)
        return self._output.type(workloads=workloads)
