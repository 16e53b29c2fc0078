"""Ordered tables of bytes: the little that an engine does, and over which the store is written once.

An engine, in memory or on LMDB, keeps named tables of sorted keys, and gives views of them: any
number to read, one at a time to write. ``docs/store.md`` says what is in each table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator

__all__ = [
    "CLOSED",
    "COUNTERS",
    "CUSTOMER_STATES",
    "DEADLINES",
    "DOCUMENTS",
    "ENDED",
    "EPOCHS",
    "HISTORY",
    "INDEXES",
    "LAYOUT",
    "NODES",
    "NODE_NAMES",
    "NODE_STATES",
    "PENDING",
    "RESERVATIONS",
    "SIGNATURES",
    "STATES",
    "TABLES",
    "VALUES",
    "Engine",
    "Tables",
    "WritableTables",
]

LAYOUT = 2
"""The version of the tables, their keys and their values; a store of a newer one is refused."""

RESERVATIONS = "reservations"
STATES = "states"
NODE_STATES = "node_states"
CUSTOMER_STATES = "customer_states"
EPOCHS = "epochs"
DEADLINES = "deadlines"
PENDING = "pending"
SIGNATURES = "signatures"
HISTORY = "history"
COUNTERS = "counters"
NODES = "nodes"
NODE_NAMES = "node_names"
DOCUMENTS = "documents"
VALUES = "values"

INDEXES = (STATES, NODE_STATES, CUSTOMER_STATES, EPOCHS, DEADLINES, VALUES)
"""The tables that are made of the documents alone, and can be made again."""

TABLES = (RESERVATIONS, *INDEXES, PENDING, SIGNATURES, HISTORY, COUNTERS, NODES, NODE_NAMES, DOCUMENTS)
"""All tables."""


CLOSED = "this store is closed; open it again"
"""What a store says that was closed."""

ENDED = "this reader has ended or its store is closed; read inside its `with` block"
"""What a view says that has ended."""


class Tables(ABC):
    """A consistent view of all tables, to read.

    Every method raises `Unavailable` when the view has ended, the store is closed, or the disk refuses.
    """

    @property
    @abstractmethod
    def number(self) -> int:
        """The number of the state that it shows: of what was committed last, or what its own commit will have.

        It rises by one with each commit that changed something, of whichever process; a commit that failed
        leaves its number to the next.
        """

    @abstractmethod
    def get(self, table: str, key: bytes) -> bytes | None:
        """Return the value under a key, or None."""

    @abstractmethod
    def seek(self, table: str, start: bytes) -> bytes | None:
        """Return the first key at or after ``start``, or None."""

    @abstractmethod
    def last(self, table: str, before: bytes = b"") -> bytes | None:
        """Return the last key before another, or the last of all where that is empty, or None."""

    @abstractmethod
    def keys(self, table: str, start: bytes = b"") -> Iterator[bytes]:
        """Yield the keys at or after ``start`` in order."""

    @abstractmethod
    def items(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values at or after ``start`` in order."""

    @abstractmethod
    def fetch(self, table: str, keys: Iterable[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield each of some keys with its value, or with None; one key is taken for each that is asked for."""

    @abstractmethod
    def count(self, table: str) -> int:
        """Return how many keys a table has, without stepping over them."""

    @abstractmethod
    def end(self) -> None:
        """End the view; ending twice is no error."""


class WritableTables(Tables):
    """A view that also writes; it sees what it wrote, and ending it without a commit drops that.

    Its iterators look up each next key anew, so what is written meanwhile neither breaks nor repeats them.
    """

    wrote = False
    """Whether a write was begun through this very view."""

    def keys(self, table: str, start: bytes = b"") -> Iterator[bytes]:
        key = self.seek(table, start)
        while key is not None:
            yield key
            key = self.seek(table, key + b"\0")

    def items(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        for key in self.keys(table, start):
            value = self.get(table, key)
            if value is not None:
                yield key, value

    def fetch(self, table: str, keys: Iterable[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
        for key in keys:
            yield key, self.get(table, key)

    @abstractmethod
    def put(self, table: str, key: bytes, value: bytes = b"") -> None:
        """Store a value under a key, in place of an earlier one."""

    def put_keys(self, table: str, keys: Collection[bytes]) -> None:
        """Store several keys with nothing under them."""
        for key in keys:
            self.put(table, key)

    def lacking(self, table: str, keys: Collection[bytes]) -> set[bytes]:
        """Return those of several keys that are not there."""
        return {key for key in keys if self.get(table, key) is None}

    @abstractmethod
    def delete(self, table: str, key: bytes) -> bool:
        """Remove a key; return whether it was there."""

    @abstractmethod
    def clear(self, table: str) -> None:
        """Remove every key of a table."""

    @abstractmethod
    def nested(self) -> WritableTables:
        """Begin a view whose writes reach this one when it commits; use only that one until it ends."""

    @abstractmethod
    def part(self) -> WritableTables:
        """Begin a view that writes straight into this one, and whose end or commit ends nothing but itself."""

    @abstractmethod
    def commit(self) -> None:
        """Keep what was written, durably for an outermost view, and end."""


class Engine(ABC):
    """Where the tables are."""

    place: str
    """The path, or ``:memory:``, for messages."""

    @abstractmethod
    def reading(self) -> Tables:
        """Begin a view of what is committed now."""

    @abstractmethod
    def writing(self) -> WritableTables:
        """Begin the one view that writes; waits until no other does."""

    @abstractmethod
    def size(self) -> int:
        """Return the bytes on disk, or about as many as there are in memory."""

    @abstractmethod
    def close(self) -> None:
        """Wait for the view that writes, then give everything back; closing twice is no error.

        In a forked process it gives back what was inherited, and does not touch what the other one uses.
        """
