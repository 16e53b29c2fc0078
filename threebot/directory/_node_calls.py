"""The calls `nodes_add`, `nodes_get` and `nodes_list`."""

from __future__ import annotations

from concurrent.futures import Future

from ...actors import Page, Role
from .._pages import filled, whole_numbers
from ._base import DirectoryCall, NodeCall
from ._checks import refuse_cursor
from ._places import Place
from ._settle import replaced
from ._shapes import NodeEntry

__all__ = ["NodesAdd", "NodesGet", "NodesList"]


class NodesAdd(NodeCall):
    """Add a node to the directory, or write down what a node that is known says of itself now.

    A node calls it at each start. What it leaves empty, stays as it was. When it was first seen, its proofs
    and its public interface stay whatever it says; it is approved by the operator alone.

    Errors: ``input`` for whatever is wrong in the node, all of it at once; ``not_found`` where the farm is not
    there; ``conflict`` for a node that is in another farm or has another key; ``permission`` for a node that
    adds another one, and for users.

    ```in
    node = (O) !tfgrid.directory.node.2   # the node; its id, its farm and, where the id is none, its key
    ```

    ```out
    !tfgrid.directory.node.2   # the node as it is stored
    ```
    """

    def nodes_add(self, *, node: NodeEntry) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        self._own(node.node_id, path="node.node_id")
        approved = node.approved and self._caller.role in (Role.host, Role.operator)
        return self._write(self._directory.nodes.publish(node, approved=approved), lambda stored: stored)


class NodesGet(DirectoryCall):
    """Return a node with all that is known of it.

    A node asks for its own entry every few seconds, and looks whether its public interface has a higher version.

    Errors: ``not_found`` where there is no such node.

    ```in
    node_id = (S)   # the node
    ```

    ```out
    !tfgrid.directory.node.2   # the node, with its proofs
    ```
    """

    def nodes_get(self, *, node_id: str) -> NodeEntry:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        with self._context.store.read() as reader:
            node = self._directory.nodes.existing(reader, node_id)
            return replaced(node, proofs=self._directory.proofs.read(reader, node_id))


class NodesList(DirectoryCall):
    """Return the nodes in a farm, a city or a country, in the order of their ids; their proofs are left out.

    Without ``limit`` all that fit are returned; to read page by page, ask again with the last ``node_id`` that
    was returned as ``cursor``, until a page is empty.

    Errors: ``input`` for a negative limit, or a cursor that is too long for a node id.

    ```in
    farm_id = (I)   # those in this farm; left out or 0, those of all
    city = (S)      # those in this city, in whatever case
    country = (S)   # those in this country, in whatever case
    cursor = (S)    # those whose ids come after this one
    limit = (I)     # at most so many; 0 or left out: all, or as many as a server puts into one page
    ```

    ```out
    nodes = (LO) !tfgrid.directory.node.2
    ```
    """

    def nodes_list(
        self, *, farm_id: int = 0, city: str = "", country: str = "", cursor: str = "", limit: int = 0
    ) -> object:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        whole_numbers(limit=limit)
        refuse_cursor(cursor)
        page = Page(limit, self._request.page_bytes)
        with self._context.store.read() as reader:
            found = self._directory.nodes.find(reader, farm_id or None, Place(city, country), after=cursor)
            return self._output.type(nodes=filled(page, found))
