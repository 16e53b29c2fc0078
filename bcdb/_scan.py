"""Which ids a filter keeps, read from the indexes alone and only as far as they are asked for.

Every index of reservations ends in the id, and has the state before it. So what has one state is one
range in id order, and a filter of several states, or of none, is a merge of one range for each.
``docs/store.md`` has the cost of each filter.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from . import _keys
from ._contract import Counts, Filter
from ._tables import CUSTOMER_STATES, EPOCHS, NODE_STATES, NODES, RESERVATIONS, STATES, Tables

__all__ = ["first_id", "matching_ids", "node_number", "rows_under"]

_STATES = 256
_HIGHEST_ID = b"\xff" * 8


def matching_ids(tables: Tables, counts: Counts, wanted: Filter) -> Iterator[int]:
    """Return the ids that a filter keeps, in id order.

    Arguments:
        tables: where to look.
        counts: told of each key that is stepped over.
        wanted: the filter.
    """
    start = first_id(tables, counts, wanted)
    lanes = None if start is None else _lanes(tables, counts, wanted)
    if start is None or lanes is None:
        return iter(())
    if not lanes:
        return _ids(tables, counts, RESERVATIONS, b"", start)
    states = sorted(set(wanted.states)) if wanted.states else lanes[0].states(start)
    runs = [_run(lanes, state, start) for state in states if 0 <= state < _STATES]
    return runs[0] if len(runs) == 1 else heapq.merge(*runs)


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
    key = node_id.encode(errors="surrogatepass")
    if not 0 < len(key) <= _keys.MAXIMUM_TEXT:
        return None
    counts.keys += 1
    number = tables.get(NODES, key)
    return None if number is None else _keys.read_node_number(number)


def rows_under(tables: Tables, counts: Counts, table: str, prefix: bytes, start: bytes = b"") -> Iterator[bytes]:
    """Yield the keys of a table that begin with a prefix, from a key with it on where one is given."""
    for key in tables.keys(table, start or prefix):
        counts.keys += 1
        if not key.startswith(prefix):
            return
        yield key


class _Lane:
    """The rows of one index under one prefix: all, or those of one node or customer."""

    def __init__(self, tables: Tables, counts: Counts, table: str, prefix: bytes = b"") -> None:
        self._tables = tables
        self._counts = counts
        self._table = table
        self._prefix = prefix

    def states(self, start: int) -> Iterator[int]:
        """Yield the states that have an id of ``start`` or higher; two look-ups a state at most."""
        state = 0
        while state < _STATES:
            row = self._seek(state, start)
            if row is None:
                return
            found = row[len(self._prefix)]
            if found == state:
                yield state
            state = found if found > state else state + 1

    def next(self, state: int, start: int) -> int | None:
        """Return the first id of ``start`` or higher in a state, or None."""
        row = self._seek(state, start)
        return None if row is None or row[len(self._prefix)] != state else _keys.read_id(row)

    def ids(self, state: int, start: int) -> Iterator[int]:
        """Yield the ids of ``start`` or higher in a state."""
        return _ids(self._tables, self._counts, self._table, self._prefix + bytes((state,)), start)

    def _seek(self, state: int, start: int) -> bytes | None:
        self._counts.keys += 1
        row = self._tables.seek(self._table, self._prefix + _keys.state(state, start))
        return row if row is not None and row.startswith(self._prefix) else None


def _lanes(tables: Tables, counts: Counts, wanted: Filter) -> list[_Lane] | None:
    """Return where to look: nowhere in particular (empty), in one index or two, or None where nothing can match."""
    lanes = []
    if wanted.node_id:
        number = node_number(tables, counts, wanted.node_id)
        if number is None:
            return None
        lanes.append(_Lane(tables, counts, NODE_STATES, _keys.node_prefix(number)))
    if wanted.customer_tid is not None:
        if not _keys.is_tid(wanted.customer_tid):
            return None
        lanes.append(_Lane(tables, counts, CUSTOMER_STATES, _keys.customer_prefix(wanted.customer_tid)))
    if wanted.states and not lanes:
        lanes.append(_Lane(tables, counts, STATES))
    return lanes


def _run(lanes: list[_Lane], state: int, start: int) -> Iterator[int]:
    return lanes[0].ids(state, start) if len(lanes) == 1 else _in_both(lanes[0], lanes[1], state, start)


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


def _ids(tables: Tables, counts: Counts, table: str, prefix: bytes, start: int) -> Iterator[int]:
    end = prefix + _HIGHEST_ID
    for key in tables.keys(table, prefix + _keys.ID.pack(start)):
        counts.keys += 1
        if key > end:
            return
        yield _keys.read_id(key)
