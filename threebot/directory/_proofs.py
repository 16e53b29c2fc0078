"""The proofs: what the nodes told of their hardware, the newest few of each node."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from ...bcdb import Change, Reader, Transaction
from ...schema import Registry
from .._entries import refuse
from ._checks import size_problems
from ._nodes import Nodes
from ._settle import replaced
from ._shapes import Proof

__all__ = ["Proofs"]

COLLECTION = "node_proof"
MOST = 16
"""How many proofs of a node are kept."""


class Proofs:
    """The proofs of all nodes, in the collection ``node_proof``.

    They are large and seldom change, and are kept beside the nodes, which change all the time.

    Arguments:
        registry: has the model ``tfgrid.directory.node.proof.1``.
        nodes: the nodes that give them.
        clock: returns the current time in seconds since 1970.
    """

    def __init__(self, registry: Registry, nodes: Nodes, clock: Callable[[], int]) -> None:
        self._schema = registry.get("tfgrid.directory.node.proof.1")
        self._nodes = nodes
        self._clock = clock

    def read(self, reader: Reader, node_id: str) -> list[Proof]:
        """Return the proofs of a node, oldest first."""
        return [proof for _, proof in self._numbered(reader, node_id)]

    def add(self, node_id: str, proof: Proof) -> Change[Proof]:
        """Return the change that keeps a proof, unless the same is kept already; the oldest may have to go.

        Arguments:
            node_id: the node.
            proof: what it told. When, and both hashes, are not taken from it.

        Raises:
            InputError: it is too large; all mistakes at once.
        """
        refuse(size_problems(proof, "proof"))
        hashes = {"hardware_hash": _hash(proof.hardware), "disk_hash": _hash(proof.disks)}
        told = replaced(proof, **hashes, created=0)

        def change(transaction: Transaction) -> Proof:
            self._nodes.existing(transaction, node_id)
            kept = self._numbered(transaction, node_id)
            for _, known in kept:
                if replaced(known, created=0) == told:
                    return known
            for number, _ in kept[: max(len(kept) - MOST + 1, 0)]:
                transaction.delete_document(COLLECTION, number)
            stored = replaced(told, created=self._clock())
            number = transaction.next_number(COLLECTION)
            transaction.put_document(COLLECTION, number, self._encoded(stored), indexed={"node_id": node_id})
            return stored

        return change

    def _numbered(self, reader: Reader, node_id: str) -> list[tuple[int, Proof]]:
        numbers = [int(key) for key in reader.lookup(COLLECTION, "node_id", node_id)]
        bodies = ((number, reader.document(COLLECTION, number)) for number in numbers)
        return [(number, cast("Proof", self._schema.decode(body))) for number, body in bodies if body is not None]

    def _encoded(self, proof: Any) -> bytes:  # noqa: ANN401 - an object of the schema
        return self._schema.encode(proof)


def _hash(description: dict[str, Any]) -> str:
    """Return the SHA-256 of a description as JSON text with sorted keys and without spaces, in hex."""
    text = json.dumps(description, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
