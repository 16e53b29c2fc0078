"""What is known of one connection: who speaks, and in which form."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import NamedTuple

from ...actors import Caller, Role
from ._formats import Format

__all__ = ["Challenge", "Conversation"]

logger = logging.getLogger(__name__)

_MOST_FAILURES = 5
_MOST_NODES = 64


class Challenge(NamedTuple):
    """What somebody has to sign who wants to log in.

    Attributes:
        role: the role that is asked for, as text.
        text: 64 hex digits that were drawn for this one attempt.
        until: when it is worthless, in seconds that never go back.
    """

    role: str
    text: str
    until: float


@dataclass(slots=True)
class Conversation:
    """What is known of one connection.

    Attributes:
        number: the number of the connection.
        host: where the other side is, without its port.
        is_open: whether calls may be made without logging in.
        caller: who makes the calls.
        protocol: the version of the Redis protocol, 2 or 3.
        content: the format of payloads.
        response: the format of replies.
        name: what the client calls its connection.
        challenge: the challenge that waits for its answer.
        closing: whether the connection is to be closed when what was answered is out.
        failures: how often somebody failed to log in.
        nodes: the nodes that polled on this connection.
    """

    number: int
    host: str
    is_open: bool
    caller: Caller = field(init=False)
    protocol: int = 2
    content: Format = Format.auto
    response: Format = Format.auto
    name: str = ""
    challenge: Challenge | None = None
    closing: bool = False
    failures: int = 0
    nodes: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin as nobody in particular."""
        self.caller = self._nobody()

    def reset(self) -> None:
        """Be as a new connection, but for the failures to log in."""
        self.caller = self._nobody()
        self.protocol = 2
        self.content = self.response = Format.auto
        self.name = ""
        self.challenge = None
        self.nodes.clear()

    def failed(self) -> None:
        """Count a failure to log in; after a few of them, whoever it is has to connect again."""
        self.failures += 1
        logger.info("somebody at %s failed to log in", self.host)
        if self.failures >= _MOST_FAILURES:
            logger.warning("somebody at %s failed to log in %d times, and is disconnected", self.host, self.failures)
            self.closing = True

    def polled(self, node_id: str) -> None:
        """Remember that a node polled; of a connection that polls for ever more, no more is learned."""
        if len(self.nodes) <= _MOST_NODES:
            self.nodes[node_id] = None

    def nodes_here(self) -> tuple[str, ...] | None:
        """Return the nodes that polled on this connection; None where none did, none at all where too many did."""
        if not self.nodes:
            return None
        return tuple(self.nodes) if len(self.nodes) <= _MOST_NODES else ()

    def _nobody(self) -> Caller:
        return Caller(Role.guest if self.is_open else Role.stranger)
