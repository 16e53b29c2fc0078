"""The nodes: what is checked of one, how it changes, how it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias, cast

from ...bcdb import Change, Reader, Transaction
from ...errors import Conflict, InputError, NotFound
from ...rules import node_key
from ...schema import Registry
from .._entries import refuse
from .._words import in_line
from ._checks import (
    ARGUMENTS,
    FIELDS,
    Paths,
    amount_problems,
    identity_problems,
    interface_problems,
    node_problems,
    port_problems,
    public_problems,
)
from ._farms import Farms
from ._places import EVERYWHERE, Place
from ._settle import replaced, settled
from ._shapes import Amount, Interface, NodeEntry, PublicInterface

__all__ = ["CapacityKind", "Nodes"]

COLLECTION = "node"

CapacityKind: TypeAlias = Literal["total", "used", "reserved"]
"""Which of a node's three amounts: what it has, what workloads use, what reservations keep."""

_SAID = (
    "node_id_v1",
    "os_version",
    "address",
    "location",
    "uptime",
    "total_resources",
    "used_resources",
    "reserved_resources",
    "ifaces",
    "wg_ports",
)
"""What a node says of itself when it is added."""


class Nodes:
    """The nodes of the directory, in the collection ``node``.

    A method that changes something checks what it is given, and returns the change for the store to run.

    Arguments:
        registry: has the model ``tfgrid.directory.node.2``.
        farms: the farms they are in.
        clock: returns the current time in seconds since 1970.
    """

    def __init__(self, registry: Registry, farms: Farms, clock: Callable[[], int]) -> None:
        self._schema = registry.get("tfgrid.directory.node.2")
        self._farms = farms
        self._clock = clock
        self._blank = settled(cast("NodeEntry", self._schema.new()))

    def read(self, reader: Reader, node_id: str) -> NodeEntry | None:
        """Return the node with an id; None where there is none."""
        body = reader.document(COLLECTION, node_id)
        return None if body is None else cast("NodeEntry", self._schema.decode(body))

    def farm_of(self, reader: Reader, node_id: str) -> int | None:
        """Return the id of the farm that a node stands in; None where there is no such node."""
        body = reader.document(COLLECTION, node_id)
        return None if body is None else cast("NodeEntry", self._schema.decode_lazy(body)).farm_id

    def existing(self, reader: Reader, node_id: str) -> NodeEntry:
        """Return the node with an id.

        Raises:
            NotFound: there is none.
        """
        node = self.read(reader, node_id)
        if node is None:
            raise NotFound(f'there is no node "{in_line(node_id)}" in the directory; add it first', path="node_id")
        return node

    def find(
        self, reader: Reader, farm_id: int | None = None, place: Place = EVERYWHERE, *, after: str = ""
    ) -> Iterator[tuple[NodeEntry, int]]:
        """Yield the nodes of a farm, or of all, that are in a place, in the order of their ids.

        Arguments:
            reader: where to read.
            farm_id: the farm; None for all.
            place: the place.
            after: keeps those whose ids come after this text; empty for all.

        Returns:
            Each node with the bytes in which it is stored.
        """
        for body in self._bodies(reader, farm_id, after or None):
            node = cast("NodeEntry", self._schema.decode(body))
            if place.has(node.location):
                yield node, len(body)

    def add(self, node_id: str, farm_id: int, public_key: str | None) -> Change[NodeEntry]:
        """Return the change that adds a node, or gives a key to one that had none.

        Raises:
            InputError: an argument does not fit; all mistakes at once.
        """
        refuse(identity_problems(node_id, farm_id, public_key, ARGUMENTS))
        key = _key_of(node_id, public_key or "")

        def change(transaction: Transaction) -> NodeEntry:
            known = self._claimed(transaction, node_id, farm_id, key, ARGUMENTS)
            if known is not None and (known.public_key_hex or not key):
                return known
            node = known or self._new(node_id, farm_id)
            return self._put(transaction, node, public_key_hex=key)

        return change

    def publish(self, node: NodeEntry, *, approved: bool = False) -> Change[NodeEntry]:
        """Return the change that adds a node, or writes down what a node that is known says of itself now.

        What it leaves empty, stays as it was; so do those fields that are not its own: when it was first
        seen, its proofs, its public interface, and whether it is approved.

        Arguments:
            node: what it says.
            approved: whether it is approved from now on.

        Raises:
            InputError: something in it does not fit; all mistakes at once.
        """
        entry = settled(node)
        refuse(
            [
                *identity_problems(entry.node_id, entry.farm_id, entry.public_key_hex or None, FIELDS),
                *node_problems(entry, "node"),
            ]
        )
        key = _key_of(entry.node_id, entry.public_key_hex)
        said = {name: getattr(entry, name) for name in _SAID if getattr(entry, name) != getattr(self._blank, name)}

        def change(transaction: Transaction) -> NodeEntry:
            known = self._claimed(transaction, entry.node_id, entry.farm_id, key, FIELDS)
            before = known or self._new(entry.node_id, entry.farm_id)
            now = {"public_key_hex": key or before.public_key_hex, "approved": approved or before.approved}
            return self._put(transaction, before, **said, **now)

        return change

    def set_capacity(self, node_id: str, kind: CapacityKind, amount: Amount, *, path: str) -> Change[NodeEntry]:
        """Return the change of one of a node's amounts of resources.

        Arguments:
            node_id: the node.
            kind: which amount.
            amount: how much it is now; what is not set in it is 0.
            path: the argument that has the amount, for the paths of mistakes.

        Raises:
            InputError: an amount is below 0; all mistakes at once.
        """
        resources = settled(amount)
        refuse(amount_problems(resources, path))
        return self._change(node_id, {f"{kind}_resources": resources})

    def set_uptime(self, node_id: str, uptime: int) -> Change[NodeEntry]:
        """Return the change of how long a node runs, in seconds.

        Raises:
            InputError: it is below 0.
        """
        if uptime < 0:
            raise InputError(f"must be 0 or more, not {uptime}", path="uptime")
        return self._change(node_id, {"uptime": uptime})

    def set_interfaces(self, node_id: str, interfaces: list[Interface]) -> Change[NodeEntry]:
        """Return the change of a node's network interfaces, all of them.

        Raises:
            InputError: one does not fit; all mistakes at once.
        """
        ifaces = [settled(interface) for interface in interfaces]
        refuse(interface_problems(ifaces, "ifaces"))
        return self._change(node_id, {"ifaces": ifaces})

    def set_ports(self, node_id: str, ports: list[int]) -> Change[NodeEntry]:
        """Return the change of the UDP ports that a node's wireguard tunnels use, all of them.

        Raises:
            InputError: one is no port; all mistakes at once.
        """
        refuse(port_problems(ports, "ports"))
        return self._change(node_id, {"wg_ports": ports})

    def set_public_interface(self, node_id: str, public: PublicInterface) -> Change[NodeEntry]:
        """Return the change of a node's public interface, which gets the next version.

        Setting the same again changes nothing, and leaves the version as it is.

        Arguments:
            node_id: the node.
            public: the interface; one without anything takes it away. Its version does not count.

        Raises:
            InputError: something in it does not fit; all mistakes at once.
        """
        wanted = settled(public)
        refuse(public_problems(wanted, "public"))

        def change(transaction: Transaction) -> NodeEntry:
            node = self.existing(transaction, node_id)
            before = settled(node.public_config)
            if replaced(wanted, version=before.version) == before:
                return node
            return self._put(transaction, node, public_config=replaced(wanted, version=before.version + 1))

        return change

    def approve(self, node_id: str, *, approved: bool) -> Change[NodeEntry]:
        """Return the change of whether a node is approved."""
        return self._change(node_id, {"approved": approved})

    def _bodies(self, reader: Reader, farm_id: int | None, after: str | None) -> Iterator[bytes]:
        if farm_id is None:
            return (body for _, body in reader.documents(COLLECTION, after=after))
        keys = reader.lookup(COLLECTION, "farm_id", farm_id, after=after)
        return (body for key in keys if (body := reader.document(COLLECTION, key)) is not None)

    def _change(self, node_id: str, fields: dict[str, Any]) -> Change[NodeEntry]:
        return lambda transaction: self._put(transaction, self.existing(transaction, node_id), **fields)

    def _claimed(
        self, transaction: Transaction, node_id: str, farm_id: int, key: str, paths: Paths
    ) -> NodeEntry | None:
        """Return the node with an id, in this farm and with this key; None where there is none.

        Raises:
            NotFound: there is no such farm.
            Conflict: it is in another farm, or has another key.
        """
        if self._farms.read(transaction, farm_id) is None:
            raise NotFound(f"there is no farm {farm_id} in the directory; add it first", path=paths.farm_id)
        known = self.read(transaction, node_id)
        if known is not None and known.farm_id != farm_id:
            raise Conflict(f'node "{node_id}" is in farm {known.farm_id} already', path=paths.node_id)
        if known is not None and key and known.public_key_hex and known.public_key_hex != key:
            raise Conflict(f'node "{node_id}" has another public key already', path=paths.public_key)
        return known

    def _new(self, node_id: str, farm_id: int) -> NodeEntry:
        node = self._schema.new(node_id=node_id, farm_id=farm_id, created=self._clock())
        return settled(cast("NodeEntry", node))

    def _put(self, transaction: Transaction, node: NodeEntry, **fields: Any) -> NodeEntry:  # noqa: ANN401 - any fields
        stored = replaced(node, **fields, updated=self._clock())
        transaction.put_document(
            COLLECTION, stored.node_id, self._schema.encode(stored), indexed={"farm_id": stored.farm_id}
        )
        return stored


def _key_of(node_id: str, public_key: str) -> str:
    """Return the key of a node as hex text: that which its id is, or the one that it gives."""
    own = node_key(node_id)
    return own.hex() if own is not None else public_key.lower()
