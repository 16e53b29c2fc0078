"""The ids whose lane rows are not written yet, as one process knows them.

Only what is committed gets here: by the process's own commits, or read in a view. So it can lag behind,
which a view notices by its number, and is never wrong.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import takewhile
from threading import Lock

from . import _keys
from ._late import Late, read_mark
from ._rows import Lane, lanes_of, node_lane, read_head
from ._tables import NODES, RESERVATIONS, Tables

__all__ = ["Recent", "Since"]

_log = logging.getLogger(__name__)

_NODES = 20_000
"""How many nodes' lanes are kept by their ids."""


class Since(Late):
    """A moment: what views that begin at it or later have to look for in memory.

    Take it before the view begins. It leads to what is written afterwards, row by row of a chain whose
    older links are forgotten with the last view that holds one.

    Arguments:
        recent: the ids that wait.
        number: the number of the first state in which the rows of this link are written.
        lanes: the ids whose rows were written with it, by lane.
        skipped_from: the number of a state; of what was stored after it, memory lacks what was written when
            it was read. None where it lacks nothing.
    """

    __slots__ = ("_apart", "_recent", "following", "lanes", "number", "skipped_from")

    def __init__(
        self,
        recent: Recent,
        number: int = 0,
        lanes: Mapping[Lane, Sequence[int]] | None = None,
        skipped_from: int | None = None,
    ) -> None:
        self._recent = recent
        self._apart: dict[int, Recent] = {}
        self.number = number
        self.lanes = lanes or {}
        self.skipped_from = skipped_from
        self.following: Since | None = None

    def ids(self, tables: Tables, lane: Lane, start: int = 0) -> list[int]:
        number = tables.number
        if number > self._recent.known:
            self._recent.catch_up(tables)
        found = self._recent.waiting_in(lane, start)  # first: what leaves it is in the chain before
        link = self.following
        while link is not None:
            if link.number > number:
                missing = link.missing(tables, number, lane, start)
                found = sorted({*found, *missing}) if missing else found
            link = link.following
        return found

    def hint(self, reservation_id: int) -> int | None:
        return self._recent.hint(reservation_id)

    def missing(self, tables: Tables, number: int, lane: Lane, start: int) -> list[int]:
        """Return the ids of a lane that an older view, of a number, may lack the rows of and memory has no more."""
        if self.skipped_from is None or self.skipped_from >= number:
            return [each for each in self.lanes.get(lane, ()) if each >= start]
        apart = self._apart.get(number)
        if apart is None:
            apart = Recent()  # what memory would be, had it been read in that view
            apart.read(tables, number)
            self._apart[number] = apart
        return apart.waiting_in(lane, start)

    def followed_by(self, number: int, lanes: Mapping[Lane, Sequence[int]], skipped_from: int | None = None) -> Since:
        """Return the moment after this one, at which rows were written."""
        self.following = Since(self._recent, number, lanes, skipped_from)
        return self.following


class Recent:
    """The ids that wait, by lane and from the oldest on.

    Lists only grow at their end or are put in place of each other, so that a reader needs no lock for them.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        """Held by whoever takes in what was committed, and never for long."""
        self.has_inserted = False
        """Whether this process inserted any."""
        self.known = -1
        """The number of the newest state that is known: no view up to it lacks an id."""
        self.mark = 0
        """The id up to which every row is written."""
        self.oldest: deque[tuple[int, tuple[Lane, ...]]] = deque()
        """The reservations after the mark with their lanes, in id order."""
        self.now = Since(self)
        """The moment at which a view that begins now has to be taken up."""
        self._last = 0
        self._waiting: dict[Lane, list[int]] = {}
        self._states: dict[int, int] = {}
        self._nodes: dict[str, Lane] = {}

    def waiting_in(self, lane: Lane, start: int = 0) -> list[int]:
        """Return the ids of ``start`` or higher that wait in a lane."""
        waiting = self._waiting.get(lane)
        return waiting[bisect_left(waiting, start) :] if waiting else []

    def how_many(self, lane: Lane) -> int:
        """Return how many ids wait in a lane."""
        return len(self._waiting.get(lane, ()))

    def waiting_lanes(self) -> list[Lane]:
        """Return the lanes in which something waits."""
        return list(self._waiting)

    def hint(self, reservation_id: int) -> int | None:
        """Return the last known state of a reservation that waits."""
        return self._states.get(reservation_id)

    def catch_up(self, tables: Tables) -> None:
        """Read from a view of committed tables what another process, or an earlier one, stored."""
        with self.lock:
            if tables.number > self.known:
                self.read(tables, tables.number)

    def read(self, tables: Tables, number: int) -> None:
        """Take in the reservations after the last known one; the caller holds the lock.

        Arguments:
            tables: a view in which nothing was written yet.
            number: the number of the committed state that it shows.
        """
        mark = read_mark(tables)
        if mark > self._last:
            self.now = self.now.followed_by(number, {}, skipped_from=self.known)
        self._move_mark(mark, number)
        for key, stored in tables.items(RESERVATIONS, _keys.reservation(self._last + 1)):
            reservation_id = _keys.read_id(key)
            head = read_head(stored)
            if head is None:
                _log.warning("the indexes leave out reservation %d, which is damaged", reservation_id)
                self._last = reservation_id
                continue
            nodes = [self._node_lane(tables, node_id) for node_id in head.node_ids]
            self.add(reservation_id, lanes_of(head.customer_tid, nodes), head.state)
        self.known = number

    def add(self, reservation_id: int, lanes: tuple[Lane, ...], state: int) -> None:
        """Take in a reservation that is committed, if it is new here; the caller holds the lock."""
        if reservation_id > self._last:
            self._last = reservation_id
            self._states[reservation_id] = state
            self.oldest.append((reservation_id, lanes))
            for lane in lanes:
                self._waiting.setdefault(lane, []).append(reservation_id)

    def moved(self, reservation_id: int, state: int) -> None:
        """Take note of a committed change of state; the caller holds the lock."""
        if reservation_id in self._states:
            self._states[reservation_id] = state

    def written(self, lanes: Mapping[Lane, Sequence[int]], number: int) -> None:
        """Take out the first ids of lanes, whose rows are in all states from a number on; the caller holds the lock."""
        self.now = self.now.followed_by(number, lanes)
        for lane, ids in lanes.items():
            rest = self.waiting_in(lane, ids[-1] + 1)
            if rest:
                self._waiting[lane] = rest
            else:
                self._waiting.pop(lane, None)

    def forget_up_to(self, mark: int) -> None:
        """Forget the reservations up to a mark, all of whose rows were taken out; the caller holds the lock."""
        self.mark = max(self.mark, mark)
        self._last = max(self._last, self.mark)
        while self.oldest and self.oldest[0][0] <= self.mark:
            self._states.pop(self.oldest.popleft()[0], None)

    def lane_of(self, node_id: str) -> Lane | None:
        """Return the lane of a node, where it is kept: once its number is committed, it never changes."""
        return self._nodes.get(node_id)

    def keep_lane(self, node_id: str, lane: Lane) -> None:
        """Keep the lane of a node, whose number is committed."""
        if len(self._nodes) >= _NODES:
            self._nodes = {}
        self._nodes[node_id] = lane

    def forget_lanes(self) -> None:
        """Forget the lanes of nodes, as their numbers may have been healed."""
        self._nodes = {}

    def _move_mark(self, mark: int, number: int) -> None:
        """Move on to a mark that another process, or what writes all rows at once, has set by a state."""
        written: dict[Lane, list[int]] = {}
        for reservation_id, lanes in takewhile(lambda each: each[0] <= mark, self.oldest):
            for lane in lanes:
                written.setdefault(lane, []).append(reservation_id)
        if written:
            self.written(written, number)
        self.forget_up_to(mark)

    def _node_lane(self, tables: Tables, node_id: str) -> Lane:
        lane = self._nodes.get(node_id)
        if lane is None:
            stored = tables.get(NODES, node_id.encode(errors="surrogatepass"))
            if stored is None or len(stored) != _keys.NODE:
                return node_lane(0)  # a damaged store, as `check` says; no node has this number
            lane = node_lane(_keys.read_node_number(stored))
            self.keep_lane(node_id, lane)
        return lane
