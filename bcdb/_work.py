"""Whether there is anything for a node: the whole of a poll that brings nothing new."""

from __future__ import annotations

from . import _keys, _scan
from ._contract import Counts
from ._late import Late, late_state
from ._tables import NODE_STATES, PENDING, Tables

__all__ = ["has_work"]

_HIGHEST_STATE = 255


def has_work(
    tables: Tables, counts: Counts, late: Late | None, node_id: str, states: tuple[int, ...], from_id: int
) -> bool:
    """Return whether a row waits in a node's queue, or a reservation from an id on is on it in one of some states.

    Arguments:
        tables: where to look.
        counts: told of each key that is looked at.
        late: where the ids are whose rows are written late; None where all are written.
        node_id: the node.
        states: the states.
        from_id: the lowest id that counts; rows of the queue count whatever their id.
    """
    prefix = _scan.node_prefix(tables, counts, node_id)
    if prefix is None:
        return False
    counts.keys += 1
    waiting = tables.seek(PENDING, prefix)
    if waiting is not None and waiting.startswith(prefix):
        return True
    if from_id > _keys.MAXIMUM_NUMBER:
        return False
    start = max(from_id, 0)
    if _has_row(tables, counts, prefix, states, start):
        return True
    if late is None:
        return False
    late_ids = late.ids(tables, (NODE_STATES, prefix), start)
    return bool(late_ids) and any(late_state(tables, counts, late, each) in states for each in late_ids)


def _has_row(tables: Tables, counts: Counts, prefix: bytes, states: tuple[int, ...], start: int) -> bool:
    """Return whether a node's index has a row of one of some states with an id or a higher one.

    A row that one look-up has found answers for every state before its own too.
    """
    reached = b""
    for state in sorted(states):
        if 0 <= state <= _HIGHEST_STATE:
            wanted = prefix + _keys.state(state, start)
            if reached < wanted:
                counts.keys += 1
                found = tables.seek(NODE_STATES, wanted)
                if found is None:
                    return False
                reached = found
            if reached.startswith(wanted[: len(prefix) + 1]):
                return True
    return False
