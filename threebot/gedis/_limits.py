"""What a connection may cost."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...errors import InputError, Problem
from .._words import shown

__all__ = ["Limits"]

_SMALLEST_REQUEST = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a connection may cost; whoever goes over one is told so (``docs/gedis.md``, "Limits").

    Attributes:
        maximum_request_bytes: bytes of one command, with everything that frames it.
        maximum_arguments: parts of one command, its name included.
        maximum_page: entries of one reply of a list or poll: reservations, workloads, nodes, farms or users.
        maximum_page_bytes: stored bytes with which such a reply ends; one entry is always in it.
        maximum_connections: connections that are open at once.
        maximum_outstanding: commands of one connection that are not answered yet; more are read later.
        maximum_waiting_bytes: bytes of the payloads of one connection that are with actors; a larger one goes alone.
            Further ones wait. Payloads of at most half a kilobyte are not counted.
        maximum_total_waiting_bytes: bytes that all connections together hold, a quarter of them each for payloads
            from 64 KiB on that are with actors, for smaller ones, for commands of which more than 256 KiB arrived,
            and for replies that were not taken. No actor has more than half of its part. Whoever waits goes on when
            there is room, in the order of arrival; above the last part, who has not taken a reply is given no other.
        maximum_unsent_bytes: bytes of replies that one connection has not taken; no more is read of it meanwhile.
        idle_seconds: seconds after which a connection is closed that sends nothing; at most a minute where somebody
            has to log in, and did not.
        request_seconds: seconds in which a command that was begun has to arrive.
        drain_seconds: seconds in which a connection has to take some of its replies.

    Raises:
        InputError: a limit is no whole number above 0; all mistakes at once.
    """

    maximum_request_bytes: int = 4 * 1024**2
    maximum_arguments: int = 16
    maximum_page: int = 1000
    maximum_page_bytes: int = 1024**2
    maximum_connections: int = 1000
    maximum_outstanding: int = 128
    maximum_waiting_bytes: int = 4 * 1024**2
    maximum_total_waiting_bytes: int = 64 * 1024**2
    maximum_unsent_bytes: int = 4 * 1024**2
    idle_seconds: int = 3600
    request_seconds: int = 30
    drain_seconds: int = 30

    def __post_init__(self) -> None:
        """Refuse what would let nothing through."""
        problems = []
        for field in fields(self):
            value = getattr(self, field.name)
            least = _SMALLEST_REQUEST if field.name == "maximum_request_bytes" else 1
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                problems.append(Problem(f"must be a whole number from {least}, not {shown(value)}", path=field.name))
        if problems:
            raise InputError.of(problems)
