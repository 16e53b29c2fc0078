"""The directory that is kept in bcdb: farms, and the nodes in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from ..actors import Phonebook
from ..bcdb import Reader, Store, Transaction
from ..errors import Conflict, InputError, NotFound, Problem
from ..rules import node_key
from ..schema import Registry
from ._entries import (
    FarmEntry,
    NodeEntry,
    key_problems,
    name_problems,
    number_of,
    number_problems,
    same_name,
    text_of,
)
from ._words import in_line, shown

__all__ = ["Directory"]

FARMS = "farm"
NODES = "node"
_LONGEST_NODE_ID = 255


class Directory:
    """Which nodes there are, and whose they are: kept in the collections ``farm`` and ``node``.

    Arguments:
        store: where it is kept.
        registry: has the models ``tfgrid.directory.farm.1`` and ``tfgrid.directory.node.2``.
        phonebook: knows the farmers.
        clock: returns the current time in seconds since 1970.
    """

    def __init__(self, store: Store, registry: Registry, phonebook: Phonebook, clock: Callable[[], int]) -> None:
        self._store = store
        self._farm = registry.get("tfgrid.directory.farm.1")
        self._node = registry.get("tfgrid.directory.node.2")
        self._phonebook = phonebook
        self._clock = clock

    def __repr__(self) -> str:
        return f"<directory of {len(self.list_farms())} farms with {len(self.list_nodes())} nodes>"

    def add_farm(self, *, name: str, farmer_tid: int) -> FarmEntry:
        """Add a farm; adding the same one again changes nothing and succeeds.

        Arguments:
            name: the farm's name, 1 to 40 characters; no other farm may have it, in whatever case.
            farmer_tid: the threebot id of the farmer, who is in the phonebook.

        Returns:
            The farm, with ``id``, ``name`` and ``threebot_id`` (the farmer's).

        Raises:
            InputError: name or id do not fit; both mistakes at once.
            NotFound: the phonebook does not know the farmer.
            Conflict: another farmer's farm has the name.
        """
        problems = [*name_problems(name), *number_problems(farmer_tid, "farmer_tid", "a threebot id")]
        if problems:
            raise InputError.of(problems)
        try:
            self._phonebook.get(farmer_tid)
        except NotFound as error:
            message = f"there is no user with threebot id {farmer_tid} in the phonebook; add the farmer first"
            raise NotFound(message, path="farmer_tid") from error
        return self._store.write(lambda transaction: self._add_farm(transaction, name, farmer_tid))

    def get_farm(self, farm_id: int, /) -> FarmEntry:
        """Return the farm with an id.

        Raises:
            InputError: it is no whole number.
            NotFound: there is no such farm.
        """
        number = number_of(farm_id, "farm_id", "a farm id")
        with self._store.read() as reader:
            farm = self._read_farm(reader, number)
        if farm is None:
            raise NotFound(f"there is no farm {shown(farm_id)} in the directory; add it first", path="farm_id")
        return farm

    def list_farms(self) -> list[FarmEntry]:
        """Return all farms in the order of their ids."""
        with self._store.read() as reader:
            return [cast("FarmEntry", self._farm.decode(body)) for _, body in reader.documents(FARMS)]

    def add_node(self, *, node_id: str, farm_id: int, public_key: str | None = None) -> NodeEntry:
        """Add a node; adding the same one again changes nothing and succeeds.

        Arguments:
            node_id: base58 of the node's ed25519 public key, or another text of 1 to 255 bytes.
            farm_id: the farm it stands in.
            public_key: the node's ed25519 public key, hex text of 64 digits, which its results are verified
                with. An id that is the key has it already. A key can be given later, by adding the node again.

        Returns:
            The node, with ``node_id``, ``farm_id`` and ``public_key_hex``.

        Raises:
            InputError: an argument does not fit, or the key is not the one that the id is; all mistakes at once.
            NotFound: there is no such farm.
            Conflict: the node is in another farm, or has another key.
        """
        problems = list(_node_problems(node_id, farm_id, public_key))
        if problems:
            raise InputError.of(problems)
        own_key = node_key(node_id)
        key = own_key.hex() if own_key is not None else (public_key or "").lower()
        return self._store.write(lambda transaction: self._add_node(transaction, node_id, farm_id, key))

    def get_node(self, node_id: str, /) -> NodeEntry:
        """Return the node with an id.

        Raises:
            InputError: it is no text.
            NotFound: there is no such node.
        """
        text = text_of(node_id, "node_id", "a node id")
        with self._store.read() as reader:
            node = self._read_node(reader, text)
        if node is None:
            raise NotFound(f'there is no node "{in_line(text)}" in the directory; add it first', path="node_id")
        return node

    def list_nodes(self, farm_id: int | None = None) -> list[NodeEntry]:
        """Return the nodes in the order of their ids.

        Arguments:
            farm_id: keeps those of this farm; all by default.

        Raises:
            InputError: it is no whole number.
        """
        if farm_id is not None:
            number_of(farm_id, "farm_id", "a farm id")
        with self._store.read() as reader:
            if farm_id is None:
                return [cast("NodeEntry", self._node.decode(body)) for _, body in reader.documents(NODES)]
            found = (self._read_node(reader, str(key)) for key in list(reader.lookup(NODES, "farm_id", farm_id)))
            return [node for node in found if node is not None]

    def _add_farm(self, transaction: Transaction, name: str, farmer_tid: int) -> FarmEntry:
        for key in list(transaction.lookup(FARMS, "name", same_name(name))):
            namesake = self._read_farm(transaction, int(key))
            if namesake is not None and namesake.threebot_id == farmer_tid:
                return namesake
            raise Conflict(f'"{name}" is the name of farm {key} already', path="name")
        farm = self._farm.new(id=transaction.next_number(FARMS), name=name, threebot_id=farmer_tid)
        transaction.put_document(FARMS, farm.id, self._farm.encode(farm), unique={"name": same_name(name)})
        return cast("FarmEntry", farm)

    def _add_node(self, transaction: Transaction, node_id: str, farm_id: int, key: str) -> NodeEntry:
        if self._read_farm(transaction, farm_id) is None:
            raise NotFound(f"there is no farm {farm_id} in the directory; add it first", path="farm_id")
        known = self._read_node(transaction, node_id)
        if known is not None:
            if known.farm_id != farm_id:
                raise Conflict(f'node "{node_id}" is in farm {known.farm_id} already', path="node_id")
            if key and known.public_key_hex and known.public_key_hex != key:
                raise Conflict(f'node "{node_id}" has another public key already', path="public_key")
            if known.public_key_hex or not key:
                return known
        created = known.created if known is not None else self._clock()
        facts = {"node_id": node_id, "farm_id": farm_id, "public_key_hex": key}
        node = self._node.new(**facts, created=created, updated=self._clock())
        transaction.put_document(NODES, node_id, self._node.encode(node), indexed={"farm_id": farm_id})
        return cast("NodeEntry", node)

    def _read_farm(self, reader: Reader, farm_id: int) -> FarmEntry | None:
        body = reader.document(FARMS, farm_id)
        return None if body is None else cast("FarmEntry", self._farm.decode(body))

    def _read_node(self, reader: Reader, node_id: str) -> NodeEntry | None:
        body = reader.document(NODES, node_id)
        return None if body is None else cast("NodeEntry", self._node.decode(body))


def _node_problems(node_id: object, farm_id: object, public_key: object) -> Iterator[Problem]:
    """Yield what is wrong with the arguments of `Directory.add_node`."""
    if not isinstance(node_id, str):
        yield Problem(f"a node id is a text, not {shown(node_id)}", "node_id")
    elif not node_id.isprintable() or node_id != node_id.strip():
        yield Problem(
            f"{shown(node_id)} begins or ends with a space, or has a character that does not print", "node_id"
        )
    elif not 1 <= len(node_id.encode()) <= _LONGEST_NODE_ID:
        yield Problem(f"a node id is a text of 1 to {_LONGEST_NODE_ID} bytes", "node_id")
    elif public_key is not None and (own_key := node_key(node_id)) is not None:
        if not isinstance(public_key, str) or own_key.hex() != public_key.lower():
            yield Problem("the node id is a public key itself, and another one than this", "public_key")
        public_key = None
    yield from number_problems(farm_id, "farm_id", "a farm id")
    if public_key is not None:
        yield from key_problems(public_key)
