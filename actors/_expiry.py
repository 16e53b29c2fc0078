"""Deadlines: what is due moves on before anybody reads it (``docs/states.md``, "Deadlines")."""

from __future__ import annotations

import logging

import msgspec

from ..bcdb import Transaction
from ..errors import Internal
from ._context import Context
from ._transitions import pass_deadline, write_steps

__all__ = ["expire_due"]

logger = logging.getLogger(__name__)

_TOGETHER = 64


def expire_due(context: Context) -> int:
    """Move every reservation on whose deadline has passed; with none due it costs one key read.

    Every list, poll and get calls it first, and so does a host's sweep.

    Arguments:
        context: the host; its clock says what is due.

    Returns:
        How many reservations moved.
    """
    now = context.clock()
    with context.store.read() as reader:
        if not 0 < reader.next_deadline() <= now:
            return 0
        due = list(reader.due(now))
    return sum(
        _expire_together(context, due[start : start + _TOGETHER], now) for start in range(0, len(due), _TOGETHER)
    )


def _expire_together(context: Context, reservation_ids: list[int], now: int) -> int:
    """Move some reservations on in one change."""

    def change(transaction: Transaction) -> int:
        return sum(_expire(context, transaction, reservation_id, now) for reservation_id in reservation_ids)

    return context.store.write(change)


def _expire(context: Context, transaction: Transaction, reservation_id: int, now: int) -> bool:
    """Move one reservation on, unless somebody did since it was found to be due."""
    record = transaction.get(reservation_id)
    if record is None or not 0 < record.deadline <= now:
        return False
    try:
        case = context.documents.case(record)
    except Internal:
        # Left as it is it would be due again on every list; one bad row must not cost the others that.
        logger.exception("the deadline of reservation %d is taken off: its document can not be read", reservation_id)
        transaction.replace(msgspec.structs.replace(record, deadline=0))
        return False
    happening, step = pass_deadline(case, now)
    write_steps(context, transaction, case, [(happening, step)])
    return step.changed
