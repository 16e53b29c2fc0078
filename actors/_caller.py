"""Who makes a call: the code of the host itself, or a session of a server that speaks for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

__all__ = ["HOST", "Caller", "Request", "Role"]


class Role(StrEnum):
    """What a caller is known as (``docs/access.md``)."""

    host = "host"
    """The code of the process itself, which could open the store as well."""

    operator = "operator"
    """A session of who runs the workload manager."""

    node = "node"
    """A session of one node."""

    user = "user"
    """A session of one threebot."""

    guest = "guest"
    """A session that did not log in, at a server that is open."""

    stranger = "stranger"
    """A session that did not log in, at a server that is closed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call.

    Attributes:
        role: what the caller is known as.
        node_id: the node whose session it is; empty for all others.
        tid: the threebot whose session it is; 0 for all others.
        nodes: nodes that are known to be where a guest is, because they polled from there.
    """

    role: Role
    node_id: str = ""
    tid: int = 0
    nodes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the role, and whose it is, as ``node:<node id>`` and ``user:<threebot id>``."""
        who = self.node_id or self.tid
        return f"{self.role}:{who}" if who else str(self.role)


HOST = Caller(Role.host)
"""Whoever sends a call's arguments alone: code that runs in this process."""


class Request(msgspec.Struct, frozen=True):
    """A call with who makes it: what a server sends to an actor on somebody's behalf.

    Attributes:
        arguments: the arguments of the call by name.
        caller: who makes it.
        takes_stored: whether the reply may be a `Stored` document in the place of an object.
        page_bytes: a list ends with the entry with which its stored bytes reach this; 0 for no end.
    """

    arguments: Mapping[str, Any]
    caller: Caller = HOST
    takes_stored: bool = False
    page_bytes: int = 0
