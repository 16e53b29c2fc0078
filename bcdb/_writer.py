"""The one writer of a store: a thread that commits many changes at once and answers after the commit."""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread, main_thread
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from ..errors import Overloaded, Unavailable
from ._tables import CLOSED, Engine, WritableTables

__all__ = ["WAITING", "Writer"]

T = TypeVar("T")

WAITING = 10_000
"""How many changes may wait before more are refused."""

_LARGEST_BATCH = 256
_PATIENCE_AT_EXIT = 10.0  # seconds; a change of another process that never ends must not keep this one alive

_log = logging.getLogger(__name__)


class _Job(Generic[T]):
    """A change that waits, and the future of its answer."""

    __slots__ = ("_error", "_result", "change", "future")

    def __init__(self, change: Callable[[WritableTables], T]) -> None:
        self.change = change
        self.future: Future[T] = Future()

    def run(self, tables: WritableTables) -> None:
        """Run the change in a view and keep what it returns for after the commit."""
        self._result = self.change(tables)
        self._error: BaseException | None = None

    def refuse(self, error: BaseException) -> None:
        """Keep an error as the answer."""
        self._error = error

    def answer(self) -> None:
        """Resolve the future."""
        try:
            if self._error is None:
                self.future.set_result(self._result)
            else:
                self.future.set_exception(self._error)
        except BaseException:  # noqa: BLE001 - raised by what a caller hung on the future; the others still need theirs
            _log.exception("what was to run after a change failed")


class Writer:
    """Takes changes from any thread and runs them in order, as many as wait in one commit.

    Arguments:
        engine: where the tables are; closed when the last change is through.
        waiting: how many changes may wait.
    """

    def __init__(self, engine: Engine, waiting: int = WAITING) -> None:
        self.process = os.getpid()
        self._engine = engine
        self._waiting = waiting
        self._queue: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._one_enters = Lock()
        self._stopping = False
        self._thread = Thread(target=self._work, name=f"bcdb writer {engine.place}", daemon=True)
        _writers.add(self)
        self._thread.start()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping

    def is_current(self) -> bool:
        """Return whether the caller runs in the writer's own thread, as changes and their callbacks do."""
        return current_thread() is self._thread

    def submit(self, change: Callable[[WritableTables], T]) -> Future[T]:
        """Queue a change.

        Raises:
            Unavailable: the writer was stopped.
            Overloaded: too many changes wait.
        """
        job = _Job(change)
        with self._one_enters:
            if self._stopping:
                raise Unavailable(CLOSED)
            if self._queue.qsize() >= self._waiting:
                raise Overloaded(f"{self._waiting} changes wait to be stored; try again after a moment")
            self._queue.put(job)
        return job.future

    def stop(self, *, wait: bool) -> None:
        """Take no more changes, finish those that wait, and close the engine.

        Arguments:
            wait: come back when that is done, or ten seconds are over in a process that is ending; the
                writer's own thread never waits for itself.
        """
        if self.process != os.getpid():
            return  # the thread stayed in the process that was forked
        with self._one_enters:
            if not self._stopping:
                self._stopping = True
                self._queue.put(None)
        if wait and not self.is_current():
            # The main thread is through: the process ends, and the lock of another must not keep it from that.
            self._thread.join(None if main_thread().is_alive() else _PATIENCE_AT_EXIT)
            _writers.discard(self)  # it has ended, or had its time

    def abandon(self) -> None:
        """Give back, in a forked process, what it inherited of the engine."""
        self._engine.close()

    def _work(self) -> None:
        while self._work_once():
            pass
        self._engine.close()

    def _work_once(self) -> bool:
        """Commit what waits; return whether to go on. Nothing of the batch is kept while the next is awaited."""
        first = self._queue.get()
        if first is None:
            return False
        batch = [first]
        going_on = True
        while going_on and len(batch) < _LARGEST_BATCH:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                going_on = False
            else:
                batch.append(job)
        running = [job for job in batch if job.future.set_running_or_notify_cancel()]
        if running:
            self._perform(running)
        return going_on

    def _perform(self, jobs: Sequence[_Job[Any]]) -> None:
        try:
            self._commit(jobs)
        except BaseException as error:  # noqa: BLE001 - whatever a change raises is its caller's, and the writer goes on
            if len(jobs) > 1:
                for job in jobs:
                    self._perform([job])
                return
            jobs[0].refuse(error)
        for job in jobs:
            job.answer()

    def _commit(self, jobs: Sequence[_Job[Any]]) -> None:
        tables = self._engine.writing()
        try:
            if len(jobs) == 1:
                jobs[0].run(tables)
            else:
                for job in jobs:
                    _run_apart(job, tables)
            tables.commit()
        finally:
            tables.end()


def _run_apart(job: _Job[Any], tables: WritableTables) -> None:
    """Run a change so that its writes can be dropped without those of the others."""
    apart = tables.nested()
    try:
        job.run(apart)
    except BaseException as error:  # noqa: BLE001 - whatever a change raises is its caller's
        job.refuse(error)
    else:
        apart.commit()
    finally:
        apart.end()


_writers: WeakSet[Writer] = WeakSet()


def _finish_all() -> None:
    """Let every writer finish before the interpreter ends, where a store was not closed."""
    for writer in list(_writers):
        writer.stop(wait=True)


atexit.register(_finish_all)
