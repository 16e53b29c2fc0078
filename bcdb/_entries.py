"""The entries of an archive: each kind says which table it is read from and how it is written back.

They name things as the contract does, never by the keys of one layout, so that any store can read them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from ..errors import Internal
from . import _keys, _rows
from ._contract import Key, Record, SignatureUse, Transaction
from ._tables import COUNTERS, DOCUMENTS, HISTORY, NODE_NAMES, PENDING, RESERVATIONS, SIGNATURES, Tables

__all__ = ["ENTRIES", "Entry"]


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """One stored thing; its first element in the archive is its kind."""

    kind: ClassVar[str]
    table: ClassVar[str]

    @classmethod
    def count(cls, tables: Tables) -> int:
        """Return how many entries of this kind there are."""
        return tables.count(cls.table)

    @classmethod
    @abstractmethod
    def read(cls, tables: Tables) -> Iterator[Entry]:
        """Yield all entries of this kind.

        Raises:
            Internal: one cannot be read.
        """

    @abstractmethod
    def write(self, transaction: Transaction) -> None:
        """Store the entry.

        Raises:
            Conflict: it contradicts what was stored before.
            InputError: it is out of the limits of a store.
        """


class ReservationEntry(Entry, frozen=True, tag="reservation"):
    """A reservation; its record is the second element."""

    kind: ClassVar[str] = "reservation"
    table: ClassVar[str] = RESERVATIONS
    record: Record

    @classmethod
    def read(cls, tables: Tables) -> Iterator[ReservationEntry]:
        for key, stored in tables.items(cls.table):
            yield cls(_rows.decode_record(key, stored))

    def write(self, transaction: Transaction) -> None:
        transaction.insert(self.record)


class HistoryEntry(Entry, frozen=True, tag="history"):
    """An entry of a reservation's history."""

    kind: ClassVar[str] = "history"
    table: ClassVar[str] = HISTORY
    reservation_id: int
    entry: bytes

    @classmethod
    def read(cls, tables: Tables) -> Iterator[HistoryEntry]:
        for key, entry in tables.items(cls.table):
            yield cls(_keys.read_numbered(key)[0], entry)

    def write(self, transaction: Transaction) -> None:
        transaction.append_history(self.reservation_id, self.entry)


class PendingEntry(Entry, frozen=True, tag="pending"):
    """A row of a node's queue."""

    kind: ClassVar[str] = "pending"
    table: ClassVar[str] = PENDING
    node_id: str
    reservation_id: int
    workload_id: int

    @classmethod
    def read(cls, tables: Tables) -> Iterator[PendingEntry]:
        for row in tables.keys(cls.table):
            number, reservation_id, workload_id = _keys.read_pending(row)
            name = tables.get(NODE_NAMES, _keys.node_number(number))
            if name is None:
                raise Internal("a queue is of a node whose name is lost; check the store, and rebuild its indexes")
            yield cls(name.decode(), reservation_id, workload_id)

    def write(self, transaction: Transaction) -> None:
        transaction.enqueue(self.node_id, self.reservation_id, self.workload_id)


class SignatureEntry(Entry, frozen=True, tag="signature"):
    """What a single-use signature was used for."""

    kind: ClassVar[str] = "signature"
    table: ClassVar[str] = SIGNATURES
    tid: int
    digest: bytes
    use: SignatureUse

    @classmethod
    def read(cls, tables: Tables) -> Iterator[SignatureEntry]:
        for key, stored in tables.items(cls.table):
            yield cls(*_keys.read_signature(key), _rows.decode_use(stored))

    def write(self, transaction: Transaction) -> None:
        transaction.use_signature(self.tid, self.digest, self.use)


class CounterEntry(Entry, frozen=True, tag="counter"):
    """A counter and where it stands."""

    kind: ClassVar[str] = "counter"
    table: ClassVar[str] = COUNTERS
    name: str
    value: int

    @classmethod
    def count(cls, tables: Tables) -> int:
        return sum(1 for _ in cls.read(tables))

    @classmethod
    def read(cls, tables: Tables) -> Iterator[CounterEntry]:
        for key, stored in tables.items(cls.table):
            if _keys.is_own(key):
                return  # these come last, and are of this store only
            yield cls(key.decode(), _keys.read_id(stored))

    def write(self, transaction: Transaction) -> None:
        transaction.raise_number(self.name, self.value)


class DocumentEntry(Entry, frozen=True, tag="document"):
    """A document of a collection, with the values that its index rows are made of."""

    kind: ClassVar[str] = "document"
    table: ClassVar[str] = DOCUMENTS
    collection: str
    key: Key
    body: bytes
    unique: dict[str, Key]
    indexed: dict[str, Key]

    @classmethod
    def read(cls, tables: Tables) -> Iterator[DocumentEntry]:
        for key, stored in tables.items(cls.table):
            document = _rows.decode_document(key, stored)
            yield cls(*_keys.read_document(key), document.body, document.unique, document.indexed)

    def write(self, transaction: Transaction) -> None:
        transaction.put_document(self.collection, self.key, self.body, unique=self.unique, indexed=self.indexed)


ENTRIES: tuple[type[Entry], ...] = (
    ReservationEntry,
    HistoryEntry,
    PendingEntry,
    SignatureEntry,
    CounterEntry,
    DocumentEntry,
)
"""Every kind, in the order of the archive."""
