"""The one writer of a store: a thread that commits many changes at once and answers after the commit."""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread, current_thread, main_thread
from time import perf_counter
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from ..errors import Overloaded, Unavailable, WorkloadManagerError
from ._answer import Answer
from ._recent import Recent
from ._tables import CLOSED, Engine, WritableTables
from ._together import Together
from ._writing import Writing

__all__ = ["WAITING", "Writer"]

T = TypeVar("T")

WAITING = 10_000
"""How many changes may wait before more are refused."""

_LARGEST_BATCH = 256

_LINGER = 0.4
"""How long to wait for those who will come, as a share of what the last commit took."""

_LONGEST_LINGER = 0.002  # seconds

_PATIENCE_AT_EXIT = 10.0  # seconds; a change of another process that never ends must not keep this one alive

_log = logging.getLogger(__name__)


class _Job(Generic[T]):
    """A change that waits, and the future of its answer."""

    __slots__ = ("_error", "_result", "change", "future")

    def __init__(self, change: Callable[[WritableTables, Writing], T]) -> None:
        self.change = change
        self.future: Future[T] = Answer()

    def run(self, tables: WritableTables, writing: Writing) -> None:
        """Run the change in a view and keep what it returns for after the commit."""
        self._result = self.change(tables, writing)
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
    """Takes changes from any thread and runs them in the order in which they came, as many as wait in one commit.

    So a flood of one kind of change does not keep others from being stored: each is stored at the latest
    with the commit in which those before it are through, whatever comes behind it.

    Arguments:
        engine: where the tables are; closed when the last change is through.
        recent: the ids whose rows in lanes are written late; it is told of each commit.
        waiting: how many changes may wait.

    Attributes:
        process: the process whose it is.
        commits: how many transactions it committed.
        changes: how many changes were in them.
    """

    def __init__(self, engine: Engine, recent: Recent, waiting: int = WAITING) -> None:
        self.process = os.getpid()
        self.commits = self.changes = 0
        self._engine = engine
        self._recent = recent
        self._waiting = waiting
        self._queue: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._one_enters = Lock()
        self._stopping = False
        self._expected = 1
        self._awaited = 0
        self._enough = Lock()
        self._enough.acquire()
        self._last_commit = 0.0
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

    def submit(self, change: Callable[[WritableTables, Writing], T]) -> Future[T]:
        """Queue a change: a function of a view, and of the outermost transaction that this is or is nested in.

        Raises:
            Unavailable: the writer was stopped.
            Overloaded: too many changes wait.
        """
        job = _Job(change)
        with self._one_enters:
            if self._stopping:
                raise Unavailable(CLOSED)
            waiting = self._queue.qsize()
            if waiting >= self._waiting:
                raise Overloaded(f"{self._waiting} changes wait to be stored; try again after a moment")
            self._queue.put(job)
            if 0 < self._awaited <= waiting + 1:
                self._awaited = 0
                self._enough.release()
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
        self._write_late_rows()
        self._engine.close()

    def _write_late_rows(self) -> None:
        """Leave nothing to be read again when the store is opened; where that fails, it is read again."""
        if not self._recent.has_inserted:
            return
        try:
            writing = Writing(self._engine, self._recent)
            try:
                writing.flush_all()
                writing.commit()
            finally:
                writing.end()
        except WorkloadManagerError as error:
            _log.info("index rows that wait are written when the store is next used: %s", error)

    def _work_once(self) -> bool:
        """Commit what waits; return whether to go on. Nothing of the batch is kept while the next is awaited."""
        first = self._queue.get()
        if first is None:
            return False
        batch = [first]
        if self._queue.qsize() < self._expected - 1:
            self._linger(self._expected - 1)
        going_on = self._fill(batch)
        running = [job for job in batch if job.future.set_running_or_notify_cancel()]
        if running:
            self._perform(running)
        return going_on

    def _fill(self, batch: list[_Job[Any]]) -> bool:
        """Add what waits, as much as one commit takes; return whether the writer is to go on after it."""
        for _ in range(min(self._queue.qsize(), _LARGEST_BATCH - len(batch))):
            job = self._queue.get()
            if job is None:
                return False
            batch.append(job)
        return True

    def _linger(self, number: int) -> None:
        """Wait until as many changes wait, but not for long: those who wait for the last commit have been answered.

        A group of callers, each of which waits for its answer, would otherwise fall apart into two that commit
        in turns. A caller who is alone has nobody to be awaited.
        """
        with self._one_enters:
            if self._stopping or self._queue.qsize() >= number:
                return
            self._awaited = number
        self._enough.acquire(timeout=min(_LINGER * self._last_commit, _LONGEST_LINGER))
        with self._one_enters:
            self._awaited = 0
            self._enough.acquire(blocking=False)  # held again, also where enough came in the last moment

    def _perform(self, jobs: Sequence[_Job[Any]]) -> None:
        try:
            if not self._commit(jobs, _run_within) and len(jobs) > 1:
                self._commit(jobs, _run_apart)
        except BaseException as error:  # noqa: BLE001 - whatever a change raises is its caller's, and the writer goes on
            if len(jobs) > 1:
                for job in jobs:
                    self._perform([job])
                return
            jobs[0].refuse(error)
        # Before the answers, since who is answered may come again at once: those who will come are counted once.
        self._expected = min(len(jobs) + self._queue.qsize(), _LARGEST_BATCH)
        with Together():
            for job in jobs:
                job.answer()

    def _commit(self, jobs: Sequence[_Job[Any]], run: Callable[[_Job[Any], Writing], bool]) -> bool:
        """Run changes in one transaction and commit it, unless one of them cannot be dropped alone; say which."""
        writing = Writing(self._engine, self._recent)
        begun = perf_counter()  # not before: the writer of another process may have been waited for
        try:
            if not all(run(job, writing) for job in jobs):
                return False
            writing.commit()
        finally:
            writing.end()
        self._last_commit = perf_counter() - begun
        self.commits += 1
        self.changes += len(jobs)
        return True


def _run_within(job: _Job[Any], writing: Writing) -> bool:
    """Run a change in the transaction of all; return whether that can go on, as nothing was written in vain."""
    part = writing.tables.part()
    try:
        job.run(part, writing)
    except BaseException as error:  # noqa: BLE001 - whatever a change raises is its caller's
        job.refuse(error)
        return not part.wrote
    finally:
        part.end()
    return True


def _run_apart(job: _Job[Any], writing: Writing) -> bool:
    """Run a change so that its writes can be dropped without those of the others, which costs much more."""
    apart = writing.nested()
    try:
        job.run(apart, writing)
    except BaseException as error:  # noqa: BLE001 - whatever a change raises is its caller's
        job.refuse(error)
    else:
        apart.commit()
    finally:
        apart.end()
    return True


_writers: WeakSet[Writer] = WeakSet()


def _finish_all() -> None:
    """Let every writer finish before the interpreter ends, where a store was not closed."""
    for writer in list(_writers):
        writer.stop(wait=True)


atexit.register(_finish_all)
