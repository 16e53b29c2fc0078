"""What a poll of a node returns: what fits from its cursor on, and whatever waits in its queue (``docs/lists.md``)."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from ..bcdb import Filter, Reader, Record
from ..rules import NextAction, Workload, hand_out, parse_gwid
from ._access import handed_out
from ._caller import Caller
from ._context import Context
from ._page import Page

__all__ = ["poll"]

_HANDED_OUT = (int(NextAction.deploy), int(NextAction.delete))


def poll(
    context: Context, reader: Reader, caller: Caller, page: Page, *, node_id: str, epoch: int = 0, cursor: int = 0
) -> list[Workload]:
    """Return the workloads that a node is to run or to delete, in the order of their reservations.

    Arguments:
        context: the host.
        reader: one view of the store for the whole poll.
        caller: who polls, and is shown what they may see.
        page: how many workloads of reservations from the cursor on there is room for. A reservation is
            never cut in two: the first is given whole, each further one only if it fits. What waits below
            the cursor takes no room, because a node never asks for it again.
        node_id: the node; empty for all nodes, which have no queue.
        epoch: keeps what was registered after this second; 0 for all.
        cursor: keeps reservations with this id or a higher one.
    """
    workloads: list[Workload] = []
    if node_id and not reader.has_work(node_id, _HANDED_OUT, cursor):
        return workloads
    wanted = Filter(node_id=node_id, states=_HANDED_OUT, after_epoch=epoch, from_id=cursor)
    for record, waiting in _in_order(reader, _queued(reader, node_id), wanted):
        found = _workloads(context, record, caller, node_id)
        if waiting is not None:
            found = [workload for workload in found if parse_gwid(workload.workload_id).workload_id in waiting]
        if record.id >= cursor:
            # Never past one that does not fit: a node moves its cursor behind the highest id it was given.
            if not page.has_room(len(found)):
                break
            page.take(len(found), len(record.body))
        workloads.extend(found)
    return workloads


def _queued(reader: Reader, node_id: str) -> dict[int, set[int]]:
    """Return the workloads that wait for a node, by reservation."""
    queued: dict[int, set[int]] = defaultdict(set)
    for reservation_id, workload_id in reader.pending(node_id) if node_id else ():
        queued[reservation_id].add(workload_id)
    return queued


def _in_order(reader: Reader, queued: dict[int, set[int]], wanted: Filter) -> Iterator[tuple[Record, set[int] | None]]:
    """Yield each reservation once, in the order of ids, and those of its workloads that wait if not all are wanted."""
    if not queued:
        yield from ((record, None) for record in reader.find(wanted))
        return
    both = heapq.merge(((one, False) for one in sorted(queued)), ((one, True) for one in reader.find_ids(wanted)))
    for reservation_id, found in groupby(both, key=itemgetter(0)):
        record = reader.get(reservation_id)
        if record is not None:
            yield record, None if any(is_wanted for _, is_wanted in found) else queued[reservation_id]


def _workloads(context: Context, record: Record, caller: Caller, node_id: str) -> list[Workload]:
    documents = context.documents
    case = documents.readable(record, documents.case)
    return [] if case is None else hand_out(handed_out(caller, case), node_id, documents.workload)
