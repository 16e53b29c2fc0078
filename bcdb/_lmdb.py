"""The engine on LMDB: each table is a database of one environment, and every commit is on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock

import lmdb

from ..errors import Unavailable
from ._lmdb_errors import refusal
from ._tables import CLOSED, Engine, Tables, WritableTables

__all__ = ["DATA_FILE", "LmdbEngine"]

DATA_FILE = "data.mdb"
"""The file of a store's directory that holds everything."""

Handles = Mapping[str, "lmdb._Database"]  # noqa: SLF001 - the library names the type of its handles so


class LmdbEngine(Engine):
    """An open LMDB environment and the handles of its tables.

    Arguments:
        environment: opened with LMDB's durable defaults.
        handles: the handle of each table by its name.
        place: the path for messages.
    """

    def __init__(self, environment: lmdb.Environment, handles: Handles, place: str) -> None:
        self.place = place
        self.handles = handles
        self._environment = environment
        self._process = os.getpid()
        self._one_writes = Lock()
        self._closed = False

    def reading(self) -> LmdbTables:
        try:
            return LmdbTables(self, self._environment.begin())
        except lmdb.Error as error:
            raise refusal(error, self.place) from error

    def writing(self) -> WritableLmdbTables:
        self._one_writes.acquire()
        try:
            if self._closed:
                raise Unavailable(CLOSED)
            return WritableLmdbTables(self, self._environment.begin(write=True), outermost=True)
        except BaseException as error:
            self._one_writes.release()
            if isinstance(error, lmdb.Error):
                raise refusal(error, self.place) from error
            raise

    def nested(self, outer: lmdb.Transaction[bytes]) -> WritableLmdbTables:
        """Begin a view inside another that writes."""
        try:
            return WritableLmdbTables(self, self._environment.begin(parent=outer, write=True), outermost=False)
        except lmdb.Error as error:
            raise refusal(error, self.place) from error

    def written(self) -> None:
        """Let the next view write."""
        self._one_writes.release()

    def size(self) -> int:
        try:
            return (Path(self._environment.path()) / DATA_FILE).stat().st_size
        except (OSError, lmdb.Error) as error:
            raise refusal(error, self.place) from error

    def close(self) -> None:
        if self._process != os.getpid():
            self._environment.close()  # the lock may be held by a thread that stayed in the other process
            return
        with self._one_writes:
            self._closed = True
            self._environment.close()


class LmdbTables(Tables):
    """A read transaction."""

    def __init__(self, engine: LmdbEngine, transaction: lmdb.Transaction[bytes]) -> None:
        self._engine = engine
        self._handles = engine.handles
        self._transaction = transaction

    def get(self, table: str, key: bytes) -> bytes | None:
        try:
            return self._transaction.get(key, db=self._handles[table])
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def seek(self, table: str, start: bytes) -> bytes | None:
        try:
            with self._transaction.cursor(self._handles[table]) as cursor:
                found = cursor.set_range(start) if start else cursor.first()
                return cursor.key() if found else None
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def last(self, table: str, before: bytes = b"") -> bytes | None:
        try:
            with self._transaction.cursor(self._handles[table]) as cursor:
                found = cursor.prev() if before and cursor.set_range(before) else cursor.last()
                return cursor.key() if found else None
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def keys(self, table: str, start: bytes = b"") -> Iterator[bytes]:
        try:
            with self._transaction.cursor(self._handles[table]) as cursor:
                if cursor.set_range(start) if start else cursor.first():
                    yield from cursor.iternext(keys=True, values=False)
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def items(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        try:
            with self._transaction.cursor(self._handles[table]) as cursor:
                if cursor.set_range(start) if start else cursor.first():
                    yield from cursor.iternext(keys=True, values=True)
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def count(self, table: str) -> int:
        try:
            return self._transaction.stat(self._handles[table])["entries"]
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def end(self) -> None:
        self._transaction.abort()


class WritableLmdbTables(WritableTables, LmdbTables):
    """A write transaction, or one nested in it."""

    def __init__(self, engine: LmdbEngine, transaction: lmdb.Transaction[bytes], *, outermost: bool) -> None:
        super().__init__(engine, transaction)
        self._outermost = outermost
        self._ended = False

    def put(self, table: str, key: bytes, value: bytes = b"") -> None:
        try:
            self._transaction.put(key, value, db=self._handles[table])
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def delete(self, table: str, key: bytes) -> bool:
        try:
            return self._transaction.delete(key, db=self._handles[table])
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def clear(self, table: str) -> None:
        try:
            self._transaction.drop(self._handles[table], delete=False)
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def nested(self) -> WritableLmdbTables:
        return self._engine.nested(self._transaction)

    def commit(self) -> None:
        try:
            self._transaction.commit()
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error
        finally:
            self.end()

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._transaction.abort()
            if self._outermost:
                self._engine.written()
