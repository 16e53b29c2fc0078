"""The calls `nodes_update_total_capacity`, `nodes_update_used_capacity` and `nodes_update_reserved_capacity`."""

from __future__ import annotations

from concurrent.futures import Future

from ...errors import InputError
from ._base import NodeCall
from ._nodes import CapacityKind
from ._shapes import Amount

__all__ = ["NodesUpdateReservedCapacity", "NodesUpdateTotalCapacity", "NodesUpdateUsedCapacity"]


class _CapacityCall(NodeCall):
    """The base of the three: nodes of some months call the amount ``resource``, those of others ``resources``."""

    def _set(
        self, kind: CapacityKind, node_id: str, resource: Amount | None, resources: Amount | None
    ) -> Future[object]:
        """Write an amount down.

        Raises:
            InputError: there is none, or there are two.
        """
        node_id = self._own(node_id)
        amount = resources if resource is None else resource
        if amount is None:
            raise InputError(f"is missing; {self._call.name} needs it, or resources instead", path="resource")
        if resources not in (None, amount):
            raise InputError("says something else than resource; give one of them", path="resources")
        path = "resources" if resource is None else "resource"
        return self._update(self._directory.nodes.set_capacity(node_id, kind, amount, path=path))


class NodesUpdateTotalCapacity(_CapacityCall):
    """Write down what a node's hardware has.

    The amount is given as ``resource``, or as ``resources``, as nodes of some months do.

    Errors: ``input`` for an amount below 0, or none at all; ``not_found`` where there is no such node;
    ``permission`` for a node that writes about another one, and for users.

    ```in
    node_id = (S)                                               # the node
    resource = (O) !tfgrid.directory.node.resource.amount.1     # how much it has; what is left out is 0
    resources = (O) !tfgrid.directory.node.resource.amount.1    # the same by another name
    ```

    ```out
    node_id = (S)   # the node
    updated = (T)   # when its entry was written, seconds since 1970
    ```
    """

    def nodes_update_total_capacity(
        self, *, node_id: str, resource: Amount | None = None, resources: Amount | None = None
    ) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._set("total", node_id, resource, resources)


class NodesUpdateUsedCapacity(_CapacityCall):
    """Write down what the workloads that run on a node use.

    The amount is given as ``resource``, or as ``resources``, as nodes of some months do.

    Errors: ``input`` for an amount below 0, or none at all; ``not_found`` where there is no such node;
    ``permission`` for a node that writes about another one, and for users.

    ```in
    node_id = (S)                                               # the node
    resource = (O) !tfgrid.directory.node.resource.amount.1     # how much is used; what is left out is 0
    resources = (O) !tfgrid.directory.node.resource.amount.1    # the same by another name
    ```

    ```out
    node_id = (S)   # the node
    updated = (T)   # when its entry was written, seconds since 1970
    ```
    """

    def nodes_update_used_capacity(
        self, *, node_id: str, resource: Amount | None = None, resources: Amount | None = None
    ) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._set("used", node_id, resource, resources)


class NodesUpdateReservedCapacity(_CapacityCall):
    """Write down what the reservations that are deployed on a node keep, whether they use it or not.

    The amount is given as ``resource``, or as ``resources``, as nodes of some months do.

    Errors: ``input`` for an amount below 0, or none at all; ``not_found`` where there is no such node;
    ``permission`` for a node that writes about another one, and for users.

    ```in
    node_id = (S)                                               # the node
    resource = (O) !tfgrid.directory.node.resource.amount.1     # how much is kept; what is left out is 0
    resources = (O) !tfgrid.directory.node.resource.amount.1    # the same by another name
    ```

    ```out
    node_id = (S)   # the node
    updated = (T)   # when its entry was written, seconds since 1970
    ```
    """

    def nodes_update_reserved_capacity(
        self, *, node_id: str, resource: Amount | None = None, resources: Amount | None = None
    ) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._set("reserved", node_id, resource, resources)
