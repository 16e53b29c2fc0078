"""The phonebook and the directory of a server, with the methods that they have in its own process."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol, cast

from ... import signing
from ...errors import Conflict, InputError, NotFound, PermissionDenied, WorkloadManagerError
from .._entries import same_name
from ..directory._shapes import FarmEntry, NodeEntry, Proof
from ..phonebook._entry import UserEntry

__all__ = ["Directory", "Phonebook"]


class _Calls(Protocol):
    @property
    def role(self) -> str:
        """Who the server takes the client for."""

    def call(self, name: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - arguments and reply are the call's own
        """Make a call."""


class Phonebook:
    """Who is who, as the server has it.

    Arguments:
        client: makes the calls.
    """

    def __init__(self, client: _Calls) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<phonebook of {self._client!r}>"

    def add(
        self, *, name: str, public_key: str | None = None, tid: int | None = None, key: signing.Key | None = None
    ) -> UserEntry:
        """Add a user; adding the same one again changes nothing and succeeds.

        Arguments:
            name: the user's name, 1 to 40 characters; nobody else may have it, in whatever case.
            public_key: the ed25519 public key, hex text of 64 digits; that of the key where it is left out.
            tid: the threebot id of a user who is there already. Whoever is new gets the next free one.
            key: the user's key, which signs the entry; an operator may add users without.

        Returns:
            The user, with ``id`` (the threebot id), ``name`` and ``pubkey``.

        Raises:
            InputError: name or key do not fit, all mistakes at once; or somebody new is to have a certain id.
            Conflict: somebody else has the name or the id.
            PermissionDenied: there is no key, and no operator is logged in.
        """
        public_key = key.public_key if public_key is None and key is not None else public_key
        if tid is not None:
            return self._with_tid(tid, name, public_key)
        entry = json.dumps({"name": name, "pubkey": public_key or ""}, ensure_ascii=False)
        signature = "" if key is None else signing.sign_user(key, entry)
        with _named({"json.pubkey": "public_key", "json.name": "name", "signature": "key"}):
            try:
                return cast("UserEntry", self._client.call("users_register", json=entry, signature=signature))
            except PermissionDenied as error:
                if key is not None:
                    raise
                message = "a user signs the own entry: give key, the user's; the operator alone may leave it out"
                raise PermissionDenied(message, path="key", call=error.call) from error

    def get(self, tid: int, /) -> UserEntry:
        """Return the user with a threebot id.

        Raises:
            InputError: it is no whole number.
            NotFound: nobody has this id.
        """
        return cast("UserEntry", self._client.call("users_get", tid=tid))

    def find(self, name: str) -> UserEntry:
        """Return the user with a name, in whatever case.

        Raises:
            InputError: it is no text.
            NotFound: nobody has this name.
        """
        return cast("UserEntry", self._client.call("users_get", name=name))

    def list(self) -> builtins.list[UserEntry]:
        """Return all users in the order of their threebot ids."""
        return cast("builtins.list[UserEntry]", self._client.call("users_list").users)

    def _with_tid(self, tid: int, name: str, public_key: str | None) -> UserEntry:
        """Return a user who is there already under an id; nobody can be given one over a connection."""
        try:
            user = self.get(tid)
        except NotFound as error:
            message = "the server gives a new user the next free threebot id; leave tid out"
            raise InputError(message, path="tid", call=error.call) from error
        if same_name(user.name) == same_name(name) and user.pubkey == (public_key or "").lower():
            return user
        raise Conflict(f'threebot id {tid} is "{user.name}" already', path="tid", call="users_register")


class Directory:
    """Which nodes there are, and whose they are, as the server has it.

    Arguments:
        client: makes the calls.
    """

    def __init__(self, client: _Calls) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<directory of {self._client!r}>"

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
            PermissionDenied: the farmer is somebody else.
        """
        # Registering writes a farm that is there anew, and with these two facts alone it would forget all others.
        known = self._farm_named(name)
        if known is not None and known.threebot_id == farmer_tid:
            return known
        with _named({"farm.name": "name", "farm.threebot_id": "farmer_tid"}):
            reply = self._client.call("farms_register", farm={"name": name, "threebot_id": farmer_tid})
        return self.get_farm(reply.farm_id)

    def get_farm(self, farm_id: int, /) -> FarmEntry:
        """Return the farm with an id.

        Raises:
            InputError: it is no whole number.
            NotFound: there is no such farm.
        """
        return cast("FarmEntry", self._client.call("farms_get", farm_id=farm_id))

    def list_farms(self) -> list[FarmEntry]:
        """Return all farms in the order of their ids."""
        return cast("list[FarmEntry]", self._client.call("farms_list").farms)

    def add_node(self, *, node_id: str, farm_id: int, public_key: str | None = None) -> NodeEntry:
        """Add a node; adding the same one again succeeds, and writes down that it was seen.

        Arguments:
            node_id: base58 of the node's ed25519 public key, or another text of 1 to 255 bytes.
            farm_id: the farm it stands in.
            public_key: the node's ed25519 public key, hex text of 64 digits. An id that is the key has it already.

        Returns:
            The node, with ``node_id``, ``farm_id`` and ``public_key_hex``.

        Raises:
            InputError: an argument does not fit, or the key is not the one that the id is; all mistakes at once.
            NotFound: there is no such farm.
            Conflict: the node is in another farm, or has another key.
            PermissionDenied: who is logged in may not add it.
        """
        node = {"node_id": node_id, "farm_id": farm_id, "public_key_hex": public_key or ""}
        with _named({"node.public_key_hex": "public_key", "node.node_id": "node_id", "node.farm_id": "farm_id"}):
            return cast("NodeEntry", self._client.call("nodes_add", node=node))

    def approve_node(self, node_id: str, /, *, approved: bool = True) -> NodeEntry:
        """Approve a node in the name of its farmer.

        Raises:
            InputError: the id is no text, or the approval is to be taken back, which no call does.
            NotFound: there is no such node.
            PermissionDenied: an operator does this.
        """
        if not approved:
            raise InputError("an approval is taken back in the process of the server alone", path="approved")
        known = self.get_node(node_id)
        node = {"node_id": node_id, "farm_id": known.farm_id, "approved": True}
        return cast("NodeEntry", self._client.call("nodes_add", node=node))

    def get_node(self, node_id: str, /) -> NodeEntry:
        """Return the node with an id.

        Raises:
            InputError: it is no text.
            NotFound: there is no such node.
        """
        return cast("NodeEntry", self._client.call("nodes_get", node_id=node_id))

    def list_proofs(self, node_id: str, /) -> list[Proof]:
        """Return what a node told of its hardware, oldest first.

        Raises:
            InputError: the id is no text.
            NotFound: there is no such node.
        """
        return cast("list[Proof]", cast("Any", self.get_node(node_id)).proofs)

    def list_nodes(self, farm_id: int | None = None) -> list[NodeEntry]:
        """Return the nodes in the order of their ids, without their proofs.

        Arguments:
            farm_id: keeps those of this farm; all by default.

        Raises:
            InputError: it is no whole number.
        """
        return cast("list[NodeEntry]", self._client.call("nodes_list", farm_id=farm_id).nodes)

    def _farm_named(self, name: object) -> FarmEntry | None:
        """Return the farm with a name; None where there is none, or the name is no text."""
        if not isinstance(name, str):
            return None
        return next((farm for farm in self.list_farms() if same_name(farm.name) == same_name(name)), None)


@contextmanager
def _named(names: Mapping[str, str]) -> Iterator[None]:
    """Let errors name what these methods were given, instead of what was made of it for the wire."""
    try:
        yield
    except InputError as error:
        problems = [replace(problem, path=names.get(problem.path, problem.path)) for problem in error.errors]
        if not problems:
            error.path = names.get(error.path, error.path)
            raise
        raise InputError.of(problems, call=error.call) from error
    except WorkloadManagerError as error:
        error.path = names.get(error.path, error.path)
        raise
