"""Which ids a filter keeps, read from the indexes alone and only as far as they are asked for.

Every index of reservations ends in the id, and has the state before it. So what has one state is one
range in id order, and a filter of several states, or of none, is a merge of one range for each.
``docs/store.md`` has the cost of each filter.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from . import _keys
from ._contract import Counts, Filter
from ._late import Late, late_state
from ._rows import Lane
from ._tables import CUSTOMER_STATES, EPOCHS, NODE_STATES, NODES, RESERVATIONS, STATES, Tables

__all__ = ["first_id", "matching_ids", "node_number", "node_prefix", "rows_under"]

_STATES = 256
_HIGHEST_ID = b"\xff" * 8


def matching_ids(tables: Tables, counts: Counts, late: Late | None, wanted: Filter) -> Iterator[int]:
    """Return the ids that a filter keeps, in id order.

    Arguments:
        tables: where to look.
        counts: told of each key that is stepped over.
        late: where the ids are whose rows are written late; None where all are written.
        wanted: the filter.
    """
    start = first_id(tables, counts, wanted)
    lanes = None if start is None else _lanes(tables, counts, late, wanted, start)
    if start is None or lanes is None:
        return iter(())
    if not lanes:
        return _ids(tables, counts, RESERVATIONS, b"", start)
    states = [state for state in sorted(set(wanted.states)) if 0 <= state < _STATES]
    if wanted.states and not states:
        return iter(())
    if len(lanes) == 1:
        return lanes[0].ids(states, start)
    return heapq.merge(*(_in_both(lanes[0], lanes[1], state, start) for state in states or lanes[0].states(start)))


def first_id(tables: Tables, counts: Counts, wanted: Filter) -> int | None:
    """Return the lowest id that can match, or None where none can.

    Ids rise and epochs never fall, so everything registered after a second begins at one id.
    """
    if wanted.from_id > _keys.MAXIMUM_NUMBER or wanted.after_epoch >= _keys.MAXIMUM_NUMBER:
        return None
    start = max(wanted.from_id, 0)
    if wanted.after_epoch > 0:
        counts.keys += 1
        row = tables.seek(EPOCHS, _keys.moment(wanted.after_epoch + 1, 0))
        return None if row is None else max(start, _keys.read_id(row))
    return start


def node_number(tables: Tables, counts: Counts, node_id: str) -> int | None:
    """Return the number that stands for a node id, or None for a node that no reservation names."""
    prefix = node_prefix(tables, counts, node_id)
    return None if prefix is None else _keys.read_node_number(prefix)


def node_prefix(tables: Tables, counts: Counts, node_id: str) -> bytes | None:
    """Return the beginning of a node's rows, which is its number, or None for a node that no reservation names."""
    key = node_id.encode("utf-8", "surrogatepass")
    if not 0 < len(key) <= _keys.MAXIMUM_TEXT:
        return None
    counts.keys += 1
    prefix = tables.get(NODES, key)
    if prefix is not None and len(prefix) != _keys.NODE:
        _keys.read_node_number(prefix)  # which refuses what is damaged
    return prefix


def rows_under(tables: Tables, counts: Counts, table: str, prefix: bytes, start: bytes = b"") -> Iterator[bytes]:
    """Yield the keys of a table that begin with a prefix, from a key with it on where one is given."""
    for key in tables.keys(table, start or prefix):
        counts.keys += 1
        if not key.startswith(prefix):
            return
        yield key


class _Lane:
    """Where to look: an index as a whole, or the rows in it of one node or customer, and what is late there.

    Arguments:
        tables: the view.
        counts: told of each key that is stepped over.
        lane: the table and the beginning of its keys.
        late: where the ids are whose rows are written late; None where all are written.
        start: the lowest id that is asked for.
    """

    def __init__(self, tables: Tables, counts: Counts, lane: Lane, late: Late | None, start: int) -> None:
        self._tables = tables
        self._counts = counts
        self._table, self._prefix = lane
        self._late = late
        self._late_ids = late.ids(tables, lane, start) if late is not None else []
        self._late_states: dict[int, int | None] = {}

    def states(self, start: int) -> list[int]:
        """Return the states that have an id of ``start`` or higher; two look-ups a state at most."""
        return sorted({*self._states_of_rows(start), *(state for _, state in self._late_from(start))})

    def next(self, state: int, start: int) -> int | None:
        """Return the first id of ``start`` or higher in a state, or None."""
        row = self._seek(state, start)
        found = None if row is None or row[len(self._prefix)] != state else _keys.read_id(row)
        late = next((each for each, its in self._late_from(start) if its == state), None)
        return found if late is None or (found is not None and found < late) else late

    def ids(self, states: Sequence[int], start: int) -> Iterator[int]:
        """Return the ids of ``start`` or higher in one of some states, or in any where none is given."""
        runs = [self._rows(state, start) for state in states or self._states_of_rows(start)]
        if self._late_ids:
            late = (each for each, state in self._late_from(start) if not states or state in states)
            return _distinct(heapq.merge(*runs, late))
        return runs[0] if len(runs) == 1 else heapq.merge(*runs)

    def _rows(self, state: int, start: int) -> Iterator[int]:
        return _ids(self._tables, self._counts, self._table, self._prefix + bytes((state,)), start)

    def _states_of_rows(self, start: int) -> Iterator[int]:
        state = 0
        while state < _STATES:
            row = self._seek(state, start)
            if row is None:
                return
            found = row[len(self._prefix)]
            if found == state:
                yield state
            state = found if found > state else state + 1

    def _late_from(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield the late ids of ``start`` or higher with their states, as far as they are in the view."""
        for each in self._late_ids[bisect_left(self._late_ids, start) :]:
            if each not in self._late_states:
                self._late_states[each] = self._state(each)
            state = self._late_states[each]
            if state is not None:
                yield each, state

    def _state(self, reservation_id: int) -> int | None:
        return None if self._late is None else late_state(self._tables, self._counts, self._late, reservation_id)

    def _seek(self, state: int, start: int) -> bytes | None:
        self._counts.keys += 1
        row = self._tables.seek(self._table, self._prefix + _keys.state(state, start))
        return row if row is not None and row.startswith(self._prefix) else None


def _lanes(tables: Tables, counts: Counts, late: Late | None, wanted: Filter, start: int) -> list[_Lane] | None:
    """Return where to look: nowhere in particular (empty), in one index or two, or None where nothing can match."""
    lanes = []
    if wanted.node_id:
        number = node_number(tables, counts, wanted.node_id)
        if number is None:
            return None
        lanes.append(_Lane(tables, counts, (NODE_STATES, _keys.node_prefix(number)), late, start))
    if wanted.customer_tid is not None:
        if not _keys.is_tid(wanted.customer_tid):
            return None
        prefix = _keys.customer_prefix(wanted.customer_tid)
        lanes.append(_Lane(tables, counts, (CUSTOMER_STATES, prefix), late, start))
    if wanted.states and not lanes:
        lanes.append(_Lane(tables, counts, (STATES, b""), None, start))
    return lanes


def _in_both(first: _Lane, second: _Lane, state: int, start: int) -> Iterator[int]:
    """Yield the ids that two lanes have in a state: each leaps to where the other is."""
    candidate = first.next(state, start)
    while candidate is not None:
        other = second.next(state, candidate)
        if other is None:
            return
        if other == candidate:
            yield candidate
            candidate = first.next(state, candidate + 1)
        else:
            candidate = first.next(state, other)


def _distinct(ids: Iterator[int]) -> Iterator[int]:
    """Yield each id once: one that was written just now is among the rows, and late for the views before."""
    last = 0
    for each in ids:
        if each != last:
            yield each
        last = each


def _ids(tables: Tables, counts: Counts, table: str, prefix: bytes, start: int) -> Iterator[int]:
    end = prefix + _HIGHEST_ID
    for key in tables.keys(table, prefix + _keys.ID.pack(start)):
        counts.keys += 1
        if key > end:
            return
        yield _keys.read_id(key)
