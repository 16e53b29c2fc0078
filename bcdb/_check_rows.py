"""Checks what is kept beside the reservations: queues, uses of signatures, histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..errors import Internal
from . import _keys, _rows
from ._progress import Steps
from ._tables import HISTORY, PENDING, RESERVATIONS, SIGNATURES, Tables

__all__ = ["check_history", "check_pending", "check_signatures"]


def check_pending(tables: Tables, names: Mapping[int, str], steps: Steps) -> Iterator[str]:
    """Yield a sentence for each queue row of a reservation that is not there or is not on that node.

    Arguments:
        tables: the view to check.
        names: the node id of each number.
        steps: told of each row.
    """
    for row in tables.keys(PENDING):
        steps.step()
        number, reservation_id, workload_id = _keys.read_pending(row)
        node_id = names.get(number)
        what = f"workload {reservation_id}-{workload_id} in the queue of node {node_id or number!r}"
        stored = tables.get(RESERVATIONS, _keys.reservation(reservation_id))
        if node_id is None:
            yield f"{what} is of a node whose name is lost"
        elif stored is None:
            yield f"{what} is of a reservation that is not there"
        elif node_id not in _node_ids(reservation_id, stored):
            yield f"{what} is of a reservation that is not on that node"


def check_signatures(tables: Tables, steps: Steps) -> Iterator[str]:
    """Yield a sentence for each use of a signature that cannot be read or is of a reservation that is not there.

    Arguments:
        tables: the view to check.
        steps: told of each use.
    """
    for key, stored in tables.items(SIGNATURES):
        steps.step()
        tid, digest = _keys.read_signature(key)
        what = f"the use of signature {digest.hex()[:16]} by {tid}"
        try:
            use = _rows.decode_use(stored)
        except Internal:
            yield f"{what} cannot be read: its stored bytes are damaged"
            continue
        if tables.get(RESERVATIONS, _keys.reservation(use.reservation_id)) is None:
            yield f"{what} is for reservation {use.reservation_id}, which is not there"


def check_history(tables: Tables, steps: Steps) -> Iterator[str]:
    """Yield a sentence for each gap in a history, and for each history of a reservation that is not there.

    Arguments:
        tables: the view to check.
        steps: told of each entry.
    """
    owner = previous = 0
    for key in tables.keys(HISTORY):
        steps.step()
        reservation_id, sequence = _keys.read_numbered(key)
        if reservation_id != owner:
            owner, previous = reservation_id, 0
            if tables.get(RESERVATIONS, _keys.reservation(reservation_id)) is None:
                yield f"there is a history of reservation {reservation_id}, which is not there"
        if sequence != previous + 1:
            yield f"the history of reservation {reservation_id} lacks entry {previous + 1}"
        previous = sequence


def _node_ids(reservation_id: int, stored: bytes) -> tuple[str, ...]:
    try:
        return _rows.decode_record(_keys.reservation(reservation_id), stored).node_ids
    except Internal:
        return ()
