"""The archive: everything of a store as one MessagePack stream, the same from either kind.

A header, an entry for each stored thing, and an end that says how many there were and what their
bytes hash to. ``docs/store.md`` describes the format.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import msgspec

from ..errors import Conflict, InputError, Unavailable
from . import _keys
from ._contract import Progress
from ._entries import (
    ENTRIES,
    CounterEntry,
    DocumentEntry,
    Entry,
    HistoryEntry,
    PendingEntry,
    ReservationEntry,
    SignatureEntry,
)
from ._late import write_mark
from ._progress import Steps
from ._tables import COUNTERS, LAYOUT, RESERVATIONS, TABLES, Tables, WritableTables
from ._transaction import TablesTransaction

__all__ = ["ARCHIVE", "export_tables", "load_tables"]

ARCHIVE = 1
"""The version of the archive's format."""

_NAME = "workloadmanager.bcdb"
_CHUNK = 64 * 1024


class Header(msgspec.Struct, array_like=True, frozen=True):
    """The first object of an archive.

    Attributes:
        name: says that it is one.
        archive: the version of its format.
        layout: the layout of the store that it was written from.
    """

    name: str
    archive: int
    layout: int


class End(msgspec.Struct, array_like=True, frozen=True, tag="end"):
    """The last object of an archive.

    Attributes:
        counts: how many entries of each kind there were.
        digest: SHA-256 of all bytes before this object.
    """

    counts: dict[str, int]
    digest: bytes


_Any = ReservationEntry | HistoryEntry | PendingEntry | SignatureEntry | CounterEntry | DocumentEntry | End


def export_tables(tables: Tables, stream: BinaryIO, progress: Progress | None = None) -> int:
    """Write everything of a view as an archive.

    Arguments:
        tables: the view.
        stream: where to write.
        progress: told of each entry.

    Returns:
        How many entries were written.

    Raises:
        Internal: a document cannot be read.
        Unavailable: the stream cannot be written to.
    """
    steps = Steps(progress, sum(kind.count(tables) for kind in ENTRIES))
    output = _Output(stream)
    counts: Counter[str] = Counter()
    output.write(Header(_NAME, ARCHIVE, LAYOUT))
    for kind in ENTRIES:
        for entry in kind.read(tables):
            output.write(entry)
            counts[kind.kind] += 1
            steps.step()
    output.write(End(dict(counts), output.digest()))
    output.flush()
    steps.finish()
    return steps.done


def load_tables(tables: WritableTables, stream: BinaryIO, progress: Progress | None = None) -> int:
    """Read an archive into empty tables; the caller commits.

    Arguments:
        tables: where to write.
        stream: where to read.
        progress: told of each entry; the total is not known.

    Returns:
        How many entries were read.

    Raises:
        Conflict: the tables are not empty.
        InputError: the stream is no archive, is cut short, was changed, or is of a newer layout.
        Unavailable: the stream cannot be read.
    """
    if any(_holds_something(tables, table) for table in TABLES):
        raise Conflict("the store holds something already; load the archive into a new one")
    steps = Steps(progress, 0)
    transaction = TablesTransaction(tables)
    source = _Input(stream)
    objects = source.objects()
    _check_header(next(objects, None))
    counts: Counter[str] = Counter()
    ended = False
    for unpacked in objects:
        entry = _entry(unpacked)
        if ended:
            raise InputError("the archive goes on after its end")
        if isinstance(entry, End):
            _check_end(entry, counts, source.digest())
            ended = True
        else:
            _store(entry, transaction)
            counts[entry.kind] += 1
            steps.step()
    if not ended or source.has_rest():
        raise InputError("the archive is cut short: its end is not there")
    last = tables.last(RESERVATIONS)
    if last is not None:
        write_mark(tables, _keys.read_id(last))
    steps.finish()
    return steps.done


def _holds_something(tables: Tables, table: str) -> bool:
    """Return whether a table has more than what the store keeps for itself."""
    first = tables.seek(table, b"")
    return first is not None and not (table == COUNTERS and _keys.is_own(first))


def _check_header(first: object) -> None:
    try:
        header = msgspec.convert(first, Header, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise InputError("this is no archive of a store") from error
    if header.name != _NAME:
        raise InputError("this is no archive of a store")
    if header.archive != ARCHIVE or header.layout > LAYOUT:
        theirs = f"format {header.archive} and layout {header.layout}"
        raise InputError(f"the archive has {theirs}; this version reads format {ARCHIVE} and layouts up to {LAYOUT}")


def _check_end(end: End, counts: Counter[str], digest: bytes) -> None:
    if end.counts != counts or end.digest != digest:
        raise InputError("the archive was changed after it was written: its end does not fit to what comes before")


def _entry(unpacked: object) -> Entry | End:
    try:
        entry: Entry | End = msgspec.convert(unpacked, _Any, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise InputError(f"the archive has an entry that is none: {error}") from error
    return entry


def _store(entry: Entry, transaction: TablesTransaction) -> None:
    try:
        entry.write(transaction)
    except (Conflict, InputError) as error:
        raise InputError(f"the archive contradicts itself: {error}") from error


class _Output:
    """Packs objects into a stream, and hashes what was written."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._packer = msgpack.Packer()
        self._hash = hashlib.sha256()

    def write(self, entry: msgspec.Struct) -> None:
        """Pack one object."""
        packed = self._packer.pack(msgspec.to_builtins(entry, builtin_types=(bytes,)))
        self._hash.update(packed)
        try:
            self._stream.write(packed)
        except OSError as error:
            raise _unwritten(error) from error

    def digest(self) -> bytes:
        """Return the hash of all that was written."""
        return self._hash.digest()

    def flush(self) -> None:
        """Hand what is buffered to the system."""
        try:
            self._stream.flush()
        except OSError as error:
            raise _unwritten(error) from error


class _Input:
    """Unpacks objects from a stream, and hashes what came before the one at hand."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._unpacker = msgpack.Unpacker()
        self._hash = hashlib.sha256()
        self._unhashed = bytearray()
        self._hashed = 0

    def objects(self) -> Iterator[object]:
        """Yield the objects of the stream; a last one that is not whole is left out."""
        while chunk := self._read():
            self._unpacker.feed(chunk)
            self._unhashed += chunk
            try:
                for unpacked in self._unpacker:
                    yield unpacked
                    self._take()
            except (ValueError, msgpack.UnpackException) as error:
                raise InputError("this is no archive of a store, or it is damaged") from error

    def digest(self) -> bytes:
        """Return the hash of all bytes before the object that was yielded last."""
        return self._hash.digest()

    def has_rest(self) -> bool:
        """Return whether bytes are left that are no whole object."""
        return bool(self._unhashed)

    def _take(self) -> None:
        """Hash the object that was yielded."""
        length = self._unpacker.tell() - self._hashed
        self._hash.update(self._unhashed[:length])
        del self._unhashed[:length]
        self._hashed += length

    def _read(self) -> bytes:
        try:
            return self._stream.read(_CHUNK)
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error.strerror or error}") from error


def _unwritten(error: OSError) -> Unavailable:
    return Unavailable(f"the archive cannot be written: {error.strerror or error}")
