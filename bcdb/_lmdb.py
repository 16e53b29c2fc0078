"""The engine on LMDB: each table is a database of one environment, and every commit is on disk."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import NoReturn, cast

import lmdb

from ..errors import Unavailable
from ._lmdb_errors import refusal
from ._tables import CLOSED, ENDED, Engine, Tables, WritableTables

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
        self._open: set[int] = set()
        self._one_writes = Lock()
        self._closed = False

    @property
    def is_elsewhere(self) -> bool:
        """Whether this process was forked from the one that opened it, to which all that was begun belongs."""
        return self._process != os.getpid()

    def reading(self) -> LmdbTables:
        return LmdbTables(self)

    def writing(self) -> WritableLmdbTables:
        self._one_writes.acquire()
        try:
            if self._closed:
                raise Unavailable(CLOSED)
            # What a process was reading when it was killed would keep freed pages from being used, for ever.
            self._environment.reader_check()
            return WritableLmdbTables(self)
        except BaseException as error:
            self._one_writes.release()
            if isinstance(error, lmdb.Error):
                raise refusal(error, self.place) from error
            raise

    def begin(
        self, view: LmdbTables, *, write: bool = False, outer: lmdb.Transaction[bytes] | None = None
    ) -> lmdb.Transaction[bytes]:
        """Begin the transaction of a view, and keep in mind that it is open until `ended`."""
        self._open.add(id(view))  # first: a process that is forked meanwhile has to know of it
        begin = self._environment.begin
        try:
            try:
                return begin(parent=outer, write=True) if write else begin()
            except lmdb.ReadersFullError:
                if not self._environment.reader_check():  # processes that were killed may have left theirs
                    raise
                return begin()
        except lmdb.Error as error:
            self._open.discard(id(view))
            raise refusal(error, self.place) from error

    def ended(self, view: LmdbTables) -> None:
        """Take note that the transaction of a view has ended."""
        self._open.discard(id(view))

    def written(self) -> None:
        """Let the next view write."""
        self._one_writes.release()

    def size(self) -> int:
        try:
            return (Path(self._environment.path()) / DATA_FILE).stat().st_size
        except (OSError, lmdb.Error) as error:
            raise refusal(error, self.place) from error

    def close(self) -> None:
        if self.is_elsewhere:
            self._give_back()
            return
        with self._one_writes:
            self._closed = True
            self._environment.close()

    def _give_back(self) -> None:
        """Close what was inherited in a fork, if that touches nothing of the process that forked.

        LMDB would end the transactions that were open, which are the other process's: its readers would
        lose their protection, and for the end of one that writes it would wait for ever.
        """
        if self._open:
            raise Unavailable(
                f"the store {self.place} was just read or written when process {self._process} forked, so this one "
                "cannot open it; fork while nothing uses the store, or start a process that is no fork"
            )
        self._environment.close()


class LmdbTables(Tables):
    """A read transaction.

    A look-up leaves its cursor where it is for the next one in the same table; it ends with the transaction.
    """

    def __init__(self, engine: LmdbEngine) -> None:
        self._engine = engine
        self._handles = engine.handles
        self._cursors: dict[str, lmdb.Cursor[bytes]] = {}
        self._transaction = self._begin()

    @property
    def number(self) -> int:
        try:
            return self._transaction.id()
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def get(self, table: str, key: bytes) -> bytes | None:
        try:
            return self._cursor(table).get(key)
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def seek(self, table: str, start: bytes) -> bytes | None:
        try:
            cursor = self._cursor(table)
            found = cursor.set_range(start) if start else cursor.first()
            return cursor.key() if found else None
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def last(self, table: str, before: bytes = b"") -> bytes | None:
        try:
            cursor = self._cursor(table)
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

    def fetch(self, table: str, keys: Iterable[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
        try:
            cursor = self._cursor(table)
            for key in keys:
                yield key, cursor.get(key)
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def count(self, table: str) -> int:
        try:
            return self._transaction.stat(self._handles[table])["entries"]
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def end(self) -> None:
        engine = self._engine
        if engine.is_elsewhere:
            return  # it would free the place in the table of readers that the other process still needs
        self._transaction.abort()
        engine.ended(self)

    def _begin(self) -> lmdb.Transaction[bytes]:
        return self._engine.begin(self)

    def _cursor(self, table: str) -> lmdb.Cursor[bytes]:
        """Return the cursor of the look-ups in a table."""
        cursor = self._cursors.get(table)
        if cursor is None:
            cursor = self._cursors[table] = self._transaction.cursor(self._handles[table])
        return cursor


class WritableLmdbTables(WritableTables, LmdbTables):
    """A write transaction, or one nested in another.

    Arguments:
        engine: where it writes.
        outer: the transaction that it is nested in.
    """

    def __init__(self, engine: LmdbEngine, outer: lmdb.Transaction[bytes] | None = None) -> None:
        self._outer = outer
        self._ended = False
        super().__init__(engine)

    def put(self, table: str, key: bytes, value: bytes = b"") -> None:
        self.wrote = True
        try:
            self._transaction.put(key, value, db=self._handles[table])
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def put_keys(self, table: str, keys: Collection[bytes]) -> None:
        self.wrote = True
        try:
            with self._transaction.cursor(self._handles[table]) as cursor:
                cursor.putmulti([(key, b"") for key in keys])
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def lacking(self, table: str, keys: Collection[bytes]) -> set[bytes]:
        try:
            with self._transaction.cursor(self._handles[table]) as cursor:
                return set(keys).difference(key for key, _ in cursor.getmulti(keys))
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def delete(self, table: str, key: bytes) -> bool:
        self.wrote = True
        try:
            return self._transaction.delete(key, db=self._handles[table])
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def clear(self, table: str) -> None:
        self.wrote = True
        try:
            self._transaction.drop(self._handles[table], delete=False)
        except lmdb.Error as error:
            raise refusal(error, self._engine.place) from error

    def nested(self) -> WritableLmdbTables:
        return WritableLmdbTables(self._engine, self._transaction)

    def part(self) -> WritableLmdbTables:
        return _Part(self._engine, self._transaction)

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
            super().end()
            if self._outer is None:
                self._engine.written()

    def _begin(self) -> lmdb.Transaction[bytes]:
        return self._engine.begin(self, write=True, outer=self._outer)

    def _cursor(self, table: str) -> lmdb.Cursor[bytes]:
        # One that stays open would have to be kept right by LMDB at each write, and in each nested transaction.
        return self._transaction.cursor(self._handles[table])


class _Part(WritableLmdbTables):
    """A view on a write transaction that somebody else ends."""

    def _begin(self) -> lmdb.Transaction[bytes]:
        return cast("lmdb.Transaction[bytes]", self._outer)

    def nested(self) -> WritableLmdbTables:
        self._transaction.id()  # which refuses where this has ended; LMDB would not know what it is given
        return super().nested()

    def part(self) -> WritableLmdbTables:
        self._transaction.id()
        return super().part()

    def commit(self) -> None:
        self.end()

    def end(self) -> None:
        self._transaction = cast("lmdb.Transaction[bytes]", _ENDED)


class _Ended:
    """In the place of a transaction that goes on without a view."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Unavailable(ENDED)


_ENDED = _Ended()
