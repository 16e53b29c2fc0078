"""The calls `nodes_uptime_update` and `nodes_add_proof`."""

from __future__ import annotations

from concurrent.futures import Future

from ._base import NodeCall
from ._shapes import Proof

__all__ = ["NodesAddProof", "NodesUptimeUpdate"]


class NodesUptimeUpdate(NodeCall):
    """Write down how long a node runs since its last start; a node does so at once and every ten minutes.

    Errors: ``input`` for a number below 0; ``not_found`` where there is no such node; ``permission`` for a node
    that writes about another one, and for users.

    ```in
    node_id = (S)   # the node
    uptime = (I)    # seconds since its last start
    ```

    ```out
    node_id = (S)   # the node
    updated = (T)   # when its entry was written, seconds since 1970
    ```
    """

    def nodes_uptime_update(self, *, node_id: str, uptime: int) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._update(self._directory.nodes.set_uptime(self._own(node_id), uptime))


class NodesAddProof(NodeCall):
    """Keep what a node tells of its hardware, which it does at each start.

    The server says when, and computes the hashes: SHA-256 of the description as JSON text with sorted keys and
    without spaces. What is kept already is not kept twice, and of each node the newest 16 are kept.

    Errors: ``input`` for a description of more than 64 KiB; ``not_found`` where there is no such node;
    ``permission`` for a node that writes about another one, and for users.

    ```in
    node_id = (S)                                   # the node
    proof = (O) !tfgrid.directory.node.proof.1      # hardware, disks and hypervisor
    ```

    ```out
    node_id = (S)         # the node
    created = (T)         # when this was told first, seconds since 1970
    hardware_hash = (S)   # hex of the hash of hardware
    disk_hash = (S)       # hex of the hash of disks
    ```
    """

    def nodes_add_proof(self, *, node_id: str, proof: Proof) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        node_id = self._own(node_id)

        def receipt(kept: Proof) -> object:
            hashes = {"hardware_hash": kept.hardware_hash, "disk_hash": kept.disk_hash}
            return self._output.type(node_id=node_id, created=kept.created, **hashes)

        return self._write(self._directory.proofs.add(node_id, proof), receipt)
