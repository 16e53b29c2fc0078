"""What a step of a reservation comes to: the new case, and what is to be written beside it."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec

from ._case import Case
from ._enums import NextAction

__all__ = ["QueueRow", "Step", "with_fields", "with_state"]

QueueRow = tuple[str, int]
"""A row of a node's pending queue: ``(node_id, workload_id)`` of the case's reservation."""

Document = TypeVar("Document")


class Step(msgspec.Struct, frozen=True):
    """The outcome of an event. All of it is written in one transaction, or none.

    Attributes:
        case: the reservation afterwards.
        changed: whether there is anything to write; a repeat succeeds without change.
        moves: the states that were entered, in order; one event may move several steps.
        enqueue: the rows to put into the nodes' queues.
        dequeue: the rows to take out of them.
    """

    case: Case
    changed: bool = True
    moves: tuple[NextAction, ...] = ()
    enqueue: tuple[QueueRow, ...] = ()
    dequeue: tuple[QueueRow, ...] = ()


def with_fields(document: Document, **fields: object) -> Document:
    """Return a copy of a document with some fields replaced; the document itself stays as it is."""
    generated = cast(Any, document)  # the types are made at start; a checker knows their shapes alone
    return cast(Document, msgspec.structs.replace(generated, **fields))


def with_state(case: Case, state: NextAction) -> Case:
    """Return the case in another state, in the model's own enumeration."""
    named = type(case.reservation.next_action)(state)
    return case.holding(with_fields(case.reservation, next_action=named))
