"""What every call needs of its host: the store, the models, the phonebook, the directory, the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, cast

from ..bcdb import Store
from ..errors import NotFound
from ..rules import Settings
from ..schema import Registry
from ._documents import Documents
from ._revision import Revisions

__all__ = ["Context", "Directory", "Farm", "ManyNodes", "ManyUsers", "Node", "Phonebook", "User"]

logger = logging.getLogger(__name__)

K = TypeVar("K")
T = TypeVar("T")


class User(Protocol):
    """A threebot, as the phonebook knows it."""

    @property
    def name(self) -> str:
        """The name, such as ``jane.3bot``."""

    @property
    def pubkey(self) -> str:
        """The ed25519 public key, as hex text of 64 digits."""


class Phonebook(Protocol):
    """Who is who: threebot ids, their names and keys."""

    def get(self, tid: int, /) -> User:
        """Return the user with a threebot id.

        Raises:
            NotFound: nobody has this id.
        """


class ManyUsers(Phonebook, Protocol):
    """A phonebook that answers for many users at once: a host's own need not, and is asked one by one then."""

    def keys_of(self, tids: Iterable[int], /) -> Mapping[int, str]:
        """Return the ed25519 public keys, as hex text of 64 digits, of those that it has, by threebot id."""


class Node(Protocol):
    """A node, as the directory knows it."""

    @property
    def farm_id(self) -> int:
        """The farm it stands in."""

    @property
    def public_key_hex(self) -> str:
        """Its ed25519 public key as hex text of 64 digits; empty where it is not known."""


class Farm(Protocol):
    """A farm, as the directory knows it."""

    @property
    def threebot_id(self) -> int:
        """The threebot id of its farmer."""


class Directory(Protocol):
    """Which nodes there are, and whose they are."""

    def get_node(self, node_id: str, /) -> Node:
        """Return the node with an id.

        Raises:
            NotFound: there is no such node.
        """

    def get_farm(self, farm_id: int, /) -> Farm:
        """Return the farm with an id.

        Raises:
            NotFound: there is no such farm.
        """


class ManyNodes(Directory, Protocol):
    """A directory that answers for many nodes at once: a host's own need not, and is asked one by one then."""

    def farmers_of(self, node_ids: Iterable[str], /) -> Mapping[str, int]:
        """Return the threebot ids of the farmers of those nodes that it has, by node id."""


def _nothing(_deadline: int) -> None:
    """Leave the deadline to the lists and polls, which look for due ones themselves."""


@dataclass(slots=True)
class Context:
    """What every call needs of its host; one for all actors, used from all their threads.

    Attributes:
        store: where reservations are kept.
        registry: the schemas, with the models loaded.
        phonebook: who is who.
        directory: which nodes there are, and whose they are.
        clock: returns the current time in seconds since 1970.
        settings: the operator's settings of the rules.
        deadline_hook: told the next deadline of a reservation after a change, in seconds since 1970, in the
            store's own thread; it must only take note of it.
        documents: the way between reservations and what is stored of them.
        revisions: the same for those that are about to change.
    """

    store: Store
    registry: Registry
    phonebook: Phonebook
    directory: Directory
    clock: Callable[[], int]
    settings: Settings = field(default_factory=Settings)
    deadline_hook: Callable[[int], None] = _nothing
    documents: Documents = field(init=False)
    revisions: Revisions = field(init=False)

    def __post_init__(self) -> None:
        """Look the schemas of the documents up, once."""
        self.documents = Documents(self.registry)
        self.revisions = Revisions(self.documents.reservation, self.documents.data)

    @property
    def namespace(self) -> str:
        """Author and package, as the urls of the calls' schemas have them; another package's context says its own."""
        return "tfgrid.workloadmanager"

    def tell_deadline(self, deadline: int) -> None:
        """Tell the host of a deadline; the change that has it is stored, so a host that fails is only logged."""
        if not deadline:
            return
        try:
            self.deadline_hook(deadline)
        except Exception:
            logger.exception("the deadline %d could not be passed on; the next list or poll will find it", deadline)

    def key_of(self, tid: int, *, path: str = "tid") -> bytes:
        """Return the public key of a threebot; empty, which verifies nothing, where the phonebook's is no hex.

        Raises:
            NotFound: nobody has this id; the path is the one given.
        """
        key = self.keys_of((tid,)).get(tid)
        if key is None:
            raise NotFound(f"there is no user with threebot id {tid} in the phonebook", path=path)
        try:
            return bytes.fromhex(key)
        except ValueError:
            return b""

    def keys_of(self, tids: Iterable[int]) -> Mapping[int, str]:
        """Return the public keys of some threebots as hex text, by threebot id; those whom nobody knows are absent."""
        if hasattr(self.phonebook, "keys_of"):
            return cast("ManyUsers", self.phonebook).keys_of(tids)
        users = {tid: _found(self.phonebook.get, tid) for tid in tids}
        return {tid: user.pubkey for tid, user in users.items() if user is not None}

    def node_key_of(self, node_id: str) -> bytes | None:
        """Return the key that the directory has for a node; None where it has none."""
        try:
            return bytes.fromhex(self.directory.get_node(node_id).public_key_hex) or None
        except (NotFound, ValueError):
            return None

    def farmer_of(self, node_id: str) -> int | None:
        """Return the threebot id of the farmer whose node it is; None where the directory does not know."""
        return self.farmers_of((node_id,)).get(node_id)

    def farmers_of(self, node_ids: Collection[str]) -> Mapping[str, int]:
        """Return the threebot ids of the farmers of some nodes, by node id; those that nobody knows are absent."""
        if hasattr(self.directory, "farmers_of"):
            return cast("ManyNodes", self.directory).farmers_of(node_ids)
        nodes = {node_id: _found(self.directory.get_node, node_id) for node_id in node_ids}
        placed = {node_id: node.farm_id for node_id, node in nodes.items() if node is not None}
        farms = {node_id: _found(self.directory.get_farm, farm_id) for node_id, farm_id in placed.items()}
        return {node_id: farm.threebot_id for node_id, farm in farms.items() if farm is not None}


def _found(get: Callable[[K], T], key: K) -> T | None:
    """Return what is under a key; None where there is nothing."""
    try:
        return get(key)
    except NotFound:
        return None
