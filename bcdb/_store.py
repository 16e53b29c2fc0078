"""The store over the tables of an engine: everything but where the bytes are."""

from __future__ import annotations

import os
import weakref
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from threading import Lock, Thread, current_thread
from typing import BinaryIO, TypeVar

from ..errors import Internal, Unavailable
from . import _archive, _check, _keys, _rebuild
from ._contract import Change, Counts, Progress, Reader, Statistics, Store
from ._late import Late
from ._reader import TablesReader
from ._recent import Recent
from ._sharing import Sharing, Views
from ._tables import CLOSED, DOCUMENTS, LAYOUT, PENDING, STATES, Engine, Tables, WritableTables
from ._transaction import TablesTransaction
from ._writer import WAITING, Writer
from ._writing import Writing

__all__ = ["TablesStore"]

T = TypeVar("T")


class TablesStore(Store):
    """A store on one engine, with one writer.

    Arguments:
        engine: where the tables are; the store closes it.
        waiting: how many changes may wait before more are refused with `Overloaded`.
    """

    def __init__(self, engine: Engine, *, waiting: int = WAITING) -> None:
        self.totals = Counts()
        self._engine = engine
        self._recent = Recent()
        self._writer = Writer(engine, self._recent, waiting)
        self._one_counts = Lock()
        self._alone_in: Thread | None = None
        self._views = Views()
        # A store that is forgotten stops its writer; at the end of the process the writer sees to that itself.
        weakref.finalize(self, self._writer.stop, wait=False).atexit = False

    @property
    def writer(self) -> Writer:
        """The one that writes; `open_store` asks it whether the directory is in use."""
        return self._writer

    def read(self) -> AbstractContextManager[Reader]:
        return self._views.shared or _Reading(self)

    def sharing(self) -> AbstractContextManager[None]:
        return Sharing(self._views, lambda: _Reading(self))

    def submit(self, change: Change[T]) -> Future[T]:
        self._refuse_elsewhere()
        return self._writer.submit(lambda tables, writing: self._run(change, tables, writing))

    def write(self, change: Change[T]) -> T:
        self._refuse_waiting_for_itself()
        try:
            return super().write(change)
        finally:
            if self._views.shared is not None:
                self._views.shared.renew()

    def check(self, progress: Progress | None = None) -> list[str]:
        with self._view() as tables:
            return _check.check_tables(tables, progress)

    def rebuild(self, progress: Progress | None = None) -> int:
        with self._alone() as tables:
            read = _rebuild.rebuild_tables(tables, progress)
            tables.commit()
        self._recent.forget_lanes()
        return read

    def export(self, stream: BinaryIO, progress: Progress | None = None) -> int:
        with self._view() as tables:
            return _archive.export_tables(tables, stream, progress)

    def load(self, stream: BinaryIO, progress: Progress | None = None) -> int:
        with self._alone() as tables:
            read = _archive.load_tables(tables, stream, progress)
            tables.commit()
        return read

    def statistics(self) -> Statistics:
        with self._view() as tables:
            return Statistics(
                layout=LAYOUT,
                reservations=dict(sorted(Counter(_keys.read_state(key)[0] for key in tables.keys(STATES)).items())),
                pending=tables.count(PENDING),
                collections=dict(
                    sorted(Counter(_keys.read_document(key)[0] for key in tables.keys(DOCUMENTS)).items())
                ),
                size=self._engine.size(),
            )

    def close(self) -> None:
        self._writer.stop(wait=True)

    def begin(self) -> Tables:
        """Begin a view to read; the caller ends it."""
        self._refuse_elsewhere()
        if self._writer.stopping:
            raise Unavailable(CLOSED)
        return self._engine.reading()

    def late(self) -> Late:
        """Return what a view that begins now has to know of rows that are written late."""
        return self._recent.now

    def count(self, counts: Counts) -> None:
        """Add what a reader or a change read to the totals."""
        with self._one_counts:
            self.totals.keys += counts.keys
            self.totals.documents += counts.documents

    def _run(self, change: Change[T], tables: WritableTables, writing: Writing) -> T:
        transaction = TablesTransaction(tables, writing)
        try:
            return change(transaction)
        finally:
            self.count(transaction.counts)

    @contextmanager
    def _view(self) -> Iterator[Tables]:
        """Begin a view to read for a block."""
        tables = self.begin()
        try:
            yield tables
        finally:
            tables.end()

    @contextmanager
    def _alone(self) -> Iterator[WritableTables]:
        """Begin a view to write in the caller's own thread; the writer waits as long."""
        self._refuse_elsewhere()
        self._refuse_waiting_for_itself()
        if self._writer.stopping:
            raise Unavailable(CLOSED)
        tables = self._engine.writing()
        self._alone_in = current_thread()
        try:
            yield tables
        finally:
            self._alone_in = None
            tables.end()

    def _refuse_elsewhere(self) -> None:
        if os.getpid() != self._writer.process:
            raise Unavailable(
                f"this store was opened by process {self._writer.process}, which forked; open it anew in this process"
            )

    def _refuse_waiting_for_itself(self) -> None:
        if self._writer.is_current() or self._alone_in is current_thread():
            raise Internal("a change, or what runs within or after it, waits for another; submit that and do not wait")


class _Reading(TablesReader):
    """A reader that opens with a block; with the block end the view and what it counted.

    It is one object with the reader because most readers live for a few microseconds.
    """

    def __init__(self, store: TablesStore) -> None:
        self._store = store
        self._versions: dict[str, int] = {}

    def version(self, collection: str) -> int:
        known = self._versions.get(collection)
        if known is None:
            known = self._versions[collection] = super().version(collection)
        return known

    def __enter__(self) -> Reader:
        late = self._store.late()  # before the view begins, which may then lack nothing that is not found by it
        super().__init__(self._store.begin(), late)
        return self

    def __exit__(self, *_: object) -> None:
        self._tables.end()
        self.forget()
        self._store.count(self.counts)
