"""The directory that is kept in bcdb: farms, and the nodes in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ...actors import Page, Phonebook
from ...bcdb import Store
from ...errors import NotFound
from ...schema import Registry
from .._entries import number_of, text_of
from .._facts import Facts
from .._pages import filled
from .._words import shown
from ._farms import COLLECTION as FARM
from ._farms import Farms
from ._nodes import COLLECTION as NODE
from ._nodes import Nodes
from ._proofs import Proofs
from ._shapes import FarmEntry, NodeEntry, Proof

__all__ = ["Directory"]


class Directory:
    """Which nodes there are, and whose they are: kept in the store.

    Arguments:
        store: where it is kept, in the collections ``farm``, ``node`` and ``node_proof``.
        registry: has the models ``tfgrid.directory.farm.1`` and ``tfgrid.directory.node.2``.
        phonebook: knows the farmers.
        clock: returns the current time in seconds since 1970.

    Attributes:
        farms: the changes of farms, which the calls let the store run.
        nodes: those of nodes.
        proofs: those of what nodes tell of their hardware.
    """

    def __init__(self, store: Store, registry: Registry, phonebook: Phonebook, clock: Callable[[], int]) -> None:
        self._store = store
        self.farms = Farms(registry, phonebook)
        self.nodes = Nodes(registry, self.farms, clock)
        self.proofs = Proofs(registry, self.nodes, clock)
        # Nodes change all the time, farms seldom: each for itself, or no farm would be kept for long.
        self._farms_of_nodes = Facts(NODE, self.nodes.farm_of)
        self._farmers_of_farms = Facts(FARM, self.farms.farmer_of)

    def __repr__(self) -> str:
        return "<directory kept in bcdb>"  # how much is in it would take reading all of it

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
        return self._store.write(self.farms.add(name, farmer_tid))

    def get_farm(self, farm_id: int, /) -> FarmEntry:
        """Return the farm with an id.

        Raises:
            InputError: it is no whole number.
            NotFound: there is no such farm.
        """
        number = number_of(farm_id, "farm_id", "a farm id")
        with self._store.read() as reader:
            farm = self.farms.read(reader, number)
        if farm is None:
            raise NotFound(f"there is no farm {shown(farm_id)} in the directory; add it first", path="farm_id")
        return farm

    def list_farms(self) -> list[FarmEntry]:
        """Return all farms in the order of their ids."""
        with self._store.read() as reader:
            return filled(Page(0, 0), self.farms.find(reader))

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
        return self._store.write(self.nodes.add(node_id, farm_id, public_key))

    def approve_node(self, node_id: str, /, *, approved: bool = True) -> NodeEntry:
        """Approve a node in the name of its farmer, or take the approval back.

        Raises:
            InputError: the id is no text.
            NotFound: there is no such node.
        """
        return self._store.write(self.nodes.approve(text_of(node_id, "node_id", "a node id"), approved=approved))

    def get_node(self, node_id: str, /) -> NodeEntry:
        """Return the node with an id, without its proofs.

        Raises:
            InputError: it is no text.
            NotFound: there is no such node.
        """
        text = text_of(node_id, "node_id", "a node id")
        with self._store.read() as reader:
            return self.nodes.existing(reader, text)

    def farmers_of(self, node_ids: Iterable[str], /) -> Mapping[str, int]:
        """Return the threebot ids of the farmers of those nodes that are in the directory, by node id.

        What was looked up is kept until a node or a farm changes, so that most of it costs no look-up.
        """
        with self._store.read() as reader:
            farms = self._farms_of_nodes.of(reader, node_ids)
            farmers = self._farmers_of_farms.of(reader, farms.values())
        return {node_id: farmers[farm_id] for node_id, farm_id in farms.items() if farm_id in farmers}

    def list_proofs(self, node_id: str, /) -> list[Proof]:
        """Return what a node told of its hardware, oldest first.

        Raises:
            InputError: the id is no text.
        """
        text = text_of(node_id, "node_id", "a node id")
        with self._store.read() as reader:
            return self.proofs.read(reader, text)

    def list_nodes(self, farm_id: int | None = None) -> list[NodeEntry]:
        """Return the nodes in the order of their ids, without their proofs.

        Arguments:
            farm_id: keeps those of this farm; all by default.

        Raises:
            InputError: it is no whole number.
        """
        if farm_id is not None:
            number_of(farm_id, "farm_id", "a farm id")
        with self._store.read() as reader:
            return filled(Page(0, 0), self.nodes.find(reader, farm_id))
