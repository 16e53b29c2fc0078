"""What happened to a reservation: an entry for each accepted event (``docs/states.md``, "History")."""

from __future__ import annotations

from ..schema import Registry, Schema

__all__ = ["History"]

_ENTRY = "tfgrid.workloads.reservation.history.entry.1"

_FIELDS = """
epoch = (T)         # when it happened, in seconds since 1970
call = (S)          # the call that did it, or deadline
who = (S)           # the threebot id or the node id of who did it; empty for a deadline
from_state = (S)    # the state before; empty for a registration
to_state = (S)      # the state after, which may be the same
"""


class History:
    """Writes and reads the entries of the history, which are objects of a schema as everything stored is.

    Arguments:
        registry: the schemas; that of an entry is added to them.
    """

    def __init__(self, registry: Registry) -> None:
        registry.add_block(_FIELDS, url=_ENTRY, source="the history of reservations")
        self._schema: Schema = registry.get(_ENTRY)

    def encode(self, *, epoch: int, call: str, who: str, from_state: str, to_state: str) -> bytes:
        """Return the stored form of an entry.

        Arguments:
            epoch: when it happened, in seconds since 1970.
            call: the call that did it, or ``deadline``.
            who: the threebot id or the node id of who did it; empty for a deadline.
            from_state: the name of the state before; empty for a registration.
            to_state: the name of the state after, which may be the same.
        """
        entry = self._schema.type(epoch=epoch, call=call, who=who, from_state=from_state, to_state=to_state)
        return self._schema.encode(entry)

    def decode(self, stored: bytes) -> object:
        """Return an entry as an object with the attributes that `encode` takes."""
        return self._schema.decode(stored)
