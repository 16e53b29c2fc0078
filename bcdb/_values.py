"""What the store's contract is about: records, filters, and what is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

__all__ = ["EVERYTHING", "Counts", "Filter", "Key", "Progress", "Record", "SignatureUse", "Statistics"]

Key = int | str
"""The key of a document in a collection: a whole number of 0 to 2^63-1, or a text of 1 to 255 UTF-8 bytes."""

Progress = Callable[[int, int], None]
"""Told ``(done, total)`` now and then during long work; total is 0 where it is not known."""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """A reservation as it is stored: the facts that are searched, and the document as bytes.

    Attributes:
        id: the reservation id, 1 or more.
        state: the number of its next action, 0 to 255.
        epoch: seconds since 1970 at which it was registered.
        customer_tid: the threebot id of its customer.
        deadline: seconds since 1970 at which its next deadline falls; 0 for none.
        node_ids: the nodes its workloads are on, each once.
        body: the document; the store never looks inside.
    """

    id: int
    state: int
    epoch: int
    customer_tid: int
    deadline: int
    node_ids: tuple[str, ...]
    body: bytes


class SignatureUse(msgspec.Struct, frozen=True, array_like=True):
    """What a single-use signature was used for: a reservation id and a purpose."""

    reservation_id: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reservations a list keeps; what is left at its default does not filter.

    Attributes:
        node_id: keeps those with a workload on this node.
        states: keeps those in one of these states (numbers of the next action).
        after_epoch: keeps those registered after this second; 0 keeps all.
        from_id: keeps those with this id or a higher one.
        customer_tid: keeps those of this customer.
    """

    node_id: str = ""
    states: tuple[int, ...] = ()
    after_epoch: int = 0
    from_id: int = 0
    customer_tid: int | None = None


EVERYTHING = Filter()
"""The filter that keeps every reservation."""


@dataclass(slots=True)
class Counts:
    """How much was read.

    Attributes:
        keys: index, queue and counter rows that were looked at; the row that ends a scan, and a look-up
            that finds nothing, count too.
        documents: reservations, history entries and documents of collections that were fetched.
    """

    keys: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a store.

    Attributes:
        layout: the version of the stored layout.
        reservations: how many reservations there are, by state number; states without any are absent.
        pending: how many rows wait in the queues of all nodes together.
        collections: how many documents each collection holds, by its name.
        size: bytes on disk, or an estimate of the bytes in memory.
    """

    layout: int
    reservations: Mapping[int, int] = field(default_factory=dict)
    pending: int = 0
    collections: Mapping[str, int] = field(default_factory=dict)
    size: int = 0
