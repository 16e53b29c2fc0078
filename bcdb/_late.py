"""Rows of lanes that are written late: what a view has to know to find them all the same.

A *lane* is where the reservations of one node, or of one customer, are listed: a table and the beginning
of its keys there. Registrations come to lanes at random, so a row written at once costs a page of its own.
So the rows of a lane are left out at first, and written together when enough wait; until then the ids that
wait are kept in memory. ``docs/store.md`` and ``docs/decisions/0016-late-index-rows.md`` say how that holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from . import _keys
from ._contract import Counts
from ._rows import Lane, read_head
from ._tables import COUNTERS, RESERVATIONS, STATES, Tables, WritableTables

__all__ = ["Late", "late_state", "read_mark", "write_mark"]


class Late(ABC):
    """What one view finds in memory: facts that never change, and a hint at one that does."""

    __slots__ = ()

    @abstractmethod
    def ids(self, tables: Tables, lane: Lane, start: int = 0) -> list[int]:
        """Return the ids of ``start`` or higher whose row in a lane may be missing from the view, in their order.

        Every id of the lane has its row in the view or is here; it may be both, and one may be here that came
        after the view began.

        Arguments:
            tables: the view.
            lane: the lane.
            start: the lowest id.
        """

    @abstractmethod
    def hint(self, reservation_id: int) -> int | None:
        """Return the state that a reservation was in when it was last looked at, or None where that is forgotten."""


def late_state(tables: Tables, counts: Counts, late: Late, reservation_id: int) -> int | None:
    """Return the state that a reservation has in a view, or None where it is not there or cannot be read.

    Memory only says where to look first; what the view says holds.
    """
    hint = late.hint(reservation_id)
    if hint is not None:
        counts.keys += 1
        if tables.get(STATES, _keys.state(hint, reservation_id)) is not None:
            return hint
    counts.keys += 1
    stored = tables.get(RESERVATIONS, _keys.reservation(reservation_id))
    head = None if stored is None else read_head(stored)
    return None if head is None else head.state


def read_mark(tables: Tables) -> int:
    """Return the id up to which every row is written, 0 where no reservation was stored."""
    stored = tables.get(COUNTERS, _keys.MARK)
    return 0 if stored is None else _keys.read_id(stored)


def write_mark(tables: WritableTables, reservation_id: int) -> None:
    """Say that the rows of all reservations up to one are written."""
    tables.put(COUNTERS, _keys.MARK, _keys.reservation(reservation_id))
