"""What one transaction knows and does beside its tables: rows that it leaves out, and rows that it catches up on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain

from . import _keys
from ._contract import Counts
from ._late import Late, late_state, write_mark
from ._recent import Recent
from ._rows import Lane
from ._tables import RESERVATIONS, STATES, Engine, Tables, WritableTables

__all__ = ["Writing"]

_TOGETHER = 48
"""How many ids of a lane wait before their rows are written."""

_AT_MOST = 256
"""How many rows of one lane a commit writes; more only wait where a process was killed."""

_BEHIND = 48_000
"""How many reservations the mark may be behind, and so how many are read again after a process was killed."""

_MANY = 512
"""How many reservations one transaction leaves rows out for; those after them get theirs at once."""


class Writing(Late):
    """An outermost transaction: its tables, and what it does to lanes, which is lost with it unless it commits.

    Arguments:
        engine: where the tables are; waits until nobody else writes.
        recent: the ids that wait; told of what is done once it is committed.
    """

    def __init__(self, engine: Engine, recent: Recent) -> None:
        self.tables = engine.writing()
        self._recent = recent
        self._number = self.tables.number
        self._added: dict[int, tuple[Lane, ...]] = {}
        self._highest = 0
        self._lanes: dict[Lane, list[int]] = {}
        self._states: dict[int, int] = {}
        self._named: set[str] = set()
        self.keeps_read = True
        """Whether what a change reads may be kept for those after it: none of them is dropped alone."""
        self.numbers: dict[str, int] = {}
        """Where counters stand, as far as changes looked."""
        self.heights: tuple[int, int] | None = None
        """The last id and the last epoch, where a change looked."""
        self._writes_all = False
        self._first_waiting: dict[Lane, float] = {}
        self._flushed: dict[Lane, list[int]] = {}
        self._mark = 0
        try:
            if self._number - 1 > recent.known:
                with recent.lock:
                    recent.read(self.tables, self._number - 1)
        except BaseException:
            self.tables.end()
            raise

    def ids(self, tables: Tables, lane: Lane, start: int = 0) -> list[int]:  # noqa: ARG002 - the newest view of all
        added = self._lanes.get(lane, ())
        return self._recent.waiting_in(lane, start) + [each for each in added if each >= start]

    def hint(self, reservation_id: int) -> int | None:
        state = self._states.get(reservation_id)
        return self._recent.hint(reservation_id) if state is None else state

    def leaves_out(self, reservation_id: int, state: int, lanes: tuple[Lane, ...]) -> bool:
        """Take in a reservation that is inserted, and return whether its rows in lanes are to be left out.

        Ids rise, so one that is as high or higher is of a change that was dropped.
        """
        while self._highest >= reservation_id:
            self._forget_highest()
        if len(self._added) >= _MANY:
            self._writes_all = True
            return False
        self._added[reservation_id] = lanes
        self._highest = reservation_id
        self._states[reservation_id] = state
        for lane in lanes:
            self._lanes.setdefault(lane, []).append(reservation_id)
        return True

    def moved(self, reservation_id: int, state: int) -> None:
        """Take note of a change of state."""
        self._states[reservation_id] = state

    def nested(self) -> WritableTables:
        """Begin a view whose writes can be dropped alone; then nothing that was read is kept from change to change."""
        self.keeps_read = False
        return self.tables.nested()

    def lane_of(self, node_id: str) -> Lane | None:
        """Return the lane of a node whose number was committed before, where it is kept in memory."""
        return self._recent.lane_of(node_id)

    def keep_lane(self, node_id: str, lane: Lane, *, is_new: bool) -> None:
        """Keep the lane of a node, unless its number was given out in this transaction, which may yet be lost."""
        if is_new:
            self._named.add(node_id)
        elif node_id not in self._named:
            self._recent.keep_lane(node_id, lane)

    def commit(self) -> None:
        """Write the rows for which it is time, commit, and let later views know what waits now."""
        self._forget_dropped()
        if self._writes_all:
            self.flush_all()
        elif self._added:
            self._choose()
            self._flush()
        self.tables.commit()
        with self._recent.lock:
            self._tell()

    def flush_all(self) -> None:
        """Write every row that waits."""
        for lane in {*self._recent.waiting_lanes(), *self._lanes}:
            self._take(lane, None)
        self._flush()

    def end(self) -> None:
        """End the transaction; what was not committed is lost."""
        self.tables.end()

    def _forget_dropped(self) -> None:
        """Forget what was taken in last, where its change was dropped and nothing came after it."""
        if self._added:
            last = self.tables.last(RESERVATIONS)
            while self._highest > (0 if last is None else _keys.read_id(last)):
                self._forget_highest()

    def _forget_highest(self) -> None:
        for lane in self._added.pop(self._highest):
            self._lanes[lane].pop()
        self._highest = next(reversed(self._added), 0)

    def _choose(self) -> None:
        """Take the rows of the lanes in which enough wait, and those of the oldest where the mark is far behind."""
        for lane, added in self._lanes.items():
            if self._recent.how_many(lane) + len(added) >= _TOGETHER:
                self._take(lane, _AT_MOST)
        behind = len(self._recent.oldest) + len(self._added)
        for reservation_id, lanes in self._after_mark():
            if behind <= _BEHIND:
                break
            for lane in lanes:
                while reservation_id >= self._first_in(lane):
                    self._take(lane, _AT_MOST)
            behind -= 1

    def _take(self, lane: Lane, most: int | None) -> None:
        """Take the first ids of a lane that are not taken yet: their rows are to be written."""
        taken = self._flushed.setdefault(lane, [])
        ids = self.ids(self.tables, lane)[len(taken) :]
        taken += ids[:most]
        self._first_waiting[lane] = math.inf if most is None or len(ids) <= most else ids[most]

    def _find_mark(self) -> None:
        """Find the id before the first of which a row will still wait."""
        for reservation_id, lanes in self._after_mark():
            if any(reservation_id >= self._first_in(lane) for lane in lanes):
                return
            self._mark = reservation_id
        if self._writes_all:
            self._mark = _keys.read_id(self.tables.last(RESERVATIONS) or b"")

    def _after_mark(self) -> Iterator[tuple[int, tuple[Lane, ...]]]:
        return chain(self._recent.oldest, self._added.items())

    def _first_in(self, lane: Lane) -> float:
        """Return the first id of a lane that will wait after this commit; none will be infinity."""
        first = self._first_waiting.get(lane)
        if first is None:
            ids = self.ids(self.tables, lane)
            first = self._first_waiting[lane] = ids[0] if ids else math.inf
        return first

    def _flush(self) -> None:
        """Write the rows that were taken, and move the mark on."""
        self._find_mark()
        for (table, prefix), ids in self._flushed.items():
            self.tables.put_keys(table, [prefix + row for row in self._state_rows(ids)])
        if self._mark > self._recent.mark:
            write_mark(self.tables, self._mark)

    def _state_rows(self, ids: Sequence[int]) -> list[bytes]:
        """Return the rows of reservations under their states, with which their rows in lanes end."""
        hinted = {each: _keys.state(self.hint(each) or 0, each) for each in ids}
        for row in self.tables.lacking(STATES, hinted.values()):
            reservation_id = _keys.read_id(row)
            state = late_state(self.tables, Counts(), self, reservation_id)
            if state is None:
                del hinted[reservation_id]
            else:
                hinted[reservation_id] = _keys.state(state, reservation_id)
        return list(hinted.values())

    def _tell(self) -> None:
        """Take in what was committed; a view may have read it already."""
        recent = self._recent
        for reservation_id, lanes in self._added.items():
            recent.add(reservation_id, lanes, self._states[reservation_id])
        for reservation_id, state in self._states.items():
            recent.moved(reservation_id, state)
        if self._flushed:
            recent.written(self._flushed, self._number)
        recent.forget_up_to(self._mark)
        if self._added:  # one that changed nothing would have left its number to the next
            recent.known = max(recent.known, self._number)
            recent.has_inserted = True
