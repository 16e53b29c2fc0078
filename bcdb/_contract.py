"""The store's contract: what every implementation holds to, written once.

`memory` and `lmdb` implement it, one suite runs on both, and nothing above this folder may know
which one it has. ``docs/store.md`` explains the layout and the guarantees.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import BinaryIO, TypeVar

from ._values import EVERYTHING, Counts, Filter, Key, Progress, Record, SignatureUse, Statistics

__all__ = [
    "EVERYTHING",
    "Change",
    "Counts",
    "Filter",
    "Key",
    "Progress",
    "Reader",
    "Record",
    "SignatureUse",
    "Statistics",
    "Store",
    "Transaction",
]

T = TypeVar("T")


class Reader(ABC):
    """One consistent view of the store: what is committed when it opens, and nothing later.

    A reader belongs to the thread that opened it and ends with its ``with`` block. Iterators read
    as they go and must be used up or dropped inside that block.
    """

    counts: Counts

    @abstractmethod
    def get(self, reservation_id: int) -> Record | None:
        """Return the record of a reservation, or None where there is none."""

    @abstractmethod
    def find(self, wanted: Filter = EVERYTHING) -> Iterator[Record]:
        """Yield the records that a filter keeps, in id order, reading only those."""

    @abstractmethod
    def find_ids(self, wanted: Filter = EVERYTHING) -> Iterator[int]:
        """Yield the ids that a filter keeps, in id order, from the indexes alone."""

    @abstractmethod
    def pending(self, node_id: str) -> Iterator[tuple[int, int]]:
        """Yield ``(reservation id, workload id)`` of the node's queue, in that order."""

    @abstractmethod
    def has_work(self, node_id: str, states: tuple[int, ...], from_id: int = 0) -> bool:
        """Return whether there is anything for a node to do, which is all that a poll with nothing new asks.

        Arguments:
            node_id: the node.
            states: the states (numbers of the next action) in which a reservation is its work.
            from_id: the lowest reservation id that counts.

        Returns:
            Whether its queue has a row, or a reservation of this id or a higher one is on it in one of the states.
        """

    @abstractmethod
    def next_deadline(self) -> int:
        """Return the earliest deadline of all reservations, in seconds since 1970; 0 where there is none."""

    @abstractmethod
    def due(self, now: int) -> Iterator[int]:
        """Yield the ids whose deadline is at or before ``now`` (seconds since 1970), earliest first."""

    @abstractmethod
    def signature_use(self, tid: int, digest: bytes) -> SignatureUse | None:
        """Return what the signature with this digest (32 bytes) of this signer was used for, or None."""

    @abstractmethod
    def history(self, reservation_id: int) -> Iterator[bytes]:
        """Yield the history entries of a reservation, oldest first, as they were appended."""

    @abstractmethod
    def document(self, collection: str, key: Key) -> bytes | None:
        """Return a document of a collection, or None where there is none."""

    @abstractmethod
    def documents(self, collection: str, *, after: Key | None = None) -> Iterator[tuple[Key, bytes]]:
        """Yield ``(key, document)`` of a collection: numbers before texts, each in their order.

        Arguments:
            collection: the collection.
            after: a key, whether it is there or not; what comes in order up to it is left out, and is not read.

        Raises:
            InputError: it is out of the limits of a key.
        """

    @abstractmethod
    def lookup(self, collection: str, index: str, value: Key, *, after: Key | None = None) -> Iterator[Key]:
        """Yield the keys of a collection's documents that carry this value in an index, in key order.

        What ``after`` leaves out, and when it is refused, is as in `documents`.
        """

    @abstractmethod
    def number(self, name: str) -> int:
        """Return a counter, 0 where it was never moved.

        Two are kept by the store too: ``reservation`` is never below the highest id that was inserted,
        ``epoch`` never below the highest epoch.
        """

    @abstractmethod
    def version(self, collection: str) -> int:
        """Return a number that rises with every change of a collection's documents; 0 before the first.

        While it stays the same, so does whatever was read of the collection: that is for caches. `Store.rebuild`
        moves it too, since it may change what a look-up finds. It belongs to this store, and is not exported.
        """


class Transaction(Reader):
    """What a change may do: read, then write.

    Writes of a change are kept or dropped together. `get`, `document`, `signature_use`, `number`
    and `history` see what this change wrote before; the queries (`find`, `find_ids`, `pending`, `has_work`,
    `due`, `documents`, `lookup`) need not, so a change reads them before it writes. Writing
    while it goes through one is no error. The transaction ends when the change returns; iterators of it end too.
    """

    @abstractmethod
    def next_number(self, name: str) -> int:
        """Count a counter up by one and return it; the first is 1."""

    @abstractmethod
    def raise_number(self, name: str, value: int) -> int:
        """Move a counter to ``value`` if that is higher, and return where it stands."""

    @abstractmethod
    def insert(self, record: Record) -> None:
        """Store a new reservation; every list finds it, though some of its index rows may be written later.

        Ids rise and epochs never fall: that is what makes "registered after" one look-up. The counters
        ``reservation`` and ``epoch`` move up to the record's, where they are below.

        Raises:
            Conflict: there is one with this id already, or a higher one, or one with a higher epoch.
            InputError: a value is out of the limits that `Record` states, or a node is there twice.
        """

    @abstractmethod
    def replace(self, record: Record) -> None:
        """Store a reservation anew and move its index rows; epoch, customer and nodes stay what they were.

        Raises:
            NotFound: there is none with this id.
            Conflict: epoch, customer or nodes differ from what is stored.
            InputError: a value is out of the limits that `Record` states.
        """

    @abstractmethod
    def enqueue(self, node_id: str, reservation_id: int, workload_id: int) -> None:
        """Put a row into a node's queue; one that is there already stays as it is."""

    @abstractmethod
    def dequeue(self, node_id: str, reservation_id: int, workload_id: int) -> None:
        """Take a row out of a node's queue; one that is not there is no error."""

    @abstractmethod
    def use_signature(self, tid: int, digest: bytes, use: SignatureUse) -> None:
        """Mark a signature (32 bytes of digest) as used; the same use again changes nothing.

        Raises:
            Conflict: it was used for something else.
        """

    @abstractmethod
    def append_history(self, reservation_id: int, entry: bytes) -> None:
        """Append an entry to a reservation's history."""

    @abstractmethod
    def put_document(
        self,
        collection: str,
        key: Key,
        body: bytes,
        *,
        unique: Mapping[str, Key] | None = None,
        indexed: Mapping[str, Key] | None = None,
    ) -> None:
        """Store a document of a collection under a key, in place of an earlier one, with its index rows.

        Arguments:
            collection: the collection's name, 1 to 64 UTF-8 bytes.
            key: where to store it.
            body: the document; the store never looks inside.
            unique: values by index name that no other document of the collection may carry.
            indexed: values by index name that others may carry too.

        Raises:
            Conflict: another document carries a value of ``unique``; the path is the index's name.
        """

    @abstractmethod
    def delete_document(self, collection: str, key: Key) -> bool:
        """Remove a document and its index rows; return whether it was there."""


Change = Callable[[Transaction], T]
"""A change: a function of what it reads, safe to run again, with no effect outside its transaction."""


class Store(ABC):
    """A document store of reservations, and of the collections of packages beside them.

    Every method may be called from any thread. Errors are of the family in `workloadmanager.errors`:
    `Unavailable` when the store is closed or the disk refuses, `Overloaded` when too many changes wait.
    """

    totals: Counts
    """What all readers and changes that have ended read so far."""

    @abstractmethod
    def read(self) -> AbstractContextManager[Reader]:
        """Open a reader for a ``with`` block."""

    @abstractmethod
    def sharing(self) -> AbstractContextManager[None]:
        """Let all readers that this thread opens in a ``with`` block be one view, which begins with the first of them.

        It is for a thread that works through what it was asked before: none of it needs to see what is stored
        later. What the thread itself stores by `write` is seen by the readers after it. Inside another such
        block nothing changes.
        """

    @abstractmethod
    def submit(self, change: Change[T]) -> Future[T]:
        """Queue a change; the future has its result once the change is durable, or its error.

        An error that the change raises is that future's alone: its writes are dropped, the changes
        around it are not touched. Changes run one after another, in the order of submission.

        Raises:
            Unavailable: the store is closed.
            Overloaded: too many changes wait.
        """

    def write(self, change: Change[T]) -> T:
        """Run a change and wait until it is durable.

        Returns:
            What the change returned.
        """
        return self.submit(change).result()

    @abstractmethod
    def check(self, progress: Progress | None = None) -> list[str]:
        """Compare the store with itself: every index row, queue row and counter with the documents.

        Arguments:
            progress: told of each document and row, in the caller's thread.

        Returns:
            One sentence for each thing that does not agree; an empty list for a sound store.
        """

    @abstractmethod
    def rebuild(self, progress: Progress | None = None) -> int:
        """Make every index again from the documents, in one transaction; changes wait meanwhile.

        Arguments:
            progress: told of each document, in the caller's thread.

        Returns:
            How many documents were read.
        """

    @abstractmethod
    def export(self, stream: BinaryIO, progress: Progress | None = None) -> int:
        """Write one consistent state of everything as a MessagePack stream.

        Arguments:
            stream: where to write; it is flushed, and stays open.
            progress: told of each entry, in the caller's thread.

        Returns:
            How many entries were written.

        Raises:
            Internal: a document cannot be read; `check` names all such.
            Unavailable: the stream cannot be written to.
        """

    @abstractmethod
    def load(self, stream: BinaryIO, progress: Progress | None = None) -> int:
        """Read an archive that `export` wrote into this store, which must be empty; all of it or nothing.

        Arguments:
            stream: where to read.
            progress: told of each entry, in the caller's thread; the total is not known.

        Returns:
            How many entries were read.

        Raises:
            Conflict: the store holds something already.
            InputError: the stream is not an archive, is cut short, was changed, or is of a newer layout.
            Unavailable: the stream cannot be read.
        """

    @abstractmethod
    def statistics(self) -> Statistics:
        """Return the figures of the store."""

    @abstractmethod
    def close(self) -> None:
        """Finish what was submitted, then close; closing twice is no error."""

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()
